// A straight line through points that are uncertain in both directions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "results/records/summary.h"

namespace ganselect {

struct UncertainPoint {
  double x = 0.0, x_error = 0.0;  // error: standard deviation, at least 0
  double y = 0.0, y_error = 0.0;
};

struct LineFit {
  double slope = 0.0, intercept = 0.0;
  double slope_error = 0.0;  // as the points' errors say
  double chi2 = 0.0;         // weighted sum of squared distances; about N - 2 where they fit
};

// York, Evensen, Martinez & Delgado (2004), "Unified equations for the slope, intercept, and
// standard errors of the best straight line" (equations 13, without correlations). Errors of x do
// not draw the slope towards 0, as they would in a regression of y on x. Nothing for fewer than
// three points, points of one x, or points without any error.
std::optional<LineFit> york_line(std::span<const UncertainPoint> points);

struct ScatteredLine {
  std::size_t points = 0;
  LineFit line;
  double scatter = 0.0;  // standard deviation of y about the line beyond the points' errors
  Interval interval95;   // of the slope, by Student's t with N - 2 degrees
};

// york_line with the scatter at which chi2 is N - 2 (Paule & Mandel 1982), 0 where it is less
// without any. Needs four points.
std::optional<ScatteredLine> scattered_line(std::span<const UncertainPoint> points);

}  // namespace ganselect
