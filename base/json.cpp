#include "base/json.h"

#include <cmath>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {

Json parse_json(const std::string& text, const std::string& where) {
  std::vector<std::set<std::string>> open_objects;
  std::string repeated;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key &&
        !open_objects.back().insert(parsed.get<std::string>()).second) {
      repeated = parsed.get<std::string>();
    }
    return true;
  };
  try {
    Json parsed = Json::parse(text, watch);
    if (!repeated.empty()) {
      fail(ErrorKind::kUsage,
           {.where = where, .expected = "each key once", .got = "'" + repeated + "' twice"});
    }
    return parsed;
  } catch (const nlohmann::json::exception& e) {
    fail(ErrorKind::kUsage, {.where = where, .expected = "a JSON document", .got = e.what()});
  }
}

Json read_json_file(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

Json number_or_null(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

}  // namespace ganselect
