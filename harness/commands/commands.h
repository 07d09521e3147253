// One function a command; each declares its flags and returns its action. The table stands in
// commands.cpp.
#pragma once

#include "harness/cli/answers.h"

namespace ganselect {

// Every command, in the order of `ganselect --help`.
std::vector<Command> commands();

CommandAction attach_list(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_explain(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_data(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_train(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_race(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_sweep(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_evaluate(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_metrics(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_validate(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_sample(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_export(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_judge(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_bench(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_embedding(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_neighbors(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_partition(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_precision(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_tags(CLI::App& app, const GlobalFlags& flags);
CommandAction attach_verify(CLI::App& app, const GlobalFlags& flags);

}  // namespace ganselect
