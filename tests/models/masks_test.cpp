#include "models/masks.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/torch/generators.h"

namespace ganselect {
namespace {

TEST_CASE("every mask shows a part and hides a part, anew for each seed alone", "[fast][masks]") {
  for (const auto& law : mask_laws()) {
    for (const std::int64_t size : {32, 64}) {
      INFO(law.name << " " << size);
      auto a = make_generator(3), b = make_generator(3);
      const auto masks = law.draw(50, size, a);
      CHECK(masks.sizes() == at::IntArrayRef({50, 1, size, size}));
      CHECK(masks.scalar_type() == torch::kFloat32);
      CHECK(masks.eq(0).logical_or(masks.eq(1)).all().item<bool>());
      const auto shown = masks.mean({1, 2, 3});
      CHECK(shown.min().item<float>() > 0.0F);
      CHECK(shown.max().item<float>() < 1.0F);
      torch::manual_seed(9);
      CHECK(masks.equal(law.draw(50, size, b)));
    }
  }
}

TEST_CASE("the hole in the middle is 16x16 of 32x32", "[fast][masks]") {
  auto random = make_generator(1);
  const auto mask = mask_laws().at("center").draw(1, 32, random)[0][0];
  CHECK((1 - mask).sum().item<float>() == 256);
  CHECK(mask.slice(0, 8, 24).slice(1, 8, 24).sum().item<float>() == 0);
  const auto squares = mask_laws().at("square").draw(200, 32, random);
  CHECK((1 - squares).sum({1, 2, 3}).eq(256).all().item<bool>());
  // Places from edge to edge.
  CHECK(squares.select(2, 0).eq(0).any().item<bool>());
  CHECK(squares.select(2, 31).eq(0).any().item<bool>());
  CHECK(squares.select(3, 0).eq(0).any().item<bool>());
  CHECK(squares.select(3, 31).eq(0).any().item<bool>());
}

TEST_CASE("random masks differ in size, and networks are told zeros where they hide",
          "[fast][masks]") {
  auto random = make_generator(2);
  const auto masks = mask_laws().at("random").draw(300, 32, random);
  const auto hidden = (1 - masks).sum({1, 2, 3});
  CHECK(hidden.min().item<float>() >= 16);       // at least 4x4
  CHECK(hidden.max().item<float>() <= 4 * 256);  // at most four of 16x16
  CHECK(hidden.std().item<float>() > 50);
  const auto images = torch::rand({300, 3, 32, 32}, random) + 0.5;
  const auto told = masked_image(images, masks);
  CHECK(told.sizes() == at::IntArrayRef({300, 4, 32, 32}));
  CHECK(told.slice(1, 0, 1).equal(masks));
  CHECK(told.slice(1, 1).eq(0).eq(masks.eq(0)).all().item<bool>());
}

}  // namespace
}  // namespace ganselect
