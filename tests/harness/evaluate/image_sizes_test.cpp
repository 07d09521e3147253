// The sizes that a use case may ask for are those that networks can be built for.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "base/error.h"
#include "models/build.h"
#include "models/candidates.h"
#include "selection/query/use_case.h"

using namespace ganselect;

namespace {

bool can_be_built(std::int64_t size) {
  try {
    require_buildable(parse_point("dcgan"), {.shape = SampleShape::image(3, size, size)});
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("networks can be built for just the image sizes that are listed", "[fast]") {
  const auto& listed = image_sizes();
  for (const std::int64_t size : {8, 16, 28, 32, 48, 64, 96, 128, 256, 512}) {
    INFO(size);
    CHECK(can_be_built(size) == (std::find(listed.begin(), listed.end(), size) != listed.end()));
  }
}

TEST_CASE("a use case may ask for just those sizes", "[fast]") {
  std::vector<double> listed(image_sizes().begin(), image_sizes().end());
  CHECK(listed == buildable_image_sizes());
}
