#include "harness/commands/setting_flags.h"

#include <algorithm>
#include <charconv>

namespace ganselect {

std::map<std::string, double> numbers_by_key(const std::vector<std::string>& texts,
                                             const std::string& flag) {
  std::map<std::string, double> numbers;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    double value = 0;
    const char* const end = text.data() + text.size();
    const char* const first = equals == std::string::npos ? end : text.data() + equals + 1;
    const auto read = std::from_chars(first, end, value);
    if (equals == 0 || first == end || read.ec != std::errc{} || read.ptr != end) {
      fail(ErrorKind::kUsage,
           {.where = flag, .expected = "KEY=NUMBER, as ndb.bins=50", .got = "'" + text + "'"});
    }
    numbers[text.substr(0, equals)] = value;
  }
  return numbers;
}

void add_numbers_flag(CLI::App& app, const std::string& flag, std::map<std::string, double>& value,
                      const std::string& help) {
  app.add_option_function<std::vector<std::string>>(
         flag,
         [&value, flag](const std::vector<std::string>& texts) {
           value = numbers_by_key(texts, flag);
         },
         help)
      ->delimiter(',')
      ->type_name("KEY=NUMBER,...");
}

std::string SettingFlags::flag_of(const std::string& name) const {
  if (const auto other = names_.find(name); other != names_.end()) return other->second;
  std::string flag = "--" + name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

}  // namespace ganselect
