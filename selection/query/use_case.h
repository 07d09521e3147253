// What someone wants of a GAN, stated exactly: weights of criteria, hard constraints and what is
// known of the asker's data and means. The form that free text is read into (query.h), that
// `recommend --use-case` reads from a file (use_case.schema.json) and that a ranking works from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"

namespace ganselect {

/// One thing a GAN can be good at. How it is computed from measures stands in criteria.h.
struct CriterionName {
  std::string name;
  std::string meaning;
};

/// The eight criteria, in the order in which they are shown.
const NamedTable<CriterionName>& criterion_names();

/// What kind of value a constraint takes.
enum class ConstraintValue { kTruth, kNumber, kWholeNumber, kNames };

/// One key that a constraint may have.
struct ConstraintKey {
  std::string name;
  std::vector<std::string> ops;  ///< the valid ones; the first is the usual one
  ConstraintValue value = ConstraintValue::kNumber;
  double minimum = 0.0;  ///< of a number, inclusive
  double maximum = 0.0;  ///< of a number, inclusive
  std::string meaning;
  bool measure = false;  ///< the key is a measure of that name, which every trial must meet
};

/// labels, train_seconds, memory_bytes, modes, diverged_share, image_size, extensions, candidate,
/// and the measures fid, recall, coverage, precision, kid_mean and inception_score_mean.
const NamedTable<ConstraintKey>& constraint_keys();

/// Heights and widths that networks can be built for: those of `image_size`, smallest first.
const std::vector<double>& buildable_image_sizes();

/// A condition that a candidate meets or fails. `value` is true/false, a number or an array of
/// candidate names, as its key says.
struct Constraint {
  std::string key;
  std::string op;
  Json value;
  bool operator==(const Constraint&) const = default;
};

/// The four decision parameters: architecture, loss, regularization, divergence.
const std::vector<std::string>& decision_ids();

/// Two things held against each other: "is wgan-gp better than sngan?"
struct AskedComparison {
  /// "candidate"; "gan" where one of them is not trained here; or a decision parameter, whose
  /// values a and b are.
  std::string kind;
  std::string a, b;  ///< as named first and second, by their names in records
  bool operator==(const AskedComparison&) const = default;
};

/// A question on one decision: "should I use spectral norm?"
struct AskedQuestion {
  std::string id;                   ///< a decision parameter, which one of the four questions is of
  std::vector<std::string> values;  ///< what was named of it; none: "which loss?"
  bool operator==(const AskedQuestion&) const = default;
};

struct UseCase {
  std::map<std::string, double> weights;  ///< by criterion, 0 to 1, summing to 1; absent = 0
  std::vector<Constraint> constraints;

  // What is known of the asker's data and means, and what was asked beyond a ranking. Whatever was
  // not said is absent.
  std::optional<std::int64_t> train_images = {};  ///< images that there are to train on
  std::optional<std::int64_t> updates = {};       ///< generator updates that training may take
  std::optional<std::string> device = {};         ///< "cpu" or "gpu"
  /// Height of the asker's images where no network can be built for it; else it is a constraint.
  std::optional<std::int64_t> image_size = {};
  std::vector<std::string> subjects = {};    ///< what the images show: "faces"
  std::vector<std::string> other_gans = {};  ///< named, but not trained here: "StyleGAN2"
  std::optional<AskedComparison> comparison = {};
  std::optional<AskedQuestion> question = {};

  /// 0 for a criterion without a weight.
  double weight(std::string_view criterion) const;
};

/// A use case with a name.
struct Preset {
  std::string name;
  std::string meaning;
  UseCase use_case;
};

/// high-diversity, high-quality, quality-and-diversity, stable-training, low-compute,
/// data-augmentation, rare-modes, generalization, class-control, unseen-domain and balanced.
const NamedTable<Preset>& presets();

/// Divides the weights by their sum. Throws kUsage when there is none above 0.
void normalize_weights(UseCase& use_case, const std::string& where);

/// Throws kUsage, naming the key and what is valid, for an unknown criterion or constraint, a
/// weight outside [0, 1], weights that do not sum to 1 (to 1e-6), a value of the wrong kind or out
/// of range, and for constraints that no candidate can meet together.
void validate(const UseCase& use_case, const std::string& where);

/// Whether a constraint is on a measure, whose numbers mean something under one detector alone.
bool bounds_a_measure(const UseCase& use_case);

/// Throws kUsage when a `candidate` constraint names one that is not among `known`.
void require_known_candidates(const UseCase& use_case, std::span<const std::string> known,
                              const std::string& where);

/// The height or width that networks can be built for that is nearest to `size`.
double nearest_buildable_size(double size);

/// {"weights": {every criterion: w}, "constraints": [{"key", "op", "value"}]}, then what is known
/// and asked ("train_images", ...), each key only where there is something to say.
Json to_json(const UseCase& use_case);

/// The reverse, validated; unknown keys are refused. `where` names the document in errors.
UseCase use_case_from_json(const Json& json, const std::string& where);

/// "diversity 0.67, quality 0.33; train_seconds <= 600; train_images 400": largest weight first.
/// Two candidates compared stand in their constraint alone.
std::string describe_use_case(const UseCase& use_case);

}  // namespace ganselect
