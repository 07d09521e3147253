#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "metrics/detectors/embedding_detector.h"
#include "metrics/detectors/embedding_make.h"
#include "tests/metrics/detectors/judge_samples.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

EmbeddingTrainSettings quick_embedding() {
  EmbeddingTrainSettings s;
  s.epochs = 3;
  s.batch = 50;
  s.views = {.least_area = 0.7, .mirror = false, .jitter = 0.5, .grey = 0};
  s.widths = {8, 12};
  s.hidden = 16;
  s.projection = 8;
  return s;
}

TEST_CASE("an embedding learns to put images of one class together without labels",
          "[fast][embedding]") {
  auto unlabelled = striped_images(400, 1);
  const auto labels = unlabelled.labels;
  unlabelled.labels = torch::Tensor();
  std::vector<EmbeddingEpoch> epochs;
  const auto network = train_embedding(quick_embedding(), unlabelled,
                                       [&](const EmbeddingEpoch& epoch, EmbeddingNetwork& at_work) {
                                         CHECK_FALSE(at_work.is_training());
                                         epochs.push_back(epoch);
                                       });
  REQUIRE(epochs.size() == 3);
  CHECK(epochs.back().loss < epochs.front().loss);
  CHECK_THAT(epochs.back().rate, WithinAbs(0.0, 1e-12));
  const auto test = striped_images(150, 2);
  const auto result = neighbor_accuracy(embed_images(*network, unlabelled.samples), labels,
                                        embed_images(*network, test.samples), test.labels, 5);
  CHECK(result.accuracy() > 0.9);
}

TEST_CASE("the same settings train the same embedding bit for bit", "[fast][embedding]") {
  auto settings = quick_embedding();
  settings.epochs = 1;
  const auto data = striped_images(100, 1);
  const auto images = striped_images(10, 2).samples;
  const auto features = [&](std::uint64_t seed) {
    settings.seed = seed;
    return embed_images(*train_embedding(settings, data), images);
  };
  const auto first = features(5);
  CHECK(torch::equal(first, features(5)));
  CHECK_FALSE(torch::equal(first, features(6)));
}

TEST_CASE("training an embedding stops at a signal and refuses what it cannot use",
          "[fast][embedding]") {
  set_interrupted(true);
  const auto stopped =
      test::thrown_by([] { train_embedding(quick_embedding(), striped_images(100, 1)); });
  set_interrupted(false);
  CHECK(stopped.kind == ErrorKind::kInterrupted);
  auto settings = quick_embedding();
  settings.temperature = 0;
  CHECK(test::thrown_by([&] { train_embedding(settings, striped_images(60, 1)); }).message ==
        "[embedding training key 'temperature'] expected a number above 0, got 0");
}

TEST_CASE("neighbours vote with equal weights, and of equal votes the lowest class wins",
          "[fast][embedding]") {
  const auto train = torch::tensor({{1.0, 0.0}, {0.9, 0.1}, {0.0, 1.0}, {0.1, 0.9}});
  const auto labels = torch::tensor({2, 1, 0, 0}, torch::kInt64);
  const auto test = torch::tensor({{1.0, 0.05}, {0.05, 1.0}});
  const auto of = [&](std::vector<int64_t> truth, int64_t k) {
    return neighbor_accuracy(train, labels, test, torch::tensor(truth), k).correct;
  };
  CHECK(of({2, 0}, 1) == 2);
  CHECK(of({1, 0}, 2) == 2);  // a vote each for 2 and 1
  CHECK(of({2, 0}, 2) == 1);
  CHECK(test::thrown_by([&] {
          neighbor_accuracy(train, torch::Tensor(), test, labels.slice(0, 0, 2), 1);
        }).message == "[k-NN accuracy] expected a label for every row, got none");
}

Embedding small_embedding() {
  const auto data = striped_images(60, 1, 3);
  auto settings = quick_embedding();
  settings.epochs = 1;
  Embedding embedding{.name = "simclr-embedded", .dataset = "embedded", .settings = settings};
  embedding.network = train_embedding(settings, data);
  embedding.training = {{"split", "train"}, {"count", 60},    {"digest", data.digest},
                        {"epochs_done", 1}, {"seconds", 1.5}, {"threads", 1}};
  embedding.evaluation = embedding_evaluation(*embedding.network, data, striped_images(30, 2, 3));
  return embedding;
}

TEST_CASE("a saved embedding comes back bit for bit and describes itself", "[fast][embedding]") {
  const test::TempDir dir;
  auto embedding = small_embedding();
  save_embedding(dir / "e.safetensors", embedding);
  const auto back = load_embedding(dir / "e.safetensors", embedding.digest);
  const auto images = striped_images(20, 3, 3).samples;
  CHECK(
      torch::equal(embed_images(*back.network, images), embed_images(*embedding.network, images)));
  CHECK(back.name == "simclr-embedded");
  CHECK(settings_to_json(back.settings) == settings_to_json(embedding.settings));
  CHECK(back.evaluation == embedding.evaluation);
  CHECK(back.digest == sha256_file(dir / "e.safetensors"));
  const auto card = embedding_card(back);
  for (const auto& part : {back.digest, std::string("k-NN accuracy"),
                           std::string("settings that differ from this data set's")})
    CHECK(test::contains(card, part));
}

TEST_CASE("a damaged or foreign embedding is refused", "[fast][embedding]") {
  const test::TempDir dir;
  auto embedding = small_embedding();
  save_embedding(dir / "e.safetensors", embedding);
  const auto bytes = read_file(dir / "e.safetensors");
  write_file_atomically(dir / "cut.safetensors", bytes.substr(0, bytes.size() - 5));
  CHECK(test::thrown_by([&] { load_embedding(dir / "cut.safetensors"); }).kind == ErrorKind::kData);
  const auto other =
      test::thrown_by([&] { load_embedding(dir / "e.safetensors", std::string("00")); });
  CHECK(other.kind == ErrorKind::kData);
  CHECK(test::contains(other.message, "expected SHA-256 00"));
}

TEST_CASE("an embedding is a detector of features without class scores", "[fast][embedding]") {
  const test::TempDir dir;
  auto embedding = small_embedding();
  save_embedding(dir / "e.safetensors", embedding);
  const auto images = striped_images(40, 3, 3).samples;
  const auto expected = embed_images(*embedding.network, images);
  const auto detector = make_embedding_detector(load_embedding(dir / "e.safetensors"), torch::kCPU);
  const auto seen = detector->detect(images);
  CHECK(torch::equal(seen.features, expected));
  CHECK_FALSE(seen.logits.defined());
  CHECK(detector->digest() == embedding.digest);
  // Grey images count as colour images of three like channels.
  const auto grey = images.slice(1, 0, 1);
  CHECK(torch::equal(detector->detect(grey).features,
                     detector->detect(grey.repeat({1, 3, 1, 1})).features));
  CHECK(test::thrown_by([&] { detector->detect(images.slice(2, 0, 8)); }).message ==
        "[simclr-embedded] expected uint8 images (N,3,16,16), got Byte [40, 3, 8, 16]");
}

}  // namespace
}  // namespace ganselect
