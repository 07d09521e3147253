#include "harness/commands/output_files.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "harness/sweep/trial_job.h"
#include "harness/train/checkpoint.h"
#include "harness/train/trial_files.h"
#include "results/records/store.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 6> kTrialFiles = {
    kRecordFile, kSettingsFile, kCurveFile, kGeneratorFile, kCheckpointFile, kStatisticsFile};

}  // namespace

void check_output(const fs::path& output, const std::vector<fs::path>& inputs) {
  std::error_code unseen;
  if (output.empty() || !fs::exists(output, unseen)) return;
  const auto refuse = [&](const char* got) {
    fail(ErrorKind::kUsage, {.where = output.string(),
                             .expected = "a file that the result may replace",
                             .got = got,
                             .hint = "name another"});
  };
  for (const auto& input : inputs) {
    if (!input.empty() && fs::equivalent(output, input, unseen)) refuse("what is read from");
  }
  const auto name = output.filename().string();
  const bool of_trial =
      std::find(kTrialFiles.begin(), kTrialFiles.end(), name) != kTrialFiles.end();
  if (of_trial && fs::exists(output.parent_path() / kSettingsFile, unseen))
    refuse("a file of a trial");
}

}  // namespace ganselect
