#include "harness/commands/slurm_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/shell.h"
#include "harness/cli/libtorch.h"
#include "harness/commands/durations_flag.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kUsualTasks = 8;  // at most, where their number is not given
constexpr const char* kScriptFile = "slurm.sh";
constexpr const char* kGroup = "Slurm";

// Those of the job; all others are the command's own and passed on. --json is of what is printed
// here.
const std::vector<std::string>& job_options() {
  static const std::vector<std::string> names = {"--slurm", "--partition", "--gpus",  "--cpus",
                                                 "--time",  "--tasks",     "--print", "--json"};
  return names;
}

void append_words(const CLI::App& app, const std::vector<std::string>& without,
                  std::vector<std::string>& words) {
  std::vector<std::string> flags;
  for (const auto* option : app.get_options()) {
    const auto name = option->get_name();
    if (option->count() == 0 || std::count(without.begin(), without.end(), name) > 0) continue;
    auto values = option->results();
    if (!option->nonpositional()) {
      words.insert(words.end(), values.begin(), values.end());
      continue;
    }
    flags.push_back(name);
    if (option->get_items_expected_max() == 0) continue;
    std::string value;
    for (const auto& part : values)
      value += (value.empty() ? "" : std::string(1, option->get_delimiter())) + part;
    flags.push_back(option->get_delimiter() == '\0' ? values.back() : value);
  }
  words.insert(words.end(), flags.begin(), flags.end());
}

std::int64_t tasks_of(const SlurmFlags& flags, const SlurmRequest& request) {
  if (flags.tasks == 0) return std::min(kUsualTasks, request.most_tasks);
  if (flags.tasks <= request.most_tasks) return flags.tasks;
  fail(ErrorKind::kUsage,
       {.where = "--tasks",
        .expected = fmt::format("1 to {}, the number of trials", request.most_tasks),
        .got = std::to_string(flags.tasks)});
}

}  // namespace

void add_slurm_flags(CLI::App& app, SlurmFlags& flags, bool several) {
  auto* slurm = app.add_flag("--slurm", flags.submit,
                             several ? "submit to Slurm, by sbatch, an array of such commands that "
                                       "share the trials"
                                     : "submit to Slurm, by sbatch, as one job on one node: only "
                                       "one process works on a race");
  slurm->group(kGroup);
  const auto of_job = [&](CLI::Option* option) { option->needs(slurm)->group(kGroup); };
  of_job(app.add_option("--partition", flags.partition, "where (default: the cluster's)"));
  of_job(app.add_option("--gpus", flags.gpus, "GPUs of each task (default: the cluster's)")
             ->check(CLI::Range(1, 64)));
  of_job(app.add_option("--cpus", flags.cpus, "cores of each task (default: the cluster's)")
             ->check(CLI::Range(1, 4096)));
  of_job(app.add_option("--time", flags.time,
                        several ? "limit of each task (30min, 4h, 2d), before which its state is "
                                  "saved (default: the partition's)"
                                : "limit (30min, 4h, 2d), before which its state is saved "
                                  "(default: somewhat more than --budget)"));
  if (several) {
    of_job(app.add_option("--tasks", flags.tasks,
                          fmt::format("tasks of the array (default: as many as there are trials, "
                                      "at most {})",
                                      kUsualTasks))
               ->check(CLI::Range(1, 1000000)));
  }
  of_job(app.add_flag("--print", flags.print, "only show the job script; submits nothing"));
}

std::vector<std::string> command_words(const CLI::App& app,
                                       const std::vector<std::string>& without) {
  std::vector<std::string> words = {program_path().string(), app.get_name()};
  append_words(app, without, words);
  if (app.get_parent() != nullptr) append_words(*app.get_parent(), without, words);
  return words;
}

int run_by_slurm(const CLI::App& app, const SlurmFlags& flags, const SlurmRequest& request) {
  SlurmJob job{.name = "ganselect-" + request.name,
               .remark = request.remark,
               .command = command_words(app, job_options()),
               .folder = fs::current_path(),
               .tasks = std::nullopt,
               .partition = flags.partition,
               .gpus = flags.gpus,
               .cpus = flags.cpus,
               .seconds = request.seconds};
  if (request.most_tasks > 0) job.tasks = tasks_of(flags, request);
  if (!flags.time.empty()) job.seconds = parse_seconds(flags.time, "--time");
  const auto text = slurm_script(job);
  if (flags.print) {
    print_result(text);
    return 0;
  }
  const auto script = fs::absolute(request.out) / kScriptFile;
  write_file_atomically(script, text);
  const auto number = submit_to_slurm(script);
  const auto tasks = job.tasks.value_or(1);
  if (request.json) {
    print_result(Json{{"job", number}, {"tasks", tasks}, {"script", script.string()}}.dump(2) +
                 "\n");
    return 0;
  }
  print_result(
      fmt::format("job {}: {} into {}\n  script   {}\n  squeue --job {} and the logs "
                  "slurm-{}*.out say how it is\n  scancel {} ends it with its state "
                  "saved; the same command goes on\n",
                  number, tasks == 1 ? "one task" : fmt::format("{} tasks", tasks),
                  request.out.string(), script.string(), number, number, number));
  return 0;
}

}  // namespace ganselect
