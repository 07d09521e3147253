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

TEST_CASE("truncated latents follow the truncated normal law, each near its own",
          "[fast][sampler]") {
  const SampleSettings plain{.count = 4000, .seed = 11};
  SampleSettings truncated = plain;
  truncated.truncation = 0.7;
  const auto free = latents_of(plain, 0, 4000, 25), cut = latents_of(truncated, 0, 4000, 25);
  CHECK(free.equal(draw_latents(11, 0, 4000, 25)));
  CHECK(cut.abs().max().item<float>() <= 0.7F);
  CHECK(cut.abs().max().item<float>() > 0.69F);
  // Variance 1 - 2 t f(t) / (2 F(t) - 1) = 0.1511 at t = 0.7; 100,000 numbers: sd 0.0006.
  CHECK(cut.to(torch::kFloat64).var().item<double>() == Catch::Approx(0.1511).margin(0.0025));
  CHECK((cut.sign() == free.sign()).all().item<bool>());
  CHECK((cut.abs() <= free.abs()).all().item<bool>());
  truncated.truncation = 6.0;
  CHECK((latents_of(truncated, 0, 4000, 25) - free).abs().max().item<float>() < 1e-3F);
  CHECK(cut.slice(0, 17, 18).equal(latents_of({.seed = 11, .truncation = 0.7}, 17, 1, 25)));
}

TEST_CASE("truncation stands in the protocol where there is one, and is above 0",
          "[fast][sampler]") {
  const auto data = test::tiny_ring();
  Trainer trainer(test::tiny_settings("dcgan"), data);
  SampleSettings settings{.count = 4};
  CHECK_FALSE(sampling_protocol(settings).contains("truncation"));
  settings.truncation = 0.5;
  CHECK(sampling_protocol(settings)["truncation"] == 0.5);
  const auto drawn = draw_samples(trainer.evaluated_generator(), settings).samples;
  CHECK_FALSE(drawn.equal(draw_samples(trainer.evaluated_generator(), {.count = 4}).samples));
  settings.truncation = 0;
  CHECK(test::thrown_by([&] { draw_samples(trainer.evaluated_generator(), settings); }).kind ==
        ErrorKind::kUsage);
}

TEST_CASE("given latents are taken as they are, and must be enough and wide enough",
          "[fast][sampler]") {
  const auto data = test::tiny_ring();
  Trainer trainer(test::tiny_settings("dcgan"), data);
  auto& generator = trainer.evaluated_generator();
  SampleSettings settings{.count = 9, .seed = 3, .batch = 4};
  const auto drawn = draw_samples(generator, settings).samples;
  settings.latents = draw_latents(3, 0, 9, generator.latent_dim);
  settings.seed = 4;
  CHECK(draw_samples(generator, settings).samples.equal(drawn));
  settings.count = 10;
  const auto few = test::thrown_by([&] { draw_samples(generator, settings); });
  CHECK(few.kind == ErrorKind::kData);
  CHECK(test::contains(few.message, "10 rows"));
  settings.latents = torch::zeros({10, generator.latent_dim + 1});
  CHECK(test::thrown_by([&] { draw_samples(generator, settings); }).kind == ErrorKind::kData);
}

TEST_CASE("paths between latents begin and end there and keep their length", "[fast][sampler]") {
  const auto ends = draw_latents(5, 0, 4, 300);
  const auto path = interpolated_latents(ends, 5);
  REQUIRE(path.sizes() == torch::IntArrayRef({10, 300}));
  for (const auto& [row, end] : {std::pair(0, 0), {4, 1}, {5, 2}, {9, 3}})
    CHECK((path[row] - ends[end]).abs().max().item<float>() < 1e-5F);
  // A quarter of a right angle: cos 22.5 and cos 67.5 degrees.
  const auto right = interpolated_latents(torch::tensor({{2.0, 0.0}, {0.0, 2.0}}), 5);
  CHECK((right[1] - torch::tensor({1.847759F, 0.765367F})).abs().max().item<float>() < 1e-5F);
  // A straight line would be shorter by 29% halfway.
  CHECK(path[2].norm().item<double>() > 0.93 * ends[0].norm().item<double>());
  const auto parallel = interpolated_latents(torch::tensor({{1.0, 1.0}, {3.0, 3.0}}), 3);
  CHECK((parallel[1] - torch::tensor({2.0F, 2.0F})).abs().max().item<float>() < 1e-6F);
  CHECK(test::thrown_by([&] { interpolated_latents(ends, 1); }).kind == ErrorKind::kData);
  CHECK(test::thrown_by([&] { interpolated_latents(ends.slice(0, 0, 3), 4); }).kind ==
        ErrorKind::kData);
}

}  // namespace ganselect
