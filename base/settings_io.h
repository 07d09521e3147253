// Settings structs to and from JSON by one description each:
//
//   template <class V> void describe(V& v, TrainSettings& s) {
//     v.field("steps", s.steps, "generator updates", at_least(1));
//     v.field("critic", s.critic, "settings of the critic");        // a struct with its own
//     describe() nests
//   }
//
// Reading starts from the struct's defaults. An unknown key, a wrong type or a value out of range
// is a kUsage error that names the place, what is valid and the nearest name. std::optional reads
// and writes null.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace ganselect {

// What a value must satisfy beyond its type.
struct Check {
  std::optional<double> minimum, maximum;
  bool open_minimum = false;         // the minimum itself is not allowed
  bool whole = false;                // a whole number, of a field that could hold others
  std::vector<std::string> choices;  // for strings: the valid ones
};
inline Check at_least(double minimum) { return {.minimum = minimum}; }
inline Check whole_at_least(double minimum) { return {.minimum = minimum, .whole = true}; }
inline Check at_most(double maximum) { return {.maximum = maximum}; }
inline Check above(double minimum) { return {.minimum = minimum, .open_minimum = true}; }
inline Check between(double minimum, double maximum) {
  return {.minimum = minimum, .maximum = maximum};
}
inline Check one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }

// Throws kUsage with the place and what is valid.
void check_number(const std::string& where, double value, const Check& check);
void check_text(const std::string& where, const std::string& value, const Check& check);
[[noreturn]] void fail_type(const std::string& where, const std::string& expected, const Json& got);
[[noreturn]] void fail_unknown_key(const std::string& where, const std::string& key,
                                   const std::vector<std::string>& valid);

namespace settings_detail {

struct AnyVisitor {  // only for asking whether a type has a describe()
  template <class T>
  void field(const char*, T&, const char*, const Check& = {}) {}
};
template <class S>
concept Described = requires(AnyVisitor& v, S& s) {
  describe(v, s);
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
void read_value(const Json& json, T& value, const std::string& where, const Check& check);
template <class T>
void check_value(T& value, const std::string& where, const Check& check);
template <class T>
Json write_value(T& value);

}  // namespace settings_detail

// Writes every field, defaults included.
class SettingsWriter {
 public:
  template <class T>
  void field(const char* name, T& value, const char*, const Check& = {}) {
    json_[name] = settings_detail::write_value(value);
  }
  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

// Reads the fields that are present and remembers the valid names.
class SettingsReader {
 public:
  SettingsReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) fail_type(where_, "a JSON object", json_);
  }
  template <class T>
  void field(const char* name, T& value, const char*, const Check& check = {}) {
    valid_.emplace_back(name);
    const auto found = json_.find(name);
    if (found != json_.end())
      settings_detail::read_value(*found, value, where_ + " key '" + name + "'", check);
  }
  void refuse_unknown_keys() const {
    for (const auto& item : json_.items()) {
      bool known = false;
      for (const auto& name : valid_) known = known || name == item.key();
      if (!known) fail_unknown_key(where_, item.key(), valid_);
    }
  }

 private:
  const Json& json_;
  std::string where_;
  std::vector<std::string> valid_;
};

// One line of documentation a field: name, default, meaning.
struct FieldDoc {
  std::string name, default_value, meaning;
};
class SettingsLister {
 public:
  template <class T>
  void field(const char* name, T& value, const char* meaning, const Check& = {}) {
    docs_.push_back({name, settings_detail::write_value(value).dump(), meaning});
  }
  std::vector<FieldDoc> take() { return std::move(docs_); }

 private:
  std::vector<FieldDoc> docs_;
};

template <class S>
Json settings_to_json(const S& settings) {
  S copy = settings;  // describe() takes a reference that readers write through
  SettingsWriter writer;
  describe(writer, copy);
  return writer.take();
}

// Fields that `json` does not name keep the values of `defaults`.
template <class S>
S settings_from_json(const Json& json, const std::string& where, S defaults = S{}) {
  SettingsReader reader(json, where);
  describe(reader, defaults);
  reader.refuse_unknown_keys();
  return defaults;
}

// Holds every field against its Check, as reading from JSON does.
class SettingsChecker {
 public:
  explicit SettingsChecker(std::string where) : where_(std::move(where)) {}
  template <class T>
  void field(const char* name, T& value, const char*, const Check& check = {}) {
    settings_detail::check_value(value, where_ + " key '" + name + "'", check);
  }

 private:
  std::string where_;
};

// Throws kUsage for a field out of its range.
template <class S>
void check_described(const S& settings, const std::string& where) {
  S copy = settings;
  SettingsChecker checker(where);
  describe(checker, copy);
}

template <class S>
std::vector<FieldDoc> settings_docs() {
  S defaults{};
  SettingsLister lister;
  describe(lister, defaults);
  return lister.take();
}

namespace settings_detail {

template <class T>
void read_number(const Json& json, T& value, const std::string& where, const Check& check) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number()) fail_type(where, "a number", json);
    value = json.get<T>();
  } else {
    // 1e3 is a whole number to a person who writes JSON by hand.
    const bool whole =
        json.is_number_integer() ||
        (json.is_number_float() && std::floor(json.get<double>()) == json.get<double>() &&
         std::abs(json.get<double>()) < 9e15);
    if (!whole) fail_type(where, "a whole number", json);
    if (std::is_unsigned_v<T> && json.get<double>() < 0)
      fail_type(where, "a whole number of 0 or more", json);
    if (json.get<double>() > static_cast<double>(std::numeric_limits<T>::max()))
      fail_type(where, "a smaller number", json);
    value = json.is_number_float() ? static_cast<T>(json.get<double>()) : json.get<T>();
  }
  check_number(where, static_cast<double>(value), check);
}

template <class T>
void read_value(const Json& json, T& value, const std::string& where, const Check& check) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) fail_type(where, "true or false", json);
    value = json.get<bool>();
  } else if constexpr (std::is_arithmetic_v<T>) {
    read_number(json, value, where, check);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!json.is_string()) fail_type(where, "a text", json);
    value = json.get<std::string>();
    check_text(where, value, check);
  } else if constexpr (std::is_same_v<T, Json>) {
    value = json;
  } else if constexpr (IsOptional<T>::value) {
    if (json.is_null()) {
      value.reset();
    } else {
      typename T::value_type inner{};
      read_value(json, inner, where, check);
      value = std::move(inner);
    }
  } else if constexpr (IsVector<T>::value) {
    if (!json.is_array()) fail_type(where, "a list", json);
    value.clear();
    for (std::size_t i = 0; i < json.size(); ++i) {
      typename T::value_type inner{};
      read_value(json[i], inner, where + "[" + std::to_string(i) + "]", check);
      value.push_back(std::move(inner));
    }
  } else if constexpr (IsMap<T>::value) {
    if (!json.is_object()) fail_type(where, "a JSON object", json);
    value.clear();
    for (const auto& item : json.items()) {
      read_value(item.value(), value[item.key()], where + " key '" + item.key() + "'", check);
    }
  } else {
    static_assert(Described<T>,
                  "a settings field needs a supported type or a describe() of its own");
    value = settings_from_json<T>(json, where, value);
  }
}

template <class T>
void check_value(T& value, const std::string& where, const Check& check) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, Json>) {
  } else if constexpr (std::is_arithmetic_v<T>) {
    check_number(where, static_cast<double>(value), check);
  } else if constexpr (std::is_same_v<T, std::string>) {
    check_text(where, value, check);
  } else if constexpr (IsOptional<T>::value) {
    if (value) check_value(*value, where, check);
  } else if constexpr (IsVector<T>::value) {
    for (std::size_t i = 0; i < value.size(); ++i)
      check_value(value[i], where + "[" + std::to_string(i) + "]", check);
  } else if constexpr (IsMap<T>::value) {
    for (auto& [key, inner] : value) check_value(inner, where + " key '" + key + "'", check);
  } else {
    check_described(value, where);
  }
}

template <class T>
Json write_value(T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? write_value(*value) : Json(nullptr);
  } else if constexpr (IsVector<T>::value) {
    Json list = Json::array();
    for (auto& inner : value) list.push_back(write_value(inner));
    return list;
  } else if constexpr (IsMap<T>::value) {
    Json object = Json::object();
    for (auto& [key, inner] : value) object[key] = write_value(inner);
    return object;
  } else if constexpr (Described<T>) {
    return settings_to_json(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return utf8_text(value);
  } else {
    return Json(value);
  }
}

}  // namespace settings_detail

}  // namespace ganselect
