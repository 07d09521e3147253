// The model card of a judge.
#include <cmath>

#include "base/text.h"
#include "metrics/judge_make.h"

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

}  // namespace

std::string judge_card(const Judge& judge) {
  const auto& spec = judge_table().at(judge.name);
  std::string text =
      "# " + judge.name + "\n\nA " + spec.explanation + ".\n\n" + figures_table(judge);
  text += "\n## Confusion matrix\n\n" + confusion_table(judge);
  text += "\n## Training\n\n```\nganselect judge train --dataset " + judge.dataset +
          " --out DIR --seed " + std::to_string(judge.settings.seed) + "\n```\n\n";
  text += "Precision " + judge.training.at("precision").get<std::string>() + ", " +
          std::to_string(judge.training.at("threads").get<int>()) + " threads, " +
          human_seconds(judge.training.at("seconds").get<double>()) + ", " +
          std::to_string(judge.training.at("epochs_done").get<int64_t>()) + " of " +
          std::to_string(judge.settings.epochs) +
          " epochs. The last epoch's averaged network is kept; the test images choose nothing. "
          "Curve: " +
          judge.name + ".csv. Settings:\n\n```json\n" + settings_to_json(judge.settings).dump(2) +
          "\n```\n";
  text += "\n## Limits\n\n";
  for (const auto& limit : spec.limits) text += "- " + limit + "\n";
  return text;
}

}  // namespace ganselect
