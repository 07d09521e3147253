// JSON as the project uses it: keys keep the order in which they were written, so files read well
// and repeat byte for byte.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace ganselect {

using Json = nlohmann::ordered_json;

// Parses one JSON document; `where` names it in a kUsage error. A key written twice in one object
// is an error too, since one of the two values would be lost silently.
Json parse_json(const std::string& text, const std::string& where);

// The parsed file; kData when it cannot be read, kUsage when it is not JSON.
Json read_json_file(const std::filesystem::path& path);

// A number, or null where there is none (a non-finite number has no JSON form either).
Json number_or_null(const std::optional<double>& value);

}  // namespace ganselect
