#include "metrics/spec.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <unordered_map>
#include <utility>

namespace ganselect {
namespace {

constexpr auto kSample = MetricGroup::kSample;
constexpr auto kStability = MetricGroup::kStability;
constexpr auto kCost = MetricGroup::kCost;
constexpr auto kNone = Direction::kNone;
constexpr auto kLower = Direction::kLower;
constexpr auto kHigher = Direction::kHigher;

constexpr const char* kFeatures = "features of real and generated samples";
constexpr const char* kScores = "class scores of generated samples";
constexpr const char* kCurve = "the training curve";
constexpr const char* kCheckpoints = "FID at several steps of training";

constexpr const char* kAsked = "classes that samples were asked to be";
constexpr const char* kByClass = "features and classes of real and generated samples";
constexpr const char* kUnseen =
    "features of images of classes left out of training, and of samples";
constexpr const char* kFilled = "fillings of images of which a part was hidden";
constexpr const char* kInstanced = "samples that were conditioned on instances";
constexpr const char* kIcGan = "Casanova et al. 2021 (arXiv:2109.05070)";

std::vector<MetricSpec> sample_rows() {
  return {
#define METRIC(id)
#define MEASURE(...) MetricSpec{__VA_ARGS__},
#include "metrics/metrics.inc"
#undef MEASURE
#undef METRIC
  };
}

std::vector<MetricSpec> stability_rows() {
  return {
      {.name = "diverged_at_step",
       .group = kStability,
       .unit = "updates",
       .direction = kHigher,
       .range = ">= 1; missing when it never happened",
       .needs = kCurve,
       .explanation = "generator update at which a loss, parameter or sample was no longer finite",
       .formula = "first step with a non-finite value",
       .source = "definition of this project"},
      {.name = "collapsed",
       .group = kStability,
       .direction = kLower,
       .range = "0 or 1",
       .needs = kCheckpoints,
       .explanation = "1 when quality fell apart after its best point",
       .formula =
           "FID above twice its best, or at most half of its modes left, after the best checkpoint",
       .source = "definition of this project"},
      {.name = "fid_best",
       .group = kStability,
       .direction = kLower,
       .range = ">= 0",
       .needs = kCheckpoints,
       .explanation = "lowest FID of all checkpoints",
       .formula = "min over checkpoints",
       .source = "Lucic et al. 2018 (arXiv:1711.10337)",
       .per_detector = true},
      {.name = "fid_last",
       .group = kStability,
       .direction = kLower,
       .range = ">= 0",
       .needs = kCheckpoints,
       .explanation = "FID of the last checkpoint",
       .formula = "FID at the end",
       .source = "definition of this project",
       .per_detector = true},
      {.name = "fid_area",
       .group = kStability,
       .direction = kLower,
       .range = ">= 0",
       .needs = kCheckpoints,
       .explanation = "FID averaged over training: fast and steady learning is low",
       .formula = "trapezoid area under FID over steps, divided by the steps",
       .source = "definition of this project",
       .per_detector = true},
      {.name = "steps_to_fid_*",
       .group = kStability,
       .unit = "updates",
       .direction = kLower,
       .range = ">= 0; missing when never reached",
       .needs = kCheckpoints,
       .explanation = "generator updates until FID first fell to the number in the name",
       .formula = "first checkpoint with FID <= *",
       .source = "definition of this project",
       .per_detector = true},
      {.name = "seconds_to_fid_*",
       .group = kStability,
       .unit = "s",
       .direction = kLower,
       .range = ">= 0; missing when never reached",
       .needs = kCheckpoints,
       .explanation = "training time until FID first fell to the number in the name",
       .formula = "seconds at the first checkpoint with FID <= *",
       .source = "definition of this project",
       .per_detector = true},
      {.name = "oscillation_loss",
       .group = kStability,
       .direction = kLower,
       .range = ">= 0",
       .needs = kCurve,
       .explanation = "jumpiness of the critic's loss late in training",
       .formula = "standard deviation of the differenced critic loss over the last third",
       .source = "definition of this project"},
      {.name = "oscillation_fid",
       .group = kStability,
       .direction = kLower,
       .range = ">= 0",
       .needs = kCheckpoints,
       .explanation = "jumpiness of FID late in training",
       .formula = "standard deviation of the differenced FID over the last third",
       .source = "definition of this project",
       .per_detector = true},
      {.name = "grad_norm_g_median",
       .group = kStability,
       .range = ">= 0",
       .needs = kCurve,
       .explanation = "typical size of the generator's gradient",
       .formula = "median over steps of the 2-norm over all parameters",
       .source = "definition of this project"},
      {.name = "grad_norm_g_p99",
       .group = kStability,
       .direction = kLower,
       .range = ">= 0",
       .needs = kCurve,
       .explanation = "size of the generator's gradient spikes",
       .formula = "99th percentile of the 2-norm over steps",
       .source = "definition of this project"},
      {.name = "vanishing_share",
       .group = kStability,
       .direction = kLower,
       .range = "[0, 1]",
       .needs = kCurve,
       .explanation = "share of steps in which the generator got next to no gradient",
       .formula = "share of steps with a generator gradient norm below 1e-6",
       .source = "after Arjovsky & Bottou 2017 (arXiv:1701.04862)"},
      {.name = "grad_norm_d_median",
       .group = kStability,
       .range = ">= 0",
       .needs = kCurve,
       .explanation = "typical size of the critic's gradient",
       .formula = "median over steps of the 2-norm over all parameters",
       .source = "definition of this project"},
      {.name = "grad_norm_d_p99",
       .group = kStability,
       .direction = kLower,
       .range = ">= 0",
       .needs = kCurve,
       .explanation = "size of the critic's gradient spikes",
       .formula = "99th percentile of the 2-norm over steps",
       .source = "definition of this project"},
      {.name = "critic_accuracy_real",
       .group = kStability,
       .range = "[0, 1]",
       .needs = "critic scores of training images",
       .explanation = "share of training images the critic takes for real; near 1 with "
                      "critic_accuracy_fake near 1: the critic wins",
       .formula = "share on the real side of the critic's threshold",
       .source = "definition of this project"},
      {.name = "critic_accuracy_fake",
       .group = kStability,
       .range = "[0, 1]",
       .needs = "critic scores of generated images",
       .explanation = "share of generated images the critic takes for fake",
       .formula = "share on the fake side of the critic's threshold",
       .source = "definition of this project"},
      {.name = "critic_accuracy_heldout",
       .group = kStability,
       .direction = kHigher,
       .range = "[0, 1]",
       .needs = "critic scores of held-out images",
       .explanation = "share of held-out images the critic takes for real; far below "
                      "critic_accuracy_real: the critic has overfitted",
       .formula = "share on the real side of the critic's threshold",
       .source = "after Brock et al. 2019 (arXiv:1809.11096)"},
  };
}

std::vector<MetricSpec> cost_rows() {
  return {
      {.name = "train_seconds",
       .group = kCost,
       .unit = "s",
       .direction = kLower,
       .range = ">= 0",
       .needs = "the clock",
       .explanation = "time spent in training, evaluation left out",
       .formula = "sum of the steps' times",
       .source = "definition of this project"},
      {.name = "updates_per_second",
       .group = kCost,
       .unit = "1/s",
       .direction = kHigher,
       .range = "> 0",
       .needs = "the clock",
       .explanation = "generator updates a second",
       .formula = "generator updates / train_seconds",
       .source = "definition of this project"},
      {.name = "images_per_second",
       .group = kCost,
       .unit = "1/s",
       .direction = kHigher,
       .range = "> 0",
       .needs = "the clock",
       .explanation = "real images the critic sees a second",
       .formula = "batch * critic updates / train_seconds",
       .source = "definition of this project"},
      {.name = "peak_memory_bytes",
       .group = kCost,
       .unit = "bytes",
       .direction = kLower,
       .range = ">= 0",
       .needs = "the device's or system's count",
       .explanation = "largest memory in use while training",
       .formula = "peak allocated on the GPU, or peak resident set on the CPU",
       .source = "definition of this project"},
      {.name = "parameters_g",
       .group = kCost,
       .direction = kLower,
       .range = ">= 1",
       .needs = "the generator",
       .explanation = "trainable numbers in the generator",
       .formula = "sum of parameter sizes",
       .source = "definition of this project"},
      {.name = "parameters_d",
       .group = kCost,
       .direction = kLower,
       .range = ">= 1",
       .needs = "the critic",
       .explanation = "trainable numbers in the critic",
       .formula = "sum of parameter sizes",
       .source = "definition of this project"},
      {.name = "flops_per_update",
       .group = kCost,
       .unit = "FLOP",
       .direction = kLower,
       .range = "> 0",
       .needs = "the layers' shapes",
       .explanation = "arithmetic of one generator update with its critic updates, as executed",
       .formula = "multiply-adds of matrix products and convolutions x 2",
       .source = "definition of this project"},
      {.name = "published_flops_per_update",
       .group = kCost,
       .unit = "FLOP",
       .direction = kLower,
       .range = "> 0",
       .needs = "the layers' shapes",
       .explanation = "the same for the layers as their sources write them",
       .formula = "multiply-adds of matrix products and convolutions x 2",
       .source = "definition of this project"},
      {.name = "extra_passes_per_update",
       .group = kCost,
       .unit = "passes",
       .direction = kLower,
       .range = "any; below 0 where the critic steps less often than the generator",
       .needs = "the candidate",
       .explanation =
           "critic passes beyond the plain GAN's, for penalties and further critic updates",
       .formula = "forward and backward passes in an update minus the plain GAN's",
       .source = "definition of this project"},
  };
}

void append(std::vector<MetricSpec>& all, std::vector<MetricSpec> rows) {
  all.insert(all.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
}

// "steps_to_fid_*" stands for "steps_to_fid_50" and "steps_to_fid_12.5".
bool matches_pattern(std::string_view pattern, std::string_view measure) {
  if (pattern.empty() || pattern.back() != '*') return false;
  pattern.remove_suffix(1);
  if (!measure.starts_with(pattern) || measure.size() == pattern.size()) return false;
  measure.remove_prefix(pattern.size());
  const bool digits = std::all_of(measure.begin(), measure.end(),
                                  [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
  return digits && std::count(measure.begin(), measure.end(), '.') <= 1 && measure.front() != '.' &&
         measure.back() != '.';
}

}  // namespace

std::string_view group_name(MetricGroup group) {
  switch (group) {
    case MetricGroup::kSample:
      return "sample";
    case MetricGroup::kStability:
      return "stability";
    case MetricGroup::kCost:
      return "cost";
  }
  return "";
}

std::string_view direction_name(Direction direction) {
  switch (direction) {
    case Direction::kNone:
      return "none";
    case Direction::kLower:
      return "lower";
    case Direction::kHigher:
      return "higher";
  }
  return "";
}

const NamedTable<MetricSpec>& metric_specs() {
  static const NamedTable<MetricSpec> table("measure", [] {
    std::vector<MetricSpec> all;
    for (auto rows : {sample_rows(), stability_rows(), cost_rows()}) append(all, rows);
    return all;
  }());
  return table;
}

const MetricSpec* find_metric_spec(std::string_view measure) {
  // Asked for every measure of every record.
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const MetricSpec*> all;
    for (const auto& row : metric_specs()) all.emplace(row.name, &row);
    return all;
  }();
  if (const auto row = by_name.find(measure); row != by_name.end()) return row->second;
  for (const auto& row : metric_specs()) {
    if (matches_pattern(row.name, measure)) return &row;
  }
  return nullptr;
}

MeasureBounds bounds_of(const MetricSpec& spec) {
  double low = 0, high = 0;
  const char* range = spec.range.c_str();
  const int ends = std::sscanf(range, "[%lf, %lf]", &low, &high);
  if (ends == 2) return {.low = low, .high = high};
  if (ends == 1 || std::sscanf(range, ">= %lf", &low) == 1 ||
      std::sscanf(range, "> %lf", &low) == 1)
    return {.low = low, .high = {}};
  if (std::sscanf(range, "%lf or %lf", &low, &high) == 2) return {.low = low, .high = high};
  return {};
}

void Measures::set(const std::string& name, double value) {
  if (!std::isfinite(value)) return set_missing(name, "not a finite number");
  values[name] = value;
  reason.erase(name);
}

void Measures::set_missing(const std::string& name, const std::string& why) {
  values[name] = std::nullopt;
  reason[name] = why;
}

void Measures::warn(const std::string& code, const std::string& measure,
                    const std::string& message) {
  warnings.push_back({{"code", code},
                      {"measure", measure.empty() ? Json() : Json(measure)},
                      {"message", message}});
}

const Json& Measures::protocol_of(const std::string& measure) const {
  return apart.contains(measure) ? protocol_apart : protocol;
}

std::optional<double> Measures::value(const std::string& name) const {
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : found->second;
}

std::vector<std::string> leading_measures(const Measures& measures) {
  constexpr std::size_t kMost = 5;
  std::vector<const MetricSpec*> leading;
  for (const auto& row : metric_specs()) {
    if (row.lead > 0 && measures.value(row.name)) leading.push_back(&row);
  }
  std::sort(leading.begin(), leading.end(),
            [](const MetricSpec* a, const MetricSpec* b) { return a->lead < b->lead; });
  leading.resize(std::min(leading.size(), kMost));
  std::vector<std::string> names;
  for (const auto* row : leading) names.push_back(row->name);
  return names;
}

Json to_json(const Measures& measures) {
  Json json = Json::object();
  for (const auto& row : metric_specs()) {
    for (const auto& [name, value] : measures.values) {
      if (name == row.name || matches_pattern(row.name, name)) json[name] = number_or_null(value);
    }
  }
  for (const auto& [name, value] : measures.values) {
    if (!json.contains(name)) json[name] = number_or_null(value);
  }
  json["protocol"] = measures.protocol;
  json["reason"] = Json(measures.reason);
  json["warnings"] = Json(measures.warnings);
  if (!measures.intervals.empty()) json["intervals"] = intervals_to_json(measures.intervals);
  return json;
}

Json intervals_to_json(const std::map<std::string, MeasureInterval>& intervals) {
  Json json = Json::object();
  for (const auto& [name, interval] : intervals)
    json[name] = {{"low", interval.low}, {"high", interval.high}};
  return json;
}

std::map<std::string, MeasureInterval> intervals_from_json(const Json& json,
                                                           const std::string& where) {
  std::map<std::string, MeasureInterval> intervals;
  if (!json.is_object())
    fail(ErrorKind::kUsage,
         {.where = where, .expected = "an object of intervals", .got = json.type_name()});
  for (const auto& item : json.items()) {
    const auto& interval = item.value();
    const auto end = [&](const char* key) {
      if (interval.is_object() && interval.contains(key) && interval[key].is_number())
        return interval[key].get<double>();
      fail(ErrorKind::kUsage, {.where = where + ": intervals." + item.key(),
                               .expected = "numbers low and high",
                               .got = interval.dump()});
    };
    intervals[item.key()] = {.low = end("low"), .high = end("high")};
  }
  return intervals;
}

Measures measures_from_json(const Json& json, const std::string& where) {
  if (!json.is_object())
    fail(ErrorKind::kUsage,
         {.where = where, .expected = "an object of measures", .got = json.type_name()});
  Measures measures;
  measures.protocol = json.value("protocol", Json::object());
  const Json reasons = json.value("reason", Json::object());
  measures.intervals = intervals_from_json(json.value("intervals", Json::object()), where);
  for (const auto& warning : json.value("warnings", Json::array()))
    measures.warnings.push_back(warning);
  for (const auto& [name, value] : json.items()) {
    if (name == "protocol" || name == "reason" || name == "warnings" || name == "intervals")
      continue;
    if (value.is_number()) {
      measures.set(name, value.get<double>());
    } else if (value.is_null()) {
      const auto found = reasons.find(name);
      if (found == reasons.end() || !found->is_string()) {
        fail(ErrorKind::kUsage,
             {.where = where + ": " + name, .expected = "a reason beside null", .got = "none"});
      }
      measures.set_missing(name, found->get<std::string>());
    } else {
      fail(
          ErrorKind::kUsage,
          {.where = where + ": " + name, .expected = "a number or null", .got = value.type_name()});
    }
  }
  return measures;
}

std::string display_name(const std::string& measure, const Json& protocol) {
  const auto* spec = find_metric_spec(measure);
  // Of trials that several detectors saw: the measures that another one is named for.
  if (const auto apart = protocol.find("apart"); apart != protocol.end()) {
    const auto& others = apart->at("measures");
    if (std::find(others.begin(), others.end(), measure) != others.end())
      return display_name(measure, *apart);
  }
  const auto detector = protocol.find("detector");
  if (spec == nullptr || !spec->per_detector || detector == protocol.end() ||
      !detector->is_string())
    return measure;
  return measure + "[" + detector->get<std::string>() + "]";
}

}  // namespace ganselect
