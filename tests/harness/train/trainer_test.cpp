#include "harness/train/trainer.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <thread>
#include <vector>

#include "tests/harness/train/fixtures.h"
#include "tests/support/errors.h"

namespace ganselect {

namespace {}  // namespace

TEST_CASE("every candidate goes on bit for bit from its state", "[fast][trainer][resume]") {
  const auto data = test::tiny_images();
  const auto held_out = test::tiny_images(7);
  for (const auto& candidate : candidates()) {
    if (candidate.is_told()) continue;
    INFO(candidate.name);
    auto settings = test::tiny_settings(candidate.name);
    settings.batch = 12;  // packs of 2, 3 and 4 divide it
    settings.ema_decay = 0.9;
    if (candidate.n_critic > 1) settings.n_critic = 2;
    if (candidate.n_gen > 1) settings.n_gen = 3;

    Trainer whole(settings, data, &held_out);
    test::make_steps(whole, 2);
    const auto half = to_safetensors(whole.state());
    // A row between the halves: its probes must not disturb anything that the state does not hold.
    test::make_steps(whole, 1);
    whole.read_row(0);
    test::make_steps(whole, 1);

    Trainer resumed(settings, data, &held_out);
    resumed.restore(from_safetensors(half, "state"));
    test::make_steps(resumed, 1);
    resumed.read_row(0);
    test::make_steps(resumed, 1);
    CHECK(resumed.steps_done() == 4);
    CHECK(test::differing_tensors(whole.state(), resumed.state()).empty());
    // Training did change the weights, else the comparison would show nothing.
    CHECK_FALSE(test::differing_tensors(whole.state(), from_safetensors(half, "state")).empty());
  }
}

TEST_CASE("two trainers of one seed are the same and of another seed are not", "[fast][trainer]") {
  const auto data = test::tiny_ring();
  auto settings = test::tiny_settings("dcgan");
  Trainer a(settings, data), b(settings, data);
  test::make_steps(a, 3);
  test::make_steps(b, 3);
  CHECK(test::differing_tensors(a.state(), b.state()).empty());
  settings.seed = 6;
  Trainer c(settings, data);
  test::make_steps(c, 3);
  CHECK_FALSE(test::differing_tensors(a.state(), c.state()).empty());
}

TEST_CASE("trainers in threads of one process do not disturb each other", "[fast][trainer]") {
  const auto data = test::tiny_images();
  const std::vector<std::string> points = {"fcgan", "dcgan", "sngan+pack2", "dragan",
                                           "sngan+diffaugment"};
  std::vector<TensorFile> apart(points.size()), together(points.size());
  const auto train = [&](std::size_t i, std::vector<TensorFile>& states) {
    Trainer trainer(test::tiny_settings(points[i]), data);
    test::make_steps(trainer, 3);
    trainer.read_row(0);
    states[i] = trainer.state();
  };
  for (std::size_t i = 0; i < points.size(); ++i) train(i, apart);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < points.size(); ++i) {
    threads.emplace_back([&, i] { train(i, together); });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < points.size(); ++i) {
    INFO(points[i]);
    CHECK(test::differing_tensors(apart[i], together[i]).empty());
  }
}

TEST_CASE("a state of other settings is refused with the tensor's name", "[fast][trainer]") {
  const auto data = test::tiny_ring();
  Trainer a(test::tiny_settings("dcgan"), data);
  auto wide = test::tiny_settings("dcgan");
  wide.width = 1.0 / 8;
  const auto shape = test::thrown_by([&] { Trainer(wide, data).restore(a.state()); });
  CHECK(shape.kind == ErrorKind::kData);
  CHECK(test::contains(shape.message, "training state, tensor '"));

  auto averaged = test::tiny_settings("dcgan");
  averaged.ema_decay = 0.5;
  const auto missing = test::thrown_by([&] { Trainer(averaged, data).restore(a.state()); });
  CHECK(test::contains(missing.message, "expected a tensor 'ema/"));
  Trainer b(averaged, data);
  const auto extra =
      test::thrown_by([&] { Trainer(test::tiny_settings("dcgan"), data).restore(b.state()); });
  CHECK(test::contains(extra.message, "written for other settings"));
}

TEST_CASE("a row holds the means of its steps", "[fast][trainer]") {
  const auto data = test::tiny_images();
  const auto settings = test::tiny_settings("dcgan");
  Trainer one(settings, data), two(settings, data);
  test::make_steps(two, 2);
  one.step();
  const auto first = one.read_row(1.5);
  one.step();
  const auto second = one.read_row(2.5);
  const auto both = two.read_row(0);
  CHECK(first.step == 1);
  CHECK(first.seconds == 1.5);
  CHECK(*both.loss_d == Catch::Approx((*first.loss_d + *second.loss_d) / 2));
  CHECK(*both.loss_g == Catch::Approx((*first.loss_g + *second.loss_g) / 2));
  CHECK(*both.grad_norm_g == Catch::Approx((*first.grad_norm_g + *second.grad_norm_g) / 2));
  CHECK(*both.grad_norm_d > 0);
  CHECK(*both.critic_accuracy_real >= 0);
  CHECK(*both.critic_accuracy_real <= 1);
  CHECK(*both.sample_diversity > 0);
  CHECK_FALSE(both.critic_accuracy_heldout.has_value());
  CHECK_THROWS_AS(two.read_row(0), Error);
}

TEST_CASE("held-out data give a held-out accuracy", "[fast][trainer]") {
  const auto data = test::tiny_images();
  const auto held_out = test::tiny_images(7);
  Trainer trainer(test::tiny_settings("fcgan"), data, &held_out);
  trainer.step();
  const auto row = trainer.read_row(0);
  REQUIRE(row.critic_accuracy_heldout.has_value());
  CHECK(*row.critic_accuracy_heldout >= 0);
  CHECK(*row.critic_accuracy_heldout <= 1);
  const auto ring = test::tiny_ring();
  const auto mixed = test::thrown_by([&] { Trainer(test::tiny_settings("dcgan"), data, &ring); });
  CHECK(test::contains(mixed.message, "held-out data tiny-ring"));
}

TEST_CASE("the first step with a value that is not finite is recorded",
          "[fast][trainer][diverged]") {
  const auto data = test::tiny_ring();
  auto settings = test::tiny_settings("dcgan");
  Trainer trainer(settings, data);
  test::make_steps(trainer, 3);
  CHECK_FALSE(trainer.read_row(0).non_finite_step.has_value());
  {
    torch::NoGradGuard no_grad;
    for (auto& parameter : trainer.networks().critic->parameters()) parameter.fill_(1e38);
  }
  test::make_steps(trainer, 3);
  const auto row = trainer.read_row(0);
  CHECK(row.non_finite_step == 4);
  CHECK_FALSE(row.loss_d.has_value());
}

TEST_CASE("weights stay within the clip", "[fast][trainer]") {
  const auto data = test::tiny_images();
  Trainer trainer(test::tiny_settings("wgan"), data);
  trainer.step();
  for (const auto& parameter : trainer.networks().critic->parameters()) {
    CHECK(parameter.abs().max().item<double>() <= 0.01 + 1e-9);
  }
}

TEST_CASE("the moving average follows parameters and buffers", "[fast][trainer][ema]") {
  const auto data = test::tiny_images();
  auto settings = test::tiny_settings("dcgan");
  settings.ema_decay = 0.75;
  Trainer trainer(settings, data);
  const auto start = trainer.state();
  trainer.step();
  const auto after = trainer.state();
  int buffers = 0;
  for (const auto& [name, tensor] : after.tensors) {
    if (!name.starts_with("ema/")) continue;
    INFO(name);
    const auto& trained = after.tensors.at("generator/" + name.substr(4));
    if (!tensor.is_floating_point()) {
      CHECK(torch::equal(tensor, trained));
      continue;
    }
    // The first update of a warmed-up average takes (1 + 0) / (10 + 0) of what was there.
    const auto expected = 0.1 * start.tensors.at(name) + 0.9 * trained;
    CHECK((tensor - expected).abs().max().item<double>() < 1e-6);
    buffers += name.ends_with("running_mean") ? 1 : 0;
  }
  CHECK(buffers > 0);
  CHECK(&trainer.evaluated_generator() != trainer.networks().generator.get());
}

TEST_CASE("a moving average is warmed up to its decay", "[fast][trainer][ema]") {
  const auto data = test::tiny_images();
  auto settings = test::tiny_settings("dcgan");
  settings.ema_decay = 0.2;
  Trainer trainer(settings, data);
  test::make_steps(trainer, 2);
  const auto before = trainer.state();
  trainer.step();
  const auto after = trainer.state();
  const std::string name = "ema/project.weight", trained = "generator/project.weight";
  // (1 + 2) / (10 + 2) is above 0.2 already.
  const auto expected = 0.2 * before.tensors.at(name) + 0.8 * after.tensors.at(trained);
  CHECK((after.tensors.at(name) - expected).abs().max().item<double>() < 1e-7);
}

TEST_CASE("with n_gen the critic moves before every n_gen-th generator step alone",
          "[fast][trainer]") {
  const auto data = test::tiny_images();
  auto settings = test::tiny_settings("geometric-gan");
  settings.n_gen = 3;
  Trainer trainer(settings, data);
  std::vector<bool> critic_moved;
  for (int i = 0; i < 5; ++i) {
    const auto before = trainer.state();
    trainer.step();
    const auto after = trainer.state();
    CHECK_FALSE(torch::equal(before.tensors.at("generator/project.weight"),
                             after.tensors.at("generator/project.weight")));
    critic_moved.push_back(!torch::equal(before.tensors.at("critic/out.weight"),
                                         after.tensors.at("critic/out.weight")));
  }
  CHECK(critic_moved == std::vector<bool>{true, false, false, true, false});
  // Steps without a critic update leave its columns empty.
  trainer.read_row(0);
  trainer.step();
  const auto row = trainer.read_row(0);
  CHECK_FALSE(row.loss_d.has_value());
  CHECK(row.loss_g.has_value());
}

TEST_CASE("the last layer's weight alone decays where the candidate says so", "[fast][trainer]") {
  const auto& candidate = candidates().at("geometric-gan");
  CHECK(candidate.optimizer.weight_decay_scope == DecayScope::kLastLayer);
  // With gradients of zero only the decay moves a weight.
  std::vector<torch::Tensor> weights;
  for (int i = 0; i < 3; ++i) weights.push_back(torch::ones({2}));
  auto optimizer = make_optimizer({.kind = OptimizerKind::kSgd,
                                   .lr = 0.5,
                                   .momentum = 0,
                                   .momentum_final = 0,
                                   .weight_decay = 0.25,
                                   .weight_decay_scope = DecayScope::kLastLayer},
                                  weights, {.last_weight = 1});
  optimizer->step({torch::zeros({2}), torch::zeros({2}), torch::zeros({2})});
  CHECK(weights[0].equal(torch::ones({2})));
  CHECK(weights[1].equal(torch::full({2}, 0.875F)));
  CHECK(weights[2].equal(torch::ones({2})));
}

TEST_CASE("the generator can have a batch of its own, and real images noise of a grey level",
          "[fast][trainer]") {
  const auto data = test::tiny_images();
  auto settings = test::tiny_settings("sngan-resnet");
  settings.batch.reset();
  CHECK(resolve_candidate(settings).batch == 64);
  CHECK(resolve_candidate(settings).batch_g == 128);
  settings.batch = 4;
  CHECK(resolve_candidate(settings).batch_g == 0);
  settings.batch_g = 6;
  Trainer trainer(settings, data);
  CHECK(trainer.candidate().dequantize);
  trainer.step();
  CHECK(trainer.read_row(0).loss_g.has_value());
  CHECK(trainer.state().tensors.contains("stream/dequantize"));
}

TEST_CASE("packs, augmentation and n_gen are checked before anything is trained",
          "[fast][trainer][settings]") {
  auto settings = test::tiny_settings("dcgan+pack4");
  settings.batch = 6;
  const auto batch = test::thrown_by([&] { resolve_candidate(settings); });
  CHECK(batch.kind == ErrorKind::kUsage);
  CHECK(test::contains(batch.message, "[key 'batch'] expected a number of samples that 4 divides"));
  settings.batch.reset();
  settings.batch_g = 7;
  CHECK(test::contains(test::thrown_by([&] { resolve_candidate(settings); }).message, "'batch_g'"));

  auto many = test::tiny_settings("wgan");
  many.n_gen = 2;
  CHECK(resolve_candidate(many).n_critic == 1);
  many.n_critic = 5;
  CHECK(test::contains(test::thrown_by([&] { resolve_candidate(many); }).message,
                       "[keys 'n_critic' and 'n_gen'] expected one of them 1, got 5 and 2"));
  many.n_gen = 0;
  CHECK(test::contains(test::thrown_by([&] { check_settings(many, "flags"); }).message,
                       "flags key 'n_gen'"));
  const auto ring = test::tiny_ring();
  const auto points =
      test::thrown_by([&] { Trainer(test::tiny_settings("dcgan+diffaugment"), ring); });
  CHECK(points.kind == ErrorKind::kUsage);
  auto slope = test::tiny_settings("dcgan");
  slope.gls_slope = -1;
  CHECK(test::contains(test::thrown_by([&] { resolve_candidate(slope); }).message, "'gls_slope'"));
  slope.point = "gls-gan";
  CHECK(resolve_candidate(slope).loss_parameters.gls_slope == -1);
}

TEST_CASE("departures that the candidate has no use for are refused", "[fast][trainer][settings]") {
  auto settings = test::tiny_settings("dcgan");
  settings.clip = 0.1;
  const auto clip = test::thrown_by([&] { resolve_candidate(settings); });
  CHECK(clip.kind == ErrorKind::kUsage);
  CHECK(test::contains(clip.message,
                       "[key 'clip'] expected a candidate with weight-clip, got 'dcgan'"));
  auto wgan = test::tiny_settings("wgan");
  wgan.beta1 = 0.5;
  const auto beta = test::thrown_by([&] { generator_optimizer(wgan, resolve_candidate(wgan)); });
  CHECK(test::contains(beta.message, "[key 'beta1'] expected a candidate with Adam, got 'wgan'"));
  wgan.beta1.reset();
  wgan.clip = 0.25;
  wgan.n_critic = 3;
  CHECK(resolve_candidate(wgan).penalty_parameters.clip == 0.25);
  CHECK(resolve_candidate(wgan).n_critic == 3);
}

TEST_CASE("settings out of range are refused with the key", "[fast][trainer][settings]") {
  auto settings = test::tiny_settings("dcgan");
  settings.batch = 1;
  const auto batch = test::thrown_by([&] { check_settings(settings, "flags"); });
  CHECK(batch.kind == ErrorKind::kUsage);
  CHECK(test::contains(batch.message, "flags key 'batch'"));
  const auto unknown = test::thrown_by(
      [] { settings_from_json<TrainSettings>(parse_json(R"({"stepz": 3})", "plan"), "plan"); });
  CHECK(test::contains(unknown.message, "did you mean 'steps'?"));
}

TEST_CASE("the settings' digest leaves the seed out and nothing else",
          "[fast][trainer][settings]") {
  const auto settings = test::tiny_settings("dcgan");
  auto other_seed = settings, other_width = settings;
  other_seed.seed = 77;
  other_width.width = 0.5;
  CHECK(settings_digest(settings).size() == 8);
  CHECK(settings_digest(settings) == settings_digest(other_seed));
  CHECK(settings_digest(settings) != settings_digest(other_width));
  CHECK(settings_digest(settings) != settings_digest(settings, {{"evaluation", 3}}));
}

TEST_CASE("bfloat16 autocast trains with float32 parameters", "[fast][trainer]") {
  const auto data = test::tiny_images();
  auto settings = test::tiny_settings("wgan-gp");
  settings.n_critic = 1;
  Trainer exact(settings, data);
  settings.precision = "bf16";
  Trainer rounded(settings, data);
  exact.step();
  rounded.step();
  const auto a = exact.read_row(0), b = rounded.read_row(0);
  REQUIRE(b.loss_d.has_value());
  // bfloat16 keeps 8 bits; the penalty of about 10 dominates the loss.
  CHECK(*b.loss_d == Catch::Approx(*a.loss_d).epsilon(0.05));
  // The critic's loss is nearly the penalty, which can come out the same; the generator's is the
  // scores alone.
  CHECK(*b.loss_g != *a.loss_g);
  for (const auto& parameter : rounded.networks().critic->parameters()) {
    CHECK(parameter.scalar_type() == torch::kFloat32);
  }
}

TEST_CASE("a gradient penalty meets its target within 40 updates at quarter width",
          "[slow][trainer]") {
  // At its maximum, a critic without gradients, the penalty alone is 10.
  const auto data = load_dataset("embedded", {});
  for (const char* point : {"dragan", "rsgan-gp"}) {
    Trainer trainer({.point = point, .dataset = "embedded", .steps = 40, .width = 0.25}, data);
    test::make_steps(trainer, 20);
    trainer.read_row(0);
    test::make_steps(trainer, 20);
    const double loss = trainer.read_row(0).loss_d.value();
    INFO(point << ": " << loss);
    CHECK(loss < 2.0);
    CHECK(loss > 0.05);
  }
}

}  // namespace ganselect
