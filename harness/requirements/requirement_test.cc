#include "harness/requirements/requirement.h"

#include <set>

#include "gtest/gtest.h"

namespace assay::requirements {
namespace {

TEST(Requirements, AreAllFoundByTheirIds) {
  std::set<std::string_view> ids;
  for (const Requirement& r : All()) {
    EXPECT_EQ(Find(r.id), &r) << r.id;
    EXPECT_TRUE(ids.insert(r.id).second) << r.id;
  }
  EXPECT_EQ(ids.size(), 307u);
}

TEST(Requirements, AnUnknownIdIsNotFound) {
  for (std::string_view id : {"", "R", "RFC9293-MUST", "RFC9293-MUST-1 ", "RFC9293-MUST-70",
                              "RFC9293-must-1", "a", "~"}) {
    EXPECT_EQ(Find(id), nullptr) << id;
  }
}

TEST(Requirements, AllLabelsOfRfc9293AreThere) {
  const auto holds = [](const std::string& kind, int last) {
    for (int n = 1; n <= last; ++n) {
      EXPECT_NE(Find("RFC9293-" + kind + "-" + std::to_string(n)), nullptr) << kind << n;
    }
    EXPECT_EQ(Find("RFC9293-" + kind + "-" + std::to_string(last + 1)), nullptr) << kind;
  };
  holds("MUST", 69);
  holds("SHLD", 31);
  holds("MAY", 18);
  holds("REC", 1);
}

TEST(Requirements, ALevelIsTheOneThatTheLabelSays) {
  for (const Requirement& r : All()) {
    if (r.id.starts_with("RFC9293-MUST-")) {
      EXPECT_TRUE(r.level == Level::kMust || r.level == Level::kMustNot) << r.id;
    } else if (r.id.starts_with("RFC9293-SHLD-")) {
      EXPECT_TRUE(r.level == Level::kShould || r.level == Level::kShouldNot) << r.id;
    } else if (r.id.starts_with("RFC9293-MAY-")) {
      EXPECT_EQ(r.level, Level::kMay) << r.id;
    } else if (r.id.starts_with("RFC9293-P-")) {
      EXPECT_EQ(r.level, Level::kProse) << r.id;
    }
  }
  EXPECT_EQ(Find("RFC9293-SHLD-25")->level, Level::kShould) << "erratum 8171";
}

TEST(Requirements, WhatCannotBeSeenIsExceptedWithAReason) {
  for (const Requirement& r : All()) {
    if (r.observability == Observability::kNone || r.observability == Observability::kWhite) {
      EXPECT_FALSE(r.excepted.empty()) << r.id;
    }
    EXPECT_FALSE(r.summary.empty()) << r.id;
    EXPECT_FALSE(r.check.empty()) << r.id;
  }
}

TEST(Requirements, ACitationNamesTheRfcOfTheId) {
  EXPECT_EQ(Citation(*Find("RFC9293-MUST-58")), "RFC 9293, 3.10.7.4");
  EXPECT_EQ(Citation(*Find("RFC5961-3.2-1")), "RFC 5961, 3.2");
  EXPECT_EQ(Citation(*Find("RFC793-3.9-SYN")), "RFC 793, 3.9");
  EXPECT_EQ(Citation(*Find("RFC9293-U-3.10.7.4-RST1")), "RFC 9293, 3.10.7.4");
  EXPECT_EQ(Rfc(*Find("RFC1122-4.2.2.20-g")), 1122);
}

TEST(Requirements, NamesAreThoseOfTheTable) {
  EXPECT_EQ(Name(Level::kShouldNot), "SHOULD NOT");
  EXPECT_EQ(Name(Level::kProse), "PROSE");
  EXPECT_EQ(Name(Scope::kAdministration), "admin");
  EXPECT_EQ(Name(Observability::kNone), "none");
  const Requirement& r = *Find("RFC9293-MUST-58");
  EXPECT_EQ(Name(r.level), "MUST");
  EXPECT_EQ(Name(r.scope), "wire-receiver");
  EXPECT_EQ(Name(r.observability), "gray");
}

}  // namespace
}  // namespace assay::requirements
