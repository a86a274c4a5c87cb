#include "runtime/task/broadcast_reorderer.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace weir {

BroadcastReorderer::BroadcastReorderer(BroadcastOrder order, uint32_t window)
    : order_(order), window_(window) {
  WEIR_CHECK(order != BroadcastOrder::kAsTheyCome);
  WEIR_CHECK(window >= kWindowMin && window <= kWindowMax, "window of ", window);
}

void BroadcastReorderer::Add(Element element) {
  WEIR_CHECK(!is_full());
  pool_.push_back(std::move(element));
  offered_.clear();
}

bool BroadcastReorderer::Has(uint32_t channel) const {
  return std::any_of(pool_.begin(), pool_.end(), [&](const Element& e) { return e.channel == channel; });
}

uint32_t BroadcastReorderer::Offer(std::optional<uint32_t> channel) {
  offered_.clear();
  for (size_t i = 0; i < pool_.size(); ++i) {
    const Element& element = pool_[i];
    if (channel.has_value() && element.channel != *channel) continue;
    const bool is_behind = order_ == BroadcastOrder::kLegal &&
                           std::any_of(offered_.begin(), offered_.end(),
                                       [&](size_t other) { return pool_[other].channel == element.channel; });
    if (!is_behind) offered_.push_back(i);
  }
  return static_cast<uint32_t>(offered_.size());
}

BroadcastReorderer::Element BroadcastReorderer::Take(uint32_t n) {
  WEIR_CHECK(n < offered_.size(), "element ", n, " of ", offered_.size());
  const auto at = pool_.begin() + static_cast<std::ptrdiff_t>(offered_[n]);
  Element element = std::move(*at);
  pool_.erase(at);
  offered_.clear();
  ++taken_;
  return element;
}

}  // namespace weir
