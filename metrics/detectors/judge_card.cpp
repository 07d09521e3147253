// The model card of a judge.
#include <cmath>

#include "base/text.h"
#include "metrics/detectors/judge_make.h"

namespace ganselect {
namespace {

std::string percent(double share) {
  const double rounded = std::round(share * 10000.0) / 100.0;
  return shortest(rounded) + "%";
}

// Wilson's 95% interval of a share (Wilson 1927): right near 100% too, where the usual one is not.
std::string share_interval(int64_t correct, int64_t count) {
  constexpr double kNormal = 1.959963984540054;
  const auto n = static_cast<double>(count);
  const double p = static_cast<double>(correct) / n, z = kNormal * kNormal / n;
  const double middle = (p + z / 2) / (1 + z);
  const double half = kNormal / (1 + z) * std::sqrt(p * (1 - p) / n + z / (4 * n));
  return percent(middle - half) + " to " + percent(middle + half);
}

std::string confusion_table(const Judge& judge) {
  std::string table = "| true \\ answered |";
  std::string rule = "| --- |";
  for (const auto& name : judge.class_names) {
    table += " " + name + " |";
    rule += " --- |";
  }
  table += " right |\n" + rule + " --- |\n";
  const auto& rows = judge.evaluation.at("confusion");
  for (std::size_t row = 0; row < rows.size(); ++row) {
    int64_t total = 0;
    table += "| " + judge.class_names.at(row) + " |";
    for (const auto& cell : rows[row]) {
      total += cell.get<int64_t>();
      table += " " + std::to_string(cell.get<int64_t>()) + " |";
    }
    const auto right = rows[row][row].get<int64_t>();
    table += " " +
             (total == 0 ? "none shown"
                         : percent(static_cast<double>(right) / static_cast<double>(total))) +
             " |\n";
  }
  return table;
}

std::string figures_table(const Judge& judge) {
  const auto& e = judge.evaluation;
  const auto& architecture = judge.network->architecture();
  const auto correct = e.at("correct").get<int64_t>(), count = e.at("count").get<int64_t>();
  std::string text = "| | |\n| --- | --- |\n";
  const auto row = [&](const std::string& what, const std::string& value) {
    text += "| " + what + " | " + value + " |\n";
  };
  row("accuracy", percent(e.at("accuracy").get<double>()) + " (" + std::to_string(correct) +
                      " of " + std::to_string(count) + " images, split \"" +
                      e.at("split").get<std::string>() + "\"; 95% interval " +
                      share_interval(correct, count) + ")");
  row("test images", "SHA-256 " + e.at("digest").get<std::string>());
  row("trained on", std::to_string(judge.training.at("count").get<int64_t>()) + " images of " +
                        judge.dataset + ", split \"" +
                        judge.training.at("split").get<std::string>() + "\", SHA-256 " +
                        judge.training.at("digest").get<std::string>());
  row("parameters", std::to_string(judge_parameters(*judge.network)));
  row("FLOPs an image", std::to_string(judge_flops(architecture)) + " (two to a multiply-add)");
  row("features",
      std::to_string(architecture.features()) + ", the last block's mean over rows and columns");
  row("class scores", std::to_string(architecture.classes));
  row("file", judge.name + ".safetensors, SHA-256 " + judge.digest);
  return text;
}

// How to train it again, and what that took.
std::string training_text(const Judge& judge, const JudgeSpec& spec) {
  JudgeTrainSettings defaults = spec.settings;
  defaults.seed = judge.settings.seed;
  const bool plain = settings_to_json(defaults) == settings_to_json(judge.settings);
  const auto& t = judge.training;
  const auto threads = t.at("threads").get<int>();
  return "```\nganselect judge train --dataset " + judge.dataset + " --out DIR --seed " +
         std::to_string(judge.settings.seed) + "\n```\n\n" +
         (plain ? "with the default settings of this data set"
                : "with settings that differ from this data set's defaults") +
         " (below). Precision " + t.at("precision").get<std::string>() + ", " +
         std::to_string(threads) + (threads == 1 ? " thread, " : " threads, ") +
         human_seconds(t.at("seconds").get<double>()) + ", " +
         std::to_string(t.at("epochs_done").get<int64_t>()) + " of " +
         std::to_string(judge.settings.epochs) +
         " epochs. The averaged network of the last epoch is kept; the test images chose nothing. "
         "Curve: " +
         judge.name + ".csv.\n\n```json\n" + settings_to_json(judge.settings).dump(2) + "\n```\n";
}

}  // namespace

std::string judge_card(const Judge& judge) {
  const auto& spec = judge_table().at(judge.name);
  std::string text =
      "# " + judge.name + "\n\nA " + spec.explanation + ".\n\n" + figures_table(judge);
  text += "\n## Confusion matrix\n\n" + confusion_table(judge);
  text += "\n## Training\n\n" + training_text(judge, spec);
  text += "\n## Limits\n\n";
  for (const auto& limit : spec.limits) text += "- " + limit + "\n";
  return text;
}

}  // namespace ganselect
