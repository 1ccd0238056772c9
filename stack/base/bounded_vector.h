// A vector that holds at most N elements inside itself: no allocation, trivially copyable.
//
// push_back on a full vector is a mistake of the caller's and ends the program; TryPush says
// whether there was room.

#ifndef ASSAY_STACK_BASE_BOUNDED_VECTOR_H_
#define ASSAY_STACK_BASE_BOUNDED_VECTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "stack/base/check.h"

namespace assay {

template <typename T, size_t N>
class BoundedVector {
  static_assert(std::is_trivially_copyable_v<T>);
  static_assert(N <= UINT32_MAX);
  using Size = std::conditional_t<N <= UINT8_MAX, uint8_t, uint32_t>;

 public:
  using value_type = T;

  constexpr BoundedVector() {}

  static constexpr size_t capacity() { return N; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr bool full() const { return size_ == N; }

  constexpr T* begin() { return items_; }
  constexpr T* end() { return items_ + size_; }
  constexpr const T* begin() const { return items_; }
  constexpr const T* end() const { return items_ + size_; }

  constexpr T& operator[](size_t i) {
    ASSAY_CHECK(i < size_);
    return items_[i];
  }
  constexpr const T& operator[](size_t i) const {
    ASSAY_CHECK(i < size_);
    return items_[i];
  }
  constexpr T& back() { return (*this)[size_ - 1]; }
  constexpr const T& back() const { return (*this)[size_ - 1]; }

  constexpr void clear() { size_ = 0; }
  constexpr void push_back(const T& item) { ASSAY_CHECK(TryPush(item)); }
  constexpr bool TryPush(const T& item) {
    if (size_ == N) return false;
    items_[size_++] = item;
    return true;
  }
  // A new last element, made where it stands.
  constexpr T& Append() {
    ASSAY_CHECK(size_ < N);
    return *std::construct_at(items_ + size_++);
  }
  constexpr void pop_back() {
    ASSAY_CHECK(size_ > 0);
    --size_;
  }
  // Puts `item` before position `at`; the elements behind it move up by one.
  constexpr void Insert(size_t at, const T& item) {
    ASSAY_CHECK(at <= size_ && size_ < N);
    for (size_t i = size_; i > at; --i) items_[i] = items_[i - 1];
    items_[at] = item;
    ++size_;
  }
  // Takes out the elements [from, to).
  constexpr void Erase(size_t from, size_t to) {
    ASSAY_CHECK(from <= to && to <= size_);
    for (size_t i = to; i < size_; ++i) items_[from + i - to] = items_[i];
    size_ = static_cast<Size>(size_ - (to - from));
  }

 private:
  // Not initialised: a vector of large capacity that stays empty costs nothing.
  union {
    T items_[N];
  };
  Size size_ = 0;
};

}  // namespace assay

#endif  // ASSAY_STACK_BASE_BOUNDED_VECTOR_H_
