#include "models/backbones/inpainting.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/torch/generators.h"
#include "models/build.h"
#include "models/candidates.h"
#include "models/masks.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

struct Shown {
  torch::Tensor images, masks;
  Condition condition;
};
Shown shown_images(std::int64_t n, const SampleShape& shape, std::uint64_t seed = 4) {
  auto random = make_generator(seed);
  Shown out;
  out.images = torch::rand({n, shape.channels, shape.height, shape.width}, random) * 2 - 1;
  out.masks = mask_laws().at("random").draw(n, shape.height, random);
  out.condition.visible = masked_image(out.images, out.masks);
  return out;
}

Networks inpainting_pair(const std::string& point, const SampleShape& shape) {
  return build_networks(parse_point(point), {.shape = shape, .width = 0.1}, 1);
}

TEST_CASE("fillings keep what is seen and hear latents and the visible part", "[fast]") {
  for (const auto& shape : {SampleShape::image(1, 32, 32), SampleShape::image(3, 64, 64)}) {
    for (const char* point : {"cgan-inpaint", "dcgan+visible/hinge/spectral-norm"}) {
      INFO(point << " " << to_string(shape));
      const auto networks = inpainting_pair(point, shape);
      const torch::NoGradGuard no_grad;
      const auto given = shown_images(4, shape);
      const auto z = torch::randn({4, networks.generator->latent_dim}, make_generator(2));
      networks.generator->forward(z, given.condition);  // statistics of batch norm
      networks.generator->eval();
      networks.critic->eval();
      const auto made = networks.generator->forward(z, given.condition);
      REQUIRE(made.sizes() == given.images.sizes());
      CHECK((made * given.masks).equal(given.images * given.masks));
      const auto hidden = 1 - given.masks;
      CHECK(((made - given.images) * hidden).abs().max().item<float>() > 0.1F);
      const auto other = networks.generator->forward(z.flip(0), given.condition);
      CHECK(((made - other) * hidden).abs().max().item<float>() > 1e-4F);
      // What is seen of one image changes its own filling alone.
      auto changed = given.condition;
      changed.visible = given.condition.visible.clone();
      changed.visible[1].slice(0, 1).mul_(-1);
      const auto heard = networks.generator->forward(z, changed);
      CHECK(((heard - made) * hidden)[1].abs().max().item<float>() > 1e-5F);
      CHECK((heard - made)[0].abs().max().item<float>() == 0);

      const auto scores = networks.critic->forward(made, given.condition);
      const auto told = networks.critic->forward(made, changed);
      CHECK(scores.sizes() == at::IntArrayRef({4}));
      CHECK((scores[1] - told[1]).abs().item<float>() > 1e-7F);
      CHECK((scores[2] - told[2]).abs().item<float>() == 0);
    }
  }
}

TEST_CASE("critics of packs are told each image's visible part", "[fast]") {
  const auto shape = SampleShape::image(3, 32, 32);
  const auto networks = inpainting_pair("cgan-inpaint+pack2", shape);
  const torch::NoGradGuard no_grad;
  networks.critic->eval();
  const auto given = shown_images(4, shape);
  const auto packs = given.images.reshape({2, 6, 32, 32});
  const auto scores = networks.critic->forward(packs, given.condition);
  CHECK(scores.sizes() == at::IntArrayRef({2}));
  auto changed = given.condition;
  changed.visible = given.condition.visible.clone();
  changed.visible[3].zero_();
  const auto told = networks.critic->forward(packs, changed);
  CHECK((scores[0] - told[0]).abs().item<float>() == 0);
  CHECK((scores[1] - told[1]).abs().item<float>() > 1e-7F);
}

TEST_CASE("networks that are shown a part refuse to be shown none", "[fast]") {
  const auto shape = SampleShape::image(3, 32, 32);
  const auto networks = inpainting_pair("cgan-inpaint", shape);
  const auto z = torch::randn({2, networks.generator->latent_dim}, make_generator(2));
  CHECK(test::contains(test::thrown_by([&] { networks.generator->forward(z); }).message,
                       "[inpainting generator] expected mask and visible part"));
  CHECK(test::contains(
      test::thrown_by([&] { inpainting_pair("cgan-inpaint", SampleShape::point()); }).message,
      "expected images, a part of which is shown"));
  CHECK(test::contains(
      test::thrown_by([] { parse_point("dcgan+visible/hinge/diffaugment"); }).message,
      "visible-part-as-it-is"));
}

}  // namespace
}  // namespace ganselect
