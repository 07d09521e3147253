#include "metrics/numerics/cosine_neighbors.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr int64_t kCosineBlockRows = 256;
// Candidates looked at beyond k: enough of them that the next one is surely further.
constexpr int64_t kLeastSpare = 16;

torch::Tensor unit_rows64(const torch::Tensor& features) {
  if (features.dim() != 2 || features.size(0) < 1 || features.size(1) < 1) {
    fail(ErrorKind::kData, {.where = "cosine neighbours",
                            .expected = "features (N,D)",
                            .got = c10::str(features.sizes())});
  }
  const auto rows = features.to(torch::kCPU, torch::kFloat64).contiguous();
  const auto lengths = rows.norm(2, 1, /*keepdim=*/true);
  const auto good = lengths.isfinite().logical_and(lengths.gt(0));
  if (!good.all().item<bool>()) {
    fail(ErrorKind::kData, {.where = "cosine neighbours",
                            .expected = "rows with a direction",
                            .got = std::to_string(good.logical_not().sum().item<int64_t>()) +
                                   " rows of zeros or of numbers that are not finite"});
  }
  return rows / lengths;
}

struct Ranked {
  double similarity;
  int64_t index;
};
bool nearer(const Ranked& a, const Ranked& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.index < b.index;
}

// Terms in the order of dimensions: two points give the same bits in either order.
double dot_product(const double* x, const double* y, int64_t d) {
  double sum = 0;
  for (int64_t i = 0; i < d; ++i) sum += x[i] * y[i];
  return sum;
}

// One search: the sets, prepared, and what of them a row may find.
class CosineSearch {
 public:
  // self: kNone: two sets; otherwise the queries are the points.
  enum class Self { kNone, kFirst, kLeftOut };

  CosineSearch(const torch::Tensor& queries, const torch::Tensor& points, int64_t k, Self self,
               torch::Device device)
      : queries_(unit_rows64(queries)),
        points_(self == Self::kNone ? unit_rows64(points) : queries_),
        k_(k),
        self_(self),
        device_(device),
        type_(device.is_cpu() ? torch::kFloat32 : torch::kFloat64) {
    const int64_t reachable = points_.size(0) - (self == Self::kLeftOut ? 1 : 0);
    if (queries_.size(1) != points_.size(1) || k < 1 || k > reachable) {
      fail(ErrorKind::kData,
           {.where = "cosine neighbours",
            .expected = "as many dimensions and at least " + std::to_string(k) + " points",
            .got = c10::str(queries_.sizes(), " and ", points_.sizes())});
    }
    candidates_ = std::min(points_.size(0), k + std::max(kLeastSpare, k / 4));
    // Rounding two unit vectors and summing D products of them is off by at most (D + 2) / 2
    // epsilons of sum |x_i y_i| <= 1; a little more for terms of second order.
    const double epsilon = type_ == torch::kFloat32 ? std::numeric_limits<float>::epsilon()
                                                    : std::numeric_limits<double>::epsilon();
    error_ = (static_cast<double>(queries_.size(1)) / 2 + 8) * epsilon;
  }

  CosineNeighbors run() {
    const int64_t n = queries_.size(0);
    CosineNeighbors out{.indices = torch::empty({n, k_}, torch::kInt32),
                        .similarities = torch::empty({n, k_}, torch::kFloat64)};
    const auto columns = points_.to(type_).to(device_);
    const auto rows = queries_.to(type_);
    for (int64_t start = 0; start < n; start += kCosineBlockRows) {
      const int64_t end = std::min(start + kCosineBlockRows, n);
      const auto block = rows.slice(0, start, end).to(device_).mm(columns.t());
      const auto [values, indices] = block.topk(candidates_, 1);
      refine(start, end, values.cpu().to(torch::kFloat64), indices.cpu(), out);
    }
    return out;
  }

 private:
  void refine(int64_t start, int64_t end, const torch::Tensor& values, const torch::Tensor& indices,
              CosineNeighbors& out) const {
    const auto* value = values.const_data_ptr<double>();
    const auto* index = indices.const_data_ptr<int64_t>();
    auto* found = out.indices.data_ptr<int32_t>();
    auto* similarity = out.similarities.data_ptr<double>();
    at::parallel_for(start, end, 16, [&](int64_t first, int64_t last) {
      std::vector<Ranked> ranked;
      for (int64_t i = first; i < last; ++i) {
        const int64_t at = (i - start) * candidates_;
        rank(i, index + at, candidates_, ranked);
        const double beyond = value[at + candidates_ - 1] + error_;
        const auto kth = static_cast<std::size_t>(k_) - 1;
        const bool sure = candidates_ == points_.size(0) ||
                          (ranked.size() > kth && ranked[kth].similarity > beyond);
        if (!sure) rank(i, nullptr, points_.size(0), ranked);
        for (int64_t j = 0; j < k_; ++j) {
          const auto& one = ranked[static_cast<std::size_t>(j)];
          found[i * k_ + j] = static_cast<int32_t>(one.index);
          similarity[i * k_ + j] = one.similarity;
        }
      }
    });
  }

  // The candidates of row i by exact similarity, the nearest k in order; `indices` null: all
  // points.
  void rank(int64_t i, const int64_t* indices, int64_t count, std::vector<Ranked>& ranked) const {
    const int64_t d = queries_.size(1);
    const double* x = queries_.const_data_ptr<double>() + i * d;
    const double* points = points_.const_data_ptr<double>();
    ranked.clear();
    bool self_seen = false;
    for (int64_t c = 0; c < count; ++c) {
      const int64_t j = indices == nullptr ? c : indices[c];
      if (self_ != Self::kNone && j == i) {
        self_seen = true;
        if (self_ == Self::kLeftOut) continue;
      }
      ranked.push_back({dot_product(x, points + j * d, d), j});
    }
    // Among many duplicates the row itself may be missing from the candidates.
    if (self_ == Self::kFirst && !self_seen) ranked.push_back({dot_product(x, x, d), i});
    const auto order = [&](const Ranked& a, const Ranked& b) {
      if (self_ == Self::kFirst && (a.index == i) != (b.index == i)) return a.index == i;
      return nearer(a, b);
    };
    const auto kept = std::min(static_cast<std::ptrdiff_t>(k_), std::ssize(ranked));
    std::partial_sort(ranked.begin(), ranked.begin() + kept, ranked.end(), order);
  }

  torch::Tensor queries_, points_;  // float64, rows of length 1
  int64_t k_, candidates_ = 0;
  Self self_;
  torch::Device device_;
  // Of the product. Other devices may round float32 factors further (TF32), float64 ones never.
  torch::ScalarType type_;
  double error_ = 0;  // largest difference of a product's similarity from the exact one
};

}  // namespace

torch::Tensor unit_rows(const torch::Tensor& features) {
  return unit_rows64(features).to(torch::kFloat32);
}

CosineNeighbors cosine_neighbors(const torch::Tensor& queries, const torch::Tensor& points,
                                 int64_t k, torch::Device device) {
  return CosineSearch(queries, points, k, CosineSearch::Self::kNone, device).run();
}

CosineNeighbors cosine_neighbors_within(const torch::Tensor& features, int64_t k, bool include_self,
                                        torch::Device device) {
  return CosineSearch(features, features, k,
                      include_self ? CosineSearch::Self::kFirst : CosineSearch::Self::kLeftOut,
                      device)
      .run();
}

}  // namespace ganselect
