#include "results/tables/table_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "results/records/compare.h"
#include "results/records/groups.h"

namespace ganselect {
namespace {

std::string text_at(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// The machine as far as the record knows it.
std::string device_of(const Record& record) {
  const std::string setting = text_at(record.settings, "device");
  const std::string device = text_at(record.provenance, "device");
  const std::string cpu = text_at(record.provenance, "cpu");
  if (!device.empty() && device != setting) return setting + " (" + device + ")";
  if (setting == "cpu" && !cpu.empty()) return "cpu (" + cpu + ")";
  return setting.empty() ? device : setting;
}

template <class Function>
Json sorted_texts(const std::vector<const Record*>& records, Function text) {
  std::set<std::string> all;
  for (const Record* record : records) {
    const std::string one = text(*record);
    if (!one.empty()) all.insert(one);
  }
  return Json(std::vector<std::string>(all.begin(), all.end()));
}

// The protocol of the record that has most to say; a diverged trial has none.
const Json& fullest_protocol(const std::vector<const Record*>& records) {
  const Record* fullest = records.front();
  for (const Record* record : records) {
    if (record->measures.protocol.size() > fullest->measures.protocol.size()) fullest = record;
  }
  return fullest->measures.protocol;
}

std::vector<std::string> strings_of(const Json& array) {
  return array.get<std::vector<std::string>>();
}

std::string arrow(const std::string& direction) {
  if (direction == "lower") return " ↓";
  if (direction == "higher") return " ↑";
  return "";
}

bool in_megabytes(const std::string& unit) { return unit == "bytes"; }

double scaled(double value, const std::string& unit) {
  constexpr double kMegabyte = 1e6;
  return in_megabytes(unit) ? value / kMegabyte : value;
}

std::string in_unit(double value, const std::string& unit) { return rounded(scaled(value, unit)); }

// Decimal places that give a number of this size `digits` significant digits.
int decimals_for(double value, int digits) {
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return std::max(0, digits - 1 - magnitude);
}

bool is_plain_size(double value) {
  constexpr double kSmallest = 1e-3;
  constexpr double kLargest = 1e7;
  return std::abs(value) >= kSmallest && std::abs(value) < kLargest;
}

// Mean and spread to the same decimal place; the spread by itself where that place would hide it.
std::string mean_and_spread(double mean, double sd) {
  const int decimals = is_plain_size(mean) ? decimals_for(mean, 4) : 0;
  const bool whole = mean == std::round(mean) && sd == std::round(sd);
  if (whole || !is_plain_size(mean) || sd < 0.5 * std::pow(10.0, -decimals)) {
    return rounded(mean) + " ± " + rounded(sd, 2);
  }
  return fmt::format("{:.{}f} ± {:.{}f}", mean, decimals, sd, decimals);
}

std::string not_available(const std::string& reason) {
  return "n/a (" + (reason.empty() ? "not measured" : reason) + ")";
}

bool has_any_value(const SurveyTable& table, const std::string& measure) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&measure](const TableRow& row) {
    return row.cells.at(measure).summary.mean.has_value();
  });
}

// The reasons of a note, which joins them by "; ".
void add_reasons(std::set<std::string>& reasons, const std::string& note) {
  std::size_t from = 0;
  while (from <= note.size()) {
    const std::size_t end = std::min(note.find("; ", from), note.size());
    reasons.insert(note.substr(from, end - from));
    from = end + 2;
  }
}

// "No values: a, b (reason); c (other reason)" for the measures that no row has.
std::vector<std::string> empty_columns_note(const SurveyTable& table,
                                            const std::vector<const TableColumn*>& columns) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const TableColumn* column : columns) {
    if (has_any_value(table, column->key)) continue;
    std::set<std::string> reasons;
    for (const auto& row : table.rows) add_reasons(reasons, row.cells.at(column->key).note);
    if (reasons.size() > 1) reasons.erase("not measured");
    const std::vector<std::string> sorted(reasons.begin(), reasons.end());
    by_reason[join(sorted, "; ")].push_back(column->key);
  }
  std::vector<std::string> parts;
  for (const auto& [reason, measures] : by_reason) {
    parts.push_back(join(measures) + " (" + (reason.empty() ? "not measured" : reason) + ")");
  }
  if (parts.empty()) return {};
  return {"No values: " + join(parts, "; ")};
}

using CellWriter = std::string (*)(const TableRow&, const TableCell&, const std::string& unit);

std::string write_value(const TableRow& row, const TableCell& cell, const std::string& unit) {
  (void)row;
  return cell_text(cell, unit);
}

// Measures stand in rows where a table compares few candidates in many measures, and in columns
// where it lists many candidates.
TableGrid measure_grid(const SurveyTable& table, const std::string& title,
                       const std::vector<const TableColumn*>& columns, CellWriter write) {
  TableGrid grid{.title = title};
  const bool measures_in_rows = table.base.has_value();
  grid.header.push_back(measures_in_rows ? "measure" : "candidate");
  if (measures_in_rows) {
    for (const auto& row : table.rows) grid.header.push_back(row.candidate);
  }
  std::vector<std::vector<std::string>> by_candidate;
  for (const auto& row : table.rows) by_candidate.push_back({row.candidate});
  for (const TableColumn* column : columns) {
    if (!has_any_value(table, column->key)) continue;
    const std::string heading = column_heading(*column, table.protocol);
    std::vector<std::string> line = {heading};
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      line.push_back(write(table.rows[i], table.rows[i].cells.at(column->key), column->unit));
      by_candidate[i].push_back(line.back());
    }
    if (measures_in_rows) {
      grid.rows.push_back(line);
    } else {
      grid.header.push_back(heading);
    }
  }
  if (!measures_in_rows) grid.rows = by_candidate;
  grid.notes = empty_columns_note(table, columns);
  return grid;
}

TableGrid text_grid(const SurveyTable& table, const std::string& title, const std::string& aspect) {
  TableGrid grid{.title = title, .header = {"candidate"}};
  for (const auto& column : table.columns) {
    if (!column.is_measure && column.aspect == aspect) grid.header.push_back(column.label);
  }
  for (const auto& row : table.rows) {
    std::vector<std::string> line = {row.candidate};
    for (const auto& column : table.columns) {
      if (column.is_measure || column.aspect != aspect) continue;
      const std::string& text = row.texts.at(column.key);
      line.push_back(text.empty() ? "n/a (not stated)" : text);
    }
    grid.rows.push_back(line);
  }
  return grid;
}

TableGrid trials_grid(const SurveyTable& table) {
  const bool is_survey_table = table.number > 0;
  TableGrid grid{.title = "Trials", .header = {"candidate"}};
  if (is_survey_table) grid.header.push_back("member by");
  grid.header.insert(grid.header.end(), {"outcome", "trials"});
  for (const auto& row : table.rows) {
    std::vector<std::string> line = {row.candidate + (row.is_base ? " (base)" : "")};
    if (is_survey_table) line.push_back(row.membership);
    line.insert(line.end(), {row.status, row.trial_ids.empty() ? "none" : join(row.trial_ids)});
    grid.rows.push_back(std::move(line));
  }
  if (is_survey_table) grid.notes = {std::string("Member by: ") + kMembershipNote + "."};
  return grid;
}

std::vector<const TableColumn*> columns_of_group(const SurveyTable& table, MetricGroup group) {
  std::vector<const TableColumn*> columns;
  for (const auto& column : table.columns) {
    if (!column.is_measure) continue;
    const MetricSpec* spec = find_metric_spec(column.key);
    if ((spec == nullptr ? MetricGroup::kSample : spec->group) == group) columns.push_back(&column);
  }
  return columns;
}

// The batch is a candidate's own, and so is how many images it sees.
Json shared_budget(const std::vector<const Record*>& records) {
  Json budget = to_json(records.front()->budget);
  const std::string seen = images_seen_text(records);
  if (seen.empty()) return budget;
  budget.erase("batch");
  budget["images_seen"] = seen.substr(0, seen.find(" images"));
  return budget;
}

}  // namespace

Json shared_protocol(const std::vector<const Record*>& records) {
  if (records.empty()) return Json::object();
  const Record& first = *records.front();
  std::vector<std::uint64_t> seeds;
  for (const Record* record : records) seeds.push_back(record->seed);
  Json protocol = {
      {"dataset", to_json(first.dataset)},
      {"budget", shared_budget(records)},
      {"seeds", seed_ranges(seeds)},
      {"devices", sorted_texts(records, device_of)},
      {"plans", sorted_texts(records, [](const Record& r) { return r.plan.value_or(""); })},
      {"commits",
       sorted_texts(records, [](const Record& r) { return text_at(r.provenance, "commit"); })}};
  if (first.versions) {
    protocol["training_version"] = first.versions->training;
    protocol["evaluation_version"] = first.versions->evaluation;
  }
  for (const char* key : {"precision", "ema_decay"}) {
    if (const auto found = first.settings.find(key); found != first.settings.end())
      protocol[key] = *found;
  }
  // Keys sorted, so that the record that happens to come first does not order them.
  const nlohmann::json evaluation = nlohmann::json::parse(fullest_protocol(records).dump());
  const auto& ignored = ignored_protocol_keys();
  for (const auto& [key, value] : evaluation.items()) {
    const bool is_ignored = std::find(ignored.begin(), ignored.end(), key) != ignored.end();
    if (!is_ignored && key != "measures") protocol[key] = Json::parse(value.dump());
  }
  return protocol;
}

std::string table_title(const TableSpec& spec, const std::vector<const Record*>& records) {
  const std::string number = spec.number == 0 ? "" : "Table " + spec.name + ". ";
  const std::string subject = number + spec.subject + ": ";
  if (records.empty()) return subject + "not measured";
  const Json protocol = shared_protocol(records);
  const Record& first = *records.front();
  const std::string seen = images_seen_text(records);
  std::string title =
      subject +
      fmt::format("{} ({}, {} samples), {} generator updates {}, width {}, {}, seed{} {}",
                  first.dataset.name, first.dataset.split, first.dataset.count, first.budget.steps,
                  seen.empty() ? fmt::format("at batch {}", first.budget.batch) : "(" + seen + ")",
                  shortest(first.budget.width), join(strings_of(protocol["devices"]), " and "),
                  records.size() > 1 ? "s" : "", protocol["seeds"].get<std::string>());
  const std::string detector = text_at(protocol, "detector");
  return detector.empty() ? title : title + ", measured by " + detector;
}

std::string seed_ranges(std::vector<std::uint64_t> seeds) {
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < seeds.size();) {
    std::size_t last = i;
    while (last + 1 < seeds.size() && seeds[last + 1] == seeds[last] + 1) ++last;
    std::string part = std::to_string(seeds[i]);
    if (last > i) part += "-" + std::to_string(seeds[last]);
    parts.push_back(part);
    i = last + 1;
  }
  return join(parts);
}

bool counted_any_near_point(const Record& record) {
  const Json::json_pointer rule("/measures/modes");
  const Json& protocol = record.measures.protocol;
  if (!record.measure("modes") || !protocol.contains(rule)) return false;
  const Json& modes = protocol.at(rule);
  return modes.is_object() && modes.value("from", Json()) == "points" && !modes.contains("level");
}

std::string warning_text(const Json& warning) {
  if (warning.is_string()) return warning.get<std::string>();
  if (!warning.is_object()) return warning.dump();
  const std::string measure = text_at(warning, "measure");
  const std::string message = text_at(warning, "message");
  const std::string text = message.empty() ? text_at(warning, "code") : message;
  return measure.empty() ? text : measure + ": " + text;
}

std::string rounded(double value, int digits) {
  if (value == 0.0) return "0";
  if (!is_plain_size(value)) return fmt::format("{:.2e}", value);
  if (value == std::round(value)) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}", value, decimals_for(value, digits));
}

std::string cell_text(const TableCell& cell, const std::string& unit) {
  const SeedSummary& summary = cell.summary;
  if (!summary.mean) return not_available(cell.note);
  const std::string of = summary.trials > summary.n ? " of " + std::to_string(summary.trials) : "";
  const std::string count = " (" + std::to_string(summary.n) + of + ")";
  if (!summary.sd) return in_unit(*summary.mean, unit) + count;
  return mean_and_spread(scaled(*summary.mean, unit), scaled(*summary.sd, unit)) + count;
}

std::string difference_text(const TableRow& row, const TableCell& cell, const std::string& unit) {
  if (row.is_base) return "base";
  if (!cell.to_base) return not_available(cell.summary.mean ? "base has no value" : cell.note);
  const Difference& difference = *cell.to_base;
  const std::string text = (difference.mean > 0 ? "+" : "") + in_unit(difference.mean, unit);
  if (!difference.interval95) return text + " (" + difference.note + ")";
  return text + " [" + in_unit(difference.interval95->low, unit) + ", " +
         in_unit(difference.interval95->high, unit) + "]";
}

std::string column_heading(const TableColumn& column, const Json& protocol) {
  std::string text = column.is_measure ? display_name(column.key, protocol) : column.label;
  if (in_megabytes(column.unit)) {
    text += " (MB)";
  } else if (!column.unit.empty()) {
    text += " (" + column.unit + ")";
  }
  return text + arrow(column.direction);
}

std::vector<TableGrid> text_grids(const SurveyTable& table) {
  const auto samples = columns_of_group(table, MetricGroup::kSample);
  const auto stability = columns_of_group(table, MetricGroup::kStability);
  const auto cost = columns_of_group(table, MetricGroup::kCost);
  std::vector<TableGrid> grids = {text_grid(table, "Application", "application"),
                                  text_grid(table, "Implementation", "implementation")};
  const auto add = [&](const std::string& title, const std::vector<const TableColumn*>& columns,
                       CellWriter write) {
    if (!columns.empty()) grids.push_back(measure_grid(table, title, columns, write));
  };
  add("Implementation: cost", cost, write_value);
  add("Behaviour: samples", samples, write_value);
  if (table.base) add("Behaviour: samples, difference to " + *table.base, samples, difference_text);
  add("Behaviour: stability", stability, write_value);
  if (table.base)
    add("Behaviour: stability, difference to " + *table.base, stability, difference_text);
  // Said once, under the values; the differences lack the same measures.
  for (auto& grid : grids) {
    if (grid.title.find("difference to") != std::string::npos) grid.notes.clear();
  }
  grids.push_back(trials_grid(table));
  return grids;
}

}  // namespace ganselect
