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

void check_image_size(const Json& value, const std::string& place) {
  const auto& sizes = buildable_image_sizes();
  const double size = value.get<double>();
  if (std::find(sizes.begin(), sizes.end(), size) != sizes.end()) return;
  fail(ErrorKind::kUsage,
       {.where = place,
        .expected = "32, 64, 128 or 256, the image sizes that networks can be built for",
        .got = value.dump(),
        .hint = fmt::format("the nearest is {0}; resize the images to {0}x{0}",
                            nearest_buildable_size(size))});
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

void check_asked(const UseCase& use_case, const std::string& where) {
  if (const auto& two = use_case.comparison;
      two && (two->a.empty() || two->b.empty() || two->a == two->b))
    fail(ErrorKind::kUsage, {.where = where + " key 'comparison'",
                             .expected = "kind, a and b, and a other than b",
                             .got = fmt::format("'{}' and '{}'", two->a, two->b)});
  if (use_case.comparison && use_case.comparison->kind.empty())
    fail(ErrorKind::kUsage,
         {.where = where + " key 'comparison'", .expected = "a kind", .got = "none"});
  if (use_case.question && use_case.question->id.empty())
    fail(ErrorKind::kUsage,
         {.where = where + " key 'question'", .expected = "an id", .got = "none"});
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
       {"fills",
        {"=="},
        kTruth,
        0,
        0,
        "true: hidden parts of given images are to be filled in; false, as where nothing is said: "
        "whole images are to be made"},
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
       {"candidate", {"in", "not in"}, kNames, 0, 0, "candidates named in or out"},
       {"fid",
        {"<="},
        kNumber,
        0,
        1e6,
        "Frechet distance of every trial, in its feature space",
        true},
       {"recall", {">="}, kNumber, 0, 1, "recall of every trial", true},
       {"coverage", {">="}, kNumber, 0, 1, "coverage of every trial", true},
       {"precision", {">="}, kNumber, 0, 1, "precision of every trial", true},
       {"kid_mean", {"<="}, kNumber, 0, 1e3, "kernel distance of every trial", true},
       {"inception_score_mean", {">="}, kNumber, 1, 1e4, "inception score of every trial", true}});
  return table;
}

const std::vector<std::string>& decision_ids() {
  static const std::vector<std::string> names = {"architecture", "loss", "regularization",
                                                 "divergence"};
  return names;
}

const std::vector<double>& buildable_image_sizes() {
  static const std::vector<double> sizes = {32, 64, 128, 256};
  return sizes;
}

// By how often one must be doubled or halved to become the other.
double nearest_buildable_size(double size) {
  const auto& sizes = buildable_image_sizes();
  return *std::min_element(sizes.begin(), sizes.end(), [size](double a, double b) {
    return std::abs(std::log(a / size)) < std::abs(std::log(b / size));
  });
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
  check_asked(use_case, where);
}

bool bounds_a_measure(const UseCase& use_case) {
  return std::any_of(use_case.constraints.begin(), use_case.constraints.end(),
                     [](const auto& c) { return constraint_keys().at(c.key).measure; });
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

}  // namespace ganselect
