// Command-line options of a settings struct, made from its describe() (base/settings_io.h): a field
// `curve_interval` becomes --curve-interval with its meaning, its choices and its default.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "base/settings_io.h"
#include "base/text.h"

namespace ganselect {

// "KEY=NUMBER" texts as a map; kUsage for another form.
std::map<std::string, double> numbers_by_key(const std::vector<std::string>& texts,
                                             const std::string& flag);

// A flag of KEY=NUMBER pairs with commas between.
void add_numbers_flag(CLI::App& app, const std::string& flag, std::map<std::string, double>& value,
                      const std::string& help);

class SettingFlags {
 public:
  // `names`: fields whose option has another name than their own, "" for those without one.
  SettingFlags(CLI::App& app, std::map<std::string, std::string> names)
      : app_(app), names_(std::move(names)) {}

  template <class T>
  void field(const char* name, T& value, const char* meaning, const Check& check = {}) {
    const auto flag = flag_of(name);
    if (flag.empty()) return;
    const auto help =
        check.choices.empty() ? std::string(meaning) : meaning + (": " + join(check.choices));
    if constexpr (std::is_same_v<T, bool>) {
      app_.add_flag(flag, value, help);
    } else if constexpr (settings_detail::IsMap<T>::value) {
      add_numbers_flag(app_, flag, value, help);
    } else if constexpr (settings_detail::IsVector<T>::value) {
      app_.add_option(flag, value, help)->delimiter(',');
    } else if constexpr (settings_detail::IsOptional<T>::value) {
      const auto option = app_.add_option(flag, value, help);
      if (value) option->default_str(Json(*value).dump());
    } else {
      app_.add_option(flag, value, help)->capture_default_str();
    }
  }

 private:
  std::string flag_of(const std::string& name) const;

  CLI::App& app_;
  std::map<std::string, std::string> names_;
};

// `settings` must outlive the parsing; its values are the defaults.
template <class S>
void add_setting_flags(CLI::App& app, S& settings, std::map<std::string, std::string> names = {}) {
  SettingFlags flags(app, std::move(names));
  describe(flags, settings);
}

}  // namespace ganselect
