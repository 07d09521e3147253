// The sizes that a use case may ask for are those that networks can be built for.
#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "models/build.h"
#include "models/candidates.h"
#include "selection/query/use_case.h"

using namespace ganselect;

namespace {

bool can_be_built(std::int64_t size) {
  try {
    build_networks(parse_point("dcgan"),
                   {.shape = SampleShape::image(3, size, size), .width = 0.05}, 0);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("a use case may ask for just the image sizes that can be built", "[fast]") {
  std::vector<double> built;
  for (const std::int64_t size : {8, 16, 28, 32, 48, 64, 96, 128, 256, 512}) {
    if (can_be_built(size)) built.push_back(static_cast<double>(size));
  }
  CHECK(built == buildable_image_sizes());
}
