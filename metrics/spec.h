// What each measure is: name, unit, which way is better, formula and source; and the form in which
// measured values travel from an evaluation to a record. No LibTorch here, so that records, tables
// and rankings build without it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"

namespace ganselect {

// kSample: of generated samples. kStability: of the training curve. kCost: of time, memory and
// size.
enum class MetricGroup { kSample, kStability, kCost };

// Which way is better; kNone: a description that has no better side by itself.
enum class Direction { kNone, kLower, kHigher };

std::string_view group_name(MetricGroup group);        // "sample", "stability", "cost"
std::string_view direction_name(Direction direction);  // "none", "lower", "higher"

struct MetricSpec {
  std::string
      name;  // key in records and JSON; one trailing "*" stands for a number ("steps_to_fid_*")
  MetricGroup group = MetricGroup::kSample;
  std::string unit;  // "" for a plain number, else "nats", "s", "bytes", ...
  Direction direction = Direction::kNone;
  std::string range;          // e.g. "[0, 1]", ">= 0"
  std::string needs;          // what it is computed from
  std::string explanation;    // one line for a newcomer
  std::string formula;        // plain text
  std::string source;         // paper or definition
  bool per_detector = false;  // true: depends on a feature space, prints as "fid[judge-cifar10]"
  int lead = 0;               // place among those that people are shown first; 0: with the others
};

// All measures, in the order in which tables show them.
const NamedTable<MetricSpec>& metric_specs();

// The row of a measured name, "steps_to_fid_50" found under "steps_to_fid_*"; nullptr when there is
// none.
const MetricSpec* find_metric_spec(std::string_view measure);

// The numbers that a measure can be, as its range says: "[0, 1]", ">= 0", "[1, classes]"; an end
// that the range tells in words is open here.
struct MeasureBounds {
  std::optional<double> low, high;
};
MeasureBounds bounds_of(const MetricSpec& spec);

// Where a value would lie with other samples of the same kind.
struct MeasureInterval {
  double low = 0, high = 0;
};

// Values by measure name, with what they were measured with. A value that could not be had is
// nullopt and has a reason.
struct Measures {
  std::map<std::string, std::optional<double>> values;
  std::map<std::string, std::string> reason;  // one for each nullopt
  Json protocol =
      Json::object();  // detector, digests, counts, seed; "measures": settings by measure
  std::map<std::string, MeasureInterval>
      intervals;               // of some of the values, where they were asked for
  std::vector<Json> warnings;  // each {"code", "measure", "message"}
  // In memory alone, of samples that several detectors measured (results/records/seen_by.h): the
  // measures that are not of `protocol`, and the protocol that they are of.
  std::set<std::string> apart = {};
  Json protocol_apart = Json();

  // Stores a value; one that is not finite is stored as missing, "not a finite number".
  void set(const std::string& name, double value);
  void set_missing(const std::string& name, const std::string& why);
  // `measure` may be empty: the warning is about the whole evaluation.
  void warn(const std::string& code, const std::string& measure, const std::string& message);
  std::optional<double> value(
      const std::string& name) const;  // nullopt also when the name is unknown
  const Json& protocol_of(const std::string& measure) const;
};

// The five that say most of these samples, classes, instances or points: of the measures with a
// `lead` those that have a value, in that order.
std::vector<std::string> leading_measures(const Measures& measures);

// {"fid": 1.5, "kid_mean": null, ..., "protocol": {..}, "reason": {..}, "warnings": [..]}, measures
// in the table's order; with "intervals": {"fid": {"low", "high"}, ..} where there are any.
Json to_json(const Measures& measures);

// {"fid": {"low": 1.2, "high": 1.9}, ...} and back; kUsage for anything else.
Json intervals_to_json(const std::map<std::string, MeasureInterval>& intervals);
std::map<std::string, MeasureInterval> intervals_from_json(const Json& json,
                                                           const std::string& where);

// The reverse; `where` names the document in errors. kUsage when a value is neither number nor
// null, or a null has no reason.
Measures measures_from_json(const Json& json, const std::string& where);

// "fid[judge-cifar10]" for a measure that depends on the feature space, the bare name otherwise or
// without a detector.
std::string display_name(const std::string& measure, const Json& protocol);

}  // namespace ganselect
