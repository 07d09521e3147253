#include "datasets/copies.h"

#include <string_view>
#include <unordered_set>

namespace ganselect {

int64_t exact_copies(const torch::Tensor& samples) {
  const auto flat = samples.contiguous();
  if (flat.size(0) < 2) return 0;
  const auto bytes = static_cast<std::size_t>(flat[0].nbytes());
  const auto* start = static_cast<const char*>(flat.data_ptr());
  std::unordered_set<std::string_view> seen;
  for (int64_t n = 0; n < flat.size(0); ++n)
    seen.insert({start + static_cast<std::size_t>(n) * bytes, bytes});
  return flat.size(0) - static_cast<int64_t>(seen.size());
}

}  // namespace ganselect
