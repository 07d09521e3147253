// Does a conditional generator make what it is asked for? The share of samples that the detector
// takes for the class they were asked to be.
#include <torch/torch.h>

#include <string>

#include "base/text.h"
#include "metrics/class_names.h"
#include "metrics/modes.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

// A detector that does not know the data's own classes cannot say what a sample shows.
constexpr double kLeastAgreement = 0.5;

double agreement(const torch::Tensor& predicted, const torch::Tensor& labels) {
  return predicted.eq(labels.cpu()).to(torch::kFloat64).mean().item<double>();
}

void set_accuracy_by_class(const torch::Tensor& right, const torch::Tensor& asked, int64_t classes,
                           Measures& measures) {
  if (classes > kMostListedClasses) return;
  for (int64_t c = 0; c < classes; ++c) {
    const auto name = "class_accuracy_" + std::to_string(c);
    const auto of_class = right.masked_select(asked.eq(c));
    if (of_class.numel() == 0) {
      measures.set_missing(name, "no sample was asked to be of this class");
    } else {
      measures.set(name, of_class.to(torch::kFloat64).mean().item<double>());
    }
  }
}

void compute_label_accuracy(const EvaluationInput& input, const EvaluationSettings&,
                            Measures& measures) {
  const auto classes = count_classes(input);
  const auto predicted = predict_classes(input.fake);
  if (predicted.classes != classes) {
    return measures.set_missing("label_accuracy",
                                "the detector tells " + std::to_string(predicted.classes) +
                                    " classes apart, the data have " + std::to_string(classes));
  }
  auto& protocol = measure_protocol(measures, "label_accuracy");
  protocol = {{"asked", input.asked_law}, {"classes", classes}};
  if (input.real.logits.defined() && input.real_labels.defined()) {
    const double real = agreement(predict_classes(input.real).labels, input.real_labels);
    if (real < kLeastAgreement) {
      return measures.set_missing(
          "label_accuracy", "the detector agrees with the data's labels on " + shortest(real) +
                                " of real samples only");
    }
  }
  const auto asked = input.asked_labels.cpu();
  const auto right = predicted.labels.eq(asked);
  measures.set("label_accuracy", agreement(predicted.labels, asked));
  set_accuracy_by_class(right, asked, classes, measures);
}

}  // namespace

MetricFamily label_accuracy_metric() {
  return {.name = "label_accuracy",
          .measures = {"label_accuracy"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (!input.asked_labels.defined()) return kNotAsked;
            if (!input.fake.logits.defined()) return "needs class scores of generated samples";
            return foreign_classes(input);
          },
          .compute = compute_label_accuracy};
}

}  // namespace ganselect
