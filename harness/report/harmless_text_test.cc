#include "harness/report/harmless_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assay::report {
namespace {

using ::testing::ElementsAre;

TEST(HarmlessText, LeavesPrintableTextAsItIs) {
  EXPECT_EQ(Harmless("a < b & \"c\""), "a < b & \"c\"");
  EXPECT_EQ(Harmless("Größe → 10 \xF0\x9F\x98\x80"), "Größe → 10 \xF0\x9F\x98\x80");
}

TEST(HarmlessText, ShowsControlCharactersInsteadOfSendingThem) {
  EXPECT_EQ(Harmless("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(Harmless(std::string("a\0b\x7f", 4)), "a\\x00b\\x7f");
  EXPECT_EQ(Harmless("\xC2\x9B"), "\\x9b");  // CSI as one C1 character
}

TEST(HarmlessText, ShowsOctetsThatAreNoUtf8) {
  EXPECT_EQ(Harmless("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(Harmless("\xC3"), "\\xc3");                             // cut off
  EXPECT_EQ(Harmless("\xC3("), "\\xc3(");                           // no continuation
  EXPECT_EQ(Harmless("\xC0\xAF"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(Harmless("\xE0\x80\xAF"), "\\xe0\\x80\\xaf");           // overlong
  EXPECT_EQ(Harmless("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(Harmless("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
}

TEST(HarmlessText, ShowsWhatTurnsTextRoundAndWhatIsNoCharacter) {
  EXPECT_EQ(Harmless("a\xE2\x80\xAE"
                     "b"),
            "a\\u202eb");
  EXPECT_EQ(Harmless("\xEF\xBF\xBF"), "\\uffff");
  EXPECT_EQ(Harmless("\xF0\x9F\xBF\xBE"), "\\u01fffe");
}

TEST(HarmlessText, KeepsLineFeedsOnlyWhereAsked) {
  EXPECT_EQ(Harmless("a\nb\tc"), "a b c");
  EXPECT_EQ(Harmless("a\nb", LineBreaks::kKeep), "a\nb");
  EXPECT_EQ(Harmless("a\r\nb", LineBreaks::kKeep), "a\\x0d\nb");
}

TEST(HarmlessText, OfAnyTwoOctetsIsHarmlessAndStaysAsItIs) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string once = Harmless(std::string{static_cast<char>(a), static_cast<char>(b)});
      EXPECT_EQ(Harmless(once), once);
      for (char c : once) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << a << ' ' << b;
    }
  }
}

TEST(Columns, CountsCharactersAndNotOctets) {
  EXPECT_EQ(Columns(""), 0u);
  EXPECT_EQ(Columns("abc"), 3u);
  EXPECT_EQ(Columns("│──▶"), 4u);
}

TEST(Shortened, SaysThatItCut) {
  EXPECT_EQ(Shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(Shortened("abcdef", 5), "abcd~");
  EXPECT_EQ(Shortened("äöüß", 3), "äö~");
  EXPECT_EQ(Shortened("abc", 0), "");
}

TEST(Wrapped, BreaksBetweenWords) {
  EXPECT_THAT(Wrapped("the quick brown fox", 10), ElementsAre("the quick", "brown fox"));
  EXPECT_THAT(Wrapped("the quick", 9), ElementsAre("the quick"));
  EXPECT_THAT(Wrapped("the quick", 8), ElementsAre("the", "quick"));
}

TEST(Wrapped, CutsAWordThatIsLongerThanALine) {
  EXPECT_THAT(Wrapped("a abcdefgh b", 3), ElementsAre("a", "abc", "def", "gh", "b"));
  EXPECT_THAT(Wrapped("abcdef", 3), ElementsAre("abc", "def"));
}

TEST(Wrapped, GivesOneEmptyLineForNothing) {
  EXPECT_THAT(Wrapped("", 3), ElementsAre(""));
  EXPECT_THAT(Wrapped("  ", 3), ElementsAre(""));
}

}  // namespace
}  // namespace assay::report
