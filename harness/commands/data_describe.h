// What a data set holds and what loading it would do, for `data describe`.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.h"

namespace ganselect {

// {"name", "files" (of a folder, else null), "loads": {split: {"samples", "shape", "classes",
// "repeated"}}, "problem" (null where it loads), "notes"}. `grid`: where a picture of some training
// images goes; empty: none. A set that cannot be loaded is described as far as its files tell.
Json describe_dataset(const std::string& name, const std::filesystem::path& data_dir,
                      const std::filesystem::path& grid);

// The same for people.
std::string description_text(const Json& description);

}  // namespace ganselect
