#include "metrics/prdc.h"

#include <torch/torch.h>

#include <algorithm>

#include "metrics/numerics/neighbors.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr int64_t kAuthorsK = 3;  // of precision and recall as first published
const std::vector<std::string> kPrdcNames = {"precision", "recall",       "density",
                                             "coverage",  "precision_k3", "recall_k3"};

double share_hit(const torch::Tensor& counts) {
  return counts.gt(0).to(torch::kFloat64).mean().item<double>();
}

void set_scores(const EvaluationInput& input, const EvaluationSettings& settings,
                Measures& measures) {
  const auto& real = input.real.features;
  const auto& fake = input.fake.features;
  const auto scores = manifold_scores(real, fake,
                                      {{.nearest_k = settings.nearest_k, .closed = false},
                                       {.nearest_k = kAuthorsK, .closed = true}});
  measures.set("precision", scores[0].precision);
  measures.set("recall", scores[0].recall);
  measures.set("density", scores[0].density);
  measures.set("coverage", scores[0].coverage);
  measures.set("precision_k3", scores[1].precision);
  measures.set("recall_k3", scores[1].recall);
  for (const char* name : {"precision", "recall", "density", "coverage"}) {
    measure_protocol(measures, name) = {{"k", settings.nearest_k}, {"comparison", "<"}};
  }
  for (const char* name : {"precision_k3", "recall_k3"}) {
    measure_protocol(measures, name) = {{"k", kAuthorsK}, {"comparison", "<="}};
  }
  const auto warn_duplicates = [&](int64_t empty, int64_t n, const char* set, const char* measure) {
    if (empty == 0) return;
    measures.warn("duplicate_samples", measure,
                  std::to_string(empty) + " of " + std::to_string(n) + " " + set +
                      " samples have " + std::to_string(settings.nearest_k) +
                      " duplicates, so their balls are empty");
  };
  warn_duplicates(scores[0].empty_real_balls, real.size(0), "real", "precision");
  warn_duplicates(scores[0].empty_fake_balls, fake.size(0), "generated", "recall");
}

void compute_prdc(const EvaluationInput& input, const EvaluationSettings& settings,
                  Measures& measures) {
  const int64_t needed = std::max(settings.nearest_k, kAuthorsK) + 1;
  const int64_t real = input.real.features.size(0), fake = input.fake.features.size(0);
  if (real < needed || fake < needed) {
    return set_all_missing(measures, kPrdcNames, too_few(needed, real, fake));
  }
  set_scores(input, settings, measures);
}

}  // namespace

std::vector<ManifoldScores> manifold_scores(const torch::Tensor& real, const torch::Tensor& fake,
                                            const std::vector<ManifoldSettings>& settings) {
  int64_t largest = 0;
  for (const auto& one : settings) largest = std::max(largest, one.nearest_k);
  const auto near_real = nearest_distances(real, real, largest, /*same_set=*/true);
  const auto near_fake = nearest_distances(fake, fake, largest, /*same_set=*/true);
  std::vector<Balls> balls;
  for (const auto& one : settings) {
    balls.push_back(
        {near_real.select(1, one.nearest_k - 1).contiguous(), /*around_rows=*/false, one.closed});
    balls.push_back(
        {near_fake.select(1, one.nearest_k - 1).contiguous(), /*around_rows=*/true, one.closed});
  }
  const auto hits = ball_hits(fake, real, balls);
  std::vector<ManifoldScores> scores;
  for (std::size_t s = 0; s < settings.size(); ++s) {
    const auto &in_real = hits[2 * s], &in_fake = hits[2 * s + 1];
    const double inside = in_real.by_row.sum().to(torch::kFloat64).item<double>();
    const auto k = static_cast<double>(settings[s].nearest_k);
    scores.push_back({.precision = share_hit(in_real.by_row),
                      .recall = share_hit(in_fake.by_column),
                      .density = inside / (k * static_cast<double>(fake.size(0))),
                      .coverage = share_hit(in_real.by_column),
                      .empty_real_balls = balls[2 * s].radii.eq(0).sum().item<int64_t>(),
                      .empty_fake_balls = balls[2 * s + 1].radii.eq(0).sum().item<int64_t>()});
  }
  return scores;
}

MetricFamily prdc_metric() {
  return {
      .name = "prdc", .measures = kPrdcNames, .missing = missing_features, .compute = compute_prdc};
}

}  // namespace ganselect
