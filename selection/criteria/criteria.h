// The eight criteria as numbers from 0 to 1, computed from a trial's measures by stated formulas.
// The reference ranges are fixed, so what other candidates were measured never changes a score. A
// measure that is missing is never filled in: the criterion rests on the others and says what share
// of its evidence there is, and where the rest cannot see the defects that matter it is missing
// too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/named_table.h"
#include "results/records/record.h"
#include "selection/criteria/data_facts.h"

namespace ganselect {

/// How a measure x becomes a score from 0 to 1 (1 is best); a and b are the scale's own figures.
enum class Scale {
  kShare,        // x clipped to [0, 1]
  kInverse,      // 1 - x, clipped
  kHalf,         // a / (a + max(x, 0)): 1 at 0, one half at a
  kExponential,  // exp(-max(x, 0))
  kLogarithmic,  // from 0 at a to 1 at b in log10 x, clipped
};

/// The kind of samples a component can be measured on.
enum class SampleKind { kAny, kImages, kPoints };

/// What a component may need to know beyond its own record.
struct TrialContext {
  std::optional<double> mean_fid;  ///< of the candidate's seeds; absent below two
  /// Measured with nothing beside it; absent: the trial's own rate counts.
  std::optional<double> alone_updates_per_second = {};
};

/// One ingredient of a criterion.
struct Component {
  std::string name;    ///< a measure, or a quantity derived from several
  double share = 0.0;  ///< of the criterion; those that apply to one kind of samples sum to 1
  Scale scale = Scale::kShare;
  double a = 0.0, b = 0.0;
  SampleKind kind = SampleKind::kAny;
  std::string formula;  ///< in words, for the documentation
  /// The derived quantity; empty: the measure itself.
  std::optional<double> (*derive)(const Record&, const TrialContext&) = nullptr;
  std::vector<std::string> measures;  ///< those that `derive` reads
};

struct CriterionSpec {
  std::string name;
  std::vector<Component> components;
  /// Defects (defects.h) that at least one component at hand must see.
  std::vector<std::string> must_see;
};

/// One row for each of criterion_names(), in its order.
const NamedTable<CriterionSpec>& criteria();

/// A criterion's score of one trial.
struct CriterionValue {
  std::optional<double> score;  ///< 0 to 1; absent with `missing`
  double available = 0.0;       ///< share of the components that were measured
  std::string missing;  ///< why there is no score, or which components it lacks; may be empty
};

/// The score of `criterion` for one trial. A trial that diverged, or collapsed without a measure,
/// scores 0 in quality, diversity and mode coverage: it made nothing that could be used.
CriterionValue score_trial(const CriterionSpec& criterion, const Record& record,
                           const TrialContext& context);

/// x on its scale.
double scaled(double x, const Component& component);

/// FID of one half on the quality scale, by feature space: FIDs of different spaces differ in size.
struct FidScale {
  std::string name;  ///< detector, or the beginning of its name
  double half = 0.0;
};
const NamedTable<FidScale>& fid_scales();

}  // namespace ganselect
