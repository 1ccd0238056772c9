#include "stack/base/bounded_vector.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace assay {
namespace {

using ::testing::ElementsAre;

TEST(BoundedVector, InsertsAndErasesInPlace) {
  BoundedVector<int, 4> v;
  v.push_back(1);
  v.push_back(3);
  v.Insert(1, 2);
  v.Insert(0, 0);
  EXPECT_THAT(v, ElementsAre(0, 1, 2, 3));
  EXPECT_FALSE(v.TryPush(4));
  v.Erase(1, 3);
  EXPECT_THAT(v, ElementsAre(0, 3));
  v.pop_back();
  EXPECT_EQ(v.back(), 0);
}

TEST(BoundedVector, AppendsAFreshElementWhateverStoodThereBefore) {
  BoundedVector<int, 2> v;
  v.push_back(7);
  v.clear();
  EXPECT_EQ(v.Append(), 0);
  v.Append() = 5;
  EXPECT_THAT(v, ElementsAre(0, 5));
}

TEST(BoundedVectorDeathTest, GoingBeyondItsBoundsIsAMistake) {
  BoundedVector<int, 1> v;
  EXPECT_DEATH(v[0], "check failed");
  v.push_back(1);
  EXPECT_DEATH(v.push_back(2), "check failed");
  EXPECT_DEATH(v.Append(), "check failed");
}

}  // namespace
}  // namespace assay
