#include "models/candidates_page.h"

#include "base/text.h"
#include "models/candidate_settings.h"
#include "models/candidates.h"

namespace ganselect {
namespace {

constexpr const char* kHead =
    "# The candidates, and where each departs from its authors' code\n\n"
    "Written by `ganselect list --page` from the rows of models/candidates.cpp; "
    "`ganselect explain NAME` says the same of one. The settings were held against the authors' "
    "published code ([what it says](../tests/golden/authors.md)); a test keeps them equal, but for "
    "the deviations named here.\n\n"
    "Alike for all: real batches are drawn with replacement, where most sources go through a "
    "shuffled epoch; generator steps draw new latents; samples are measured with running "
    "statistics of batch norm. `width` 1 has the published channel counts; at other widths first "
    "weights are scaled so that signals keep their size.\n";

std::string shown(const Json& value) {
  if (value.is_number_float()) return shortest(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string membership(const CandidateSpec& candidate) {
  if (candidate.extension) return "extension";
  std::vector<std::string> numbers;
  for (const int table : candidate.tables) numbers.push_back(std::to_string(table));
  return "tables " + join(numbers);
}

std::string section(const CandidateSpec& candidate) {
  std::string text = "\n## " + candidate.name + "\n";
  text += "`" + candidate.architecture;
  if (candidate.conditioning != "none") text += "+" + candidate.conditioning;
  text += "`, " + membership(candidate) + ". " + candidate.source + ".";
  if (!candidate.code.empty()) text += " Held against: " + candidate.code + ".";
  if (!candidate.same_training.empty()) {
    text += " Trains as `" + candidate.same_training + "`, step by step.";
  }
  text += "\n\n";
  std::vector<std::string> settings;
  const Json values = candidate_settings(candidate);
  for (const auto& [key, value] : values.items()) settings.push_back(key + " " + shown(value));
  text += join(settings) + ".\n";
  if (candidate.deviations.empty()) return text;
  text += "\nDeparts from its source in:\n";
  for (const auto& [setting, why] : candidate.deviations) {
    text += "- **" + setting + "**: " + why + ".\n";
  }
  return text;
}

}  // namespace

std::string candidates_markdown() {
  std::string text = kHead;
  for (const auto& candidate : candidates()) text += section(candidate);
  return text;
}

}  // namespace ganselect
