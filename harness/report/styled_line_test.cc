#include "harness/report/styled_line.h"

#include "gtest/gtest.h"

namespace assay::report {
namespace {

TEST(StyledLine, PadsToColumnsWhateverItsColours) {
  StyledLine line;
  line.Add("│", Style::kDim).PadTo(4).Add("x", Style::kRed);
  EXPECT_EQ(line.columns(), 5u);
  EXPECT_EQ(line.Print(Colour::kNone), "│   x\n");
  EXPECT_EQ(line.Print(Colour::kAnsi), "\x1b[2m│\x1b[0m   \x1b[31mx\x1b[0m\n");
}

TEST(StyledLine, DoesNotPadBackwards) {
  StyledLine line;
  line.Add("abc").PadTo(2).Add("d");
  EXPECT_EQ(line.Print(Colour::kNone), "abcd\n");
}

TEST(StyledLine, HasNoSpacesAtItsEnd) {
  StyledLine line;
  line.Add("a", Style::kBold).PadTo(9);
  EXPECT_EQ(line.Print(Colour::kNone), "a\n");
  EXPECT_EQ(line.Print(Colour::kAnsi), "\x1b[1ma\x1b[0m\n");
  EXPECT_EQ(StyledLine().PadTo(5).Print(Colour::kAnsi), "\n");
}

TEST(StyledLine, RepeatsACharacter) {
  EXPECT_EQ(StyledLine().Repeat("─", 3).Repeat("-", 0).Print(Colour::kNone), "───\n");
}

}  // namespace
}  // namespace assay::report
