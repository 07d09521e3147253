// From labels to an obedient generator: training, sampling and measuring together.
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "datasets/embedded.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/trainer.h"

namespace ganselect {
namespace {

// Samples of the embedded set of two of its classes, large, plain and in the middle: what a small
// network learns in a moment. Numbered as in the whole set.
Dataset plain_shapes(std::int64_t first, std::int64_t second) {
  constexpr std::int64_t kSamples = 600;
  Dataset data = load_dataset("embedded", {.limit = 1});
  auto values = torch::zeros({kSamples, kEmbeddedFactors}, torch::kInt64);
  values.select(1, kShapeFactor).fill_(first);
  values.select(1, kShapeFactor).slice(0, kSamples / 2).fill_(second);
  values.select(1, kSizeFactor).fill_(2);
  values.select(1, kPlaceFactor).fill_(4);
  data.samples = draw_embedded(values, 17);
  data.labels = values.select(1, kShapeFactor).contiguous();
  data.factors.reset();
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

TEST_CASE("training on the labelled embedded set raises label accuracy", "[slow][conditional]") {
  const auto data = plain_shapes(0, 3);
  EvaluationPlan plan;
  plan.detector = "judge-embedded";
  Evaluator evaluator(data, nullptr, plan, torch::kCPU);
  TrainSettings settings;
  settings.point = "cgan";
  settings.dataset = data.name;
  settings.batch = 32;
  settings.width = 0.125;
  Trainer trainer(settings, data);
  const auto accuracy = [&] {
    const auto drawn = draw_for_measuring(trainer.evaluated_generator(), trainer.conditions(),
                                          "raw", 400, evaluator.plan());
    return evaluator.measure_briefly(drawn).value("label_accuracy").value();
  };
  const double before = accuracy();
  for (int i = 0; i < 200; ++i) trainer.step();
  const double after = accuracy();
  INFO("before " << before << ", after " << after);
  // sd of a share of 1/2 in 400: 0.025.
  CHECK(after > before + 0.15);
}

}  // namespace
}  // namespace ganselect
