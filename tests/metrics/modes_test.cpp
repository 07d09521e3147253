#include "metrics/modes.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>

#include "metrics/point_modes.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::contains;
using test::thrown_by;

EvaluationInput label_input(const torch::Tensor& labels, int64_t classes) {
  EvaluationInput input;
  input.fake_labels = labels;
  input.classes = classes;
  return input;
}

// Eight centres on a circle of radius 2, and `n` points around each of the first `modes`.
torch::Tensor ring_centres() {
  const auto angle = torch::arange(8, torch::kFloat64) * (2 * 3.141592653589793 / 8);
  return torch::stack({angle.cos() * 2, angle.sin() * 2}, 1);
}

}  // namespace

TEST_CASE("divergence and entropy of histograms, worked by hand", "[fast]") {
  const auto p = torch::tensor({3, 1, 0}), q = torch::tensor({1, 1, 2});
  // p = (3/4, 1/4, 0), q = (1/4, 1/4, 1/2)
  CHECK_THAT(histogram_kl(p, q), WithinRel(0.75 * std::log(3.0), 1e-14));
  CHECK_THAT(histogram_entropy(p),
             WithinRel(-0.75 * std::log(0.75) - 0.25 * std::log(0.25), 1e-14));
  CHECK(histogram_entropy(torch::tensor({0, 5})) == 0);
  CHECK_THAT(histogram_kl(q, q), WithinAbs(0, 1e-15));
  CHECK(std::isinf(histogram_kl(q, p)));
  CHECK(thrown_by([&] { histogram_kl(p, torch::tensor({1, 1})); }).kind == ErrorKind::kData);
  CHECK(thrown_by([] { histogram_entropy(torch::tensor({0, 0})); }).kind == ErrorKind::kData);
  CHECK(thrown_by([] { histogram_entropy(torch::tensor({2, -1})); }).kind == ErrorKind::kData);
}

TEST_CASE("dropped classes are missing from the mode count, whatever the order", "[fast]") {
  const auto labels = torch::arange(700, torch::kInt64).remainder(7);  // classes 0 to 6 of 10
  const auto measured = test::measure_family("modes", label_input(labels, 10));
  CHECK(measured.value("modes") == 7);
  CHECK_THAT(*measured.value("mode_kl"), WithinRel(std::log(10.0 / 7), 1e-13));
  CHECK_THAT(*measured.value("mode_entropy"), WithinRel(std::log(7.0), 1e-13));
  CHECK(measured.protocol["measures"]["mode_kl"]["reference"] == "uniform");
  CHECK_FALSE(measured.value("high_quality_share").has_value());
  const auto turned = test::measure_family("modes", label_input(test::reversed_rows(labels), 10));
  CHECK((turned.values == measured.values));
}

TEST_CASE("a class counts as a mode only with a confident sample, but its share counts always",
          "[fast]") {
  EvaluationInput input;
  input.fake.scores_are_probabilities = true;
  input.fake.logits = torch::tensor(
      {{0.9, 0.1, 0.0}, {0.2, 0.5, 0.3}, {0.3, 0.3, 0.4}, {0.8, 0.1, 0.1}}, torch::kFloat64);
  auto measured = test::measure_family("modes", input);
  CHECK(measured.value("modes") == 2);  // class 2 has only a sample of 0.4
  CHECK(measured.value("modes_any") == 3);
  CHECK_THAT(*measured.value("mode_entropy"),
             WithinRel(std::log(4.0) - 0.5 * std::log(2.0), 1e-14));  // shares 2/4, 1/4, 1/4
  CHECK(measured.protocol["measures"]["modes"]["confidence"] == 0.5);
  EvaluationSettings lenient;
  lenient.options["modes.confidence"] = 0.4;
  CHECK(test::measure_family("modes", input, lenient).value("modes") == 3);

  // The data's own classes are the reference: labels first, then what the detector says of the real
  // samples.
  input.real.scores_are_probabilities = true;
  input.real.logits = torch::tensor({{0.6, 0.3, 0.1}, {0.2, 0.7, 0.1}}, torch::kFloat64);
  measured = test::measure_family("modes", input);
  CHECK(measured.protocol["measures"]["mode_kl"]["reference"] == "detector's classes of the data");
  CHECK_FALSE(measured.value("mode_kl").has_value());  // class 2 is not among them
  CHECK(contains(measured.reason.at("mode_kl"), "infinite"));
  input.real_labels = torch::tensor({0, 0, 1, 2});
  measured = test::measure_family("modes", input);
  CHECK(measured.protocol["measures"]["mode_kl"]["reference"] == "labels of the data");
  CHECK_THAT(*measured.value("mode_kl"), WithinAbs(0, 1e-15));
}

TEST_CASE("classes of another data set are no modes of the data, and nothing that was asked for",
          "[fast]") {
  EvaluationInput input;
  input.fake.logits = torch::tensor({{9.0, 0.0, 0.0}, {0.0, 9.0, 0.0}});
  input.real_labels = torch::tensor({0, 1, 1});
  input.asked_labels = torch::tensor({0, 1});
  input.class_names = {"a", "b", "c"};
  CHECK(test::measure_family("modes", input).value("modes") == 2);
  CHECK(test::measure_family("label_accuracy", input).value("label_accuracy") == 1);
  input.fake.foreign_classes = true;
  for (const char* family : {"modes", "label_accuracy"}) {
    const auto measured = test::measure_family(family, input);
    for (const auto& [name, value] : measured.values) {
      INFO(name);
      CHECK_FALSE(value.has_value());
      CHECK(contains(measured.reason.at(name), "other classes apart than the data's"));
    }
    CHECK(measured.values.count(family) == 1);
  }
  CHECK(*test::measure_family("inception_score", input).value("inception_score_1split") > 1.5);
  // Labels that are given directly count, whatever the detector knows.
  input.fake_labels = torch::tensor({0, 2});
  input.classes = 3;
  CHECK(test::measure_family("modes", input).value("modes") == 2);
}

TEST_CASE("three digits of ten make a thousand modes", "[fast]") {
  Detections scores;
  scores.logits = torch::full({2, 3, 10}, -20.0f);
  const int digits[2][3] = {{4, 0, 7}, {9, 9, 9}};
  for (int64_t n = 0; n < 2; ++n) {
    for (int64_t g = 0; g < 3; ++g) scores.logits[n][g][digits[n][g]] = 20.0f;
  }
  const auto predicted = predict_classes(scores);
  CHECK(predicted.classes == 1000);
  CHECK(predicted.labels.equal(torch::tensor({407, 999})));
  CHECK_THAT(predicted.confidence.min().item<double>(), WithinAbs(1, 1e-9));
}

TEST_CASE("labels outside the classes, and labels without classes, are refused", "[fast]") {
  const auto high = thrown_by([] {
    test::measure_family("modes", label_input(torch::tensor({0, 10}), 10));
  });
  CHECK(high.kind == ErrorKind::kData);
  CHECK(contains(high.message, "[labels] expected 0 to 9, got 10"));
  CHECK(contains(thrown_by([] { class_histogram(torch::tensor({-1, 3}), 4); }).message, "got -1"));
  CHECK(thrown_by([] { class_histogram(torch::tensor({0.5}), 4); }).kind == ErrorKind::kData);
  CHECK(thrown_by([] { test::measure_family("modes", label_input(torch::tensor({1}), 0)); }).kind ==
        ErrorKind::kUsage);
}

TEST_CASE("points count for the mode they are near, and only within three deviations", "[fast]") {
  EvaluationInput input;
  input.mode_centres = ring_centres();
  input.mode_sd = 0.02;
  const auto near = ring_centres().slice(0, 0, 5).repeat({4, 1});
  const auto aside = torch::tensor({{0.0, 0.0}, {2.0, 0.061}, {2.0, 0.059}, {9.0, 9.0}},
                                   torch::kFloat64);  // reach: 0.06
  input.fake_points = torch::cat({near, aside});
  const auto measured = test::measure_family("modes", input);
  CHECK(measured.value("modes") == 5);
  CHECK(measured.value("modes_any") == 5);
  CHECK(measured.protocol["measures"]["modes"]["rule"] == "above chance");
  CHECK(measured.protocol["measures"]["modes"]["level"] == 0.01);
  CHECK_THAT(*measured.value("high_quality_share"), WithinRel(21.0 / 24, 1e-14));
  const auto counted = count_point_modes(input.fake_points, input.mode_centres, 0.06);
  CHECK(counted.histogram.equal(torch::tensor({5, 4, 4, 4, 4, 0, 0, 0})));
  CHECK_THAT(*measured.value("mode_kl"),
             WithinRel(histogram_kl(counted.histogram, torch::ones({8})), 1e-14));
  input.fake_points = aside.slice(0, 0, 1).repeat({16, 1});
  auto none = test::measure_family("modes", input);
  CHECK(none.value("modes") == 0);
  CHECK(none.value("modes_any") == 0);
  CHECK(none.value("high_quality_share") == 0);
  CHECK(none.reason.at("mode_kl") == "no sample is near a centre");
  input.fake_points = ring_centres();
  none = test::measure_family("modes", input);
  CHECK(none.value("modes_any") == 8);
  CHECK_FALSE(none.value("modes").has_value());
  CHECK(contains(none.reason.at("modes"), "8 points are too few"));
}

TEST_CASE("uniform points reach no mode, though they touch most and evenly so", "[fast]") {
  EvaluationInput input;
  input.mode_centres = ring_centres();
  input.mode_sd = 0.02;
  input.fake_points =
      torch::rand({2500, 2}, make_stream(3, "scatter"), torch::kFloat64) * 4.12 - 2.06;
  const auto measured = test::measure_family("modes", input);
  CHECK(measured.value("modes") == 0);
  CHECK(*measured.value("modes_any") >= 4);
  CHECK(*measured.value("high_quality_share") < 0.02);
}

}  // namespace ganselect
