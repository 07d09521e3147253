// Squared distances of all pairs of two sets, tile by tile, to a known error: a float32 product of
// matrices finds them, and the error says which pairs direct differences in float64 must decide.
//
// With x, y centred and scaled by a power of two so that no coordinate exceeds 1, u = 2^-24 and D
// dimensions, |x|^2 + |y|^2 - 2 x.y in float32 is off by at most (D + 24) u (|x|^2 + |y|^2): D u
// |x||y| twice from the product (Higham 2002, equation 3.5), the rest from rounding coordinates,
// norms and sums.
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ganselect {

// One side: its samples as given, and what the tiles are made of.
struct PairSide {
  torch::Tensor samples;       // float32 or float64 (N,D), contiguous, on the CPU
  torch::Tensor scaled;        // float32 (N,D)
  std::vector<double> norms;   // |x|^2 of the scaled samples
  std::vector<float> reduced;  // norm minus what the error may be, rounded down

  int64_t size() const { return samples.size(0); }
};

// What is known of one pair's squared distance, in scaled units.
struct DistanceBounds {
  float lower = 0, upper = 0;
};

// A rectangle of pairs.
struct PairTile {
  int64_t row = 0, rows = 0;        // first row and how many
  int64_t column = 0, columns = 0;  // the same
};

class PairTiles {
 public:
  // rows (N,D), columns (M,D), any floating type. With `same_set` both are the same samples, and
  // tiles below the diagonal are left out. kData unless both are matrices of the same D >= 1.
  PairTiles(const torch::Tensor& rows, const torch::Tensor& columns, bool same_set);

  const PairSide& rows() const { return rows_; }
  const PairSide& columns() const { return same_set_ ? rows_ : columns_; }
  int64_t dimensions() const { return rows_.samples.size(1); }

  std::vector<PairTile> diagonal_tiles() const;  // with same_set; else none
  std::vector<PairTile> other_tiles() const;

  // float32 (rows, columns): scaled products x.y.
  torch::Tensor products(const PairTile& tile) const;
  DistanceBounds bounds(int64_t row, int64_t column, float product) const;

  // The exact distance (not squared), terms added in the order of dimensions, so that the same two
  // points always give the same bits, in either order.
  double exact(int64_t row, int64_t column) const;
  // The same for several columns of one row.
  void exact(int64_t row, const std::vector<int32_t>& columns, std::vector<double>& out) const;

  // The square of an exact distance in scaled units, rounded down or up past all that float64 may
  // have lost.
  double squared_below(double distance) const;
  double squared_above(double distance) const;

  // Calls hit(i, j, product) for every pair of the tile whose lower bound is at most row_limits[i]
  // or column_limits[j], both counted from the tile's corner.
  template <class Hit>
  void scan(const PairTile& tile, const float* row_limits, const float* column_limits,
            Hit&& hit) const;

 private:
  std::vector<PairTile> tiles(bool diagonal) const;

  PairSide rows_, columns_;  // columns_ is empty with same_set
  bool same_set_ = false;
  double scale_ = 1;        // power of two
  double error_share_ = 0;  // of |x|^2 + |y|^2
  double error_floor_ = 0;  // what underflow may cost
};

// The smallest float at or above x.
float round_up(double x);

template <class Hit>
void PairTiles::scan(const PairTile& tile, const float* row_limits, const float* column_limits,
                     Hit&& hit) const {
  constexpr int64_t kLanes = 16;  // a fixed count, so that compilers make vector code of it
  const auto product = products(tile);
  const float* reduced = columns().reduced.data() + tile.column;
  for (int64_t i = 0; i < tile.rows; ++i) {
    const float* p = product.const_data_ptr<float>() + i * tile.columns;
    const float own = rows_.reduced[static_cast<std::size_t>(tile.row + i)], limit = row_limits[i];
    const auto within = [&](int64_t j) {
      return (reduced[j] + own) - 2 * p[j] <= std::max(limit, column_limits[j]);
    };
    int64_t j = 0;
    for (; j + kLanes <= tile.columns; j += kLanes) {
      int any = 0;
      for (int64_t lane = 0; lane < kLanes; ++lane) any |= within(j + lane) ? 1 : 0;
      if (any == 0) continue;
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        if (within(j + lane)) hit(i, j + lane, p[j + lane]);
      }
    }
    for (; j < tile.columns; ++j) {
      if (within(j)) hit(i, j, p[j]);
    }
  }
}

}  // namespace ganselect
