// Outlines of the embedded set's ten shapes.
#pragma once

#include <array>

namespace ganselect {

// Signed distance to the outline, negative inside, in units of the shape's radius; x to the right,
// y down, the shape within about the unit circle. Exact near the outline, which is all that smooth
// edges need.
using ShapeDistance = double (*)(double x, double y);

struct EmbeddedShape {
  const char* name;
  ShapeDistance distance;
};

constexpr int kEmbeddedShapes = 10;
const std::array<EmbeddedShape, kEmbeddedShapes>& embedded_shapes();

}  // namespace ganselect
