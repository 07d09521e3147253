#include "metrics/inpainting.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/error.h"
#include "metrics/measure.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

// One image of four pixels, of which the last two are hidden, and two fillings of it.
Fillings by_hand() {
  const auto bytes = [](std::vector<std::int64_t> values, std::vector<std::int64_t> sizes) {
    return torch::tensor(values, torch::kInt64).to(torch::kUInt8).view(sizes);
  };
  return {.images = bytes({51, 102, 153, 204}, {1, 1, 2, 2}),
          .masks = bytes({1, 1, 0, 0}, {1, 1, 2, 2}),
          .fillings = bytes({51, 112, 153, 0, 51, 102, 255, 102}, {1, 2, 1, 2, 2})};
}

TEST_CASE("errors and variety of fillings are those counted by hand", "[fast][inpainting]") {
  const auto errors = filling_errors(by_hand());
  // Seen: 10 of one pixel among 4. Hidden: 0, 204, 102, 102 among 4.
  CHECK_THAT(errors.visible, WithinAbs(10.0 / 255 / 4, 1e-12));
  CHECK_THAT(errors.hidden, WithinAbs(408.0 / 255 / 4, 1e-12));
  // The two fillings differ by 102 and 102 where they are hidden.
  CHECK_THAT(errors.diversity, WithinAbs(102.0 / 255, 1e-12));
  auto same = by_hand();
  same.fillings.select(1, 1).copy_(same.fillings.select(1, 0));
  CHECK(filling_errors(same).diversity == 0);
}

TEST_CASE("fillings are measured where there are any", "[fast][inpainting]") {
  EvaluationInput input;
  input.fake.features = torch::zeros({4, 1});
  const EvaluationSettings only{.metrics = {"inpainting"}};
  CHECK_FALSE(measure_samples(input, only).value("visible_error"));
  input.fillings = std::make_shared<const Fillings>(by_hand());
  const auto measures = measure_samples(input, only);
  CHECK_THAT(measures.value("visible_error").value(), WithinAbs(10.0 / 255 / 4, 1e-12));
  CHECK(measures.value("hidden_error"));
  CHECK(measures.value("filling_diversity"));
  CHECK(measures.protocol.at("measures").at("hidden_error").at("fillings_each") == 2);
}

TEST_CASE("fillings that do not fit, and masks that hide nothing, are refused",
          "[fast][inpainting]") {
  const auto refused = [](const Fillings& fillings) {
    return test::thrown_by([&] { filling_errors(fillings); }).kind == ErrorKind::kData;
  };
  auto one = by_hand();
  one.fillings = one.fillings.slice(1, 0, 1);
  CHECK(refused(one));
  auto shown = by_hand();
  shown.masks.fill_(1);
  CHECK(refused(shown));
  auto hidden = by_hand();
  hidden.masks.fill_(0);
  CHECK(refused(hidden));
}

}  // namespace
}  // namespace ganselect
