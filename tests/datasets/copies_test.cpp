#include "datasets/copies.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

namespace ganselect {
namespace {

TEST_CASE("a sample counts as a copy where all its bits were there before", "[fast]") {
  const auto images = torch::arange(5 * 2 * 3 * 4).view({5, 2, 3, 4}).to(torch::kUInt8);
  CHECK(exact_copies(images) == 0);
  CHECK(exact_copies(torch::cat({images, images.slice(0, 1, 3)})) == 2);
  CHECK(exact_copies(images.slice(0, 0, 1).expand({4, 2, 3, 4})) == 3);
  auto near = images.slice(0, 0, 1).repeat({2, 1, 1, 1});
  near[1][1][2][3] += 1;
  CHECK(exact_copies(near) == 0);
  CHECK(exact_copies(images.slice(0, 0, 1)) == 0);
  CHECK(exact_copies(torch::tensor({{1.5F, 2.0F}, {1.5F, 2.0F}, {1.5F, 2.5F}})) == 1);
}

}  // namespace
}  // namespace ganselect
