#include "metrics/numerics/numpy_random.h"

#include <bit>
#include <numeric>
#include <utility>

namespace ganselect {

std::uint32_t NumpyRandom::up_to(std::uint32_t largest) {
  if (largest == 0) return 0;
  // Draws under the smallest mask of ones that holds `largest`, until one is in range.
  const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << std::bit_width(largest)) - 1);
  while (true) {
    const auto value = static_cast<std::uint32_t>(engine_()) & mask;
    if (value <= largest) return value;
  }
}

std::vector<int64_t> NumpyRandom::permutation(int64_t n) {
  std::vector<int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (std::size_t i = order.size(); i-- > 1;)
    std::swap(order[i], order[up_to(static_cast<std::uint32_t>(i))]);
  return order;
}

}  // namespace ganselect
