#include "metrics/kid.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "metrics/numpy_random.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr int64_t kBlock = 1024;  // rows and columns of a block of the kernel matrix: 8 MiB
constexpr int64_t kFewestSubsetRows = 50;  // a subset of fewer says nothing

// Sums of kernel values: over all pairs, and over the pairs of each subset.
struct KernelSums {
  double all = 0;
  torch::Tensor by_subset;  // float64 (S) or undefined
};

// (N,S), 1 where row n is in subset s.
torch::Tensor membership(const torch::Tensor& rows, int64_t n, const torch::Device& device) {
  auto member = torch::zeros({n, rows.size(0)}, torch::kFloat64);
  member.scatter_(0, rows.t().contiguous(), 1.0);
  return member.to(device);
}

torch::Tensor cubic_kernel(const torch::Tensor& x, const torch::Tensor& y) {
  const auto base = x.mm(y.t()).div_(static_cast<double>(x.size(1))).add_(1.0);
  return base.square().mul_(base);
}

// Sums over x by y; with `same` the pairs (i,i) are left out and only one triangle of blocks is
// computed.
KernelSums kernel_sums(const torch::Tensor& x, const torch::Tensor& y,
                       const torch::Tensor& member_x, const torch::Tensor& member_y, bool same) {
  KernelSums sums;
  if (member_x.defined()) sums.by_subset = torch::zeros({member_x.size(1)}, x.options());
  auto all = torch::zeros({}, x.options());
  for (int64_t i = 0; i < x.size(0); i += kBlock) {
    const auto rows = x.slice(0, i, i + kBlock);
    for (int64_t j = same ? i : 0; j < y.size(0); j += kBlock) {
      auto kernel = cubic_kernel(rows, y.slice(0, j, j + kBlock));
      if (same && i == j) kernel.fill_diagonal_(0);
      const double times = same && i != j ? 2 : 1;
      all += kernel.sum() * times;
      if (!member_x.defined()) continue;
      const auto columns = kernel.mm(member_y.slice(0, j, j + kBlock));
      sums.by_subset += (columns * member_x.slice(0, i, i + kBlock)).sum(0) * times;
    }
  }
  sums.all = all.item<double>();
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
  const auto x = real.to(torch::kFloat64), y = fake.to(torch::kFloat64);
  torch::Tensor member_x, member_y;
  if (subsets) {
    member_x = membership(subsets->real, x.size(0), x.device());
    member_y = membership(subsets->fake, y.size(0), y.device());
  }
  const auto within_real = kernel_sums(x, x, member_x, member_x, true);
  const auto within_fake = kernel_sums(y, y, member_y, member_y, true);
  const auto across = kernel_sums(x, y, member_x, member_y, false);
  const auto n = static_cast<double>(x.size(0)), m = static_cast<double>(y.size(0));
  KernelDistance distance;
  distance.exact =
      within_real.all / (n * (n - 1)) + within_fake.all / (m * (m - 1)) - 2 * across.all / (n * m);
  if (subsets) {
    const auto size = static_cast<double>(subsets->real.size(1));
    distance.subset_values = (within_real.by_subset + within_fake.by_subset) / (size * (size - 1)) -
                             across.by_subset * (2 / (size * size));
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
