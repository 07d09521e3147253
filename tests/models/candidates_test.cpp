#include "models/candidates.h"

#include <torch/torch.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <set>

#include "base/torch/generators.h"
#include "models/augmentation.h"
#include "models/backbones/architectures.h"
#include "models/build.h"
#include "models/candidate_json.h"
#include "models/catalogue.h"
#include "models/explain.h"
#include "models/packing.h"
#include "models/points.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

TEST_CASE("the table holds every candidate of the survey and of its extensions", "[fast]") {
  const std::set<std::string> expected{"fcgan",
                                       "conv-gan",
                                       "dcgan",
                                       "cgan",
                                       "wgan",
                                       "wgan-gp",
                                       "fgan-kl",
                                       "fgan-reverse-kl",
                                       "fgan-pearson",
                                       "fgan-squared-hellinger",
                                       "fgan-jensen-shannon",
                                       "fgan-gan",
                                       "geometric-gan",
                                       "lsgan",
                                       "rsgan",
                                       "rasgan",
                                       "rsgan-gp",
                                       "rlsgan",
                                       "ralsgan",
                                       "loss-sensitive-gan",
                                       "gls-gan",
                                       "sngan",
                                       "sngan-resnet",
                                       "wgan-gp-resnet",
                                       "dragan",
                                       "ra-hinge-gan",
                                       "rpgan-r1-r2",
                                       "mm-gan",
                                       "wgan-gp-dcgan",
                                       "pacgan2",
                                       "pacgan4",
                                       "dcgan+diffaugment",
                                       "sngan+diffaugment",
                                       "projection-cgan",
                                       "ic-gan",
                                       "ic-cgan",
                                       "clustered-gan-10",
                                       "clustered-gan-100",
                                       "clustered-gan-1000",
                                       "cgan-inpaint",
                                       "cgan-inpaint-random"};
  const auto names = candidates().names();
  const std::set<std::string> held(names.begin(), names.end());
  CHECK(std::includes(held.begin(), held.end(), expected.begin(), expected.end()));
  for (const auto& row : candidates()) {
    INFO(row.name);
    CHECK(row.extension == row.tables.empty());
    CHECK(broken_rule(row) == nullptr);
    CHECK_FALSE(row.source.empty());
    const std::set<std::string> labelled{"cgan", "cgan-fc", "projection-cgan", "ic-cgan"};
    CHECK(row.needs_labels == labelled.contains(row.name));
    CHECK(row.needs_instances == row.name.starts_with("ic-"));
    CHECK(row.needs_clusters == row.name.starts_with("clustered-gan-"));
    CHECK((row.clusters > 0) == row.needs_clusters);
    CHECK(row.needs_visible == row.name.starts_with("cgan-inpaint"));
    CHECK(row.is_told() ==
          (row.needs_labels || row.needs_instances || row.needs_clusters || row.needs_visible));
  }
}

TEST_CASE("candidates have the optimizers of their sources", "[fast]") {
  struct Expected {
    const char* name;
    OptimizerKind kind;
    double lr, beta1, beta2, decay;
    int n_critic;
  };
  using enum OptimizerKind;
  const std::vector<Expected> rows{{"dcgan", kAdam, 2e-4, 0.5, 0.999, 0, 1},
                                   {"wgan", kRmsprop, 5e-5, 0.5, 0.999, 0, 5},
                                   {"wgan-gp", kAdam, 1e-4, 0.5, 0.9, 0, 5},
                                   {"fgan-kl", kAdam, 1e-4, 0.5, 0.999, 0, 1},
                                   {"fgan-gan", kAdam, 2e-4, 0.5, 0.999, 0, 1},
                                   {"fcgan", kSgd, 0.1, 0, 0, 0, 1},
                                   {"cgan-fc", kSgd, 0.1, 0, 0, 0, 1},
                                   {"ic-gan", kAdam, 1e-4, 0.0, 0.999, 0, 1},
                                   {"ic-cgan", kAdam, 1e-4, 0.0, 0.999, 0, 1},
                                   {"clustered-gan-100", kAdam, 1e-4, 0.0, 0.999, 0, 1},
                                   {"conv-gan", kSgd, 0.004, 0, 0, 0, 1},
                                   {"geometric-gan", kRmsprop, 2e-4, 0, 0, 1.0 / 64, 1},
                                   {"loss-sensitive-gan", kAdam, 1e-4, 0.5, 0.999, 0, 1},
                                   {"sngan", kAdam, 2e-4, 0.5, 0.999, 0, 1},
                                   {"sngan-resnet", kAdam, 2e-4, 0.0, 0.9, 0, 5},
                                   {"wgan-gp-resnet", kAdam, 2e-4, 0.0, 0.9, 0, 5}};
  for (const auto& row : rows) {
    INFO(row.name);
    const auto& candidate = candidates().at(row.name);
    CHECK(candidate.optimizer.kind == row.kind);
    CHECK(candidate.optimizer.lr == row.lr);
    CHECK(candidate.optimizer.weight_decay == row.decay);
    CHECK(candidate.n_critic == row.n_critic);
    if (row.kind == kAdam) {
      CHECK(candidate.optimizer.beta1 == row.beta1);
      CHECK(candidate.optimizer.beta2 == row.beta2);
    }
  }
}

TEST_CASE("gradient penalties and spectral norm take batch norm out of the critic", "[fast]") {
  CHECK(parse_point("dcgan").batch_norm_d);
  CHECK(parse_point("wgan").batch_norm_d);
  for (const char* name : {"wgan-gp", "rsgan-gp", "dragan", "rpgan-r1-r2", "dcgan/hinge/sn"}) {
    INFO(name);
    CHECK_FALSE(parse_point(name).batch_norm_d);
    CHECK(parse_point(name).batch_norm_g);
  }
}

TEST_CASE("a point is read with its parts in any allowed form and named in full", "[fast]") {
  const auto name_of = [](const char* text) { return parse_point(text).name; };
  CHECK(name_of("dcgan/lsgan/sn") == "dcgan/least-squares/spectral-norm");
  CHECK(name_of("sngan-cnn/f-divergence/spectral-norm/squared-hellinger") ==
        "sngan-cnn/f-divergence/spectral-norm/squared-hellinger");
  CHECK(name_of("dcgan/f/kl") == "dcgan/f-divergence/none/kl");
  CHECK(name_of("dcgan/hinge/none") == "dcgan/hinge");
  CHECK(name_of("resnet/relativistic/r2+r1") == "resnet/relativistic/r1+r2");
  CHECK(name_of("resnet/hinge/wd+sn+r1") == "resnet/hinge/r1+spectral-norm+weight-decay");
  CHECK(name_of("dcgan/hinge/batch-norm-g+no-batch-norm-d") == "dcgan/hinge/no-batch-norm-d");
  CHECK(name_of("fc/hinge/dropout+batch-norm-d") == "fc/hinge/batch-norm-d");
  CHECK(name_of("maxout-conv/ns/dropout") == "maxout-conv/non-saturating");
  CHECK(parse_point("dcgan/hinge/r1+r2").regularization == std::vector<std::string>{"r1+r2"});
  CHECK(parse_point("lsgan").name == "lsgan");
}

TEST_CASE("names that are not there are answered with the valid ones and the nearest", "[fast]") {
  const auto message = [](const char* text) {
    const auto thrown = thrown_by([&] { parse_point(text); });
    CHECK(thrown.kind == ErrorKind::kUsage);
    return thrown.message;
  };
  CHECK(contains(message("dcgam"), "did you mean 'dcgan'?"));
  CHECK(contains(message("dcgam/hinge"), "[architecture] expected one of fc, maxout-conv"));
  CHECK(contains(message("dcgan/hinje"), "did you mean 'hinge'?"));
  CHECK(contains(message("dcgan/hinge/spectral"),
                 "[regularization] expected one of none, weight-clip"));
  CHECK(contains(message("dcgan/f-divergence/none/klx"), "[divergence] expected one of kl"));
  CHECK(contains(message("dcgan/hinge/sn/kl/x"), "5 parts"));
  CHECK(contains(message("dcgan/hinge/sn+spectral-norm"), "spectral-norm twice"));
  CHECK(contains(message("dcgan/hinge/sn+none"), "none alone, or regularizers"));
  CHECK(contains(message("dcgan/hinge/batch-norm-g+no-batch-norm-g"), "batch norm on or off"));
  CHECK(contains(message("dcgan/hinge/r2"), "'r2'"));
  CHECK(contains(message(""), "[candidate]"));
}

TEST_CASE("a point that breaks a rule is refused with the rule's name and reason", "[fast]") {
  const std::vector<std::pair<const char*, const char*>> refused{
      {"dcgan/f-divergence", "divergence-with-f-divergence"},
      {"dcgan/hinge/none/kl", "divergence-with-f-divergence"},
      {"dcgan/hinge/gp+dragan", "one-gradient-penalty"},
      {"dcgan/hinge/gp+batch-norm-d", "gradient-penalty-without-batch-norm-d"},
      {"dcgan/hinge/sn+batch-norm-d", "spectral-norm-without-batch-norm-d"},
      {"dcgan/wasserstein/weight-clip+gp", "weight-clip-alone"},
      {"dcgan/hinge/weight-clip+sn", "weight-clip-alone"},
      {"dcgan/wasserstein", "wasserstein-needs-a-bound"},
      {"dcgan/wasserstein/weight-decay", "wasserstein-needs-a-bound"},
      {"conv-deconv/hinge/batch-norm-g", "conv-deconv-without-batch-norm"},
      {"dcgan+projection/hinge", "conditioning-of-the-architecture"},
      {"resnet+labels/hinge", "conditioning-of-the-architecture"},
      {"resnet+projection/hinge/no-batch-norm-g", "projection-with-batch-norm-g"},
      {"dcgan/hinge/pack2+pack3", "one-pack"},
      {"dcgan/hinge/diffaugment+diffaugment-translation", "one-augmentation"},
      {"dcgan+visible/hinge/diffaugment", "visible-part-as-it-is"},
      {"conv-deconv+visible/hinge", "conditioning-of-the-architecture"},
      {"dcgan/hinge/dropout", "dropout-with-fc"}};
  std::set<std::string> tested;
  for (const auto& [point, rule] : refused) {
    INFO(point);
    const auto thrown = thrown_by([&, name = point] { parse_point(name); });
    CHECK(thrown.kind == ErrorKind::kUsage);
    CHECK(contains(thrown.message, std::string("the rule ") + rule));
    CHECK(contains(thrown.message, point_rules().at(rule).text));
    tested.insert(rule);
  }
  CHECK(tested.size() == point_rules().size());
}

TEST_CASE("the space is counted, and what is valid is listed once under its canonical name",
          "[fast]") {
  const auto space = space_count();
  const auto divergence_count = static_cast<std::int64_t>(divergences().size());
  // 2^7 sets of regularizers, 2 switches.
  const auto size_of = [](const auto& table) { return static_cast<std::int64_t>(table.size()); };
  const auto of_images = std::count_if(architectures().begin(), architectures().end(),
                                       [](const auto& row) { return !row.points_only; });
  CHECK(space.combinations == of_images * size_of(losses()) * (divergence_count + 1) * 128 * 4);
  std::int64_t refused = 0;
  for (const auto& entry : space.refused) refused += entry.count;
  CHECK(space.valid + refused == space.combinations);
  // Bounds: clip alone, or none and 4 penalties, each with spectral norm or without: 11, with
  // weight decay or not: 22. A critic that needs a bound loses the 2 without one. Batch norm in the
  // critic: with no bound and with clip, 4 sets.
  std::int64_t without = 0, with = 0;
  for (const auto& loss : losses()) {
    const auto forms = loss.needs_divergence ? divergence_count : 1;
    without += forms * (loss.needs_bound ? 20 : 22);
    with += forms * (loss.needs_bound ? 2 : 4);
  }
  std::int64_t expected = 0;
  for (const auto& row : architectures()) {
    if (row.points_only) continue;
    expected += row.batch_norm_allowed ? 2 * (without + with) : without;
  }
  CHECK(space.valid == expected);

  const auto points = valid_points();
  CHECK(static_cast<std::int64_t>(points.size()) == space.valid);
  std::set<std::string> names;
  for (const auto& point : points) {
    names.insert(point.name);
    REQUIRE(parse_point(point.name).name == point.name);
  }
  CHECK(names.size() == points.size());
}

TEST_CASE("a candidate's JSON has the keys others rely on", "[fast]") {
  const auto json = candidate_to_json(candidates().at("fgan-kl"));
  CHECK(json.at("name") == "fgan-kl");
  CHECK(json.at("architecture") == "dcgan");
  CHECK(json.at("loss") == "f-divergence");
  CHECK(json.at("regularization") == Json::array());
  CHECK(json.at("divergence") == "kl");
  CHECK(json.at("tables") == Json({1, 5}));
  CHECK(json.at("extension") == false);
  const auto wgan = candidate_to_json(candidates().at("wgan"));
  CHECK(wgan.at("regularization") == Json({"weight-clip"}));
  CHECK(wgan.at("divergence").is_null());
  CHECK(wgan.at("minimizes") == "Wasserstein-1");
  CHECK(wgan.at("optimizer").at("kind") == "rmsprop");
  CHECK(wgan.at("optimizer").at("beta1").is_null());
  CHECK(candidate_to_json(candidates().at("geometric-gan")).at("n_gen") == 10);
  CHECK(candidate_to_json(candidates().at("fgan-gan")).at("same_training") == "dcgan");
  CHECK_FALSE(wgan.contains("same_training"));
  CHECK(candidate_to_json(candidates().at("dcgan")).at("regularization") ==
        Json({"batch-norm-g", "batch-norm-d"}));
}

TEST_CASE("every name can be explained, and says what it is and where it is from", "[fast]") {
  for (const auto& name : explainable_model_names()) {
    INFO(name);
    const auto found = explain_model(name);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().name == name);
    for (const auto& explanation : found) {
      CHECK_FALSE(explanation.sections.empty());
      for (const auto& [heading, text] : explanation.sections) CHECK_FALSE(text.empty());
    }
  }
  CHECK(explain_model("nothing-of-ours").empty());
  CHECK(explain_model("dcgan").size() == 2);
  CHECK(explain_model("lsgan").size() == 2);  // the candidate, and the loss by its alias
  CHECK(explain_model("dcgan/hinge/sn").at(0).kind == "point");
  CHECK_THROWS_AS(explain_model("dcgan/wasserstein"), Error);
}

// One critic and one generator update as a trainer makes them, with plain gradient descent.
void take_step(const CandidateSpec& candidate, const SampleShape& shape) {
  constexpr std::int64_t kBatch = 12;  // 2, 3 and 4 divide it
  const auto networks = build_networks(candidate, {.shape = shape, .width = 0.1}, 3);
  auto noise = make_generator(4);
  networks.critic->set_noise(noise);
  auto sizes = std::vector<std::int64_t>{kBatch, shape.channels};
  if (!shape.points) sizes.insert(sizes.end(), {shape.height, shape.width});
  const auto real = torch::rand(sizes, noise).mul_(2).sub_(1);
  const auto z = torch::randn({kBatch, networks.generator->latent_dim}, noise);
  const int m = pack_of(candidate);
  const auto shown = [&](const torch::Tensor& x) {
    return packed(augmentation_of(candidate) ? diffaugment(x, noise) : x, m);
  };
  auto context = loss_context(candidate);
  const auto& loss = loss_of(candidate);

  const auto seen = shown(real), fake = shown(networks.generator->forward(z)).detach();
  if (loss.needs_margin) context.margin = pair_margin(seen, fake, context.parameters);
  auto critic_value = critic_loss(
      loss, {.real = networks.critic->forward(seen), .fake = networks.critic->forward(fake)},
      context);
  const auto penalty = penalty_sum(
      candidate.regularization,
      {.critic = *networks.critic, .condition = {}, .real = seen, .fake = fake, .noise = noise},
      candidate.penalty_parameters);
  if (penalty.defined()) critic_value = critic_value + penalty;
  critic_value.backward();
  {
    const torch::NoGradGuard no_grad;
    for (auto& parameter : networks.critic->parameters()) {
      REQUIRE(parameter.grad().defined());
      REQUIRE(parameter.grad().isfinite().all().item<bool>());
      parameter.sub_(parameter.grad() * 1e-4);
    }
  }
  after_critic_step(candidate.regularization, *networks.critic, candidate.penalty_parameters);

  for (auto& parameter : networks.critic->parameters()) parameter.requires_grad_(false);
  CriticScores scores{.real = {},
                      .fake = networks.critic->forward(shown(networks.generator->forward(z)))};
  if (loss.generator_needs_real) scores.real = networks.critic->forward(seen);
  const auto generator_value = generator_loss(loss, scores, context);
  generator_value.backward();
  CHECK(std::isfinite(critic_value.item<double>()));
  CHECK(std::isfinite(generator_value.item<double>()));
  double moved = 0.0;
  for (const auto& parameter : networks.generator->parameters()) {
    REQUIRE(parameter.grad().isfinite().all().item<bool>());
    moved += parameter.grad().abs().sum().item<double>();
  }
  CHECK(moved > 0.0);
}

TEST_CASE("every unconditional candidate takes a finite step on images and on points", "[fast]") {
  for (const auto& candidate : candidates()) {
    if (candidate.is_told()) continue;
    INFO(candidate.name);
    take_step(candidate, SampleShape::image(3, 32, 32));
    if (!augmentation_of(candidate)) take_step(candidate, SampleShape::point());
  }
  take_step(parse_point("maxout-mlp/ns/pack3"), SampleShape::point());
}

TEST_CASE("the catalogue names every candidate and every valid point with its parameters",
          "[fast]") {
  const Json catalogue = catalogue_json();
  REQUIRE(catalogue.at("candidates").size() == candidates().size());
  CHECK(catalogue.at("candidates").at(4) == candidate_to_json(candidates().at("cgan")));
  const auto& space = catalogue.at("space");
  REQUIRE(static_cast<std::int64_t>(space.size()) == space_count().valid);
  // Every 97th of some thousands: all tables' first and last rows come by.
  for (std::size_t i = 0; i < space.size(); i += 97) {
    const Json whole = candidate_to_json(parse_point(space[i].at("name").get<std::string>()));
    for (const auto& [key, value] : space[i].items()) {
      INFO(whole.at("name") << " " << key);
      CHECK(whole.at(key) == value);
    }
  }
}

}  // namespace
}  // namespace ganselect
