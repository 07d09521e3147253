#include "results/records/cost_alone.h"

#include <charconv>
#include <cmath>
#include <string_view>

#include "base/object_reader.h"

namespace ganselect {
namespace {

constexpr std::string_view kTrainingRow = "train/", kEndOfName = "/min_time:";
constexpr const char* kRate = "updates/s";
constexpr const char* kRounds = "updates/s of each round";

// The benchmark library keeps settings as text.
double number_in_text(const ObjectReader& context, const char* key) {
  const auto text = context.text(key);
  double value = 0.0;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value) || value <= 0.0)
    context.complain(key, "a positive number as text", text);
  return value;
}

double rate_of(const ObjectReader& row, const Json& value, const char* key) {
  if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() <= 0.0)
    row.complain(key, "a positive number of updates a second", short_form(value));
  return value.get<double>();
}

// Rows of other benchmarks, as the machine's rate of a matrix product, have other names.
std::optional<std::string> candidate_of(const std::string& name) {
  if (!name.starts_with(kTrainingRow)) return std::nullopt;
  const auto end = name.find(kEndOfName);
  if (end == std::string::npos) return std::nullopt;
  return name.substr(kTrainingRow.size(), end - kTrainingRow.size());
}

AloneSpeed speed_in(const ObjectReader& row, std::optional<std::int64_t> batch) {
  AloneSpeed speed;
  speed.batch = row.has("batch") || !batch ? row.count("batch", 1) : *batch;
  speed.updates_per_second = rate_of(row, row.at(kRate, "updates a second"), kRate);
  if (!row.has(kRounds)) return speed;
  const Json& rounds = row.at(kRounds, "a list of rates");
  if (!rounds.is_array()) row.complain(kRounds, "a list of rates", short_form(rounds));
  for (const auto& rate : rounds) speed.rounds.push_back(rate_of(row, rate, kRounds));
  return speed;
}

}  // namespace

std::optional<AloneSpeed> CostAlone::speed_of(const Record& record) const {
  const auto found = speeds.find(record.candidate.name);
  const auto where = record.provenance.value("device", std::string());
  if (found == speeds.end() || where != device || record.budget.width != width ||
      record.budget.batch != found->second.batch)
    return std::nullopt;
  return found->second;
}

CostAlone parse_cost_alone(Json json, const std::string& where) {
  const ObjectReader file(json, where, "");
  const ObjectReader context(file.at("context", "an object"), where, "context");
  CostAlone cost;
  cost.device = context.name("setting_device");
  cost.width = number_in_text(context, "setting_width");
  // One batch for all, in files from before each candidate was timed with its own.
  const auto batch =
      context.has("setting_batch")
          ? std::optional(static_cast<std::int64_t>(number_in_text(context, "setting_batch")))
          : std::nullopt;
  Json& rows = file.at("benchmarks", "a list");
  if (!rows.is_array()) file.complain("benchmarks", "a list", short_form(rows));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ObjectReader row(rows[i], where, "benchmarks[" + std::to_string(i) + "]");
    const auto name = candidate_of(row.name("name"));
    if (!name) continue;
    if (!cost.speeds.emplace(*name, speed_in(row, batch)).second)
      row.complain("name", "each candidate once", *name);
  }
  if (cost.speeds.empty())
    file.complain("benchmarks", "rows named train/CANDIDATE/min_time:...", "none");
  return cost;
}

CostAlone read_cost_alone(const std::filesystem::path& file) {
  return parse_cost_alone(read_json_file(file), file.string());
}

std::optional<std::filesystem::path> find_cost_alone(const Record& record) {
  if (record.folder.empty()) return std::nullopt;
  auto folder = std::filesystem::absolute(record.folder).lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();
  for (int up = 0; up < 3; ++up, folder = folder.parent_path()) {
    const auto file = folder / kCostAloneFile;
    if (std::filesystem::exists(file)) return file;
  }
  return std::nullopt;
}

}  // namespace ganselect
