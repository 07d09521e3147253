#include "metrics/inception_score.h"

#include <torch/torch.h>

#include <cmath>
#include <string>

#include "base/torch/finite.h"
#include "metrics/numerics/numpy_random.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr int64_t kMostJointClasses = 10000;
constexpr double kRowSumTolerance = 1e-3;

void check_scores(const torch::Tensor& scores, bool probabilities) {
  if ((scores.dim() != 2 && scores.dim() != 3) || scores.size(0) < 1 || scores.size(-1) < 1) {
    fail(ErrorKind::kData, {.where = "class scores",
                            .expected = "shape (N,K) or (N,G,K) with N and K >= 1",
                            .got = c10::str(scores.sizes())});
  }
  if (!all_finite(scores)) {
    fail(ErrorKind::kData,
         {.where = "class scores", .expected = "finite values", .got = "NaN or infinity"});
  }
  if (!probabilities) return;
  const double least = scores.min().item<double>();
  const double off = (scores.sum(-1) - 1).abs().max().item<double>();
  if (least < 0 || off > kRowSumTolerance) {
    fail(ErrorKind::kData, {.where = "class probabilities",
                            .expected = "values >= 0 with rows that sum to 1",
                            .got = least < 0 ? "a value of " + std::to_string(least)
                                             : "a row sum " + std::to_string(off) + " away from 1",
                            .hint = "scores before the softmax are logits"});
  }
}

// Population mean and standard deviation.
std::pair<double, double> mean_and_spread(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size()))};
}

void compute_inception_score(const EvaluationInput& input, const EvaluationSettings& settings,
                             Measures& measures) {
  auto probabilities = class_probabilities(input.fake);
  measures.set("inception_score_1split", inception_scores(probabilities, 1).front());
  const int64_t n = probabilities.size(0);
  if (n < settings.score_splits) {
    return set_all_missing(measures, {"inception_score_mean", "inception_score_std"},
                           "needs at least " + std::to_string(settings.score_splits) +
                               " samples, one a split, got " + std::to_string(n));
  }
  for (const char* name : {"inception_score_mean", "inception_score_std"}) {
    auto& protocol = measure_protocol(measures, name);
    protocol = {{"splits", settings.score_splits}, {"shuffled", settings.shuffle_scores}};
    if (settings.shuffle_scores) protocol["seed"] = settings.seed;
  }
  if (settings.shuffle_scores) {
    probabilities = shuffle_rows(probabilities, static_cast<std::uint32_t>(settings.seed));
  }
  const auto [mean, spread] =
      mean_and_spread(inception_scores(probabilities, settings.score_splits));
  measures.set("inception_score_mean", mean);
  measures.set("inception_score_std", spread);
}

}  // namespace

torch::Tensor class_probabilities(const Detections& detections) {
  auto scores = detections.logits.to(torch::kFloat64);
  check_scores(scores, detections.scores_are_probabilities);
  if (!detections.scores_are_probabilities) scores = scores.softmax(-1);
  if (scores.dim() == 2) return scores;
  auto joint = scores.select(1, 0);
  for (int64_t group = 1; group < scores.size(1); ++group) {
    const auto next = scores.select(1, group);
    if (joint.size(1) * next.size(1) > kMostJointClasses) {
      fail(ErrorKind::kData,
           {.where = "class scores",
            .expected = "at most " + std::to_string(kMostJointClasses) + " joint classes",
            .got = c10::str(detections.logits.sizes())});
    }
    joint = (joint.unsqueeze(2) * next.unsqueeze(1)).flatten(1);
  }
  return joint;
}

std::vector<double> inception_scores(const torch::Tensor& probabilities, int64_t splits) {
  const int64_t n = probabilities.size(0);
  std::vector<double> scores;
  for (int64_t i = 0; i < splits; ++i) {
    const auto part = probabilities.slice(0, i * n / splits, (i + 1) * n / splits);
    const auto marginal = part.mean(0, /*keepdim=*/true);
    const auto divergence = (torch::xlogy(part, part) - torch::xlogy(part, marginal)).sum(1).mean();
    scores.push_back(std::exp(divergence.item<double>()));
  }
  return scores;
}

torch::Tensor shuffle_rows(const torch::Tensor& rows, std::uint32_t seed) {
  const auto order = NumpyRandom(seed).permutation(rows.size(0));
  return rows.index_select(0, torch::tensor(order, torch::kInt64).to(rows.device()));
}

MetricFamily inception_score_metric() {
  return {.name = "inception_score",
          .measures = {"inception_score_mean", "inception_score_std", "inception_score_1split"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (input.fake.logits.defined()) return std::nullopt;
            return "needs class scores of generated samples";
          },
          .compute = compute_inception_score,
          .needs_features = false};
}

}  // namespace ganselect
