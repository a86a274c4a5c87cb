// Licensed under the Apache License, Version 2.0.
//
// A first-in first-out queue in one growing block of memory, with access by position: what waits in
// the world waits in these. Grows by doubling and keeps what it has grown to, until Reset.
#ifndef WEIR_SIM_RING_H_
#define WEIR_SIM_RING_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace weir::sim {

// T: default constructible and movable; a taken or dropped place holds T().
template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // REQUIRES of all four: the position exists.
  T& operator[](size_t i) { return places_[(head_ + i) & (places_.size() - 1)]; }
  const T& operator[](size_t i) const { return places_[(head_ + i) & (places_.size() - 1)]; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& front() const { return (*this)[0]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void Push(T value) {
    if (size_ == places_.size()) Grow();
    places_[(head_ + size_++) & (places_.size() - 1)] = std::move(value);
  }
  // REQUIRES: not empty.
  T Take() {
    T value = std::exchange(places_[head_], T());
    head_ = (head_ + 1) & (places_.size() - 1);
    --size_;
    return value;
  }
  // Drops the newest. REQUIRES: not empty.
  void DropBack() {
    back() = T();
    --size_;
  }
  // Drops everything and gives the memory back.
  void Reset() {
    std::vector<T>().swap(places_);
    head_ = size_ = 0;
  }

 private:
  void Grow() {
    std::vector<T> grown(places_.empty() ? 4 : places_.size() * 2);
    for (size_t i = 0; i < size_; ++i) grown[i] = std::move((*this)[i]);
    places_.swap(grown);
    head_ = 0;
  }

  std::vector<T> places_;  // a power of two of them, or none
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_RING_H_
