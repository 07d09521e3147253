#include "base/json.h"

#include <simdjson.h>

#include <cmath>
#include <set>
#include <string_view>
#include <unordered_set>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace {

// Deeper than any document of the project, far from what a recursive reader could not bear.
constexpr int kDeepest = 200;

[[noreturn]] void refuse_repetition(const std::string& where, std::string_view key) {
  fail(ErrorKind::kUsage,
       {.where = where, .expected = "each key once", .got = "'" + std::string(key) + "' twice"});
}

// A key written twice in one object would lose one of its values silently.
void refuse_repeated_keys(const Json::object_t& object, const std::string& where) {
  constexpr std::size_t kFew = 24;  // up to here comparing all pairs is quicker than a set
  if (object.size() <= kFew) {
    for (auto a = object.begin(); a != object.end(); ++a) {
      for (auto b = object.begin(); b != a; ++b) {
        if (a->first == b->first) refuse_repetition(where, a->first);
      }
    }
    return;
  }
  std::unordered_set<std::string_view> seen;
  for (const auto& [key, value] : object) {
    if (!seen.insert(key).second) refuse_repetition(where, key);
  }
}

Json from_dom(simdjson::dom::element element, const std::string& where) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::OBJECT: {
      Json json = Json::object();
      auto& members = json.get_ref<Json::object_t&>();
      const simdjson::dom::object object = element.get_object().value_unsafe();
      members.reserve(object.size());
      // Not insert(), which would look for the key among those before it.
      auto& list = static_cast<Json::object_t::Container&>(members);
      for (const auto& [key, value] : object) list.emplace_back(key, from_dom(value, where));
      refuse_repeated_keys(members, where);
      return json;
    }
    case element_type::ARRAY: {
      Json json = Json::array();
      auto& items = json.get_ref<Json::array_t&>();
      const simdjson::dom::array array = element.get_array().value_unsafe();
      items.reserve(array.size());
      for (const auto item : array) items.push_back(from_dom(item, where));
      return json;
    }
    case element_type::STRING:
      return std::string(element.get_string().value_unsafe());
    case element_type::INT64: {
      const std::int64_t value = element.get_int64().value_unsafe();
      if (value < 0) return value;
      return static_cast<std::uint64_t>(value);  // as the other parser has it
    }
    case element_type::UINT64:
      return element.get_uint64().value_unsafe();
    case element_type::DOUBLE:
      return element.get_double().value_unsafe();
    case element_type::BOOL:
      return element.get_bool().value_unsafe();
    default:
      return nullptr;
  }
}

// The slower parser, which says where a document is broken and takes whole numbers of any size.
Json parse_with_reasons(const std::string& text, const std::string& where) {
  std::vector<std::set<std::string>> open_objects;
  std::string repeated;
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    too_deep = too_deep || depth > kDeepest;
    if (too_deep) return false;
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
    if (too_deep) {
      fail(ErrorKind::kUsage, {.where = where,
                               .expected = "at most " + std::to_string(kDeepest) + " levels",
                               .got = "more, one inside the other"});
    }
    if (!repeated.empty()) refuse_repetition(where, repeated);
    return parsed;
  } catch (const nlohmann::json::exception& e) {
    fail(ErrorKind::kUsage, {.where = where, .expected = "a JSON document", .got = e.what()});
  }
}

}  // namespace

Json parse_json(const std::string& text, const std::string& where) {
  thread_local simdjson::dom::parser parser;
  if (text.size() <= parser.max_capacity() &&
      (parser.capacity() >= text.size() ||
       parser.allocate(text.size(), kDeepest) == simdjson::SUCCESS)) {
    simdjson::dom::element root;
    if (parser.parse(text).get(root) == simdjson::SUCCESS) return from_dom(root, where);
  }
  return parse_with_reasons(text, where);
}

Json read_json_file(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

Json number_or_null(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

}  // namespace ganselect
