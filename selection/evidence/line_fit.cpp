#include "selection/evidence/line_fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace ganselect {
namespace {

constexpr int kMostRounds = 500;
constexpr double kConverged = 1e-12;

// Of the points at one slope, as York et al. call them.
struct Weights {
  std::vector<double> w;    // of the points
  double x = 0.0, y = 0.0;  // weighted means
};

Weights weights_at(std::span<const UncertainPoint> points, double slope) {
  Weights at;
  double sum = 0.0;
  for (const auto& p : points) {
    at.w.push_back(1.0 / (p.y_error * p.y_error + slope * slope * p.x_error * p.x_error));
    sum += at.w.back();
    at.x += at.w.back() * p.x;
    at.y += at.w.back() * p.y;
  }
  at.x /= sum;
  at.y /= sum;
  return at;
}

// Where the true point is thought to lie, less the mean.
double beta_of(const UncertainPoint& p, const Weights& at, double w, double slope) {
  const double u = p.x - at.x, v = p.y - at.y;
  return w * (u * p.y_error * p.y_error + slope * v * p.x_error * p.x_error);
}

double next_slope(std::span<const UncertainPoint> points, double slope) {
  const Weights at = weights_at(points, slope);
  double above = 0.0, below = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double beta = beta_of(points[i], at, at.w[i], slope);
    above += at.w[i] * beta * (points[i].y - at.y);
    below += at.w[i] * beta * (points[i].x - at.x);
  }
  return above / below;
}

LineFit line_at(std::span<const UncertainPoint> points, double slope) {
  const Weights at = weights_at(points, slope);
  LineFit line{.slope = slope, .intercept = at.y - slope * at.x};
  double sum = 0.0, mean = 0.0, spread = 0.0;
  std::vector<double> adjusted;
  for (std::size_t i = 0; i < points.size(); ++i) {
    adjusted.push_back(at.x + beta_of(points[i], at, at.w[i], slope));
    sum += at.w[i];
    mean += at.w[i] * adjusted.back();
    const double off = points[i].y - line.intercept - slope * points[i].x;
    line.chi2 += at.w[i] * off * off;
  }
  mean /= sum;
  for (std::size_t i = 0; i < points.size(); ++i)
    spread += at.w[i] * (adjusted[i] - mean) * (adjusted[i] - mean);
  line.slope_error = 1.0 / std::sqrt(spread);
  return line;
}

std::optional<double> plain_slope(std::span<const UncertainPoint> points) {
  const auto n = static_cast<double>(points.size());
  double x = 0.0, y = 0.0, xy = 0.0, xx = 0.0;
  for (const auto& p : points) {
    x += p.x / n;
    y += p.y / n;
  }
  for (const auto& p : points) {
    xy += (p.x - x) * (p.y - y);
    xx += (p.x - x) * (p.x - x);
  }
  return xx > 0.0 ? std::optional(xy / xx) : std::nullopt;
}

std::vector<UncertainPoint> widened(std::span<const UncertainPoint> points, double scatter) {
  std::vector<UncertainPoint> out(points.begin(), points.end());
  for (auto& p : out) p.y_error = std::hypot(p.y_error, scatter);
  return out;
}

}  // namespace

std::optional<LineFit> york_line(std::span<const UncertainPoint> points) {
  if (points.size() < 3) return std::nullopt;
  for (const auto& p : points) {
    if (p.y_error <= 0.0) return std::nullopt;
  }
  const auto start = plain_slope(points);
  if (!start) return std::nullopt;
  double slope = *start;
  for (int round = 0; round < kMostRounds; ++round) {
    const double next = next_slope(points, slope);
    if (!std::isfinite(next)) return std::nullopt;
    const double change = std::abs(next - slope);
    slope = next;
    if (change <= kConverged * (1.0 + std::abs(slope))) return line_at(points, slope);
  }
  return std::nullopt;
}

std::optional<ScatteredLine> scattered_line(std::span<const UncertainPoint> points) {
  if (points.size() < 4) return std::nullopt;
  const auto degrees = static_cast<double>(points.size()) - 2.0;
  double most = 0.0;
  for (const auto& p : points) most = std::max(most, std::abs(p.y - points.front().y));
  double low = 0.0, high = std::max(most, 1e-12) * 2.0;
  auto line = york_line(points);
  if (!line || line->chi2 > degrees) {
    constexpr int kHalvings = 60;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = 0.5 * (low + high);
      line = york_line(widened(points, middle));
      (line && line->chi2 <= degrees ? high : low) = middle;
    }
    line = york_line(widened(points, high));
  } else {
    high = 0.0;
  }
  if (!line) return std::nullopt;
  const double half = student_t_quantile(0.975, degrees) * line->slope_error;
  return ScatteredLine{points.size(), *line, high, {line->slope - half, line->slope + half}};
}

}  // namespace ganselect
