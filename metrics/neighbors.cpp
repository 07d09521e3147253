#include "metrics/neighbors.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>

#include "base/error.h"
#include "metrics/neighbors_device.h"

namespace ganselect {
namespace {

constexpr int64_t kRowsAtATime = 256;  // of a block of approximate distances
constexpr int64_t kSpareCandidates =
    8;  // neighbours looked at beyond k, to cover the product's error

// Two sets prepared for approximate and exact distances.
struct Pairing {
  torch::Tensor rows, columns;  // float64 (N,D), (M,D): as given, for exact distances
  torch::Tensor centred_rows,
      centred_columns;                    // the same minus a common point, so that norms stay small
  torch::Tensor row_norms, column_norms;  // squared norms of the centred ones
  double error_scale =
      0;  // |approximate - exact squared distance| <= error_scale * (row norm + column norm)

  int64_t dimensions() const { return rows.size(1); }
  const double* row(int64_t i) const { return rows.const_data_ptr<double>() + i * dimensions(); }
  const double* column(int64_t j) const {
    return columns.const_data_ptr<double>() + j * dimensions();
  }
};

torch::Tensor as_rows(const torch::Tensor& features) {
  if (features.dim() != 2 || features.size(0) < 1 || features.size(1) < 1) {
    fail(ErrorKind::kData,
         {.where = "neighbours", .expected = "features (N,D)", .got = c10::str(features.sizes())});
  }
  return features.to(torch::kCPU, torch::kFloat64).contiguous();
}

Pairing make_pairing(const torch::Tensor& rows, const torch::Tensor& columns) {
  Pairing pair{.rows = as_rows(rows), .columns = as_rows(columns)};
  if (pair.rows.size(1) != pair.columns.size(1)) {
    fail(ErrorKind::kData, {.where = "neighbours",
                            .expected = "the same number of feature dimensions",
                            .got = std::to_string(pair.rows.size(1)) + " and " +
                                   std::to_string(pair.columns.size(1))});
  }
  const auto centre = pair.columns.mean(0);
  pair.centred_rows = pair.rows - centre;
  pair.centred_columns = pair.columns - centre;
  pair.row_norms = pair.centred_rows.square().sum(1);
  pair.column_norms = pair.centred_columns.square().sum(1);
  // Each of product and norms is a sum of D products (error at most D ulps of |x||y|); centring
  // adds a few.
  pair.error_scale =
      8 * static_cast<double>(pair.dimensions() + 8) * std::numeric_limits<double>::epsilon();
  return pair;
}

// Squared distances of rows [start, end) to all columns, within the error above; may be slightly
// negative.
torch::Tensor approximate_block(const Pairing& pair, int64_t start, int64_t end) {
  auto block = pair.centred_rows.slice(0, start, end).mm(pair.centred_columns.t()).mul_(-2.0);
  return block.add_(pair.row_norms.slice(0, start, end).unsqueeze(1)).add_(pair.column_norms);
}

// Terms are added in the order of dimensions, so the same two points always give the same bits, in
// either order.
double exact_distance(const double* x, const double* y, int64_t d) {
  double sum = 0;
  for (int64_t i = 0; i < d; ++i) {
    const double difference = x[i] - y[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

// The same for all columns, eight sums side by side.
void exact_row(const Pairing& pair, const double* x, std::vector<double>& out) {
  const int64_t d = pair.dimensions(), m = pair.columns.size(0);
  out.resize(static_cast<std::size_t>(m));
  int64_t j = 0;
  for (; j + 8 <= m; j += 8) {
    double sums[8] = {};
    const double* y = pair.column(j);
    for (int64_t i = 0; i < d; ++i) {
      for (int64_t lane = 0; lane < 8; ++lane) {
        const double difference = x[i] - y[lane * d + i];
        sums[lane] += difference * difference;
      }
    }
    for (int64_t lane = 0; lane < 8; ++lane)
      out[static_cast<std::size_t>(j + lane)] = std::sqrt(sums[lane]);
  }
  for (; j < m; ++j) out[static_cast<std::size_t>(j)] = exact_distance(x, pair.column(j), d);
}

// Writes the k smallest of `distances`, leaving out index `skip` (-1: none), ascending.
void write_smallest(std::vector<double>& distances, int64_t skip, int64_t k, double* out) {
  if (skip >= 0) distances.erase(distances.begin() + skip);
  std::partial_sort(distances.begin(), distances.begin() + k, distances.end());
  std::copy_n(distances.begin(), k, out);
}

// The nearest by exact distance among the candidates of one row; false when another column might be
// nearer still.
bool nearest_of_candidates(const Pairing& pair, int64_t row, const int64_t* candidates,
                           int64_t count, double last_value, double error, int64_t k, double* out) {
  std::vector<double> distances(static_cast<std::size_t>(count));
  for (int64_t c = 0; c < count; ++c) {
    distances[static_cast<std::size_t>(c)] =
        exact_distance(pair.row(row), pair.column(candidates[c]), pair.dimensions());
  }
  write_smallest(distances, -1, k, out);
  const double kth = out[k - 1];
  return kth == 0 || kth * kth + error < last_value - error;
}

// Squared radii minus and plus all that could be off.
struct Thresholds {
  std::vector<double> below, above;  // surely inside under `below`, surely outside over `above`
};

Thresholds make_thresholds(const torch::Tensor& radii, const torch::Tensor& own_norms,
                           double other_norm, double scale) {
  Thresholds bounds;
  const auto* radius = radii.const_data_ptr<double>();
  const auto* norm = own_norms.const_data_ptr<double>();
  for (int64_t i = 0; i < radii.size(0); ++i) {
    const double squared = radius[i] * radius[i];
    const double error =
        scale * (norm[i] + other_norm) + 4 * std::numeric_limits<double>::epsilon() * squared;
    bounds.below.push_back(squared - error);
    bounds.above.push_back(squared + error);
  }
  return bounds;
}

// Counts one test over one row of approximate distances.
class BallCounter {
 public:
  BallCounter(const Pairing& pair, const Balls& balls)
      : pair_(pair),
        balls_(balls),
        radii_(balls.radii.to(torch::kCPU, torch::kFloat64).contiguous()),
        bounds_(balls.around_rows
                    ? make_thresholds(radii_, pair.row_norms,
                                      pair.column_norms.max().item<double>(), pair.error_scale)
                    : make_thresholds(radii_, pair.column_norms,
                                      pair.row_norms.max().item<double>(), pair.error_scale)) {}

  // values: squared distances of `row` to all columns. Adds to column_counts, returns the row's
  // count.
  int64_t count_row(int64_t row, const double* values, int64_t* column_counts) const {
    const int64_t m = pair_.columns.size(0);
    int64_t sure = 0, unsure = 0;
    if (balls_.around_rows) {
      const double below = bounds_.below[static_cast<std::size_t>(row)],
                   above = bounds_.above[static_cast<std::size_t>(row)];
      for (int64_t j = 0; j < m; ++j) {
        const int64_t inside = values[j] < below;
        sure += inside;
        column_counts[j] += inside;
        unsure += (values[j] <= above) - inside;
      }
    } else {
      const double *below = bounds_.below.data(), *above = bounds_.above.data();
      for (int64_t j = 0; j < m; ++j) {
        const int64_t inside = values[j] < below[j];
        sure += inside;
        column_counts[j] += inside;
        unsure += (values[j] <= above[j]) - inside;
      }
    }
    return unsure == 0 ? sure : sure + count_unsure(row, values, column_counts);
  }

 private:
  int64_t count_unsure(int64_t row, const double* values, int64_t* column_counts) const {
    int64_t inside = 0;
    const auto* radii = radii_.const_data_ptr<double>();
    for (int64_t j = 0; j < pair_.columns.size(0); ++j) {
      const int64_t ball = balls_.around_rows ? row : j;
      const auto index = static_cast<std::size_t>(ball);
      if (values[j] < bounds_.below[index] || values[j] > bounds_.above[index]) continue;
      const double distance = exact_distance(pair_.row(row), pair_.column(j), pair_.dimensions());
      if (distance < radii[ball] || (balls_.closed && distance == radii[ball])) {
        ++inside;
        ++column_counts[j];
      }
    }
    return inside;
  }

  const Pairing& pair_;
  const Balls& balls_;
  torch::Tensor radii_;
  Thresholds bounds_;
};

}  // namespace

torch::Tensor nearest_distances(const torch::Tensor& queries, const torch::Tensor& points,
                                int64_t k, bool same_set) {
  if (!queries.is_cpu()) return nearest_distances_on_device(queries, points, k, same_set);
  const auto pair = make_pairing(queries, points);
  const int64_t n = pair.rows.size(0), m = pair.columns.size(0), others = same_set ? m - 1 : m;
  if (k < 1 || k > others) {
    fail(ErrorKind::kData,
         {.where = "neighbours",
          .expected = "more than " + std::to_string(k - (same_set ? 0 : 1)) + " points",
          .got = std::to_string(m)});
  }
  auto nearest = torch::empty({n, k}, torch::kFloat64);
  const int64_t candidates = std::min(k + kSpareCandidates, others);
  const double largest_norm = pair.column_norms.max().item<double>();
  const auto* row_norms = pair.row_norms.const_data_ptr<double>();
  for (int64_t start = 0; start < n; start += kRowsAtATime) {
    const int64_t end = std::min(start + kRowsAtATime, n);
    auto block = approximate_block(pair, start, end);
    if (same_set) block.diagonal(start).fill_(std::numeric_limits<double>::infinity());
    const auto [values, indices] = block.topk(candidates, 1, /*largest=*/false, /*sorted=*/true);
    const auto* value = values.const_data_ptr<double>();
    const auto* index = indices.const_data_ptr<int64_t>();
    auto* out = nearest.data_ptr<double>();
    at::parallel_for(start, end, 16, [&](int64_t first, int64_t last) {
      std::vector<double> distances;
      for (int64_t i = first; i < last; ++i) {
        const int64_t at = (i - start) * candidates;
        const double error = pair.error_scale * (row_norms[i] + largest_norm);
        const double beyond = candidates == others ? std::numeric_limits<double>::infinity()
                                                   : value[at + candidates - 1];
        if (nearest_of_candidates(pair, i, index + at, candidates, beyond, error, k, out + i * k))
          continue;
        exact_row(pair, pair.row(i), distances);
        write_smallest(distances, same_set ? i : -1, k, out + i * k);
      }
    });
  }
  return nearest;
}

std::vector<BallHits> ball_hits(const torch::Tensor& rows, const torch::Tensor& columns,
                                const std::vector<Balls>& balls) {
  if (!rows.is_cpu()) return ball_hits_on_device(rows, columns, balls);
  const auto pair = make_pairing(rows, columns);
  const int64_t n = pair.rows.size(0), m = pair.columns.size(0);
  std::vector<BallCounter> counters;
  std::vector<BallHits> hits;
  for (const auto& test : balls) {
    counters.emplace_back(pair, test);
    hits.push_back({torch::zeros({n}, torch::kInt64), torch::zeros({m}, torch::kInt64)});
  }
  std::mutex merging;
  for (int64_t start = 0; start < n; start += kRowsAtATime) {
    const int64_t end = std::min(start + kRowsAtATime, n);
    const auto block = approximate_block(pair, start, end);
    const auto* values = block.const_data_ptr<double>();
    at::parallel_for(start, end, 32, [&](int64_t first, int64_t last) {
      for (std::size_t t = 0; t < counters.size(); ++t) {
        std::vector<int64_t> column_counts(static_cast<std::size_t>(m), 0);
        auto* by_row = hits[t].by_row.data_ptr<int64_t>();
        for (int64_t i = first; i < last; ++i) {
          by_row[i] = counters[t].count_row(i, values + (i - start) * m, column_counts.data());
        }
        const std::lock_guard lock(merging);
        auto* by_column = hits[t].by_column.data_ptr<int64_t>();
        for (int64_t j = 0; j < m; ++j) by_column[j] += column_counts[static_cast<std::size_t>(j)];
      }
    });
  }
  return hits;
}

}  // namespace ganselect
