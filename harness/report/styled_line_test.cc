#include "harness/report/styled_line.h"

#include "gtest/gtest.h"

namespace assay::report {
namespace {

TEST(StyledLine, PadsToColumnsWhateverItsColours) {
  StyledLine line;
  line.Add("│", Style::kDim).PadTo(4).Add("x", Style::kRed);
  EXPECT_EQ(line.columns(), 5u);
  EXPECT_EQ(line.Print(false), "│   x\n");
  EXPECT_EQ(line.Print(true), "\x1b[2m│\x1b[0m   \x1b[31mx\x1b[0m\n");
}

TEST(StyledLine, DoesNotPadBackwards) {
  StyledLine line;
  line.Add("abc").PadTo(2).Add("d");
  EXPECT_EQ(line.Print(false), "abcd\n");
}

TEST(StyledLine, HasNoSpacesAtItsEnd) {
  StyledLine line;
  line.Add("a", Style::kBold).PadTo(9);
  EXPECT_EQ(line.Print(false), "a\n");
  EXPECT_EQ(line.Print(true), "\x1b[1ma\x1b[0m\n");
  EXPECT_EQ(StyledLine().PadTo(5).Print(true), "\n");
}

TEST(StyledLine, RepeatsACharacter) {
  EXPECT_EQ(StyledLine().Repeat("─", 3).Repeat("-", 0).Print(false), "───\n");
}

}  // namespace
}  // namespace assay::report
