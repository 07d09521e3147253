#include "metrics/inception_score.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::contains;
using test::gaussian;
using test::thrown_by;

// n rows, each sure of class n*i/N: sorted by class.
torch::Tensor sorted_one_hot(int64_t n, int64_t classes) {
  const auto labels = torch::arange(n, torch::kInt64).mul(classes).div(n, "floor");
  return torch::one_hot(labels, classes).to(torch::kFloat64);
}

Measures score(const torch::Tensor& probabilities, EvaluationSettings settings = {}) {
  EvaluationInput input;
  input.fake.logits = probabilities;
  input.fake.scores_are_probabilities = true;
  return test::measure_family("inception_score", input, settings);
}

}  // namespace

TEST_CASE("the inception score of two rows, worked by hand", "[fast]") {
  // p(y) = (1/2, 1/2); KL of (3/4, 1/4) to it: 3/4 ln(3/2) + 1/4 ln(1/2), the same for the mirrored
  // row.
  const auto p = torch::tensor({{0.75, 0.25}, {0.25, 0.75}}, torch::kFloat64);
  CHECK_THAT(inception_scores(p, 1)[0],
             WithinRel(std::exp(0.75 * std::log(1.5) + 0.25 * std::log(0.5)), 1e-14));
}

TEST_CASE("the inception score lies between 1 and the number of classes", "[fast]") {
  CHECK_THAT(inception_scores(sorted_one_hot(120, 6), 1)[0], WithinRel(6.0, 1e-12));
  CHECK_THAT(inception_scores(torch::full({30, 6}, 1.0 / 6, torch::kFloat64), 1)[0],
             WithinAbs(1, 1e-12));
}

TEST_CASE("one split is free of the order, ten are not unless shuffled", "[fast]") {
  const auto sorted = sorted_one_hot(1000, 10);
  EvaluationSettings in_order;
  in_order.shuffle_scores = false;
  CHECK_THAT(*score(sorted, in_order).value("inception_score_mean"), WithinAbs(1, 1e-12));
  CHECK(*score(sorted).value("inception_score_mean") > 9);
  CHECK(*score(sorted).value("inception_score_std") > 0);
  const auto logits = gaussian(500, 7, 1, 0, 3);
  const auto p = logits.softmax(1);
  CHECK_THAT(*score(p).value("inception_score_1split"),
             WithinRel(*score(test::reversed_rows(p)).value("inception_score_1split"), 1e-12));
  CHECK(score(p).protocol["measures"]["inception_score_mean"]["shuffled"] == true);
  CHECK(score(p, in_order).protocol["measures"]["inception_score_mean"]["shuffled"] == false);
}

TEST_CASE("splits of unequal size follow i*N/splits", "[fast]") {
  const auto p = gaussian(23, 4, 2, 0, 2).softmax(1);
  const auto scores = inception_scores(p, 5);  // sizes 4, 5, 4, 5, 5
  CHECK_THAT(scores[1], WithinRel(inception_scores(p.slice(0, 4, 9), 1)[0], 1e-14));
  CHECK_THAT(scores[4], WithinRel(inception_scores(p.slice(0, 18, 23), 1)[0], 1e-14));
}

TEST_CASE("less sure predictions score lower", "[fast]") {
  const auto logits = gaussian(400, 5, 3, 0, 4);
  double before = inception_scores(logits.softmax(1), 1)[0];
  for (const double heat : {2.0, 4.0, 8.0}) {
    const double now = inception_scores((logits / heat).softmax(1), 1)[0];
    CHECK(now < before);
    before = now;
  }
}

TEST_CASE("independent groups of classes multiply their scores", "[fast]") {
  const auto first = sorted_one_hot(60, 3);                                                   // 3
  const auto second = torch::one_hot(torch::arange(60).remainder(4), 4).to(torch::kFloat64);  // 4
  Detections grouped;
  grouped.scores_are_probabilities = true;
  grouped.logits = torch::zeros({60, 2, 4}, torch::kFloat64);
  grouped.logits.select(1, 0).slice(1, 0, 3).copy_(first);
  grouped.logits.select(1, 1).copy_(second);
  const auto joint = class_probabilities(grouped);
  CHECK(joint.sizes() == torch::IntArrayRef({60, 16}));
  CHECK_THAT(inception_scores(joint, 1)[0], WithinRel(12.0, 1e-12));
  // The first group counts highest: row 59 is class 2 of the first and 3 of the second.
  CHECK(joint[59].argmax().item<int64_t>() == 2 * 4 + 3);
}

TEST_CASE("scores that are no probabilities are refused, and too few samples have a reason",
          "[fast]") {
  const auto negative = thrown_by([] { score(torch::tensor({{1.5, -0.5}}, torch::kFloat64)); });
  CHECK(negative.kind == ErrorKind::kData);
  CHECK(contains(negative.message, "scores before the softmax are logits"));
  CHECK(contains(thrown_by([] {
                   score(torch::full({3, 2}, 0.6, torch::kFloat64));
                 }).message,
                 "a row sum"));
  CHECK(contains(thrown_by([] {
                   score(torch::full({3, 2}, NAN, torch::kFloat64));
                 }).message,
                 "NaN"));
  const auto few = score(torch::full({9, 2}, 0.5, torch::kFloat64));
  CHECK_FALSE(few.value("inception_score_mean").has_value());
  CHECK(few.reason.at("inception_score_std") == "needs at least 10 samples, one a split, got 9");
  CHECK(few.value("inception_score_1split").has_value());
}

}  // namespace ganselect
