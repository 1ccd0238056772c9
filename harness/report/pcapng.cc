#include "harness/report/pcapng.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "harness/report/file_write.h"
#include "harness/report/harmless_text.h"
#include "harness/report/numbering.h"
#include "stack/base/check.h"

namespace assay::report {
namespace {

using observer::TraceEvent;
using observer::TraceKind;

// Numbers of the draft: sections 4.1 to 4.5, and 3.5 for options.
enum BlockType : uint32_t {
  kInterfaceDescription = 1,
  kNameResolution = 4,
  kEnhancedPacket = 6,
  kSectionHeader = 0x0a0d'0d0a,
};
constexpr uint32_t kByteOrderMagic = 0x1a2b'3c4d;
constexpr uint16_t kLinkTypeRaw = 101;
enum OptionCode : uint16_t {
  kEndOfOptions = 0,
  kComment = 1,
  kUserApplication = 4,  // of a section header
  kInterfaceName = 2,    // of an interface description
  kTimeResolution = 9,   // of an interface description
  kPacketFlags = 2,      // of an enhanced packet
};
enum RecordType : uint16_t { kRecordEnd = 0, kRecordIpv4 = 1, kRecordIpv6 = 2 };
constexpr uint32_t kInbound = 1;
constexpr uint32_t kOutbound = 2;
// Options and records hold at most what their 16-bit length says.
constexpr size_t kLongestValue = 65'535;

class Block {
 public:
  Block(std::vector<std::byte>& out, BlockType type) : out_(out), begin_(out.size()) {
    U32(type);
    U32(0);  // the length, known at the end
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    const auto length = static_cast<uint32_t>(out_.size() - begin_ + 4);
    for (size_t i = 0; i < 4; ++i) out_[begin_ + 4 + i] = static_cast<std::byte>(length >> (8 * i));
    U32(length);
  }

  void U8(uint8_t v) { Put(v, 1); }
  void U16(uint16_t v) { Put(v, 2); }
  void U32(uint32_t v) { Put(v, 4); }
  void U64(uint64_t v) { Put(v, 8); }
  void Octets(wire::Octets octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }
  void Text(std::string_view text) { Octets(std::as_bytes(std::span(text))); }
  void PadToWord() {
    while ((out_.size() - begin_) % 4 != 0) U8(0);
  }

  void Option(OptionCode code, std::string_view value) {
    value = value.substr(0, kLongestValue);
    U16(code);
    U16(static_cast<uint16_t>(value.size()));
    Text(value);
    PadToWord();
  }
  void EndOptions() {
    U16(kEndOfOptions);
    U16(0);
  }

 private:
  void Put(uint64_t value, size_t octets) {
    for (size_t i = 0; i < octets; ++i) out_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }

  std::vector<std::byte>& out_;
  const size_t begin_;
};

bool IsPacket(const TraceEvent& event) {
  return event.kind == TraceKind::kToStack || event.kind == TraceKind::kFromStack;
}

std::string Words(const Violation& violation) {
  std::string out = HeadOf(violation);
  if (!violation.seen.empty()) absl::StrAppend(&out, "; seen: ", violation.seen);
  if (!violation.legal.empty()) absl::StrAppend(&out, "; legal: ", violation.legal);
  if (!violation.known.empty()) absl::StrAppend(&out, "; known deviation: ", violation.known);
  return Harmless(out);
}

void WriteSectionHeader(std::vector<std::byte>& out, const std::vector<std::string>& comments) {
  Block block(out, kSectionHeader);
  block.U32(kByteOrderMagic);
  block.U16(1);
  block.U16(0);
  block.U64(~uint64_t{0});  // the section's length is not said
  for (const std::string& comment : comments) block.Option(kComment, comment);
  block.Option(kUserApplication, "tcp-assay");
  block.EndOptions();
}

void WriteInterface(std::vector<std::byte>& out, const std::string& name) {
  Block block(out, kInterfaceDescription);
  block.U16(kLinkTypeRaw);
  block.U16(0);
  block.U32(0);  // packets are not cut
  block.Option(kInterfaceName, name);
  constexpr char kNanoseconds = 9;
  block.Option(kTimeResolution, std::string_view(&kNanoseconds, 1));
  block.EndOptions();
}

// Host names hold no spaces.
std::string HostName(std::string_view name) {
  std::string out = Harmless(name);
  std::ranges::replace(out, ' ', '-');
  return out.substr(0, 200);
}

void WriteNames(std::vector<std::byte>& out, const Connection& connection,
                const PcapngOptions& options) {
  Block block(out, kNameResolution);
  const auto record = [&](const wire::IpAddress& address, const std::string& name) {
    const wire::Octets octets = address.octets();
    block.U16(address.family() == wire::IpFamily::kIpv4 ? kRecordIpv4 : kRecordIpv6);
    block.U16(static_cast<uint16_t>(octets.size() + name.size() + 1));
    block.Octets(octets);
    block.Text(name);
    block.U8(0);
    block.PadToWord();
  };
  record(connection.tester.address, HostName(options.tester_name));
  if (connection.stack.address != connection.tester.address) {
    record(connection.stack.address, HostName(options.stack_name));
  }
  block.U16(kRecordEnd);
  block.U16(0);
}

void WritePacket(std::vector<std::byte>& out, const TraceEvent& event, wire::Octets packet,
                 const std::vector<std::string>& comments) {
  Block block(out, kEnhancedPacket);
  const auto at = static_cast<uint64_t>(std::max<int64_t>(event.at.ns(), 0));
  block.U32(0);  // the interface
  block.U32(static_cast<uint32_t>(at >> 32));
  block.U32(static_cast<uint32_t>(at));
  block.U32(static_cast<uint32_t>(packet.size()));
  block.U32(static_cast<uint32_t>(packet.size()));
  block.Octets(packet);
  block.PadToWord();
  for (const std::string& comment : comments) block.Option(kComment, comment);
  block.U16(kPacketFlags);
  block.U16(4);
  block.U32(event.kind == TraceKind::kToStack ? kInbound : kOutbound);
  block.EndOptions();
}

}  // namespace

std::vector<std::byte> PcapngOf(const observer::Trace& trace, const PcapngOptions& options) {
  const std::vector<TraceEvent>& events = trace.events();
  std::vector<std::vector<std::string>> comments(events.size());
  std::vector<std::string> of_section;
  if (!options.comment.empty()) of_section.push_back(Harmless(options.comment, LineBreaks::kKeep));
  for (size_t i = 0; i < events.size(); ++i) {
    if (IsPacket(events[i]) && events[i].fate == observer::Fate::kLost) {
      comments[i].emplace_back("lost on the wire");
    }
  }
  for (const Violation& violation : options.violations) {
    size_t at = std::min(violation.event, events.size());
    const bool is_at_packet = at < events.size() && IsPacket(events[at]);
    while (!is_at_packet && at > 0 && !IsPacket(events[at - 1])) --at;
    if (is_at_packet) {
      comments[at].push_back(Words(violation));
    } else if (at > 0) {
      comments[at - 1].push_back(absl::StrCat("after this packet: ", Words(violation)));
    } else {
      of_section.push_back(absl::StrCat("before the first packet: ", Words(violation)));
    }
  }

  std::vector<std::byte> out;
  WriteSectionHeader(out, of_section);
  WriteInterface(out, HostName(options.stack_name));
  const Numbering numbering(trace);
  if (!numbering.connections().empty()) WriteNames(out, numbering.connections()[0], options);
  for (size_t i = 0; i < events.size(); ++i) {
    if (IsPacket(events[i])) WritePacket(out, events[i], trace.packet(events[i]), comments[i]);
  }
  return out;
}

absl::Status WritePcapng(const std::string& path, const observer::Trace& trace,
                         const PcapngOptions& options) {
  return WriteFileAtomically(path, PcapngOf(trace, options));
}

}  // namespace assay::report
