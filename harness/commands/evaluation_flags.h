// The flags of commands that measure samples, declared once.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "harness/evaluate/evaluation.h"

namespace ganselect {

// How samples are measured; `seed_flag` is what the plan's seed is called beside the command's own
// seeds.
void add_evaluation_flags(CLI::App& app, EvaluationPlan& plan, const std::string& seed_flag);

// Where reference features are kept between runs.
struct CacheFlags {
  std::string folder;  // empty: default_reference_cache()
  bool off = false;
};
void add_cache_flags(CLI::App& app, CacheFlags& flags);
std::optional<std::filesystem::path> cache_folder(const CacheFlags& flags);

}  // namespace ganselect
