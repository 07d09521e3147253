#include <catch2/catch_test_macros.hpp>
#include <random>

#include "tests/fuzz/image_targets.h"
#include "tests/support/mutate.h"

namespace ganselect::test {

TEST_CASE("damaged image files end in an error of ours or in an image", "[fast][fuzz]") {
  for (const auto& target : {fuzz::image_target(), fuzz::idx_target()}) {
    std::mt19937 random(1);
    for (const auto& seed : target.seeds) {
      target.read(seed);
      for (int i = 0; i < 200; ++i) {
        const auto bytes = mutate(seed, random);
        INFO(target.name << " mutation " << i);
        CHECK_NOTHROW(target.read(bytes));
      }
    }
  }
}

}  // namespace ganselect::test
