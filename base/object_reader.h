// Reads the keys of a JSON object, each fault an Error kData that names file and key.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace ganselect {

/// A value for a message, cut where it is long.
inline std::string short_form(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kLongest = 60;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

/// A JSON object together with the place it stands at, so that every complaint names file and key.
class ObjectReader {
 public:
  ObjectReader(Json& json, std::string file, std::string path)
      : json_(json), file_(std::move(file)), path_(std::move(path)) {
    if (!json_.is_object()) complain("", "an object", short_form(json_));
  }

  [[noreturn]] void complain(const std::string& key, const std::string& expected,
                             const std::string& got, const std::string& hint = "") const {
    const std::string at = key_path(key);
    fail(ErrorKind::kData, {.where = at.empty() ? file_ : file_ + ": " + at,
                            .expected = expected,
                            .got = got,
                            .hint = hint});
  }

  Json& at(const std::string& key, const std::string& expected) const {
    const auto found = json_.find(key);
    if (found == json_.end()) complain(key, expected, "no such key");
    return *found;
  }

  bool has(const std::string& key) const {
    const auto found = json_.find(key);
    return found != json_.end() && !found->is_null();
  }

  std::string text(const std::string& key) const {
    const Json& value = at(key, "a string");
    if (!value.is_string()) complain(key, "a string", short_form(value));
    return value.get<std::string>();
  }

  std::string name(const std::string& key) const {
    std::string value = text(key);
    if (value.empty()) complain(key, "a string that is not empty", "\"\"");
    return value;
  }

  std::optional<std::string> text_or_null(const std::string& key) const {
    if (!has(key)) return std::nullopt;
    return text(key);
  }

  std::int64_t count(const std::string& key, std::int64_t least) const {
    const std::string expected = "a whole number of at least " + std::to_string(least);
    const Json& value = at(key, expected);
    if (!value.is_number_integer()) complain(key, expected, short_form(value));
    // An unsigned value above the signed range would wrap to a negative one.
    if (value.is_number_unsigned() &&
        value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
      complain(key, expected, short_form(value));
    }
    const auto number = value.get<std::int64_t>();
    if (number < least) complain(key, expected, short_form(value));
    return number;
  }

  std::uint64_t seed(const std::string& key) const {
    const Json& value = at(key, "a whole number of at least 0");
    if (!value.is_number_unsigned() &&
        !(value.is_number_integer() && value.get<std::int64_t>() >= 0)) {
      complain(key, "a whole number of at least 0", short_form(value));
    }
    return value.get<std::uint64_t>();
  }

  double number(const std::string& key, double least, bool least_allowed) const {
    const std::string expected = std::string("a finite number ") +
                                 (least_allowed ? "of at least " : "above ") + shortest(least);
    const Json& value = at(key, expected);
    if (!value.is_number()) complain(key, expected, short_form(value));
    const double number = value.get<double>();
    const bool in_range = least_allowed ? number >= least : number > least;
    if (!std::isfinite(number) || !in_range) complain(key, expected, short_form(value));
    return number;
  }

  bool flag(const std::string& key) const {
    const Json& value = at(key, "true or false");
    if (!value.is_boolean()) complain(key, "true or false", short_form(value));
    return value.get<bool>();
  }

  std::vector<std::string> texts(const std::string& key) const {
    std::vector<std::string> all;
    for (const Json& item : array(key)) {
      if (!item.is_string()) complain(key, "an array of strings", short_form(item));
      all.push_back(item.get<std::string>());
    }
    return all;
  }

  Json& array(const std::string& key) const {
    Json& value = at(key, "an array");
    if (!value.is_array()) complain(key, "an array", short_form(value));
    return value;
  }

  ObjectReader object(const std::string& key) const {
    return {at(key, "an object"), file_, key_path(key)};
  }

  ObjectReader element(const std::string& key, std::size_t index) const {
    return {array(key)[index], file_, key_path(key) + "[" + std::to_string(index) + "]"};
  }

  const Json& json() const { return json_; }
  // The object itself, which is empty afterwards; spares a deep copy.
  Json take() const { return std::exchange(json_, Json::object()); }

 private:
  std::string key_path(const std::string& key) const {
    if (path_.empty() || key.empty()) return path_ + key;
    return path_ + "." + key;
  }

  Json& json_;
  std::string file_;
  std::string path_;
};

}  // namespace ganselect
