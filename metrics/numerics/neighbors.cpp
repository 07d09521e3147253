#include "metrics/numerics/neighbors.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>

#include "base/error.h"
#include "metrics/numerics/neighbors_device.h"
#include "metrics/numerics/pair_tiles.h"

namespace ganselect {
namespace {

constexpr float kNoLimit = std::numeric_limits<float>::infinity();
constexpr std::size_t kLeastCandidates = 32;

struct Candidate {
  DistanceBounds squared;
  int32_t column = 0;
};

// The nearest columns of one row so far: candidates known by bounds, and the k smallest exact
// distances among those that bounds could not tell apart.
class NearestOfRow {
 public:
  // A column whose lower bound exceeds this cannot be among the k nearest.
  float limit() const { return limit_; }

  void add(const PairTiles& pairs, int64_t row, Candidate candidate, std::size_t k) {
    if (candidate.squared.lower > limit_) return;
    candidates_.push_back(candidate);
    if (candidates_.size() < std::max(kLeastCandidates, 4 * k)) return;
    narrow(k);
    if (candidates_.size() >= std::max(kLeastCandidates, 4 * k) / 2) settle(pairs, row, k);
  }

  // Exact distances of all that is left; ascending, k of them.
  const std::vector<double>& settle(const PairTiles& pairs, int64_t row, std::size_t k) {
    narrow(k);
    std::vector<int32_t> columns;
    for (const auto& candidate : candidates_) {
      if (candidate.squared.lower <= limit_) columns.push_back(candidate.column);
    }
    candidates_.clear();
    std::vector<double> distances;
    pairs.exact(row, columns, distances);
    exact_.insert(exact_.end(), distances.begin(), distances.end());
    const auto kept = std::min(k, exact_.size());
    std::partial_sort(exact_.begin(), exact_.begin() + static_cast<std::ptrdiff_t>(kept),
                      exact_.end());
    exact_.resize(kept);
    if (kept == k) {
      // Nothing is nearer than 0.
      limit_ = exact_.back() == 0 ? -kNoLimit
                                  : std::min(limit_, round_up(pairs.squared_above(exact_.back())));
    }
    return exact_;
  }

 private:
  // Keeps the candidates that may be among the k nearest by their bounds.
  void narrow(std::size_t k) {
    if (candidates_.size() < k) return;
    std::nth_element(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(k - 1),
                     candidates_.end(), [](const auto& a, const auto& b) {
                       return a.squared.upper < b.squared.upper;
                     });
    limit_ = std::min(limit_, candidates_[k - 1].squared.upper);
    std::erase_if(candidates_, [&](const auto& one) { return one.squared.lower > limit_; });
  }

  std::vector<Candidate> candidates_;
  std::vector<double> exact_;
  float limit_ = kNoLimit;
};

// A pair that may matter to its row, its column or both, counted from the tile's corner.
struct TileHit {
  int32_t row = 0, column = 0;
  float product = 0;
};

// All rows' nearest columns, filled tile by tile from any thread.
class NearestSearch {
 public:
  NearestSearch(const PairTiles& pairs, int64_t k, bool same_set)
      : pairs_(pairs),
        k_(static_cast<std::size_t>(k)),
        same_set_(same_set),
        rows_(static_cast<std::size_t>(pairs.rows().size())) {}

  void visit(const std::vector<PairTile>& tiles) {
    at::parallel_for(0, static_cast<int64_t>(tiles.size()), 1, [&](int64_t first, int64_t last) {
      for (int64_t t = first; t < last; ++t) visit(tiles[static_cast<std::size_t>(t)]);
    });
  }

  torch::Tensor distances() {
    auto nearest = torch::empty({pairs_.rows().size(), static_cast<int64_t>(k_)}, torch::kFloat64);
    auto* out = nearest.data_ptr<double>();
    at::parallel_for(0, nearest.size(0), 64, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const auto& sorted = rows_[static_cast<std::size_t>(i)].settle(pairs_, i, k_);
        std::copy_n(sorted.begin(), k_, out + i * static_cast<int64_t>(k_));
      }
    });
    return nearest;
  }

 private:
  // Limits of neighbouring rows as they are now; -infinity where nothing is sought.
  std::vector<float> limits(int64_t first, int64_t count, bool sought) {
    std::vector<float> found(static_cast<std::size_t>(count), -kNoLimit);
    if (!sought) return found;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < found.size(); ++i)
      found[i] = rows_[static_cast<std::size_t>(first) + i].limit();
    return found;
  }

  void visit(const PairTile& tile) {
    const bool diagonal = same_set_ && tile.row == tile.column;
    const auto row_limits = limits(tile.row, tile.rows, true);
    const auto column_limits = limits(tile.column, tile.columns, same_set_ && !diagonal);
    std::vector<TileHit> hits;
    pairs_.scan(tile, row_limits.data(), column_limits.data(),
                [&](int64_t i, int64_t j, float product) {
                  if (diagonal && i == j) return;
                  hits.push_back({static_cast<int32_t>(i), static_cast<int32_t>(j), product});
                });
    const std::lock_guard lock(mutex_);
    for (const auto& hit : hits) {
      const int64_t row = tile.row + hit.row, column = tile.column + hit.column;
      const auto squared = pairs_.bounds(row, column, hit.product);
      rows_[static_cast<std::size_t>(row)].add(pairs_, row, {squared, static_cast<int32_t>(column)},
                                               k_);
      if (!same_set_ || diagonal) continue;
      rows_[static_cast<std::size_t>(column)].add(pairs_, column,
                                                  {squared, static_cast<int32_t>(row)}, k_);
    }
  }

  const PairTiles& pairs_;
  std::size_t k_;
  bool same_set_;
  std::vector<NearestOfRow> rows_;
  std::mutex mutex_;
};

// The largest value among the columns that lie at each row's distance, to the last bit.
torch::Tensor tied_values(const PairTiles& pairs, const torch::Tensor& distances,
                          const torch::Tensor& of_columns) {
  const auto* distance = distances.const_data_ptr<double>();
  const auto* value = of_columns.const_data_ptr<double>();
  auto largest =
      torch::full({distances.size(0)}, -std::numeric_limits<double>::infinity(), torch::kFloat64);
  auto* out = largest.data_ptr<double>();
  std::vector<float> limits;
  for (int64_t i = 0; i < distances.size(0); ++i)
    limits.push_back(round_up(pairs.squared_above(distance[i])));
  const std::vector<float> none(static_cast<std::size_t>(pairs.columns().size()), -kNoLimit);
  const auto tiles = pairs.other_tiles();
  std::mutex mutex;
  at::parallel_for(0, static_cast<int64_t>(tiles.size()), 1, [&](int64_t first, int64_t last) {
    for (int64_t t = first; t < last; ++t) {
      const auto& tile = tiles[static_cast<std::size_t>(t)];
      pairs.scan(tile, limits.data() + tile.row, none.data() + tile.column,
                 [&](int64_t i, int64_t j, float) {
                   const int64_t row = tile.row + i, column = tile.column + j;
                   if (pairs.exact(row, column) != distance[row]) return;
                   const std::lock_guard lock(mutex);
                   out[row] = std::max(out[row], value[column]);
                 });
    }
  });
  return largest;
}

// Balls with their radii squared, in the tiles' units.
struct BallTest {
  torch::Tensor radii;  // float64, on the CPU
  bool around_rows = false, closed = false;
  std::vector<double> below, above;  // surely inside under `below`, surely outside over `above`
};

BallTest make_test(const PairTiles& pairs, const Balls& balls) {
  BallTest test{.radii = balls.radii.to(torch::kCPU, torch::kFloat64).contiguous(),
                .around_rows = balls.around_rows,
                .closed = balls.closed};
  const auto* radius = test.radii.const_data_ptr<double>();
  for (int64_t i = 0; i < test.radii.size(0); ++i) {
    const double above = pairs.squared_above(radius[i]);
    test.above.push_back(above);
    // A square beyond float64 decides nothing.
    test.below.push_back(std::isfinite(above) ? pairs.squared_below(radius[i]) : -1);
  }
  return test;
}

// Counts all tests over all pairs, tile by tile from any thread.
class BallCounts {
 public:
  BallCounts(const PairTiles& pairs, const std::vector<Balls>& balls)
      : pairs_(pairs),
        row_limits_(static_cast<std::size_t>(pairs.rows().size()), -kNoLimit),
        column_limits_(static_cast<std::size_t>(pairs.columns().size()), -kNoLimit) {
    for (const auto& one : balls) {
      tests_.push_back(make_test(pairs, one));
      auto& limits = one.around_rows ? row_limits_ : column_limits_;
      for (std::size_t i = 0; i < limits.size(); ++i)
        limits[i] = std::max(limits[i], round_up(tests_.back().above[i]));
      hits_.push_back({torch::zeros({pairs.rows().size()}, torch::kInt64),
                       torch::zeros({pairs.columns().size()}, torch::kInt64)});
    }
  }

  std::vector<BallHits> count() {
    const auto tiles = pairs_.other_tiles();
    at::parallel_for(0, static_cast<int64_t>(tiles.size()), 1, [&](int64_t first, int64_t last) {
      for (int64_t t = first; t < last; ++t) visit(tiles[static_cast<std::size_t>(t)]);
    });
    return hits_;
  }

 private:
  bool inside(const BallTest& test, int64_t row, int64_t column, DistanceBounds squared) const {
    const int64_t ball = test.around_rows ? row : column;
    const auto at = static_cast<std::size_t>(ball);
    if (squared.upper < test.below[at]) return true;
    if (squared.lower > test.above[at]) return false;
    const double distance = pairs_.exact(row, column);
    const double radius = test.radii.const_data_ptr<double>()[ball];
    return distance < radius || (test.closed && distance == radius);
  }

  void visit(const PairTile& tile) {
    std::vector<TileHit> near;
    pairs_.scan(tile, row_limits_.data() + tile.row, column_limits_.data() + tile.column,
                [&](int64_t i, int64_t j, float product) {
                  near.push_back({static_cast<int32_t>(i), static_cast<int32_t>(j), product});
                });
    for (std::size_t t = 0; t < tests_.size(); ++t) {
      std::vector<TileHit> found;
      for (const auto& hit : near) {
        const int64_t row = tile.row + hit.row, column = tile.column + hit.column;
        if (inside(tests_[t], row, column, pairs_.bounds(row, column, hit.product)))
          found.push_back(hit);
      }
      auto* by_row = hits_[t].by_row.data_ptr<int64_t>() + tile.row;
      auto* by_column = hits_[t].by_column.data_ptr<int64_t>() + tile.column;
      const std::lock_guard lock(mutex_);
      for (const auto& hit : found) {
        ++by_row[hit.row];
        ++by_column[hit.column];
      }
    }
  }

  const PairTiles& pairs_;
  std::vector<BallTest> tests_;
  std::vector<float> row_limits_, column_limits_;
  std::vector<BallHits> hits_;
  std::mutex mutex_;
};

}  // namespace

torch::Tensor nearest_distances(const torch::Tensor& queries, const torch::Tensor& points,
                                int64_t k, bool same_set) {
  if (!queries.is_cpu()) return nearest_distances_on_device(queries, points, k, same_set);
  const PairTiles pairs(queries, points, same_set);
  const int64_t m = pairs.columns().size(), others = same_set ? m - 1 : m;
  if (k < 1 || k > others) {
    fail(ErrorKind::kData,
         {.where = "neighbours",
          .expected = "more than " + std::to_string(k - (same_set ? 0 : 1)) + " points",
          .got = std::to_string(m)});
  }
  NearestSearch search(pairs, k, same_set);
  search.visit(pairs.diagonal_tiles());
  search.visit(pairs.other_tiles());
  return search.distances();
}

NearestValues largest_at_nearest(const torch::Tensor& queries, const torch::Tensor& points,
                                 const torch::Tensor& values) {
  const PairTiles pairs(queries.cpu(), points.cpu(), /*same_set=*/false);
  const auto of_points = values.to(torch::kCPU, torch::kFloat64).contiguous();
  if (pairs.columns().size() < 1 || of_points.sizes() != torch::IntArrayRef{points.size(0)}) {
    fail(ErrorKind::kData, {.where = "nearest values",
                            .expected = "points, and a value of each",
                            .got = c10::str(points.sizes(), " and ", values.sizes())});
  }
  NearestSearch search(pairs, 1, /*same_set=*/false);
  search.visit(pairs.other_tiles());
  const auto distances = search.distances().flatten();
  return {distances, tied_values(pairs, distances, of_points)};
}

std::vector<BallHits> ball_hits(const torch::Tensor& rows, const torch::Tensor& columns,
                                const std::vector<Balls>& balls) {
  if (!rows.is_cpu()) return ball_hits_on_device(rows, columns, balls);
  const PairTiles pairs(rows, columns, /*same_set=*/false);
  return BallCounts(pairs, balls).count();
}

}  // namespace ganselect
