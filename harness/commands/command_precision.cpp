// `precision`: which arithmetic may be the default, from the records of the plan of that name.
#include "base/log.h"
#include "harness/commands/commands.h"
#include "results/records/store.h"
#include "selection/advice/precision_choice.h"

namespace ganselect {

CommandAction attach_precision(CLI::App& app, const GlobalFlags&) {
  struct Flags {
    std::string results = "runs/precision";
    bool json = false;
  };
  auto flags = std::make_shared<Flags>();
  app.add_option("--results", flags->results, "folder of records")->capture_default_str();
  app.add_flag("--json", flags->json, "as JSON");
  return [flags] {
    const LoadedRecords loaded = load_record_folder(flags->results);
    for (const auto& skipped : loaded.skipped)
      log_warn("left out {}: {}", skipped.path.string(), skipped.reason);
    const PrecisionChoice choice = choose_precision(loaded.records);
    print_result(flags->json ? to_json(choice).dump(2) + "\n" : to_text(choice));
    return 0;
  };
}

}  // namespace ganselect
