// Curves over training for the report page: mean and range over seeds at each step.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/named_table.h"
#include "results/records/compare.h"
#include "results/records/curve_file.h"
#include "results/report/report_data.h"
#include "results/report/report_parts.h"

namespace ganselect {
namespace {

// Values over the seeds of one configuration: step -> one value a trial.
using CurveValues = std::map<double, std::vector<double>>;

// A column of curve.csv that the page can show.
struct CurveColumn {
  std::string name;
  std::string label;
  std::string unit;
};

const NamedTable<CurveColumn>& curve_columns() {
  static const NamedTable<CurveColumn> table(
      "curve", {{"loss_d", "critic's loss", ""},
                {"loss_g", "generator's loss", ""},
                {"grad_norm_d", "norm of the critic's gradient", ""},
                {"grad_norm_g", "norm of the generator's gradient", ""},
                {"critic_accuracy_real", "critic's accuracy on real samples", ""},
                {"critic_accuracy_fake", "critic's accuracy on generated samples", ""},
                {"critic_accuracy_heldout", "critic's accuracy on held-out samples", ""},
                {"vanishing_share", "share of updates with a vanishing gradient", ""},
                {"sample_diversity", "spread of the generated samples", ""}});
  return table;
}

double six_digits(double value) {
  const std::string text = fmt::format("{:.6g}", value);
  double rounded_value = value;
  std::from_chars(text.data(), text.data() + text.size(), rounded_value);
  return rounded_value;
}

Json series_json(const std::string& candidate, std::size_t seeds, const CurveValues& values) {
  std::vector<double> steps;
  for (const auto& [step, list] : values) steps.push_back(step);
  if (steps.size() > kMostCurvePoints) {
    std::vector<double> kept;
    for (std::size_t i = 0; i < kMostCurvePoints; ++i)
      kept.push_back(steps[i * (steps.size() - 1) / (kMostCurvePoints - 1)]);
    steps = std::move(kept);
  }
  Json x = Json::array(), mean = Json::array(), low = Json::array(), high = Json::array(),
       n = Json::array();
  for (const double step : steps) {
    const auto& list = values.at(step);
    double sum = 0.0;
    for (const double value : list) sum += value;
    x.push_back(step);
    mean.push_back(six_digits(sum / static_cast<double>(list.size())));
    low.push_back(six_digits(*std::min_element(list.begin(), list.end())));
    high.push_back(six_digits(*std::max_element(list.begin(), list.end())));
    n.push_back(list.size());
  }
  return {{"candidate", candidate}, {"seeds", seeds}, {"step", x}, {"mean", mean}, {"low", low},
          {"high", high},           {"n", n}};
}

// What two evaluations must share to stand on one axis.
std::string evaluation_protocol(const Json& protocol) {
  Json kept = protocol;
  if (kept.is_object()) {
    for (const auto& key : ignored_protocol_keys()) kept.erase(key);
  }
  return kept.dump();
}

struct Evaluations {
  std::map<std::string, std::size_t> protocols;  // how many points each has
  Json protocol = Json::object();                // one with the chosen definition
  std::string chosen;
};

Evaluations evaluations_of(std::span<const Record> records, const std::string& measure) {
  Evaluations all;
  std::map<std::string, Json> examples;
  for (const Record& record : records) {
    for (const auto& checkpoint : record.checkpoints) {
      if (!checkpoint.measures.value(measure)) continue;
      const auto key = evaluation_protocol(checkpoint.measures.protocol);
      ++all.protocols[key];
      examples.emplace(key, checkpoint.measures.protocol);
    }
  }
  std::size_t most = 0;
  for (const auto& [key, count] : all.protocols) {
    if (count <= most) continue;
    most = count;
    all.chosen = key;
    all.protocol = examples.at(key);
  }
  return all;
}

std::string evaluations_note(const Evaluations& all) {
  std::string note;
  const auto count = all.protocol.find("n_fake");
  if (count != all.protocol.end() && count->is_number())
    note = count->dump() + " generated samples each";
  std::size_t others = 0;
  for (const auto& [key, points] : all.protocols) others += key == all.chosen ? 0 : points;
  if (others > 0) {
    note += (note.empty() ? "" : "; ") +
            fmt::format("{} evaluations by another protocol are left out", others);
  }
  return note;
}

Json evaluation_curve(const std::string& measure, std::span<const Record> records,
                      const std::vector<Configuration>& configurations) {
  const Evaluations all = evaluations_of(records, measure);
  const MetricSpec* spec = find_metric_spec(measure);
  Json series = Json::array();
  for (const auto& configuration : configurations) {
    CurveValues values;
    std::size_t seeds = 0;
    for (const Record* record : configuration.records) {
      bool any = false;
      for (const auto& checkpoint : record->checkpoints) {
        const auto value = checkpoint.measures.value(measure);
        if (!value || evaluation_protocol(checkpoint.measures.protocol) != all.chosen) continue;
        values[static_cast<double>(checkpoint.step)].push_back(*value);
        any = true;
      }
      seeds += any ? 1 : 0;
    }
    if (!values.empty())
      series.push_back(series_json(configuration.records.front()->candidate.name, seeds, values));
  }
  return {{"name", measure},
          {"label", display_name(measure, all.protocol)},
          {"unit", spec == nullptr ? "" : spec->unit},
          {"note", evaluations_note(all)},
          {"series", series}};
}

void add_column(const CurveColumns& curve, const std::string& column, CurveValues& values,
                std::size_t& seeds) {
  const auto steps = curve.columns.find("step");
  const auto found = curve.columns.find(column);
  if (steps == curve.columns.end() || found == curve.columns.end()) return;
  bool any = false;
  for (std::size_t i = 0; i < steps->second.size(); ++i) {
    if (!steps->second[i] || !found->second[i] || !std::isfinite(*found->second[i])) continue;
    values[*steps->second[i]].push_back(*found->second[i]);
    any = true;
  }
  seeds += any ? 1 : 0;
}

// The curve files of a configuration that can be read.
std::vector<CurveColumns> curve_files(const Configuration& configuration,
                                      std::vector<std::string>& warnings) {
  std::vector<CurveColumns> curves;
  for (const Record* record : configuration.records) {
    const auto file = file_of(*record, "curve");
    if (!file) continue;
    try {
      curves.push_back(read_curve_columns(*file));
    } catch (const Error& error) {
      warnings.push_back("curve of " + record->trial_id +
                         " left out: " + without_folder(error.what(), *record));
    }
  }
  return curves;
}

}  // namespace

Json report_curves_json(std::span<const Record> records, std::vector<std::string>& warnings) {
  const auto configurations = group_by_configuration(records);
  Json curves = Json::array();
  for (const auto& spec : metric_specs()) {
    Json curve = evaluation_curve(spec.name, records, configurations);
    if (!curve["series"].empty()) curves.push_back(std::move(curve));
  }
  std::vector<std::vector<CurveColumns>> files;
  for (const auto& configuration : configurations)
    files.push_back(curve_files(configuration, warnings));
  for (const auto& column : curve_columns()) {
    Json series = Json::array();
    for (std::size_t i = 0; i < configurations.size(); ++i) {
      CurveValues values;
      std::size_t seeds = 0;
      for (const auto& curve : files[i]) add_column(curve, column.name, values, seeds);
      if (!values.empty())
        series.push_back(
            series_json(configurations[i].records.front()->candidate.name, seeds, values));
    }
    if (!series.empty())
      curves.push_back({{"name", column.name},
                        {"label", column.label},
                        {"unit", column.unit},
                        {"note", ""},
                        {"series", series}});
  }
  return curves;
}

}  // namespace ganselect
