#include "harness/commands/slurm_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/shell.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr double kNoticeSeconds = 120;  // before its time is up a task is asked to end
constexpr double kNoticeShare = 0.25;   // of its time, at most
constexpr double kLongestSeconds = 366 * 86400.0;
constexpr const char* kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";

// Slurm counts whole minutes.
std::int64_t whole_minutes(double seconds) {
  if (seconds > kLongestSeconds) {
    fail(ErrorKind::kUsage, {.where = "--time",
                             .expected = "at most 366d",
                             .got = fmt::format("{:g} days", seconds / 86400)});
  }
  return static_cast<std::int64_t>(std::ceil(seconds / 60));
}

void check_partition(const std::string& partition) {
  const std::string allowed = std::string(kNameCharacters) + ",";
  if (partition.find_first_not_of(allowed) == std::string::npos) return;
  fail(ErrorKind::kUsage,
       {.where = "--partition",
        .expected = "a partition's name, or several with commas between, as sinfo lists them",
        .got = "'" + partition + "'"});
}

std::string job_name(std::string name) {
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::string(kNameCharacters).find(c) == std::string::npos; }, '_');
  return name;
}

}  // namespace

std::string slurm_script(const SlurmJob& job) {
  check_partition(job.partition);
  std::string text = "#!/bin/sh\n# " + job.remark + "\n";
  const auto ask = [&](const std::string& option) { text += "#SBATCH --" + option + "\n"; };
  ask("job-name=" + job_name(job.name));
  if (job.tasks) ask(fmt::format("array=1-{}", *job.tasks));
  if (!job.partition.empty()) ask("partition=" + job.partition);
  ask("nodes=1");
  ask("ntasks=1");
  if (job.cpus > 0) ask(fmt::format("cpus-per-task={}", job.cpus));
  if (job.gpus > 0) ask(fmt::format("gpus={}", job.gpus));
  double notice = kNoticeSeconds;
  if (job.seconds) {
    const auto minutes = whole_minutes(*job.seconds);
    ask(fmt::format("time={}:{:02}:00", minutes / 60, minutes % 60));
    notice = std::min(notice, kNoticeShare * 60 * static_cast<double>(minutes));
  }
  ask(fmt::format("signal=B:TERM@{:.0f}", notice));
  ask("requeue");
  ask("open-mode=append");
  text += "cd " + shell_word(job.folder.string()) + " || exit 1\n";
  // In the script's place, so that it is what gets the signal.
  return text + "exec " + shell_line(job.command) + "\n";
}

std::string submit_to_slurm(const fs::path& script) {
  std::string answer;
  const std::vector<std::string> command = {"sbatch", "--parsable", script.string()};
  const int status = run_command(command, &answer);
  if (status == kNoSuchProgram) {
    fail(ErrorKind::kFailed,
         {.where = "--slurm",
          .expected = "sbatch, the command that takes jobs for Slurm",
          .got = "none on the path",
          .hint = "call it where the cluster is used from, or install it (Debian and Ubuntu: "
                  "slurm-client); --print shows the script"});
  }
  // "number" or "number;cluster"
  const auto number = answer.substr(0, answer.find_first_of(";\n"));
  const bool numbered =
      !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  if (status != 0 || !numbered) {
    fail(ErrorKind::kFailed, {.where = "--slurm",
                              .expected = "'" + shell_line(command) + "' to take the job",
                              .got = fmt::format("exit status {}", status),
                              .hint = "what sbatch says stands above"});
  }
  return number;
}

}  // namespace ganselect
