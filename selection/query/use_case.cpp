#include "selection/query/use_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/settings_io.h"

namespace ganselect {
namespace {

// Weights typed with two or three decimals still add up to 1.
constexpr double kWeightSumTolerance = 1e-6;

// By how often one must be doubled or halved to become the other.
double nearest_buildable(double size) {
  const auto& sizes = buildable_image_sizes();
  return *std::min_element(sizes.begin(), sizes.end(), [size](double a, double b) {
    return std::abs(std::log(a / size)) < std::abs(std::log(b / size));
  });
}

void check_image_size(const Json& value, const std::string& place) {
  const auto& sizes = buildable_image_sizes();
  const double size = value.get<double>();
  if (std::find(sizes.begin(), sizes.end(), size) != sizes.end()) return;
  fail(ErrorKind::kUsage, {.where = place,
                           .expected = "32 or 64, the image sizes that networks can be built for",
                           .got = value.dump(),
                           .hint = fmt::format("the nearest is {0}; resize the images to {0}x{0}",
                                               nearest_buildable(size))});
}

std::string op_list(const ConstraintKey& key) { return join(key.ops); }

void check_constraint_value(const Constraint& constraint, const ConstraintKey& key,
                            const std::string& place) {
  const Json& value = constraint.value;
  if (key.value == ConstraintValue::kTruth) {
    if (!value.is_boolean()) fail_type(place, "true or false", value);
    return;
  }
  if (key.value == ConstraintValue::kNames) {
    if (!value.is_array() || value.empty())
      fail_type(place, "an array of one or more candidate names", value);
    for (const auto& name : value) {
      if (!name.is_string()) fail_type(place, "candidate names as texts", name);
    }
    return;
  }
  if (!value.is_number()) fail_type(place, "a number", value);
  const double number = value.get<double>();
  if (!std::isfinite(number) || number < key.minimum || number > key.maximum) {
    fail(ErrorKind::kUsage,
         {.where = place,
          .expected = fmt::format("a number from {} to {}", key.minimum, key.maximum),
          .got = value.dump(),
          .hint = key.meaning});
  }
  if (key.value == ConstraintValue::kWholeNumber && number != std::floor(number))
    fail_type(place, "a whole number", value);
  if (key.name == "image_size") check_image_size(value, place);
}

// Constraints that take one value can only be stated twice if they agree.
void refuse_contradictions(const std::vector<Constraint>& constraints, const std::string& where) {
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto& a = constraints[j];
      const auto& b = constraints[i];
      if (a.key == b.key && a.op == "==" && b.op == "==" && a.value != b.value) {
        fail(ErrorKind::kUsage, {.where = where,
                                 .expected = "constraints that can be met together",
                                 .got = fmt::format("{0} == {1} and {0} == {2}", a.key,
                                                    a.value.dump(), b.value.dump())});
      }
    }
  }
  std::optional<std::set<std::string>> allowed;
  std::set<std::string> barred;
  for (const auto& constraint : constraints) {
    if (constraint.key != "candidate") continue;
    const auto names = constraint.value.get<std::set<std::string>>();
    if (constraint.op == "not in") {
      barred.insert(names.begin(), names.end());
    } else if (!allowed) {
      allowed = names;
    } else {
      std::erase_if(*allowed, [&](const auto& name) { return !names.contains(name); });
    }
  }
  if (!allowed) return;
  const bool some_left = std::any_of(allowed->begin(), allowed->end(),
                                     [&](const auto& name) { return !barred.contains(name); });
  if (!some_left) {
    fail(ErrorKind::kUsage, {.where = where,
                             .expected = "constraints that leave at least one candidate",
                             .got = "every candidate that is named in is also named out"});
  }
}

std::string constraint_text(const Constraint& constraint) {
  if (constraint.key == "candidate") {
    return fmt::format("candidate {} {}", constraint.op,
                       join(constraint.value.get<std::vector<std::string>>()));
  }
  return fmt::format("{} {} {}", constraint.key, constraint.op,
                     constraint.value.is_number_float() ? shortest(constraint.value.get<double>())
                                                        : constraint.value.dump());
}

}  // namespace

const NamedTable<CriterionName>& criterion_names() {
  static const NamedTable<CriterionName> table(
      "criterion",
      {{"quality", "samples look real"},
       {"diversity", "samples are as varied as the data"},
       {"mode_coverage", "every mode or class of the data is produced, in its proportion"},
       {"stability", "training ends well for every seed and stays where it got to"},
       {"cost", "little time, memory and size"},
       {"generalization", "samples are new, not copies of the training images"},
       {"controllability", "what is produced can be chosen, as by class"},
       {"transfer", "works for data that were not trained on"}});
  return table;
}

const NamedTable<ConstraintKey>& constraint_keys() {
  using enum ConstraintValue;
  static const NamedTable<ConstraintKey> table(
      "constraint",
      {{"labels", {"=="}, kTruth, 0, 0, "false: there are no labels; true: labels are to be used"},
       {"train_seconds", {"<="}, kNumber, 1e-3, 1e9, "training time of one trial in seconds"},
       {"memory_bytes",
        {"<="},
        kNumber,
        1,
        1e15,
        "peak memory in bytes (1 GB = 1e9, 1 GiB = 2^30)"},
       {"modes",
        {">="},
        kWholeNumber,
        1,
        1000,
        "modes of the data that must be covered; Stacked MNIST has the most, 1000"},
       {"diverged_share", {"<="}, kNumber, 0, 1, "share of the trials that diverged or collapsed"},
       {"image_size", {"=="}, kWholeNumber, 1, 4096, "height and width of the images in pixels"},
       {"extensions",
        {"=="},
        kTruth,
        0,
        0,
        "false: only the survey's own candidates; true: extensions are welcome"},
       {"candidate", {"in", "not in"}, kNames, 0, 0, "candidates named in or out"}});
  return table;
}

const std::vector<double>& buildable_image_sizes() {
  static const std::vector<double> sizes = {32, 64};
  return sizes;
}

double UseCase::weight(std::string_view criterion) const {
  const auto found = weights.find(std::string(criterion));
  return found == weights.end() ? 0.0 : found->second;
}

const NamedTable<Preset>& presets() {
  static const NamedTable<Preset> table(
      "preset",
      {{"high-diversity",
        "samples as varied as the data",
        {{{"diversity", 0.7}, {"mode_coverage", 0.3}}, {}}},
       {"high-quality", "samples that look real", {{{"quality", 0.8}, {"stability", 0.2}}, {}}},
       {"quality-and-diversity",
        "real-looking and varied alike",
        {{{"quality", 0.5}, {"diversity", 0.5}}, {}}},
       {"stable-training",
        "training that works every time",
        {{{"stability", 0.8}, {"quality", 0.2}}, {}}},
       {"low-compute",
        "a laptop's worth of time and memory",
        {{{"cost", 0.6}, {"quality", 0.4}}, {}}},
       {"data-augmentation",
        "further training images for a classifier",
        {{{"diversity", 0.4}, {"generalization", 0.25}, {"mode_coverage", 0.2}, {"quality", 0.15}},
         {}}},
       {"rare-modes", "the rare classes too", {{{"mode_coverage", 0.7}, {"diversity", 0.3}}, {}}},
       {"generalization",
        "new samples, not copies",
        {{{"generalization", 0.7}, {"quality", 0.15}, {"diversity", 0.15}}, {}}},
       {"class-control",
        "the class of a sample can be chosen",
        {{{"controllability", 0.7}, {"quality", 0.3}}, {{"labels", "==", true}}}},
       {"unseen-domain",
        "works for data that were not trained on",
        {{{"transfer", 0.7}, {"quality", 0.15}, {"diversity", 0.15}}, {}}},
       {"balanced",
        "no criterion stands out",
        {{{"quality", 0.3}, {"diversity", 0.3}, {"stability", 0.2}, {"cost", 0.2}}, {}}}});
  return table;
}

void normalize_weights(UseCase& use_case, const std::string& where) {
  double sum = 0.0;
  for (const auto& [name, weight] : use_case.weights) sum += weight;
  if (!(sum > 0.0)) {
    fail(ErrorKind::kUsage, {.where = where,
                             .expected = "a criterion with a weight above 0",
                             .got = "none",
                             .hint = "criteria: " + join(criterion_names().names())});
  }
  for (auto& [name, weight] : use_case.weights) weight /= sum;
}

void validate(const UseCase& use_case, const std::string& where) {
  double sum = 0.0;
  for (const auto& [name, weight] : use_case.weights) {
    criterion_names().at(name);
    if (!std::isfinite(weight) || weight < 0.0 || weight > 1.0) {
      fail(ErrorKind::kUsage, {.where = where + " key 'weights." + name + "'",
                               .expected = "a number from 0 to 1",
                               .got = shortest(weight)});
    }
    sum += weight;
  }
  if (std::abs(sum - 1.0) > kWeightSumTolerance) {
    fail(ErrorKind::kUsage, {.where = where + " key 'weights'",
                             .expected = "weights that sum to 1",
                             .got = "a sum of " + shortest(sum),
                             .hint = "divide each by the sum"});
  }
  for (const auto& constraint : use_case.constraints) {
    const auto& key = constraint_keys().at(constraint.key);
    const std::string place = where + " constraint '" + constraint.key + "'";
    if (std::find(key.ops.begin(), key.ops.end(), constraint.op) == key.ops.end()) {
      fail(ErrorKind::kUsage, {.where = place,
                               .expected = "op " + op_list(key),
                               .got = "'" + constraint.op + "'",
                               .hint = key.meaning});
    }
    check_constraint_value(constraint, key, place);
  }
  refuse_contradictions(use_case.constraints, where);
}

void require_known_candidates(const UseCase& use_case, std::span<const std::string> known,
                              const std::string& where) {
  for (const auto& constraint : use_case.constraints) {
    if (constraint.key != "candidate") continue;
    for (const auto& name : constraint.value) {
      const auto text = name.get<std::string>();
      if (std::find(known.begin(), known.end(), text) != known.end()) continue;
      const auto nearest = nearest_name(text, known);
      fail(ErrorKind::kUsage,
           {.where = where + " constraint 'candidate'",
            .expected = "one of " + join(known),
            .got = "'" + text + "'",
            .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
    }
  }
}

Json to_json(const UseCase& use_case) {
  Json weights = Json::object();
  for (const auto& criterion : criterion_names())
    weights[criterion.name] = use_case.weight(criterion.name);
  Json constraints = Json::array();
  for (const auto& constraint : use_case.constraints) {
    constraints.push_back(
        {{"key", constraint.key}, {"op", constraint.op}, {"value", constraint.value}});
  }
  return {{"weights", weights}, {"constraints", constraints}};
}

UseCase use_case_from_json(const Json& json, const std::string& where) {
  const std::vector<std::string> keys = {"weights", "constraints", "name"};
  if (!json.is_object()) fail_type(where, "a JSON object", json);
  for (const auto& item : json.items()) {
    if (std::find(keys.begin(), keys.end(), item.key()) == keys.end())
      fail_unknown_key(where, item.key(), keys);
  }
  UseCase use_case;
  if (!json.contains("weights") || !json["weights"].is_object())
    fail_type(where + " key 'weights'", "an object of criteria and their weights",
              json.value("weights", Json()));
  const auto criteria = criterion_names().names();
  for (const auto& [name, weight] : json["weights"].items()) {
    if (!criterion_names().find(name)) fail_unknown_key(where + " key 'weights'", name, criteria);
    if (!weight.is_number()) fail_type(where + " key 'weights." + name + "'", "a number", weight);
    use_case.weights[name] = weight.get<double>();
  }
  const Json constraints = json.value("constraints", Json::array());
  if (!constraints.is_array()) fail_type(where + " key 'constraints'", "an array", constraints);
  const std::vector<std::string> parts = {"key", "op", "value"};
  for (const auto& entry : constraints) {
    const std::string place = where + " key 'constraints'";
    if (!entry.is_object()) fail_type(place, "objects with key, op and value", entry);
    for (const auto& item : entry.items()) {
      if (std::find(parts.begin(), parts.end(), item.key()) == parts.end())
        fail_unknown_key(place, item.key(), parts);
    }
    for (const auto& part : parts) {
      if (!entry.contains(part)) fail_type(place, "an object with '" + part + "'", entry);
    }
    if (!entry["key"].is_string() || !entry["op"].is_string())
      fail_type(place, "key and op as texts", entry);
    use_case.constraints.push_back(
        {entry["key"].get<std::string>(), entry["op"].get<std::string>(), entry["value"]});
  }
  validate(use_case, where);
  return use_case;
}

std::string describe_use_case(const UseCase& use_case) {
  std::vector<std::pair<std::string, double>> order;
  for (const auto& criterion : criterion_names()) {
    const double weight = use_case.weight(criterion.name);
    if (weight > 0.0) order.emplace_back(criterion.name, weight);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [name, weight] : order) parts.push_back(fmt::format("{} {:.2f}", name, weight));
  std::string text = join(parts);
  for (const auto& constraint : use_case.constraints) text += "; " + constraint_text(constraint);
  return text;
}

}  // namespace ganselect
