// The flags that make a job for Slurm of a command, and what they do.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/commands/slurm_job.h"

namespace ganselect {

struct SlurmFlags {
  bool submit = false, print = false;
  std::string partition, time;
  std::int64_t gpus = 0, cpus = 0, tasks = 0;
};

// --slurm, --partition, --gpus, --cpus, --time, --print and, of a command that several processes
// may work on, --tasks.
void add_slurm_flags(CLI::App& app, SlurmFlags& flags, bool several);

// The words that started `app`, but for `without` (names of options), with this program first.
std::vector<std::string> command_words(const CLI::App& app,
                                       const std::vector<std::string>& without);

// A command's own part of its job.
struct SlurmRequest {
  std::string name, remark;
  std::filesystem::path out;      // gets the script
  std::int64_t most_tasks = 0;    // 0: it is one job
  std::optional<double> seconds;  // where --time is not given
  bool json = false;
};

// Writes the script into the folder and submits it, or prints it (--print), which writes nothing;
// the exit status.
int run_by_slurm(const CLI::App& app, const SlurmFlags& flags, const SlurmRequest& request);

}  // namespace ganselect
