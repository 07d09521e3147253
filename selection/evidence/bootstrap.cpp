#include "selection/evidence/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace ganselect {
namespace {

constexpr std::size_t kExactFlips = 14;      // 16,384 sign patterns take no time
constexpr std::size_t kRandomFlips = 20000;  // p is known to 0.003 at 0.05
constexpr double kSummedSquares = 30;        // beyond it a sum takes longer than a gamma variable

// Sums of the same numbers under many signs, eight numbers at a time from a table.
class FlippedSums {
 public:
  explicit FlippedSums(const std::vector<double>& values) {
    for (std::size_t first = 0; first < values.size(); first += 8) {
      auto& table = tables_.emplace_back();
      const auto count = std::min<std::size_t>(8, values.size() - first);
      for (std::size_t signs = 0; signs < table.size(); ++signs) {
        for (std::size_t i = 0; i < count; ++i)
          table[signs] += (signs >> i & 1U) != 0 ? -values[first + i] : values[first + i];
      }
    }
  }

  // `signs_of(k)`: in its lowest byte the signs of the k-th eight, a set bit for a minus.
  template <class SignsOf>
  double of(SignsOf&& signs_of) const {
    double sum = 0.0;
    for (std::size_t k = 0; k < tables_.size(); ++k) sum += tables_[k][signs_of(k) & 0xFFU];
    return sum;
  }

 private:
  std::vector<std::array<double, 256>> tables_;
};

}  // namespace

SeedRows centred(const SeedRows& rows) {
  SeedRows around = rows;
  const auto means = column_means(rows);
  for (auto& row : around) {
    for (std::size_t j = 0; j < row.size(); ++j) row[j] -= means[j];
  }
  return around;
}

SeedRows scatter_factor(const SeedRows& centred) {
  // A column that depends on those before it, but for rounding, has no part of its own.
  constexpr double kRounding = 1e-12;
  const std::size_t size = centred.front().size();
  SeedRows left(size, std::vector<double>(size, 0.0));  // scatter that no column accounts for yet
  for (const auto& row : centred) {
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) left[i][j] += row[i] * row[j];
    }
  }
  const SeedRows scatter = left;
  SeedRows columns;
  for (std::size_t k = 0; k < size; ++k) {
    if (left[k][k] <= kRounding * scatter[k][k]) continue;
    const double pivot = std::sqrt(left[k][k]);
    std::vector<double> column(size, 0.0);
    for (std::size_t i = k; i < size; ++i) column[i] = left[i][k] / pivot;
    for (std::size_t i = k; i < size; ++i) {
      for (std::size_t j = k; j < size; ++j) left[i][j] -= column[i] * column[j];
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

double DrawStream::uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53; }

double DrawStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

double DrawStream::chi_squared(double degrees_of_freedom) {
  if (degrees_of_freedom <= kSummedSquares &&
      degrees_of_freedom == std::floor(degrees_of_freedom)) {
    double sum = 0.0;
    for (double i = 0; i < degrees_of_freedom; ++i) {
      const double z = normal();
      sum += z * z;
    }
    return sum;
  }
  const double shape = degrees_of_freedom / 2.0;
  if (shape >= 1.0) return 2.0 * gamma(shape);
  return 2.0 * gamma(shape + 1.0) * std::pow(uniform(), 1.0 / shape);
}

// Marsaglia & Tsang 2000, "A simple method for generating gamma variables"; shape >= 1.
double DrawStream::gamma(double shape) {
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal(), root = 1.0 + c * x;
    if (root <= 0.0) continue;
    const double v = root * root * root;
    if (std::log(uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

std::vector<double> column_means(const SeedRows& rows) {
  std::vector<double> means(rows.front().size(), 0.0);
  for (const auto& row : rows) {
    for (std::size_t j = 0; j < row.size(); ++j) means[j] += row[j];
  }
  for (double& mean : means) mean /= static_cast<double>(rows.size());
  return means;
}

Interval central_interval(std::vector<double> values, double level) {
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double p) {
    const double place = p * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(place));
    const auto above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
  };
  const double tail = (1.0 - level) / 2.0;
  return {quantile(tail), quantile(1.0 - tail)};
}

double sign_flip_p_value(const std::vector<double>& differences, std::uint64_t seed) {
  const std::size_t n = differences.size();
  if (n == 0) return 1.0;
  const FlippedSums sums(differences);
  // Sums that are equal but for rounding count as equally far out.
  const double threshold = std::abs(sums.of([](std::size_t) { return 0U; })) * (1.0 - 1e-12);
  std::size_t extreme = 0;
  if (n <= kExactFlips) {
    const std::size_t patterns = std::size_t{1} << n;
    for (std::size_t pattern = 0; pattern < patterns; ++pattern) {
      const double sum = sums.of([&](std::size_t byte) { return pattern >> (8 * byte); });
      if (std::abs(sum) >= threshold) ++extreme;
    }
    return static_cast<double>(extreme) / static_cast<double>(patterns);
  }
  DrawStream stream(stream_seed(seed, "sign-flips"));
  std::uint64_t signs = 0;
  for (std::size_t round = 0; round < kRandomFlips; ++round) {
    const double sum = sums.of([&](std::size_t byte) {
      signs = byte % 8 == 0 ? stream.bits() : signs >> 8;
      return signs;
    });
    if (std::abs(sum) >= threshold) ++extreme;
  }
  return static_cast<double>(extreme + 1) / static_cast<double>(kRandomFlips + 1);
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> corrected(p_values.size());
  double floor = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double raised = p_values[order[k]] * static_cast<double>(order.size() - k);
    floor = std::max(floor, std::min(1.0, raised));
    corrected[order[k]] = floor;
  }
  return corrected;
}

}  // namespace ganselect
