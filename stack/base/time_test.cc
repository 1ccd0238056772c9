#include "stack/base/time.h"

namespace assay {
namespace {

static_assert(Duration::Seconds(2) == Duration::Milliseconds(2000));
static_assert(Duration::Milliseconds(1) == Duration::Microseconds(1000));
static_assert(Instant() + Duration::Seconds(1) - Instant() == Duration::Seconds(1));
static_assert(Duration::Seconds(3) / 2 == Duration::Milliseconds(1500));
static_assert(Instant::FromNanoseconds(1) < kNever);

}  // namespace
}  // namespace assay
