// The shipped judges on images that they were not trained on.
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cstdlib>

#include "base/files.h"
#include "metrics/detectors/judge_detector.h"
#include "metrics/detectors/judge_files.h"
#include "metrics/detectors/judge_make.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

// The card's figure within two images of it: another processor may round one borderline image
// differently.
void check_stated_accuracy(const std::string& name, int64_t limit, double least) {
  const auto judge = load_shipped_judge(name);
  const auto data = load_judge_data(judge.dataset, judge.settings, resolve_data_dir());
  const auto measured = judge_evaluation(*judge.network, data.test);
  CHECK(measured.at("digest") == judge.evaluation.at("digest"));
  CHECK(measured.at("count") == limit);
  CHECK(std::abs(measured.at("correct").get<int64_t>() -
                 judge.evaluation.at("correct").get<int64_t>()) <= 2);
  CHECK(measured.at("accuracy").get<double>() >= least);
}

TEST_CASE("judge-cifar10 reaches its stated accuracy on the test images", "[slow][judge]") {
  if (std::getenv("GANSELECT_DATA") == nullptr) SKIP("GANSELECT_DATA names no data folder");
  if (std::filesystem::exists(resolve_data_dir() / "cifar-10-batches-bin" / "test_batch.bin")) {
    // With all 10,000 images at hand the digest differs from the card's: accuracy alone is checked.
    const auto judge = load_shipped_judge("judge-cifar10");
    const auto data = load_judge_data("cifar10", judge.settings, resolve_data_dir());
    CHECK(evaluate_judge(*judge.network, data.test).accuracy() > 0.87);
    return;
  }
  check_stated_accuracy("judge-cifar10", 1000, 0.87);
}

TEST_CASE("judge-mnist reaches its stated accuracy on the held-out digits", "[slow][judge]") {
  if (std::getenv("GANSELECT_DATA") == nullptr) SKIP("GANSELECT_DATA names no data folder");
  check_stated_accuracy("judge-mnist", 5000, 0.99);
}

TEST_CASE("judge-embedded knows freshly drawn images", "[fast][judge]") {
  const auto judge = load_shipped_judge("judge-embedded");
  const auto fresh = load_dataset("embedded", {.split = "test", .limit = 500, .seed = 4711});
  const auto result = evaluate_judge(*judge.network, fresh);
  CHECK(result.count == 500);
  CHECK(result.accuracy() >= 0.98);
}

TEST_CASE("a shipped judge gives the same features in batches of 1, 17 and 256", "[fast][judge]") {
  const auto detector = make_judge_detector(load_shipped_judge("judge-cifar10"), torch::kCPU);
  const auto images = load_dataset("embedded", {.split = "test", .limit = 256, .seed = 11}).samples;
  const auto whole = detector->detect(images);
  const double scale = whole.features.abs().max().item<double>();
  for (const int64_t size : {1, 17}) {
    for (int64_t at = 0; at < images.size(0); at += 51) {
      const auto part = detector->detect(images.slice(0, at, at + size));
      const auto same = whole.features.slice(0, at, at + size);
      // Float32 sums in another order.
      REQUIRE_THAT((part.features - same).abs().max().item<double>() / scale, WithinAbs(0.0, 2e-5));
    }
  }
}

TEST_CASE("making a judge writes weights, curve and card that agree", "[slow][judge]") {
  const test::TempDir dir;
  JudgeRequest request{
      .dataset = "embedded", .settings = judge_of_dataset("embedded").settings, .out = dir.path()};
  request.settings.epochs = 2;
  request.settings.widths = {8, 12, 16};
  request.settings.hold_out = 18000;  // leaves 2000 to learn from
  std::vector<double> accuracies;
  const auto made = make_judge(
      request, [&](const JudgeEpoch&, double accuracy) { accuracies.push_back(accuracy); });
  REQUIRE(accuracies.size() == 2);
  const auto back = load_judge(dir / "judge-embedded.safetensors", made.digest);
  CHECK(back.training.at("epochs_done") == 2);
  CHECK(back.training.at("count") == 2000);
  CHECK_THAT(back.evaluation.at("accuracy").get<double>(), WithinAbs(accuracies[1], 1e-12));
  const auto card = read_file(dir / "judge-embedded.md");
  CHECK(card == judge_card(back));
  CHECK(card.find(back.digest) != std::string::npos);
  CHECK(card.find("ganselect judge train --dataset embedded --out DIR --seed 0") !=
        std::string::npos);
  const auto curve = read_file(dir / "judge-embedded.csv");
  CHECK(curve.rfind("epoch,seconds,rate,loss,train_accuracy,test_accuracy\n1,", 0) == 0);
}

}  // namespace
}  // namespace ganselect
