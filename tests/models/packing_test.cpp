#include "models/packing.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/torch/generators.h"
#include "models/build.h"
#include "models/explain.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

TEST_CASE("a pack holds neighbours of the batch, channel after channel", "[fast][formula]") {
  const auto images = torch::arange(4 * 3 * 2 * 2, torch::kFloat32).view({4, 3, 2, 2});
  for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
    const auto packs = packed(images.contiguous(format), 2);
    REQUIRE(packs.sizes() == at::IntArrayRef({2, 6, 2, 2}));
    CHECK(packs.narrow(1, 0, 3)[1].equal(images[2]));
    CHECK(packs.narrow(1, 3, 3)[1].equal(images[3]));
  }
  const auto points = torch::tensor({{1.0F, 2.0F}, {3.0F, 4.0F}, {5.0F, 6.0F}});
  CHECK(packed(points, 3).equal(torch::tensor({{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}})));
  CHECK(packed(points, 1).equal(points));
  CHECK(contains(thrown_by([&] { packed(points, 2); }).message,
                 "[packs] expected a batch that 2 divides, got 3 samples"));
}

TEST_CASE("a gradient reaches every sample of a pack", "[fast][formula]") {
  auto points = torch::randn({6, 2}, make_generator(1)).requires_grad_(true);
  const auto weights = torch::arange(1, 5, torch::kFloat32);
  (packed(points, 2) * weights).sum().backward();
  CHECK(points.grad().equal(weights.view({2, 2}).repeat({3, 1})));
}

TEST_CASE("the critic of packs scores packs, told the condition of each of their samples",
          "[fast][formula]") {
  const auto candidate = parse_point("cgan+pack2");
  CHECK(pack_of(candidate) == 2);
  CHECK(candidate.batch == 128);
  const auto shape = SampleShape::image(3, 32, 32);
  const auto networks =
      build_networks(candidate, {.shape = shape, .width = 0.05, .conditioning = {.classes = 4}}, 1);
  const auto x = torch::rand({6, 3, 32, 32}, make_generator(2));
  Condition told{.labels = torch::tensor({0, 1, 2, 3, 0, 1})};
  networks.critic->eval();
  const auto scores = networks.critic->forward(packed(x, 2), told);
  REQUIRE(scores.sizes() == at::IntArrayRef({3}));
  // The label of either sample changes the score of its own pack alone.
  told.labels = torch::tensor({0, 1, 2, 0, 0, 1});
  const auto other = networks.critic->forward(packed(x, 2), told);
  CHECK(other[0].equal(scores[0]));
  CHECK_FALSE(other[1].equal(scores[1]));
  CHECK(other[2].equal(scores[2]));
  CHECK(contains(thrown_by([&] {
                   networks.critic->forward(packed(x, 2), {.labels = torch::tensor({0, 1, 2})});
                 }).message,
                 "int64 labels (6)"));
}

TEST_CASE("additions stand behind any candidate or in any point", "[fast][formula]") {
  const auto wgan = parse_point("wgan-gp+pack3");
  CHECK(wgan.name == "wgan-gp+pack3");
  CHECK(wgan.batch == 3 * candidates().at("wgan-gp").batch);
  CHECK(wgan.n_critic == 5);
  CHECK(wgan.tables.empty());
  CHECK(wgan.extension);
  const auto both = parse_point("sngan+pack2+diffaugment");
  CHECK(has_regularizer(both, "pack2"));
  CHECK(has_regularizer(both, "diffaugment"));
  CHECK(parse_point("dcgan/hinge/diffaugment+pack4").name == "dcgan/hinge/pack4+diffaugment");
  CHECK(parse_point("dcgan/hinge/sn+pack4").batch == 256);
  CHECK(parse_point("dcgan+diffaugment").same_training.empty());
  // Their own names are their points'.
  CHECK(parse_point("pacgan2").regularization == parse_point("dcgan/ns/pack2").regularization);
}

TEST_CASE("additions that cannot be are refused with what to do", "[fast][formula]") {
  const auto message = [](const char* name) {
    const auto thrown = thrown_by([&] { parse_point(name); });
    CHECK(thrown.kind == ErrorKind::kUsage);
    return thrown.message;
  };
  CHECK(contains(message("dcgan+pack5"), "additions of pack2, pack3, pack4, diffaugment"));
  CHECK(contains(message("dcgan+spectral-norm"), "got '+spectral-norm'"));
  CHECK(contains(message("dcgan+pack2+pack2"), "got '+pack2'"));
  CHECK(contains(message("dcgan+pack2+pack3"), "the rule one-pack"));
  CHECK(contains(message("dcgam+pack2"), "did you mean 'dcgan'?"));
  CHECK(contains(message("r3gan"), "it is called rpgan-r1-r2 now"));
  CHECK(
      contains(thrown_by([] { explain_model("r3gan"); }).message, "it is called rpgan-r1-r2 now"));
  const auto on_points = thrown_by(
      [] { build_networks(parse_point("dcgan+diffaugment"), {.shape = SampleShape::point()}, 0); });
  CHECK(on_points.kind == ErrorKind::kUsage);
  CHECK(contains(on_points.message, "leave +diffaugment out for point sets"));
  const auto images = thrown_by([] {
    build_networks(parse_point("maxout-mlp/ns"), {.shape = SampleShape::image(3, 32, 32)}, 0);
  });
  CHECK(contains(images.message, "expected 2-d points, got 3x32x32"));
}

}  // namespace
}  // namespace ganselect
