// A use case may ask for the image sizes of trials; for all of them networks can be built.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

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

TEST_CASE("a use case asks for no image size that cannot be built", "[fast]") {
  for (const double size : buildable_image_sizes())
    CHECK(can_be_built(static_cast<std::int64_t>(size)));
}
