#include "harness/evaluate/images_seen.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"

namespace ganselect {

TEST_CASE("images seen count every critic update's real side", "[fast]") {
  CHECK(images_seen({{"n_critic", 1}}, 200, 64) == 12800);
  CHECK(images_seen({{"n_critic", 5}}, 200, 32) == 32000);
  // Three generator updates to two of the critic: 200 updates are 66 rounds and an open one.
  CHECK(images_seen({{"n_critic", 2}, {"n_gen", 3}}, 200, 10) == 67 * 2 * 10);
  CHECK(test::thrown_by([] { images_seen(Json::object(), 200, 64); }).kind == ErrorKind::kFailed);
}

}  // namespace ganselect
