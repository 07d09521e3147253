#include "models/packing.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace ganselect {

int pack_of(const CandidateSpec& candidate) {
  int m = 1;
  for (const auto& name : candidate.regularization) m = std::max(m, penalties().at(name).pack);
  return m;
}

SampleShape packed_shape(const SampleShape& shape, int m) {
  auto packs = shape;
  packs.channels *= m;
  return packs;
}

torch::Tensor packed(const torch::Tensor& x, int m) {
  if (m == 1) return x;
  const auto n = x.size(0);
  if (n % m != 0) {
    fail(ErrorKind::kFailed, {.where = "packs",
                              .expected = "a batch that " + std::to_string(m) + " divides",
                              .got = std::to_string(n) + " samples",
                              .hint = ""});
  }
  auto sizes = x.sizes().vec();
  sizes[0] = n / m;
  sizes[1] *= m;
  // In plain memory the samples of a pack lie one after another, channels first.
  const auto packs = x.contiguous().view(sizes);
  return x.dim() == 4 ? packs.contiguous(torch::MemoryFormat::ChannelsLast) : packs;
}

}  // namespace ganselect
