// A command of this program as a job of Slurm: the script, and how it is submitted. The script says
// to Slurm what is asked of it here and leaves the rest to the cluster's defaults and to the
// variables that sbatch reads (SBATCH_ACCOUNT, SBATCH_QOS, SBATCH_MEM_PER_NODE, ...).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ganselect {

struct SlurmJob {
  std::string name;                   // in lists of jobs: letters, digits, '.', '_', '-' and '+'
  std::string remark;                 // one line: how the tasks go together
  std::vector<std::string> command;   // words, the program first
  std::filesystem::path folder;       // where it is run
  std::optional<std::int64_t> tasks;  // of an array, from 1 on; none: one job
  std::string partition;              // empty: the cluster's default
  std::int64_t gpus = 0, cpus = 0;    // of each task; 0: the cluster's default
  std::optional<double> seconds;      // until Slurm ends it; none: the partition's limit
};

// What sbatch reads (Slurm 22.05's manual of sbatch). Every task is asked to end, which saves its
// state, before its time is up, and starts again where its node was lost. kUsage for a partition
// that no Slurm has, and for times longer than a year.
std::string slurm_script(const SlurmJob& job);

// Submits a script by sbatch; gives the job's number. kFailed where there is no sbatch on the path,
// and with what it answered where it refuses.
std::string submit_to_slurm(const std::filesystem::path& script);

}  // namespace ganselect
