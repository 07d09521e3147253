// Training learns something: on a ring of 8 Gaussians the samples spread over more modes, and
// nearer to them.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "harness/train/sampler.h"
#include "harness/train/trainer.h"
#include "tests/harness/train/fixtures.h"

namespace ganselect {

namespace {

struct RingCover {
  int modes = 0;          // with at least 1% of the samples within 3 sd
  double near_share = 0;  // of samples within 3 sd of any mode
};

RingCover ring_cover(Generator& generator) {
  const auto points = draw_samples(generator, {.count = 800, .seed = 1}).samples;
  const auto angle = torch::arange(8, torch::kFloat32) * (2 * M_PI / 8);
  const auto centres = torch::stack({angle.cos(), angle.sin()}, 1);
  const auto near = (points.unsqueeze(1) - centres).norm(2, {2}) < 3 * 0.05;
  const auto counts = near.to(torch::kInt64).sum(0);
  return {.modes = (counts >= 8).sum().item<int>(),
          .near_share = near.any(1).to(torch::kFloat64).mean().item<double>()};
}

}  // namespace

TEST_CASE("the ring is learnt", "[fast][ring]") {
  const auto data = test::tiny_ring();
  for (const char* point : {"conv-deconv/non-saturating", "conv-deconv/least-squares", "sngan"}) {
    INFO(point);
    auto settings = test::tiny_settings(point);
    settings.batch = 128;
    settings.width = 0.5;
    settings.lr_g = settings.lr_d = 1e-3;  // five times the published rate: seconds, not minutes
    Trainer trainer(settings, data);
    const auto before = ring_cover(trainer.evaluated_generator());
    for (int i = 0; i < 800; ++i) trainer.step();
    const auto after = ring_cover(trainer.evaluated_generator());
    INFO("modes " << before.modes << " -> " << after.modes << ", near " << before.near_share
                  << " -> " << after.near_share);
    CHECK(after.modes > before.modes);
    CHECK(after.modes >= 6);
    CHECK(after.near_share > 0.15);
    CHECK_FALSE(trainer.read_row(0).non_finite_step.has_value());
  }
}

TEST_CASE("against a fixed generator a critic's loss falls", "[fast][ring]") {
  const auto data = test::tiny_ring();
  for (const char* point :
       {"dcgan", "lsgan", "geometric-gan", "fgan-pearson", "dcgan/relativistic-average"}) {
    INFO(point);
    auto settings = test::tiny_settings(point);
    settings.batch = 128;
    settings.n_gen = 1;
    settings.lr_g = 1e-12;  // as good as fixed
    settings.lr_d = 2e-3;
    Trainer trainer(settings, data);
    for (int i = 0; i < 10; ++i) trainer.step();
    const double early = trainer.read_row(0).loss_d.value();
    for (int i = 0; i < 190; ++i) trainer.step();
    trainer.read_row(0);
    for (int i = 0; i < 10; ++i) trainer.step();
    const auto late = trainer.read_row(0);
    CHECK(late.loss_d.value() < early);
    CHECK(late.critic_accuracy_real.value() > 0.65);
    CHECK(late.critic_accuracy_fake.value() > 0.65);
  }
}

}  // namespace ganselect
