#include "harness/cli/command_replay.h"

#include <filesystem>
#include <memory>

#include "base/provenance.h"
#include "results/records/store.h"
#include "selection/race/curves.h"
#include "selection/race/replay.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct ReplayFlags {
  std::string results;
  ReplaySettings settings;
  bool json = false;
};

int run_replay(const ReplayFlags& f) {
  const fs::path folder =
      f.results.empty() ? fs::path(share_dir()) / "results" / "published" : fs::path(f.results);
  const auto records = load_record_folder(folder).records;
  const auto replay = replay_races(fit_curves(stored_curves(records)), f.settings);
  print_result(f.json ? to_json(replay).dump(2) + "\n" : replay_text(replay));
  return 0;
}

}  // namespace

CommandAction attach_replay(CLI::App& app) {
  auto flags = std::make_shared<ReplayFlags>();
  auto& settings = flags->settings;
  app.add_option("--results", flags->results,
                 "folder of records (default: the published results that come with the program)");
  app.add_option("--races", settings.races, "races on drawn curves")->capture_default_str();
  app.add_option("--contenders", settings.contenders, "contenders of each")->capture_default_str();
  app.add_option("--seeds", settings.seeds, "trials of each contender in a race")
      ->capture_default_str();
  app.add_option("--looks", settings.looks, "looks a rung")->capture_default_str();
  app.add_option("--seed", settings.seed, "of all draws")->capture_default_str();
  app.add_flag("--json", flags->json, "as JSON");
  return [flags] { return run_replay(*flags); };
}

}  // namespace ganselect
