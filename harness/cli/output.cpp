#include "harness/cli/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <sstream>

#include "base/text.h"

namespace ganselect {

TextGrid::TextGrid(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void TextGrid::add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

std::string TextGrid::text() const {
  constexpr std::size_t kNarrowest = 24;  // a last column of fewer characters is hard to read
  const std::size_t columns = rows_.front().size();
  const std::size_t last = columns - 1;
  std::vector<std::size_t> widths(last, 0);
  for (const auto& row : rows_) {
    for (std::size_t j = 0; j < last; ++j) widths[j] = std::max(widths[j], printed_width(row[j]));
  }
  const std::size_t before = std::accumulate(widths.begin(), widths.end(), 2 * last);
  const auto width = output_width();
  if (!width || *width < before + kNarrowest) return aligned_rows(rows_, columns);
  TextRows folded;
  for (auto row : rows_) {
    std::istringstream lines(wrapped(row[last], *width - before, 0, 0));
    for (std::string line; std::getline(lines, line);) {
      row[last] = line;
      folded.push_back(row);
      row.assign(columns, "");
    }
  }
  return aligned_rows(folded, columns);
}

std::optional<std::size_t> output_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  const char* const columns = std::getenv("COLUMNS");
  const long told = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return told > 0 ? std::optional(static_cast<std::size_t>(told)) : std::nullopt;
}

bool output_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const auto locale = to_lower(value);
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

std::string short_number(double value) { return fmt::format("{:.4g}", value); }

namespace {

// A protocol's entry as words; empty when it is not there.
std::string entry(const Json& protocol, const char* key) {
  const auto found = protocol.find(key);
  if (found == protocol.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<std::string> names_in_order(const Measures& measures) {
  std::vector<std::string> names;
  const Json in_order = to_json(measures);
  for (const auto& item : in_order.items()) {
    if (find_metric_spec(item.key()) != nullptr) names.push_back(item.key());
  }
  return names;
}

std::vector<std::string> measure_row(const Measures& measures, const std::string& name,
                                     bool ranged) {
  const MetricSpec& spec = *find_metric_spec(name);
  std::vector<std::string> row = {
      display_name(name, measures.protocol),
      short_number(*measures.value(name)) + (spec.unit.empty() ? "" : " " + spec.unit),
      spec.direction == Direction::kNone ? "-" : std::string(direction_name(spec.direction)),
      spec.explanation};
  if (!ranged) return row;
  const auto found = measures.intervals.find(name);
  row.insert(row.begin() + 2,
             found == measures.intervals.end()
                 ? "-"
                 : short_number(found->second.low) + " to " + short_number(found->second.high));
  return row;
}

}  // namespace

std::string protocol_text(const std::string& source, const Json& protocol) {
  const auto or_unknown = [&](const char* key) {
    const auto text = entry(protocol, key);
    return text.empty() ? std::string("an unknown number of") : text;
  };
  std::string text =
      fmt::format("samples    {} of {} (mode {}, weights {})\n", or_unknown("n_fake"), source,
                  entry(protocol, "mode"), entry(protocol, "weights"));
  text += fmt::format("reference  {} of {}, split {}, sha256 {:.16}...\n", or_unknown("n_real"),
                      entry(protocol, "data"), entry(protocol, "split"),
                      entry(protocol, "data_digest"));
  text += fmt::format("detector   {}, sha256 {:.16}...\n", entry(protocol, "detector"),
                      entry(protocol, "detector_digest"));
  for (const char* key : {"preprocessing", "sample_preprocessing"}) {
    const auto done = entry(protocol, key);
    if (!done.empty() && done != "none")
      text += fmt::format("{:<10} {}\n", key[0] == 's' ? "samples" : "input", done);
  }
  if (protocol.contains("intervals")) {
    const auto& intervals = protocol["intervals"];
    text +=
        fmt::format("intervals  {:g}%, {} of {} draws, seed {}\n",
                    100 * intervals["level"].get<double>(), intervals["method"].get<std::string>(),
                    intervals["draws"].dump(), intervals["seed"].dump());
  }
  return text + "\n";
}

std::string measures_text(const Measures& measures, bool full) {
  const auto all = names_in_order(measures);
  const auto names = full ? all : leading_measures(measures);
  const bool ranged = !measures.intervals.empty();
  std::vector<std::string> header = {"measure", "value", "better", "what it says"};
  if (ranged) header.insert(header.begin() + 2, "interval");
  TextGrid grid(header);
  std::string missing;
  for (const auto& name : names) {
    if (measures.value(name)) {
      grid.add(measure_row(measures, name, ranged));
      continue;
    }
    const auto reason = measures.reason.find(name);
    missing += "  " + name + ": " +
               (reason == measures.reason.end() ? "no reason recorded" : reason->second) + "\n";
  }
  std::string text = grid.text();
  if (!missing.empty()) text += "\nNot computed:\n" + missing;
  const auto others = all.size() - names.size();
  if (others > 0) text += fmt::format("\n{} more with --full or --json\n", others);
  for (const auto& warning : measures.warnings)
    text += "warning: " + warning.value("message", warning.dump()) + "\n";
  return text;
}

}  // namespace ganselect
