#include "metrics/detectors/ntxent.h"

#include <torch/torch.h>

#include <limits>
#include <string>

#include "base/error.h"

namespace ganselect {
namespace {

// Keeps a projection of zeros from being divided by nothing.
constexpr double kLeastLength = 1e-12;

void check_views(const torch::Tensor& first, const torch::Tensor& second, double temperature) {
  if (!(temperature > 0)) {
    fail(ErrorKind::kUsage, {.where = "NT-Xent temperature",
                             .expected = "a number above 0",
                             .got = std::to_string(temperature)});
  }
  if (first.dim() == 2 && first.sizes() == second.sizes() && first.size(0) >= 2) return;
  fail(ErrorKind::kUsage, {.where = "NT-Xent",
                           .expected = "two views (N,P) of at least two images",
                           .got = c10::str(first.sizes(), " and ", second.sizes())});
}

}  // namespace

torch::Tensor ntxent_loss(const torch::Tensor& first, const torch::Tensor& second,
                          double temperature) {
  check_views(first, second, temperature);
  const auto n = first.size(0);
  const auto views = torch::cat({first, second});
  const auto units = views / views.norm(2, 1, /*keepdim=*/true).clamp_min(kLeastLength);
  const auto self = torch::eye(2 * n, views.options().dtype(torch::kBool));
  const auto scaled = at::mm(units, units.t()).div(temperature);
  const auto others = scaled.masked_fill(self, -std::numeric_limits<double>::infinity());
  const auto pairs = (units.slice(0, 0, n) * units.slice(0, n)).sum(1).div(temperature);
  return others.logsumexp(1).mean() - pairs.mean();
}

}  // namespace ganselect
