#include "metrics/numerics/pair_tiles.h"

#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr int64_t kTileSide = 512;                 // 1 MiB of products
constexpr int64_t kPrepareRows = 256;              // centred at a time
constexpr int64_t kMostExact = 4;                  // exact distances side by side
constexpr double kUnitRoundoff = 1.0 / (1 << 24);  // u of float32
constexpr int64_t kMostDimensions = 1 << 18;       // beyond, D u is no small number
constexpr double kNothingSure = 4;                 // an error that decides no pair

torch::Tensor as_matrix(const torch::Tensor& features) {
  if (features.dim() != 2 || features.size(0) < 1 || features.size(1) < 1) {
    fail(ErrorKind::kData,
         {.where = "neighbours", .expected = "features (N,D)", .got = c10::str(features.sizes())});
  }
  const auto type = features.scalar_type() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
  return features.to(torch::kCPU, type).contiguous();
}

// Largest distance of a coordinate from the centre.
double largest_offset(const torch::Tensor& samples, const torch::Tensor& centre) {
  double largest = 0;
  for (int64_t start = 0; start < samples.size(0); start += kPrepareRows) {
    const auto part = samples.slice(0, start, start + kPrepareRows).to(torch::kFloat64);
    largest = std::max(largest, (part - centre).abs().max().item<double>());
  }
  return largest;
}

void prepare_side(PairSide& side, const torch::Tensor& centre, double scale, double error_share,
                  double error_floor) {
  side.scaled = torch::empty(side.samples.sizes(), torch::kFloat32);
  for (int64_t start = 0; start < side.size(); start += kPrepareRows) {
    const auto part = side.samples.slice(0, start, start + kPrepareRows).to(torch::kFloat64);
    const auto rounded = ((part - centre) * scale).to(torch::kFloat32);
    side.scaled.slice(0, start, start + kPrepareRows).copy_(rounded);
    const auto norms = rounded.to(torch::kFloat64).square().sum(1);
    const auto* norm = norms.const_data_ptr<double>();
    for (int64_t i = 0; i < norms.size(0); ++i) {
      side.norms.push_back(norm[i]);
      side.reduced.push_back(-round_up(error_floor - norm[i] * (1 - error_share)));
    }
  }
}

template <class T>
double exact_pair(const T* x, const T* y, int64_t d) {
  double sum = 0;
  for (int64_t i = 0; i < d; ++i) {
    const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

// Several sums side by side: each waits for itself only.
template <class T>
void exact_group(const T* x, const T* const* y, int64_t d, double* out) {
  double sums[kMostExact] = {};
  for (int64_t i = 0; i < d; ++i) {
    const auto at = static_cast<double>(x[i]);
    for (int64_t lane = 0; lane < kMostExact; ++lane) {
      const double difference = at - static_cast<double>(y[lane][i]);
      sums[lane] += difference * difference;
    }
  }
  for (int64_t lane = 0; lane < kMostExact; ++lane) out[lane] = std::sqrt(sums[lane]);
}

template <class T>
void exact_several(const T* x, const T* columns, int64_t d, const std::vector<int32_t>& which,
                   std::vector<double>& out) {
  const auto count = static_cast<int64_t>(which.size());
  out.resize(which.size());
  int64_t c = 0;
  for (; c + kMostExact <= count; c += kMostExact) {
    const T* group[kMostExact];
    for (int64_t lane = 0; lane < kMostExact; ++lane)
      group[lane] = columns + which[static_cast<std::size_t>(c + lane)] * d;
    exact_group(x, group, d, out.data() + c);
  }
  for (; c < count; ++c) {
    const auto at = static_cast<std::size_t>(c);
    out[at] = exact_pair(x, columns + which[at] * d, d);
  }
}

}  // namespace

float round_up(double x) {
  const auto rounded = static_cast<float>(x);
  return static_cast<double>(rounded) < x
             ? std::nextafter(rounded, std::numeric_limits<float>::infinity())
             : rounded;
}

PairTiles::PairTiles(const torch::Tensor& rows, const torch::Tensor& columns, bool same_set)
    : same_set_(same_set) {
  rows_.samples = as_matrix(rows);
  columns_.samples = same_set ? rows_.samples : as_matrix(columns);
  if (rows_.samples.size(1) != columns_.samples.size(1)) {
    fail(ErrorKind::kData, {.where = "neighbours",
                            .expected = "the same number of feature dimensions",
                            .got = std::to_string(rows_.samples.size(1)) + " and " +
                                   std::to_string(columns_.samples.size(1))});
  }
  if (rows_.samples.scalar_type() != columns_.samples.scalar_type()) {
    rows_.samples = rows_.samples.to(torch::kFloat64);
    columns_.samples = columns_.samples.to(torch::kFloat64);
  }
  const auto centre = columns_.samples.mean(0).to(torch::kFloat64);
  double largest = largest_offset(columns_.samples, centre);
  if (!same_set) largest = std::max(largest, largest_offset(rows_.samples, centre));
  if (largest > 0 && std::isfinite(largest)) scale_ = std::ldexp(1.0, -std::ilogb(largest) - 1);
  const auto d = static_cast<double>(dimensions());
  // Beyond these units float64's own squares overflow or lose digits.
  const bool plain_units = largest == 0 || (largest > 1e-140 && largest < 1e150);
  const bool sure = plain_units && dimensions() <= kMostDimensions;
  error_share_ = sure ? 1.05 * (d + 24) * kUnitRoundoff : kNothingSure;
  error_floor_ = d * std::ldexp(1.0, -120);
  prepare_side(rows_, centre, scale_, error_share_, error_floor_);
  if (!same_set) prepare_side(columns_, centre, scale_, error_share_, error_floor_);
}

std::vector<PairTile> PairTiles::tiles(bool diagonal) const {
  std::vector<PairTile> all;
  const int64_t n = rows_.size(), m = columns().size();
  for (int64_t i = 0; i < n; i += kTileSide) {
    for (int64_t j = same_set_ ? i : 0; j < m; j += kTileSide) {
      if ((same_set_ && i == j) != diagonal) continue;
      all.push_back({.row = i,
                     .rows = std::min(kTileSide, n - i),
                     .column = j,
                     .columns = std::min(kTileSide, m - j)});
    }
  }
  return all;
}

std::vector<PairTile> PairTiles::diagonal_tiles() const { return tiles(true); }
std::vector<PairTile> PairTiles::other_tiles() const { return tiles(false); }

torch::Tensor PairTiles::products(const PairTile& tile) const {
  const auto x = rows_.scaled.slice(0, tile.row, tile.row + tile.rows);
  const auto y = columns().scaled.slice(0, tile.column, tile.column + tile.columns);
  return x.mm(y.t());
}

DistanceBounds PairTiles::bounds(int64_t row, int64_t column, float product) const {
  const double norms = rows_.norms[static_cast<std::size_t>(row)] +
                       columns().norms[static_cast<std::size_t>(column)];
  const double error = error_share_ * norms + error_floor_;
  const double squared = norms - 2 * static_cast<double>(product);
  return {.lower = -round_up(error - squared), .upper = round_up(squared + error)};
}

double PairTiles::exact(int64_t row, int64_t column) const {
  const int64_t d = dimensions();
  if (rows_.samples.scalar_type() == torch::kFloat64) {
    return exact_pair(rows_.samples.const_data_ptr<double>() + row * d,
                      columns().samples.const_data_ptr<double>() + column * d, d);
  }
  return exact_pair(rows_.samples.const_data_ptr<float>() + row * d,
                    columns().samples.const_data_ptr<float>() + column * d, d);
}

void PairTiles::exact(int64_t row, const std::vector<int32_t>& which,
                      std::vector<double>& out) const {
  const int64_t d = dimensions();
  if (rows_.samples.scalar_type() == torch::kFloat64) {
    exact_several(rows_.samples.const_data_ptr<double>() + row * d,
                  columns().samples.const_data_ptr<double>(), d, which, out);
  } else {
    exact_several(rows_.samples.const_data_ptr<float>() + row * d,
                  columns().samples.const_data_ptr<float>(), d, which, out);
  }
}

double PairTiles::squared_below(double distance) const {
  const double scaled = distance * scale_;
  const double lost =
      4 * static_cast<double>(dimensions() + 8) * std::numeric_limits<double>::epsilon();
  return scaled * scaled * (1 - lost) - error_floor_;
}

double PairTiles::squared_above(double distance) const {
  const double scaled = distance * scale_;
  const double lost =
      4 * static_cast<double>(dimensions() + 8) * std::numeric_limits<double>::epsilon();
  return scaled * scaled * (1 + lost) + error_floor_;
}

}  // namespace ganselect
