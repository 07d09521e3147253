#include "datasets/embedded_shapes.h"

#include <algorithm>
#include <cmath>

namespace ganselect {
namespace {

double box(double x, double y, double half_width, double half_height) {
  return std::max(std::abs(x) - half_width, std::abs(y) - half_height);
}

double disc(double x, double y) { return std::hypot(x, y) - 0.92; }

double ring(double x, double y) { return std::abs(std::hypot(x, y) - 0.70) - 0.25; }

double square(double x, double y) { return box(x, y, 0.76, 0.76); }

double frame(double x, double y) { return std::max(box(x, y, 0.84, 0.84), -box(x, y, 0.42, 0.42)); }

// Equilateral, one corner up; its centre lies a little above the middle of its height.
double triangle(double x, double y) {
  constexpr double kInradius = 0.55;
  const double lowered = y - 0.18;
  const double slanted = 0.8660254037844386 * std::abs(x) - 0.5 * lowered;
  return std::max(slanted, lowered) - kInradius;
}

// Five points: the plane is folded five-fold onto one half of a point, whose outer edge is a
// straight line.
double star(double x, double y) {
  constexpr double kOuter = 1.05, kInner = 0.44;
  constexpr double kSector = 1.2566370614359172;  // 72 degrees
  const double radius = std::hypot(x, y);
  double angle = std::atan2(x, -y);
  angle = std::abs(angle - kSector * std::round(angle / kSector));
  const double px = radius * std::cos(angle), py = radius * std::sin(angle);
  // Edge from the tip (kOuter, 0) to the notch at half a sector.
  constexpr double kNotchX = kInner * 0.8090169943749475, kNotchY = kInner * 0.5877852522924731;
  const double ex = kNotchX - kOuter, ey = kNotchY;
  return ((py * ex) - (px - kOuter) * ey) / -std::hypot(ex, ey);
}

double cross(double x, double y) { return std::min(box(x, y, 0.95, 0.31), box(x, y, 0.31, 0.95)); }

// A square on its corner with a half disc on each of its upper sides.
double heart(double x, double y) {
  constexpr double kHalf = 0.52;
  constexpr double kRoot = 0.7071067811865476;
  const double side = std::abs(x), raised = y - 0.12;
  const double u = kRoot * (side + raised), v = kRoot * (side - raised);
  return std::min(box(u, v, kHalf, kHalf), std::hypot(u, v - kHalf) - kHalf);
}

double crescent(double x, double y) {
  return std::max(std::hypot(x, y) - 0.98, 0.78 - std::hypot(x - 0.50, y));
}

double hourglass(double x, double y) {
  const double slanted = (std::abs(x) - 0.85 * std::abs(y) - 0.07) / std::hypot(1.0, 0.85);
  return std::max(slanted, std::abs(y) - 0.92);
}

}  // namespace

const std::array<EmbeddedShape, kEmbeddedShapes>& embedded_shapes() {
  static const std::array<EmbeddedShape, kEmbeddedShapes> shapes = {{{"disc", disc},
                                                                     {"ring", ring},
                                                                     {"square", square},
                                                                     {"frame", frame},
                                                                     {"triangle", triangle},
                                                                     {"star", star},
                                                                     {"cross", cross},
                                                                     {"heart", heart},
                                                                     {"crescent", crescent},
                                                                     {"hourglass", hourglass}}};
  return shapes;
}

}  // namespace ganselect
