// Training, sampling and resuming from neighbourhoods.
#include "harness/train/instance_source.h"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <set>
#include <string>

#include "harness/train/checkpoint.h"
#include "harness/train/sampler.h"
#include "harness/train/trainer.h"
#include "models/augmentation.h"
#include "tests/harness/train/fixtures.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {

namespace {

constexpr std::int64_t kFeatures = 5, kNeighbors = 3;

// Neighbour j of image i is i + 7 (j + 1), so that each tells where it comes from.
Dataset images_with_neighborhoods(std::uint64_t seed = 1) {
  auto data = test::labelled_images(seed);
  const auto n = data.size();
  Neighborhoods made;
  made.features =
      torch::nn::functional::normalize(torch::randn({n, kFeatures}, make_generator(seed)));
  made.mirrored =
      torch::nn::functional::normalize(torch::randn({n, kFeatures}, make_generator(seed + 100)));
  made.scale = feature_scale(made.features);
  const auto rows = torch::arange(n, torch::kInt32);
  made.neighbors =
      torch::stack({(rows + 7) % n, (rows + 14) % n, (rows + 21) % n}, 1).to(torch::kInt32);
  made.stored = torch::tensor({4, 10, 50}, torch::kInt32);
  made.stored_counts = torch::tensor({16, 30, 50}, torch::kInt32);
  made.detector = "test";
  made.detector_digest = "0123";
  made.data_digest = data.digest;
  data.neighborhoods = std::make_shared<const Neighborhoods>(made);
  return data;
}

// Which image of the set a sample in the training range is.
std::int64_t row_of_sample(const Dataset& data, const torch::Tensor& sample) {
  const auto all = to_training_range(data.samples);
  return (all - sample).abs().amax({1, 2, 3}).argmin().item<std::int64_t>();
}

struct ToldRow {
  std::int64_t row;
  bool mirrored;
};
ToldRow told_row(const Dataset& data, const torch::Tensor& features) {
  const auto apart = [&](const torch::Tensor& all) { return (all - features).abs().amax(1); };
  const auto plain = apart(data.neighborhoods->scaled_features());
  const auto turned = apart(data.neighborhoods->scaled_mirrored());
  const bool mirrored = turned.min().item<float>() < plain.min().item<float>();
  return {(mirrored ? turned : plain).argmin().item<std::int64_t>(), mirrored};
}
std::int64_t row_of_features(const Dataset& data, const torch::Tensor& features) {
  return told_row(data, features).row;
}

}  // namespace

TEST_CASE("a real sample is a neighbour of the instance beside it, each as often",
          "[fast][instances]") {
  const auto data = images_with_neighborhoods();
  const auto candidate = parse_point("ic-cgan");
  const auto source = make_condition_source(
      candidate, data, torch::kCPU, {.data = make_generator(1), .condition = make_generator(2)});
  std::map<std::int64_t, int> places;
  std::set<std::int64_t> instances;
  for (int round = 0; round < 3; ++round) {
    const auto batch = source->next(100);
    for (std::int64_t b = 0; b < 100; ++b) {
      const auto i = row_of_features(data, batch.condition.instances[b]);
      const auto j = row_of_sample(data, batch.samples[b]);
      const auto place = (j - i + data.size()) % data.size();
      CHECK((place == 7 || place == 14 || place == 21));
      CHECK(batch.condition.labels[b].item<std::int64_t>() == data.labels[j].item<std::int64_t>());
      ++places[place];
      instances.insert(i);
    }
  }
  // 300 draws of chance 1/3: 100 with deviation 8.
  for (const std::int64_t place : {7, 14, 21}) {
    CHECK(places[place] > 65);
    CHECK(places[place] < 135);
  }
  CHECK(instances.size() > 80);  // of 96
}

TEST_CASE("conditions of generated samples pair instances with neighbours' labels",
          "[fast][instances]") {
  const auto data = images_with_neighborhoods();
  const auto source =
      make_condition_source(parse_point("ic-cgan"), data, torch::kCPU,
                            {.data = make_generator(1), .condition = make_generator(2)});
  const auto asked = source->conditions(200);
  int own = 0;
  for (std::int64_t b = 0; b < 200; ++b) {
    const auto i = row_of_features(data, asked.instances[b]);
    const auto label = asked.labels[b].item<std::int64_t>();
    std::set<std::int64_t> near;
    for (std::int64_t place = 0; place < kNeighbors; ++place) {
      near.insert(data.labels[(i + 7 * (place + 1)) % data.size()].item<std::int64_t>());
    }
    CHECK(near.contains(label));
    own += label == data.labels[i].item<std::int64_t>() ? 1 : 0;
  }
  CHECK(own < 150);  // a neighbour's label, not always the instance's own
  const auto unlabelled =
      make_condition_source(parse_point("ic-gan"), data, torch::kCPU,
                            {.data = make_generator(1), .condition = make_generator(2)});
  CHECK_FALSE(unlabelled->conditions(3).labels.defined());
  CHECK_FALSE(unlabelled->next(3).condition.labels.defined());
}

TEST_CASE("instances are told mirrored by a chance of one half where images are mirrored",
          "[fast][instances]") {
  const auto data = images_with_neighborhoods();
  auto candidate = parse_point("ic-gan");
  const auto share = [&] {
    const auto source = make_condition_source(
        candidate, data, torch::kCPU, {.data = make_generator(1), .condition = make_generator(2)});
    const auto real = source->next(200).condition.instances;
    const auto asked = source->conditions(200).instances;
    int mirrored = 0;
    for (std::int64_t b = 0; b < 200; ++b) {
      mirrored += told_row(data, real[b]).mirrored ? 1 : 0;
      mirrored += told_row(data, asked[b]).mirrored ? 1 : 0;
    }
    return mirrored / 400.0;
  };
  // 400 draws of chance 1/2: deviation 0.025.
  CHECK(share() > 0.4);
  CHECK(share() < 0.6);
  candidate.mirror = false;
  CHECK(share() == 0);
  auto without = data;
  auto made = *data.neighborhoods;
  made.mirrored = torch::Tensor();
  without.neighborhoods = std::make_shared<const Neighborhoods>(made);
  const auto refused = test::thrown_by([&] { Trainer(test::tiny_settings("ic-gan"), without); });
  CHECK(refused.kind == ErrorKind::kData);
  CHECK(test::contains(refused.message, "expected features of mirrored images"));
}

TEST_CASE("real images are mirrored by a chance of one half, and only where it is said",
          "[fast][instances]") {
  const auto x = torch::rand({400, 3, 4, 4}, make_generator(1));
  auto random = make_generator(2);
  const auto y = mirrored_at_random(x, random);
  const auto turned = (y - x.flip(3)).abs().amax({1, 2, 3}).eq(0);
  const auto kept = (y - x).abs().amax({1, 2, 3}).eq(0);
  CHECK(turned.logical_xor(kept).all().item<bool>());
  const auto share = turned.to(torch::kFloat32).mean().item<float>();
  CHECK(share > 0.4F);
  CHECK(share < 0.6F);
  const auto data = images_with_neighborhoods();
  auto settings = test::tiny_settings("ic-gan");
  CHECK(Trainer(settings, data).state().tensors.contains("stream/mirror"));
  settings.mirror = false;
  CHECK_FALSE(Trainer(settings, data).state().tensors.contains("stream/mirror"));
  CHECK(identity_json(settings).at("mirror") == false);
  CHECK_FALSE(identity_json(test::tiny_settings("ic-gan")).contains("mirror"));
}

TEST_CASE("generated samples of a critic step have instances of their own", "[fast][instances]") {
  const auto data = images_with_neighborhoods();
  const auto settings = test::tiny_settings("ic-gan");
  const auto state_after = [&](int asked) {
    const SourceStreams streams{.data = make_stream(settings.seed, "data"),
                                .condition = make_stream(settings.seed, "condition")};
    const auto source = make_condition_source(parse_point("ic-gan"), data, torch::kCPU, streams);
    source->next(*settings.batch);
    for (int i = 0; i < asked; ++i) source->conditions(*settings.batch);
    return generator_state(streams.condition);
  };
  Trainer trainer(settings, data);
  trainer.step();
  // One draw of conditions for the critic's step, one for the generator's.
  CHECK(torch::equal(trainer.state().tensors.at("stream/condition"), state_after(2)));
  Trainer shared(test::tiny_settings("sngan-cnn+instances/hinge/spectral-norm"), data);
  shared.step();
  CHECK_FALSE(torch::equal(shared.state().tensors.at("stream/condition"), state_after(2)));
}

TEST_CASE("a candidate that is trained anew has trials of another name", "[fast][instances]") {
  // Its own change and that of spectral norm.
  CHECK(identity_json(test::tiny_settings("ic-gan")).at("candidate_revision") == 2);
  CHECK(identity_json(test::tiny_settings("sngan")).at("candidate_revision") == 1);
  CHECK_FALSE(identity_json(test::tiny_settings("dcgan")).contains("candidate_revision"));
}

TEST_CASE("samples can be asked for the stored instances, by what they stand for",
          "[fast][instances]") {
  const auto data = images_with_neighborhoods();
  const auto table = make_condition_table(parse_point("ic-cgan"), data);
  REQUIRE(table.size() == 3);
  CHECK(torch::equal(table.weights, torch::tensor({16.0, 30.0, 50.0}, torch::kFloat64)));
  CHECK(row_of_features(data, table.rows.instances[1]) == 10);
  CHECK(torch::equal(table.instances->images[2], data.samples[50]));
  CHECK(table.rows.labels[0].item<std::int64_t>() == data.labels[4].item<std::int64_t>());
  CHECK(table.class_names.size() == 3);
  CHECK(make_condition_table(parse_point("ic-gan"), data).class_names.empty());
}

TEST_CASE("candidates conditioned on instances go on bit for bit from their state",
          "[fast][trainer][resume][instances]") {
  const auto data = images_with_neighborhoods();
  const auto held_out = images_with_neighborhoods(7);
  for (const std::string point :
       {"ic-gan", "ic-cgan", "resnet+instances/wasserstein/gradient-penalty"}) {
    INFO(point);
    auto settings = test::tiny_settings(point);
    settings.n_critic = 1;
    Trainer whole(settings, data, &held_out);
    whole.step();
    const auto half = to_safetensors(whole.state());
    whole.step();
    const auto row = whole.read_row(0);
    CHECK(row.critic_accuracy_heldout.has_value());
    CHECK(row.loss_d.has_value());
    Trainer resumed(settings, data, &held_out);
    resumed.restore(from_safetensors(half, "state"));
    resumed.step();
    resumed.read_row(0);
    CHECK(test::differing_tensors(whole.state(), resumed.state()).empty());
  }
}

TEST_CASE("a generator's file holds its instances and samples alone", "[fast][instances]") {
  const test::TempDir dir;
  const auto data = images_with_neighborhoods();
  Trainer trainer(test::tiny_settings("ic-gan"), data);
  trainer.step();
  save_generator(dir / "generator.safetensors", trainer);
  const auto saved = load_generator(dir / "generator.safetensors");
  const SampleSettings sampling{.count = 7, .seed = 3};
  const auto now = draw_samples(trainer.evaluated_generator(), sampling, trainer.conditions());
  const auto again = draw_samples(*saved.generator, sampling, saved.conditions);
  CHECK(torch::equal(now.samples, again.samples));
  CHECK(torch::equal(now.condition.instances, again.condition.instances));
  REQUIRE(saved.conditions.instances);
  CHECK(torch::equal(saved.conditions.instances->images[1], data.samples[10]));
  CHECK(torch::equal(saved.conditions.instances->rows, data.neighborhoods->stored));
  CHECK(torch::equal(saved.conditions.instances->scale.mean, data.neighborhoods->scale.mean));
  CHECK(saved.conditions.instances->detector_digest == "0123");
}

TEST_CASE("the instance changes the sample, and the critic's score", "[fast][instances]") {
  const auto data = images_with_neighborhoods();
  Trainer trainer(test::tiny_settings("ic-gan"), data);
  for (int i = 0; i < 3; ++i) trainer.step();
  auto& networks = trainer.networks();
  torch::NoGradGuard no_grad;
  networks.generator->eval();
  networks.critic->eval();
  const auto features = data.neighborhoods->scaled_features();
  const auto z =
      torch::randn({1, networks.generator->latent_dim}, make_generator(1)).repeat({2, 1});
  const Condition two{.labels = {}, .instances = features.slice(0, 0, 2)};
  const auto samples = networks.generator->forward(z, two);
  CHECK((samples[0] - samples[1]).abs().max().item<float>() > 1e-4F);
  const auto same = samples[0].unsqueeze(0).repeat({2, 1, 1, 1});
  const auto scores = networks.critic->forward(same, two);
  CHECK(std::abs((scores[0] - scores[1]).item<float>()) > 1e-6F);
}

TEST_CASE("data without neighbourhoods are refused by name", "[fast][instances]") {
  const auto refused =
      test::thrown_by([] { Trainer(test::tiny_settings("ic-gan"), test::labelled_images()); });
  CHECK(refused.kind == ErrorKind::kData);
  CHECK(test::contains(refused.message,
                       "[data labelled-images] expected neighbourhoods, which "
                       "ic-gan needs, got none"));
}

TEST_CASE("a setting newer than published records leaves their digests alone",
          "[fast][instances]") {
  auto settings = test::tiny_settings("dcgan");
  CHECK_FALSE(identity_json(settings).contains("without_classes"));
  const auto before = settings_digest(settings);
  settings.without_classes = {"red"};
  CHECK(identity_json(settings).contains("without_classes"));
  CHECK(settings_digest(settings) != before);
}

}  // namespace ganselect
