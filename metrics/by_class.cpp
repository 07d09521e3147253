// FID and coverage within each class: samples asked to be of it against real samples of it. A class
// that a generator drops or blurs is found here, where a measure over all classes may still look
// well.
#include <torch/torch.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "metrics/class_names.h"
#include "metrics/fid.h"
#include "metrics/prdc.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

const std::vector<std::string> kByClassNames = {"class_fid_mean", "class_coverage_mean",
                                                "worst_class_coverage", "worst_class"};

struct ClassScores {
  int64_t label = 0, real = 0, generated = 0;
  std::optional<double> fid, coverage;
  std::string why;  // of what is missing
};

torch::Tensor rows_of_class(const torch::Tensor& features, const torch::Tensor& labels,
                            int64_t label) {
  return features.index_select(0, labels.to(features.device()).eq(label).nonzero().squeeze(1));
}

ClassScores score_class(const EvaluationInput& input, const EvaluationSettings& settings,
                        int64_t label) {
  const auto real = rows_of_class(input.real.features, input.real_labels, label);
  const auto fake = rows_of_class(input.fake.features, input.asked_labels, label);
  ClassScores scores{.label = label, .real = real.size(0), .generated = fake.size(0)};
  const auto needed = settings.nearest_k + 1;
  scores.why = too_few(needed, scores.real, scores.generated);
  if (scores.real >= 2 && scores.generated >= 2) {
    scores.fid = frechet_inception_distance(real, fake);
  }
  if (scores.real >= needed && scores.generated >= needed) {
    scores.coverage =
        manifold_scores(real, fake, {{.nearest_k = settings.nearest_k, .closed = false}})[0]
            .coverage;
  } else if (scores.real >= needed && scores.generated == 0) {
    scores.coverage = 0.0;  // nothing lies in any ball
  }
  return scores;
}

void set_of_class(const ClassScores& scores, Measures& measures) {
  const auto id = "_" + std::to_string(scores.label);
  const auto set = [&](const std::string& name, const std::optional<double>& value) {
    value ? measures.set(name + id, *value) : measures.set_missing(name + id, scores.why);
  };
  set("class_fid", scores.fid);
  set("class_coverage", scores.coverage);
  measures.set("class_samples" + id, static_cast<double>(scores.generated));
  measures.set("class_reference" + id, static_cast<double>(scores.real));
}

// The mean over classes; missing, naming the class, where one class has no value.
void set_mean(const std::string& name, const std::vector<ClassScores>& all,
              std::optional<double> ClassScores::*value, const EvaluationInput& input,
              Measures& measures) {
  double sum = 0;
  for (const auto& scores : all) {
    if (!(scores.*value)) {
      return measures.set_missing(name,
                                  "class " + class_title(input, scores.label) + ": " + scores.why);
    }
    sum += *(scores.*value);
  }
  measures.set(name, sum / static_cast<double>(all.size()));
}

void set_worst(const std::vector<ClassScores>& all, const EvaluationInput& input,
               Measures& measures) {
  for (const auto& scores : all) {
    if (scores.coverage) continue;
    return set_all_missing(measures, {"worst_class_coverage", "worst_class"},
                           "class " + class_title(input, scores.label) + ": " + scores.why);
  }
  const auto worst = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return *a.coverage < *b.coverage;
  });
  measures.set("worst_class_coverage", *worst->coverage);
  measures.set("worst_class", static_cast<double>(worst->label));
  measures.warn("worst_class", "worst_class_coverage",
                "class " + class_title(input, worst->label) + " is covered least: coverage " +
                    shortest(*worst->coverage) + " of " + std::to_string(worst->real) +
                    " real samples by " + std::to_string(worst->generated) + " generated ones" +
                    (worst->fid ? ", FID " + shortest(*worst->fid) : std::string()));
}

void warn_few_of_class(const std::vector<ClassScores>& all, int64_t dimensions,
                       Measures& measures) {
  int64_t fewest = INT64_MAX;
  for (const auto& scores : all) fewest = std::min({fewest, scores.real, scores.generated});
  if (fewest > dimensions) return;
  measures.warn("fewer_samples_than_dimensions", "class_fid_mean",
                "as few as " + std::to_string(fewest) + " samples of a class in " +
                    std::to_string(dimensions) +
                    " dimensions: FIDs of classes are strongly biased upwards and compare at equal "
                    "counts only");
}

void compute_by_class(const EvaluationInput& input, const EvaluationSettings& settings,
                      Measures& measures) {
  const auto classes = count_classes(input);
  if (classes > kMostListedClasses) {
    return set_all_missing(
        measures, kByClassNames,
        std::to_string(classes) + " classes; taken up to " + std::to_string(kMostListedClasses));
  }
  std::vector<ClassScores> all;
  for (int64_t label = 0; label < classes; ++label) {
    all.push_back(score_class(input, settings, label));
    set_of_class(all.back(), measures);
    // A class that the data themselves lack is no fault of the generator.
    if (all.back().real == 0) all.pop_back();
  }
  for (const char* name : {"class_coverage_mean", "worst_class_coverage"}) {
    measure_protocol(measures, name) = {{"asked", input.asked_law},
                                        {"k", settings.nearest_k},
                                        {"comparison", "<"},
                                        {"classes", classes}};
  }
  measure_protocol(measures, "class_fid_mean") = {
      {"asked", input.asked_law}, {"covariance", "N-1"}, {"classes", classes}};
  warn_few_of_class(all, input.real.features.size(1), measures);
  set_mean("class_fid_mean", all, &ClassScores::fid, input, measures);
  set_mean("class_coverage_mean", all, &ClassScores::coverage, input, measures);
  set_worst(all, input, measures);
}

}  // namespace

MetricFamily by_class_metric() {
  return {.name = "by_class",
          .measures = kByClassNames,
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (!input.asked_labels.defined()) return kNotAsked;
            if (!input.real_labels.defined()) return "needs labels of real samples";
            return missing_features(input);
          },
          .compute = compute_by_class};
}

}  // namespace ganselect
