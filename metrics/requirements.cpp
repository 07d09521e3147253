#include "metrics/requirements.h"

namespace ganselect {

std::optional<std::string> missing_features(const EvaluationInput& input) {
  const bool real = input.real.features.defined(), fake = input.fake.features.defined();
  if (real && fake) return std::nullopt;
  if (!real && !fake) return "needs features of real and generated samples";
  return real ? "needs features of generated samples" : "needs features of real samples";
}

std::optional<std::string> missing_heldout(const EvaluationInput& input) {
  if (const auto why = missing_features(input)) return why;
  if (input.heldout.features.defined()) return std::nullopt;
  return "needs features of held-out samples";
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
