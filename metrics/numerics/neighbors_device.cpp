#include "metrics/numerics/neighbors_device.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr int64_t kBlockRows = 1024;  // 82 MB of distances to 10,000 columns
constexpr int64_t kDeviceSpares = 8;  // neighbours looked at beyond k, to cover the rounding
constexpr double kUlp = std::numeric_limits<double>::epsilon();

// One side as it was given, on the host, and centred on its device.
struct Side {
  torch::Tensor host;     // float64 (N,D)
  torch::Tensor centred;  // float64 (N,D) on the device
  torch::Tensor norms;    // float64 (N), squared norms of the centred rows
};

struct DevicePair {
  Side rows, columns;
  double error_scale = 0;  // |block - exact squared distance| <= error_scale * (both norms)
};

DevicePair make_device_pair(const torch::Tensor& rows, const torch::Tensor& columns) {
  if (rows.dim() != 2 || columns.dim() != 2 || rows.size(0) < 1 || columns.size(0) < 1 ||
      rows.size(1) != columns.size(1)) {
    fail(ErrorKind::kData, {.where = "neighbours",
                            .expected = "features (N,D) and (M,D)",
                            .got = c10::str(rows.sizes()) + " and " + c10::str(columns.sizes())});
  }
  const auto x = rows.to(torch::kFloat64);
  const auto y = columns.to(x.device(), torch::kFloat64);
  const auto centre = y.mean(0);
  const auto side = [&](const torch::Tensor& points) {
    Side made{.host = points.cpu().contiguous(), .centred = points - centre};
    made.norms = made.centred.square().sum(1);
    return made;
  };
  return {.rows = side(x),
          .columns = side(y),
          // Sums of D products, in any order, and the centring.
          .error_scale = 8 * static_cast<double>(x.size(1) + 8) * kUlp};
}

torch::Tensor distance_block(const DevicePair& pair, int64_t start, int64_t end) {
  auto block = pair.rows.centred.slice(0, start, end).mm(pair.columns.centred.t()).mul_(-2.0);
  return block.add_(pair.rows.norms.slice(0, start, end).unsqueeze(1)).add_(pair.columns.norms);
}

// Terms in the order of dimensions, as neighbors.cpp adds them.
double host_distance(const DevicePair& pair, int64_t row, int64_t column) {
  const int64_t d = pair.rows.host.size(1);
  const double* x = pair.rows.host.const_data_ptr<double>() + row * d;
  const double* y = pair.columns.host.const_data_ptr<double>() + column * d;
  double sum = 0;
  for (int64_t i = 0; i < d; ++i) {
    const double difference = x[i] - y[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

// A row whose candidates may not hold all its nearest, against every column.
void whole_row(const DevicePair& pair, int64_t row, int64_t k, bool same_set, double* out) {
  std::vector<double> distances;
  for (int64_t j = 0; j < pair.columns.host.size(0); ++j) {
    if (!same_set || j != row) distances.push_back(host_distance(pair, row, j));
  }
  std::partial_sort(distances.begin(), distances.begin() + k, distances.end());
  std::copy_n(distances.begin(), k, out);
}

// What the device found for rows from `start` on, on the host.
struct Candidates {
  torch::Tensor values, indices;  // float64 and int64 (B,C), ascending
  int64_t start = 0;
  bool are_all = false;  // no column is left out
};

void settle_candidates(const DevicePair& pair, const Candidates& found, int64_t k, bool same_set,
                       double largest_norm, const double* row_norms, double* out) {
  const int64_t count = found.values.size(1);
  std::vector<double> distances(static_cast<std::size_t>(count));
  for (int64_t b = 0; b < found.values.size(0); ++b) {
    const int64_t row = found.start + b;
    const auto* index = found.indices.const_data_ptr<int64_t>() + b * count;
    for (int64_t c = 0; c < count; ++c)
      distances[static_cast<std::size_t>(c)] = host_distance(pair, row, index[c]);
    std::sort(distances.begin(), distances.end());
    std::copy_n(distances.begin(), k, out + row * k);
    const double kth = out[row * k + k - 1];
    const double error = pair.error_scale * (row_norms[row] + largest_norm);
    const double beyond = found.values.const_data_ptr<double>()[b * count + count - 1] - error;
    if (!found.are_all && kth > 0 && kth * kth + error >= beyond)
      whole_row(pair, row, k, same_set, out + row * k);
  }
}

// Squared radii on the device, less and plus all that could be off.
struct Bounds {
  torch::Tensor below, above;  // float64, (1,M) or (N,1)
};

Bounds make_bounds(const Balls& balls, const DevicePair& pair) {
  const auto& own = balls.around_rows ? pair.rows.norms : pair.columns.norms;
  const auto& other = balls.around_rows ? pair.columns.norms : pair.rows.norms;
  const auto squared = balls.radii.to(own.device(), torch::kFloat64).square();
  const auto error = (own + other.max()) * pair.error_scale + squared * (4 * kUlp);
  const int64_t dim = balls.around_rows ? 1 : 0;
  return {.below = (squared - error).unsqueeze(dim), .above = (squared + error).unsqueeze(dim)};
}

// Adds the pairs of one block that rounding leaves open, decided by direct differences.
void settle_pairs(const DevicePair& pair, const Balls& balls, const torch::Tensor& open,
                  int64_t start, BallHits& hits) {
  const auto places = open.nonzero().cpu().contiguous();  // LibTorch lays it out by columns
  const auto radii = balls.radii.to(torch::kCPU, torch::kFloat64).contiguous();
  const auto* radius = radii.const_data_ptr<double>();
  auto* by_row = hits.by_row.data_ptr<int64_t>();
  auto* by_column = hits.by_column.data_ptr<int64_t>();
  const auto* place = places.const_data_ptr<int64_t>();
  for (int64_t p = 0; p < places.size(0); ++p) {
    const int64_t row = start + place[2 * p], column = place[2 * p + 1];
    const double distance = host_distance(pair, row, column);
    const double reach = radius[balls.around_rows ? row : column];
    if (distance < reach || (balls.closed && distance == reach)) {
      ++by_row[row];
      ++by_column[column];
    }
  }
}

}  // namespace

torch::Tensor nearest_distances_on_device(const torch::Tensor& queries, const torch::Tensor& points,
                                          int64_t k, bool same_set) {
  const auto pair = make_device_pair(queries, points);
  const int64_t n = queries.size(0), m = points.size(0), others = same_set ? m - 1 : m;
  if (k < 1 || k > others) {
    fail(ErrorKind::kData,
         {.where = "neighbours",
          .expected = "more than " + std::to_string(k - (same_set ? 0 : 1)) + " points",
          .got = std::to_string(m)});
  }
  auto nearest = torch::empty({n, k}, torch::kFloat64);
  const int64_t count = std::min(k + kDeviceSpares, others);
  const double largest_norm = pair.columns.norms.max().item<double>();
  const auto row_norms = pair.rows.norms.cpu();
  for (int64_t start = 0; start < n; start += kBlockRows) {
    const int64_t end = std::min(start + kBlockRows, n);
    auto block = distance_block(pair, start, end);
    if (same_set) block.diagonal(start).fill_(std::numeric_limits<double>::infinity());
    const auto [values, indices] = block.topk(count, 1, /*largest=*/false, /*sorted=*/true);
    settle_candidates(pair,
                      {.values = values.cpu().contiguous(),
                       .indices = indices.cpu().contiguous(),
                       .start = start,
                       .are_all = count == others},
                      k, same_set, largest_norm, row_norms.const_data_ptr<double>(),
                      nearest.data_ptr<double>());
  }
  return nearest;
}

std::vector<BallHits> ball_hits_on_device(const torch::Tensor& rows, const torch::Tensor& columns,
                                          const std::vector<Balls>& balls) {
  const auto pair = make_device_pair(rows, columns);
  const int64_t n = rows.size(0), m = columns.size(0);
  std::vector<Bounds> bounds;
  std::vector<BallHits> hits;
  std::vector<torch::Tensor> sure_by_column;
  for (const auto& test : balls) {
    bounds.push_back(make_bounds(test, pair));
    hits.push_back({torch::zeros({n}, torch::kInt64), torch::zeros({m}, torch::kInt64)});
    sure_by_column.push_back(torch::zeros({m}, pair.columns.norms.options().dtype(torch::kInt64)));
  }
  for (int64_t start = 0; start < n; start += kBlockRows) {
    const int64_t end = std::min(start + kBlockRows, n);
    const auto block = distance_block(pair, start, end);
    for (std::size_t t = 0; t < balls.size(); ++t) {
      const auto part = [&](const torch::Tensor& bound) {
        return balls[t].around_rows ? bound.slice(0, start, end) : bound;
      };
      const auto inside = block.lt(part(bounds[t].below));
      hits[t].by_row.slice(0, start, end).copy_(inside.sum(1));
      sure_by_column[t].add_(inside.sum(0));
      const auto open = block.le(part(bounds[t].above)).logical_and_(inside.logical_not());
      settle_pairs(pair, balls[t], open, start, hits[t]);
    }
  }
  for (std::size_t t = 0; t < balls.size(); ++t) hits[t].by_column.add_(sure_by_column[t].cpu());
  return hits;
}

}  // namespace ganselect
