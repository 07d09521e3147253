#include "metrics/detectors/judge_train.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "tests/metrics/detectors/judge_samples.h"

namespace ganselect {
namespace {

using Catch::Matchers::Message;
using Catch::Matchers::WithinAbs;

JudgeTrainSettings quick_settings() {
  JudgeTrainSettings s;
  s.epochs = 4;
  s.batch = 50;
  s.peak_rate = 0.1;
  s.augmentation = {.shift = 1, .mirror = false, .cutout = 0};
  s.widths = {8, 12};
  s.precision = "float32";
  return s;
}

TEST_CASE("training lowers the loss and learns to tell unseen images apart", "[fast][judge]") {
  for (const std::string precision : {"float32", "bfloat16"}) {
    INFO(precision);
    auto settings = quick_settings();
    settings.precision = precision;
    std::vector<JudgeEpoch> epochs;
    const auto network =
        train_judge(settings, striped_images(600, 1),
                    [&](const JudgeEpoch& epoch, JudgeNetwork&) { epochs.push_back(epoch); });
    REQUIRE(epochs.size() == 4);
    CHECK(epochs.back().loss < 0.8 * epochs.front().loss);
    CHECK(epochs.back().train_accuracy > epochs.front().train_accuracy);
    CHECK(evaluate_judge(*network, striped_images(300, 2)).accuracy() > 0.95);
    CHECK_FALSE(network->is_training());
  }
}

TEST_CASE("a training reports each epoch and ends its cycle at rate 0", "[fast][judge]") {
  auto settings = quick_settings();
  settings.warm_up = 0.25;
  std::vector<JudgeEpoch> epochs;
  train_judge(settings, striped_images(200, 1),
              [&](const JudgeEpoch& epoch, JudgeNetwork& averaged) {
                CHECK_FALSE(averaged.is_training());
                epochs.push_back(epoch);
              });
  REQUIRE(epochs.size() == 4);
  CHECK(epochs[1].epoch == 2);
  CHECK(epochs[1].epochs == 4);
  // A line from 0 to 0.1 over the first of four epochs, then down to 0.
  CHECK_THAT(epochs[0].rate, WithinAbs(0.1, 1e-12));
  CHECK_THAT(epochs[1].rate, WithinAbs(0.2 / 3, 1e-12));
  CHECK_THAT(epochs[3].rate, WithinAbs(0.0, 1e-12));
  CHECK(epochs[1].seconds > epochs[0].seconds);
}

TEST_CASE("the same settings train the same judge bit for bit", "[fast][judge]") {
  auto settings = quick_settings();
  settings.epochs = 1;
  const auto data = striped_images(200, 1);
  const auto test = striped_images(20, 2).samples;
  torch::NoGradGuard no_grad;
  const auto logits = [&](std::uint64_t seed) {
    settings.seed = seed;
    torch::AutoGradMode with_grad(true);
    const auto network = train_judge(settings, data);
    torch::NoGradGuard inner;
    return network->forward(test).logits;
  };
  const auto first = logits(5);
  CHECK(torch::equal(first, logits(5)));
  CHECK_FALSE(torch::equal(first, logits(6)));
}

TEST_CASE("without an average the last weights are kept", "[fast][judge]") {
  auto settings = quick_settings();
  settings.epochs = 1;
  const auto data = striped_images(200, 1);
  const auto averaged = train_judge(settings, data);
  settings.average = 0;
  const auto last = train_judge(settings, data);
  CHECK_FALSE(torch::equal(averaged->parameters()[0], last->parameters()[0]));
}

TEST_CASE("settings out of range are refused by name", "[fast][judge]") {
  auto settings = quick_settings();
  settings.label_smoothing = 1.5;
  CHECK_THROWS_MATCHES(train_judge(settings, striped_images(60, 1)), Error,
                       Message("[judge training key 'label_smoothing'] expected a number of at "
                               "least 0 and at most 1, got 1.5"));
  settings = quick_settings();
  settings.precision = "float8";
  CHECK_THROWS_AS(train_judge(settings, striped_images(60, 1)), Error);
}

TEST_CASE("a set without labels cannot train or test a judge", "[fast][judge]") {
  auto data = striped_images(60, 1);
  const auto network = std::make_shared<JudgeNetwork>(
      JudgeArchitecture{.channels = 2, .classes = 3, .image_size = 16, .widths = {4}},
      make_generator(1));
  data.labels = torch::Tensor();
  const std::string message = "[judge] expected labelled images, got data set stripes";
  CHECK_THROWS_MATCHES(train_judge(quick_settings(), data), Error, Message(message));
  CHECK_THROWS_MATCHES(evaluate_judge(*network, data), Error, Message(message));
}

TEST_CASE("a signal stops a training between two steps", "[fast][judge]") {
  set_interrupted(true);
  try {
    train_judge(quick_settings(), striped_images(100, 1));
    set_interrupted(false);
    FAIL("training went on");
  } catch (const Error& e) {
    set_interrupted(false);
    CHECK(e.kind() == ErrorKind::kInterrupted);
  }
}

TEST_CASE("the confusion matrix counts true classes in rows and answers in columns",
          "[fast][judge]") {
  auto settings = quick_settings();
  const auto network = train_judge(settings, striped_images(600, 1));
  auto data = striped_images(90, 2);
  const auto truth = data.labels.clone();
  data.labels.fill_(2);  // every image claims to be class 2, while the judge answers what it sees
  const auto result = evaluate_judge(*network, data, 40);
  CHECK(result.count == 90);
  CHECK(result.confusion[2].sum().item<int64_t>() == 90);
  CHECK(result.correct == result.confusion[2][2].item<int64_t>());
  for (int64_t c = 0; c < 3; ++c) {
    const auto shown = (truth == c).sum().item<int64_t>();
    CHECK(std::abs(result.confusion[2][c].item<int64_t>() - shown) <= 4);
  }
  data.labels.fill_(3);
  CHECK_THROWS_MATCHES(
      evaluate_judge(*network, data), Error,
      Message("[judge evaluation] expected 3 classes, got data set stripes with label 3"));
}

TEST_CASE("splitting off the last images keeps every image on one side", "[fast][judge]") {
  const auto data = striped_images(50, 1);
  const auto split = split_off_last(data, 15);
  CHECK(split.train.size() == 35);
  CHECK(split.test.size() == 15);
  CHECK(torch::equal(torch::cat({split.train.samples, split.test.samples}), data.samples));
  CHECK(torch::equal(torch::cat({split.train.labels, split.test.labels}), data.labels));
  CHECK(split.test.split == "last 15 of train");
  CHECK(split.train.digest != data.digest);
  CHECK(split.train.digest != split.test.digest);
  CHECK_THROWS_MATCHES(split_off_last(data, 50), Error,
                       Message("[held-out images] expected 0 to 49, got 50"));
}

}  // namespace
}  // namespace ganselect
