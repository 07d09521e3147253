#include "metrics/requirements.h"

namespace ganselect {

namespace {

std::optional<std::string> missing_sets(bool real, bool fake) {
  if (real && fake) return std::nullopt;
  if (!real && !fake) return "needs features of real and generated samples";
  return real ? "needs features of generated samples" : "needs features of real samples";
}

}  // namespace

std::optional<std::string> missing_features(const EvaluationInput& input) {
  const bool real = input.real.features.defined(), fake = input.fake.features.defined();
  if ((!real && input.real_statistics) || (!fake && input.fake_statistics))
    return "needs the features themselves; a mean and a covariance serve FID only";
  return missing_sets(real, fake);
}

std::optional<std::string> missing_statistics(const EvaluationInput& input) {
  return missing_sets(input.real.features.defined() || input.real_statistics,
                      input.fake.features.defined() || input.fake_statistics);
}

std::optional<std::string> missing_heldout(const EvaluationInput& input) {
  if (const auto why = missing_features(input)) return why;
  if (input.heldout.features.defined()) return std::nullopt;
  return "needs features of held-out samples";
}

std::optional<std::string> foreign_classes(const EvaluationInput& input) {
  if (!input.fake.logits.defined() || !input.fake.foreign_classes) return std::nullopt;
  return "the detector tells other classes apart than the data's";
}

std::string too_few(int64_t needed, int64_t real, int64_t fake) {
  return "needs at least " + std::to_string(needed) + " samples of each, got " +
         std::to_string(real) + " real and " + std::to_string(fake) + " generated";
}

Json& measure_protocol(Measures& measures, const std::string& measure) {
  return measures.protocol["measures"][measure];
}

void set_all_missing(Measures& measures, const std::vector<std::string>& names,
                     const std::string& why) {
  for (const auto& name : names) measures.set_missing(name, why);
}

}  // namespace ganselect
