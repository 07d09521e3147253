#include "harness/train/sampler.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "harness/train/checkpoint.h"
#include "tests/harness/train/fixtures.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {

TEST_CASE("a latent depends on seed and index alone", "[fast][sampler]") {
  const auto all = draw_latents(3, 0, 300, 7);
  CHECK(torch::equal(all.slice(0, 17, 18), draw_latents(3, 17, 1, 7)));
  CHECK(torch::equal(all.slice(0, 100, 300), draw_latents(3, 100, 200, 7)));
  CHECK_FALSE(torch::equal(all, draw_latents(4, 0, 300, 7)));
}

TEST_CASE("latents are standard normal and unlike each other", "[fast][sampler]") {
  const auto latents = draw_latents(11, 0, 4000, 25).to(torch::kFloat64);
  // 100,000 numbers: sd of the mean 0.003, of the variance 0.0045, of the fourth moment 0.031.
  CHECK(latents.mean().item<double>() == Catch::Approx(0).margin(0.013));
  CHECK(latents.var().item<double>() == Catch::Approx(1).margin(0.018));
  CHECK(latents.pow(4).mean().item<double>() == Catch::Approx(3).margin(0.13));
  const auto correlation = latents.t().matmul(latents) / 4000.0 - torch::eye(25, torch::kFloat64);
  // 625 correlations of sd 0.016.
  CHECK(correlation.abs().max().item<double>() < 0.1);
  CHECK(std::get<0>(torch::_unique(latents.select(1, 0))).size(0) > 3990);
}

TEST_CASE("samples do not depend on the batch size", "[fast][sampler]") {
  const auto data = test::tiny_images();
  Trainer trainer(test::tiny_settings("dcgan"), data);
  for (int i = 0; i < 3; ++i) trainer.step();
  auto& generator = trainer.evaluated_generator();
  const auto drawn = [&](std::int64_t batch) {
    return draw_samples(generator, {.count = 40, .seed = 8, .batch = batch}).samples;
  };
  const auto whole = drawn(256);
  CHECK(whole.sizes() == torch::IntArrayRef({40, 3, 32, 32}));
  CHECK(whole.scalar_type() == torch::kUInt8);
  for (const std::int64_t batch : {1, 17}) {
    const auto difference = (whole.to(torch::kInt32) - drawn(batch).to(torch::kInt32)).abs();
    // Sums in another order may cross one rounding step.
    CHECK(difference.max().item<int>() <= 1);
    CHECK(difference.ne(0).to(torch::kFloat64).mean().item<double>() < 1e-3);
  }
  CHECK(torch::equal(whole, drawn(256)));
  const auto tail = draw_samples(generator, {.count = 10, .seed = 8, .first = 30});
  CHECK((whole.slice(0, 30, 40).to(torch::kInt32) - tail.samples.to(torch::kInt32))
            .abs()
            .max()
            .item<int>() <= 1);
  CHECK_FALSE(torch::equal(whole, draw_samples(generator, {.count = 40, .seed = 9}).samples));
}

TEST_CASE("sampling leaves the generator as it was", "[fast][sampler]") {
  const auto data = test::tiny_images();
  Trainer trainer(test::tiny_settings("dcgan"), data);
  trainer.step();
  const auto before = trainer.state();
  for (const char* mode : {"eval", "batch"}) {
    draw_samples(trainer.evaluated_generator(), {.count = 9, .seed = 1, .mode = mode});
    CHECK(test::differing_tensors(before, trainer.state()).empty());
    CHECK(trainer.networks().generator->is_training());
  }
}

TEST_CASE("the modes differ and the protocol says which was used", "[fast][sampler]") {
  const auto data = test::tiny_images();
  Trainer trainer(test::tiny_settings("dcgan"), data);
  trainer.step();
  const auto eval = draw_samples(trainer.evaluated_generator(), {.count = 16, .seed = 1});
  const auto batch = draw_samples(trainer.evaluated_generator(),
                                  {.count = 16, .seed = 1, .batch = 8, .mode = "batch"});
  CHECK_FALSE(torch::equal(eval.samples, batch.samples));
  CHECK(eval.protocol.at("batch").is_null());
  CHECK(batch.protocol.at("batch") == 8);
  CHECK(batch.protocol.at("mode") == "batch");
  const auto wrong = test::thrown_by(
      [&] { draw_samples(trainer.evaluated_generator(), {.count = 4, .mode = "evil"}); });
  CHECK(wrong.kind == ErrorKind::kUsage);
  CHECK(test::contains(wrong.message, "did you mean 'eval'?"));
  CHECK_THROWS_AS(draw_samples(trainer.evaluated_generator(), {.count = 0}), Error);
}

TEST_CASE("a saved generator samples alone what it sampled in training",
          "[fast][sampler][checkpoint]") {
  const test::TempDir folder;
  const auto data = test::tiny_images();
  for (const double decay : {0.0, 0.5}) {
    auto settings = test::tiny_settings("sngan");
    settings.ema_decay = decay;
    Trainer trainer(settings, data);
    trainer.step();
    save_generator(folder / "g.safetensors", trainer);
    const auto saved = load_generator(folder / "g.safetensors");
    CHECK(saved.weights == (decay > 0 ? "ema" : "raw"));
    CHECK(saved.settings.point == "sngan");
    CHECK(saved.candidate.name == "sngan");
    CHECK(saved.shape == data.shape);
    CHECK(saved.step == 1);
    CHECK(saved.digest.size() == 64);
    const SampleSettings sampling{.count = 12, .seed = 4};
    CHECK(torch::equal(draw_samples(*saved.generator, sampling).samples,
                       draw_samples(trainer.evaluated_generator(), sampling).samples));
  }
}

TEST_CASE("a file that is no generator is refused with its name", "[fast][sampler][checkpoint]") {
  const test::TempDir folder;
  const auto file = folder / "other.safetensors";
  save_safetensors(file, {.tensors = {{"x", torch::ones({2})}}});
  const auto other = test::thrown_by([&] { load_generator(file); });
  CHECK(other.kind == ErrorKind::kData);
  CHECK(test::contains(other.message, "other.safetensors] expected a file of format"));
  const auto missing = test::thrown_by([&] { load_generator(folder / "none.safetensors"); });
  CHECK(missing.kind == ErrorKind::kData);

  const auto data = test::tiny_ring();
  Trainer trainer(test::tiny_settings("dcgan"), data);
  save_generator(file, trainer);
  auto stored = load_safetensors(file);
  stored.tensors.erase(stored.tensors.begin());
  save_safetensors(file, stored);
  const auto thinned = test::thrown_by([&] { load_generator(file); });
  CHECK(thinned.kind == ErrorKind::kData);
  CHECK(test::contains(thinned.message, "of the candidate's shape, got none"));
}

TEST_CASE("samples that are not finite are refused", "[fast][sampler]") {
  const auto data = test::tiny_ring();
  Trainer trainer(test::tiny_settings("dcgan"), data);
  {
    torch::NoGradGuard no_grad;
    for (auto& parameter : trainer.networks().generator->parameters()) parameter.fill_(NAN);
  }
  const auto diverged =
      test::thrown_by([&] { draw_samples(trainer.evaluated_generator(), {.count = 4}); });
  CHECK(diverged.kind == ErrorKind::kData);
  CHECK(test::contains(diverged.message, "the generator has diverged"));
  CHECK(trainer.networks().generator->is_training());
}

}  // namespace ganselect
