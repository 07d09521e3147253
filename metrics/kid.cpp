#include "metrics/kid.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "metrics/numerics/numpy_random.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr int64_t kBlock = 1024;  // rows and columns of a block of the kernel matrix: 8 MiB
constexpr int64_t kFewestSubsetRows = 50;  // a subset of fewer says nothing

// (N,S+1), 1 where row n is in subset s; the last column is the whole set.
torch::Tensor membership(const torch::Tensor& rows, int64_t n, const torch::Device& device) {
  const int64_t subsets = rows.defined() ? rows.size(0) : 0;
  auto member = torch::zeros({n, subsets + 1}, torch::kFloat64);
  if (subsets > 0) member.scatter_(0, rows.t().contiguous(), 1.0);
  member.select(1, subsets).fill_(1.0);
  return member.to(device);
}

// One side: its samples, the same over D, and the columns of membership.
struct KernelSide {
  torch::Tensor samples, scaled, member;
};

KernelSide kernel_side(const torch::Tensor& features, const torch::Tensor& subset_rows) {
  const auto samples = features.to(torch::kFloat64);
  return {samples, samples / static_cast<double>(samples.size(1)),
          membership(subset_rows, samples.size(0), samples.device())};
}

// float64 (S+1): sums of kernel values over the pairs of each subset, the last over all pairs. With
// `same` the pairs (i,i) are left out and only one triangle of blocks is computed.
torch::Tensor kernel_sums(const KernelSide& x, const KernelSide& y, bool same) {
  auto sums = torch::zeros({x.member.size(1)}, x.samples.options());
  const auto one = torch::ones({1}, x.samples.options());
  for (int64_t i = 0; i < x.samples.size(0); i += kBlock) {
    const auto rows = x.scaled.slice(0, i, i + kBlock);
    for (int64_t j = same ? i : 0; j < y.samples.size(0); j += kBlock) {
      auto kernel = torch::addmm(one, rows, y.samples.slice(0, j, j + kBlock).t()).pow_(3);
      if (same && i == j) kernel.fill_diagonal_(0);
      const double times = same && i != j ? 2 : 1;
      const auto columns = kernel.mm(y.member.slice(0, j, j + kBlock));
      sums += (columns * x.member.slice(0, i, i + kBlock)).sum(0) * times;
    }
  }
  return sums;
}

// Subset rows for the sets at hand, smaller than asked for when they are; 0 when they are too small
// for any.
int64_t usable_subset_size(int64_t wanted, int64_t real, int64_t fake) {
  const int64_t smaller = std::min(real, fake);
  if (smaller >= wanted) return wanted;
  return smaller / 2 >= kFewestSubsetRows ? smaller / 2 : 0;
}

void compute_kid(const EvaluationInput& input, const EvaluationSettings& settings,
                 Measures& measures) {
  const auto& real = input.real.features;
  const auto& fake = input.fake.features;
  if (real.size(0) < 2 || fake.size(0) < 2) {
    return set_all_missing(measures, {"kid_mean", "kid_std", "kid_exact"},
                           too_few(2, real.size(0), fake.size(0)));
  }
  const Json kernel = {{"kernel", "(x.y/d + 1)^3"}};
  measure_protocol(measures, "kid_exact") = kernel;
  const int64_t size = usable_subset_size(settings.kid_subset_size, real.size(0), fake.size(0));
  std::optional<KidSubsets> subsets;
  if (size > 0) {
    subsets = draw_kid_subsets(real.size(0), fake.size(0), settings.kid_subsets, size,
                               static_cast<std::uint32_t>(settings.seed));
    for (const char* name : {"kid_mean", "kid_std"}) {
      auto& protocol = measure_protocol(measures, name);
      protocol = kernel;
      protocol["subsets"] = settings.kid_subsets;
      protocol["subset_size"] = size;
      protocol["seed"] = settings.seed;
    }
    if (size != settings.kid_subset_size) {
      measures.warn("smaller_kid_subsets", "kid_mean",
                    "fewer than " + std::to_string(settings.kid_subset_size) +
                        " samples: subsets of " + std::to_string(size));
    }
  }
  const auto distance = kernel_distance(real, fake, subsets);
  measures.set("kid_exact", distance.exact);
  if (!subsets) {
    return set_all_missing(
        measures, {"kid_mean", "kid_std"},
        too_few(2 * kFewestSubsetRows, real.size(0), fake.size(0)) + " for subsets");
  }
  measures.set("kid_mean", distance.subset_values.mean().item<double>());
  measures.set("kid_std", distance.subset_values.std(/*unbiased=*/false).item<double>());
}

}  // namespace

KidSubsets draw_kid_subsets(int64_t real, int64_t fake, int64_t subsets, int64_t subset_size,
                            std::uint32_t seed) {
  NumpyRandom random(seed);
  const auto options = torch::TensorOptions().dtype(torch::kInt64);
  KidSubsets drawn{torch::empty({subsets, subset_size}, options),
                   torch::empty({subsets, subset_size}, options)};
  const auto draw = [&](torch::Tensor row, int64_t n) {
    const auto order = random.permutation(n);
    std::copy_n(order.begin(), subset_size, row.data_ptr<int64_t>());
  };
  for (int64_t s = 0; s < subsets; ++s) {
    draw(drawn.fake[s], fake);
    draw(drawn.real[s], real);
  }
  return drawn;
}

KernelDistance kernel_distance(const torch::Tensor& real, const torch::Tensor& fake,
                               const std::optional<KidSubsets>& subsets) {
  const auto x = kernel_side(real, subsets ? subsets->real : torch::Tensor());
  const auto y = kernel_side(fake, subsets ? subsets->fake : torch::Tensor());
  const auto within_real = kernel_sums(x, x, true), within_fake = kernel_sums(y, y, true),
             across = kernel_sums(x, y, false);
  const auto n = static_cast<double>(real.size(0)), m = static_cast<double>(fake.size(0));
  const auto distance_of = [&](const torch::Tensor& real_pairs, const torch::Tensor& fake_pairs,
                               const torch::Tensor& pairs, double size_real, double size_fake) {
    return real_pairs / (size_real * (size_real - 1)) + fake_pairs / (size_fake * (size_fake - 1)) -
           pairs * (2 / (size_real * size_fake));
  };
  KernelDistance distance;
  distance.exact = distance_of(within_real[-1], within_fake[-1], across[-1], n, m).item<double>();
  if (subsets) {
    const auto size = static_cast<double>(subsets->real.size(1));
    distance.subset_values = distance_of(within_real.slice(0, 0, -1), within_fake.slice(0, 0, -1),
                                         across.slice(0, 0, -1), size, size);
  }
  return distance;
}

MetricFamily kid_metric() {
  return {.name = "kid",
          .measures = {"kid_mean", "kid_std", "kid_exact"},
          .missing = missing_features,
          .compute = compute_kid};
}

}  // namespace ganselect
