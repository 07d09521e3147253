#include "harness/commands/evaluation_flags.h"

#include "base/text.h"
#include "harness/commands/setting_flags.h"
#include "harness/train/capture/step_runner.h"

namespace ganselect {

void add_evaluation_flags(CLI::App& app, EvaluationPlan& plan, const std::string& seed_flag,
                          const std::vector<std::string>& without) {
  std::map<std::string, std::string> names = {{"seed", seed_flag}, {"mode", "--bn-mode"}};
  for (const auto& field : without) names[field] = "";
  add_setting_flags(app, plan, std::move(names));
}

void add_reading_flags(CLI::App& app, ImageReading& reading) { add_setting_flags(app, reading); }

void add_graph_flag(CLI::App& app, std::string& graph) {
  app.add_option("--graph", graph,
                 "capture iterations in a CUDA graph: " + join(graph_modes().names()))
      ->capture_default_str();
}

void add_tensorboard_flag(CLI::App& app, bool& tensorboard) {
  app.add_flag("--tensorboard", tensorboard,
               "an event file for TensorBoard beside the curve of each trial");
}

void add_cache_flags(CLI::App& app, CacheFlags& flags) {
  app.add_option("--cache", flags.folder,
                 "folder for features of reference samples (default: in the user's cache folder)");
  app.add_flag("--no-cache", flags.off, "neither look for stored reference features nor keep any");
}

std::optional<std::filesystem::path> cache_folder(const CacheFlags& flags) {
  if (flags.off) return std::nullopt;
  if (!flags.folder.empty()) return flags.folder;
  return default_reference_cache();
}

}  // namespace ganselect
