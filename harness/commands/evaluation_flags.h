// The flags of commands that measure samples, declared once.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/evaluate/evaluation.h"

namespace ganselect {

// How samples are measured; `seed_flag` is what the plan's seed is called beside the command's own
// seeds, `without` the fields that the command has no use for.
void add_evaluation_flags(CLI::App& app, EvaluationPlan& plan, const std::string& seed_flag,
                          const std::vector<std::string>& without = {});

// --image-size, --fit, --channels, --ground, --values: how images become samples.
void add_reading_flags(CLI::App& app, ImageReading& reading);

// --graph: how iterations are run.
void add_graph_flag(CLI::App& app, std::string& graph);

// --tensorboard: event files of trials.
void add_tensorboard_flag(CLI::App& app, bool& tensorboard);

// Where reference features are kept between runs.
struct CacheFlags {
  std::string folder;  // empty: default_reference_cache()
  bool off = false;
};
void add_cache_flags(CLI::App& app, CacheFlags& flags);
std::optional<std::filesystem::path> cache_folder(const CacheFlags& flags);

}  // namespace ganselect
