#include "harness/evaluate/fillings.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "harness/train/trainer.h"
#include "tests/harness/train/fixtures.h"

namespace ganselect {

TEST_CASE("fillings are the image where it was seen, and vary where it was not",
          "[fast][inpainting]") {
  const auto data = test::tiny_images();
  Trainer trainer(test::tiny_settings("cgan-inpaint"), data);
  for (int i = 0; i < 3; ++i) trainer.step();
  auto& generator = trainer.evaluated_generator();
  const auto fillings = draw_fillings(generator, trainer.conditions(), 5, "eval");
  REQUIRE(fillings);
  CHECK(fillings->fillings.sizes() == at::IntArrayRef({96, 10, 3, 32, 32}));
  const auto errors = filling_errors(*fillings);
  CHECK(errors.visible == 0);  // of 256 levels not one is another
  CHECK(errors.hidden > 0.01);
  CHECK(errors.diversity > 0);
  CHECK(draw_fillings(generator, trainer.conditions(), 5, "eval")
            ->fillings.equal(fillings->fillings));
  CHECK(draw_fillings(generator, {}, 5, "eval") == nullptr);
}

}  // namespace ganselect
