#include "selection/criteria/criteria.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "selection/criteria/defects.h"
#include "selection/query/use_case.h"

namespace ganselect {
namespace {

using Value = std::optional<double>;

Value in_halves(const Record& record, const std::string& measure) {
  const auto fid = record.measure(measure);
  if (!fid) return std::nullopt;
  const Json detector = record.measures.protocol.value("detector", Json(""));
  const std::string name = detector.is_string() ? detector.get<std::string>() : "";
  for (const auto& scale : fid_scales()) {
    if (name.starts_with(scale.name)) return *fid / scale.half;
  }
  return *fid / fid_scales().rows().back().half;
}

Value fid_in_halves(const Record& record, const TrialContext&) { return in_halves(record, "fid"); }

Value fid_unseen_in_halves(const Record& record, const TrialContext&) {
  return in_halves(record, "fid_unseen");
}

// No mode at all is the worst diversity there is, though its measures have no value then: there is
// no histogram to take them from.
bool shows_no_mode(const Record& record) { return record.measure("modes") == 0.0; }

Value kl_of_modes(const Record& record, const TrialContext&) {
  const auto kl = record.measure("mode_kl");
  if (!kl && shows_no_mode(record)) return std::numeric_limits<double>::infinity();
  return kl;
}

Value mode_share(const Record& record, const TrialContext&) {
  const auto modes = counted_modes(record);
  const auto all = modes_of_data(record);
  if (!modes || !all || *all <= 0) return std::nullopt;
  return *modes / *all;
}

Value entropy_share(const Record& record, const TrialContext&) {
  const auto entropy = record.measure("mode_entropy");
  const auto all = modes_of_data(record);
  if (!entropy && shows_no_mode(record)) return 0.0;
  if (!entropy || !all || *all <= 1) return std::nullopt;
  return *entropy / std::log(*all);
}

// Points evenly strewn touch every mode evenly, so evenness counts as far as points are near one.
Value times_near_share(const Record& record, Value evenness) {
  const auto near = record.measure("high_quality_share");
  if (!near || !evenness) return std::nullopt;
  return *near * *evenness;
}

Value near_and_even(const Record& record, const TrialContext& context) {
  const auto kl = kl_of_modes(record, context);
  return times_near_share(record, kl ? Value(std::exp(-*kl)) : std::nullopt);
}

Value near_and_entropic(const Record& record, const TrialContext& context) {
  return times_near_share(record, entropy_share(record, context));
}

// The score lies between 1 and the number of classes.
Value inception_share(const Record& record, const TrialContext&) {
  const auto score = record.measure("inception_score_1split");
  const auto all = modes_of_data(record);
  if (!score || !all || *score < 1 || *all <= 1) return std::nullopt;
  return std::log(*score) / std::log(*all);
}

Value different_bins(const Record& record, const TrialContext&) {
  const auto ndb = record.measure("ndb");
  const auto bins = protocol_number(record, "ndb", "bins");
  if (!ndb || !bins || *bins <= 0) return std::nullopt;
  return *ndb / *bins;
}

// A generator that never shows more than a mode or two is steady in nothing that one would want.
bool never_got_going(const Record& record) {
  constexpr double kFewModes = 0.2;
  const auto share = mode_share(record, {});
  return share && *share <= kFewModes;
}

Value trained_to_the_end(const Record& record, const TrialContext&) {
  const TrialStatus outcome = outcome_of(record);
  const bool lost = outcome == TrialStatus::kDiverged || outcome == TrialStatus::kCollapsed ||
                    never_got_going(record);
  return lost ? 0.0 : 1.0;
}

Value best_over_last(const Record& record, const TrialContext&) {
  const auto best = record.measure("fid_best");
  const auto last = record.measure("fid_last");
  if (!best || !last || *last <= 0) return std::nullopt;
  return *best / *last;
}

Value relative_oscillation(const Record& record, const TrialContext&) {
  const auto oscillation = record.measure("oscillation_fid");
  const auto best = record.measure("fid_best");
  if (!oscillation || !best || *best <= 0) return std::nullopt;
  return *oscillation / *best;
}

Value seed_deviation(const Record& record, const TrialContext& context) {
  const auto fid = record.measure("fid");
  if (!fid || !context.mean_fid || *context.mean_fid <= 0) return std::nullopt;
  return std::abs(*fid - *context.mean_fid) / *context.mean_fid;
}

Value seconds_per_update(const Record& record, const TrialContext& context) {
  const auto rate = context.alone_updates_per_second ? context.alone_updates_per_second
                                                     : record.measure("updates_per_second");
  if (!rate || *rate <= 0) return std::nullopt;
  return 1.0 / *rate;
}

Value all_parameters(const Record& record, const TrialContext&) {
  const auto g = record.measure("parameters_g");
  const auto d = record.measure("parameters_d");
  if (!g || !d) return std::nullopt;
  return *g + *d;
}

// One in a hundred fresh samples lies as near to the training images by chance.
Value excess_copies(const Record& record, const TrialContext&) {
  const auto share = record.measure("memorization");
  if (!share) return std::nullopt;
  return std::max(0.0, *share - 0.01);
}

Value relative_fid_gap(const Record& record, const TrialContext&) {
  const auto gap = record.measure("fid_gap");
  const auto fid = record.measure("fid");
  if (!gap || !fid || *fid <= 0) return std::nullopt;
  return std::max(0.0, *gap) / *fid;
}

Value critic_gap(const Record& record, const TrialContext&) {
  const auto real = record.measure("critic_accuracy_real");
  const auto heldout = record.measure("critic_accuracy_heldout");
  if (!real || !heldout) return std::nullopt;
  return *real - *heldout;
}

constexpr auto kImages = SampleKind::kImages;
constexpr auto kPoints = SampleKind::kPoints;
constexpr auto kAny = SampleKind::kAny;

CriterionSpec quality() {
  return {"quality",
          {{"fid",
            0.7,
            Scale::kHalf,
            1,
            0,
            kImages,
            "1 / (1 + fid / h), h by detector",
            fid_in_halves,
            {"fid"}},
           {"inception_score_1split",
            0.3,
            Scale::kShare,
            0,
            0,
            kImages,
            "ln(inception_score_1split) / ln(modes of the data)",
            inception_share,
            {"inception_score_1split"}},
           {"high_quality_share", 1.0, Scale::kShare, 0, 0, kPoints, "high_quality_share"}},
          {"noise"}};
}

// How evenly the modes are shown.
Component even_modes(double share) {
  return {"mode_kl",       share,       Scale::kExponential, 0, 0, kImages,
          "exp(-mode_kl)", kl_of_modes, {"mode_kl", "modes"}};
}

Component even_point_modes() {
  return {"mode_kl",
          0.5,
          Scale::kShare,
          0,
          0,
          kPoints,
          "high_quality_share x exp(-mode_kl)",
          near_and_even,
          {"high_quality_share", "mode_kl", "modes"}};
}

CriterionSpec diversity() {
  return {"diversity",
          {{"coverage", 0.5, Scale::kShare, 0, 0, kImages, "coverage"},
           {"recall", 0.25, Scale::kShare, 0, 0, kImages, "recall"},
           even_modes(0.25),
           even_point_modes(),
           {"mode_entropy",
            0.5,
            Scale::kShare,
            0,
            0,
            kPoints,
            "high_quality_share x mode_entropy / ln(modes of the data)",
            near_and_entropic,
            {"high_quality_share", "mode_entropy", "modes"}}},
          {"collapse", "dropped-modes"}};
}

CriterionSpec mode_coverage() {
  return {"mode_coverage",
          {{"modes",
            0.5,
            Scale::kShare,
            0,
            0,
            kAny,
            "modes / modes of the data",
            mode_share,
            {"modes"}},
           even_modes(0.3),
           even_point_modes(),
           {"ndb", 0.2, Scale::kInverse, 0, 0, kImages, "1 - ndb / bins", different_bins, {"ndb"}}},
          {"dropped-modes"}};
}

CriterionSpec stability() {
  return {"stability",
          {{"status",
            0.5,
            Scale::kShare,
            0,
            0,
            kAny,
            "0 for a trial that diverged, collapsed or shows at most a fifth of the modes, else 1",
            trained_to_the_end,
            {"collapsed", "modes"}},
           {"fid_best",
            0.2,
            Scale::kShare,
            0,
            0,
            kImages,
            "fid_best / fid_last",
            best_over_last,
            {"fid_best", "fid_last"}},
           {"oscillation_fid",
            0.1,
            Scale::kHalf,
            0.25,
            0,
            kImages,
            "0.25 / (0.25 + oscillation_fid / fid_best)",
            relative_oscillation,
            {"oscillation_fid", "fid_best"}},
           {"seed_deviation",
            0.1,
            Scale::kHalf,
            0.25,
            0,
            kImages,
            "0.25 / (0.25 + |fid - mean over seeds| / mean over seeds)",
            seed_deviation,
            {"fid"}},
           {"vanishing_share", 0.1, Scale::kInverse, 0, 0, kImages, "1 - vanishing_share"},
           {"vanishing_share", 0.5, Scale::kInverse, 0, 0, kPoints, "1 - vanishing_share"}},
          {}};
}

CriterionSpec cost() {
  return {"cost",
          {{"seconds_per_update",
            0.6,
            Scale::kLogarithmic,
            10,
            1e-3,
            kAny,
            "log scale from 10 s (0) to 1 ms (1) a generator update",
            seconds_per_update,
            {"updates_per_second"}},
           {"peak_memory_bytes", 0.2, Scale::kLogarithmic, 1e11, 1e8, kAny,
            "log scale from 100 GB (0) to 100 MB (1)"},
           {"parameters",
            0.2,
            Scale::kLogarithmic,
            1e9,
            1e5,
            kAny,
            "log scale from 1e9 (0) to 1e5 (1) of both networks",
            all_parameters,
            {"parameters_g", "parameters_d"}}},
          {}};
}

CriterionSpec generalization() {
  return {"generalization",
          {{"memorization",
            0.4,
            Scale::kHalf,
            0.1,
            0,
            kAny,
            "0.1 / (0.1 + max(0, memorization - 0.01))",
            excess_copies,
            {"memorization"}},
           {"fid_gap",
            0.3,
            Scale::kHalf,
            0.25,
            0,
            kAny,
            "0.25 / (0.25 + max(0, fid_gap) / fid)",
            relative_fid_gap,
            {"fid_gap", "fid"}},
           {"critic_gap",
            0.15,
            Scale::kInverse,
            0,
            0,
            kAny,
            "1 - (critic_accuracy_real - critic_accuracy_heldout)",
            critic_gap,
            {"critic_accuracy_real", "critic_accuracy_heldout"}},
           {"reconstruction_error", 0.15, Scale::kHalf, 0.02, 0, kAny,
            "0.02 / (0.02 + reconstruction_error)"}},
          {"copies"}};
}

// Share of samples that are what was asked for, a class or an instance, above guessing one in K.
Value obedience(const Record& record, const TrialContext&) {
  const auto above_chance = [](std::optional<double> share, std::optional<double> k) -> Value {
    if (!share || !k || *k <= 1) return std::nullopt;
    return (*share - 1.0 / *k) / (1.0 - 1.0 / *k);
  };
  if (record.measure("label_accuracy"))
    return above_chance(record.measure("label_accuracy"), modes_of_data(record));
  return above_chance(record.measure("own_instance_share"),
                      protocol_number(record, "own_instance_share", "instances"));
}

CriterionSpec controllability() {
  return {"controllability",
          {{"label_accuracy",
            0.6,
            Scale::kShare,
            0,
            0,
            kAny,
            "max(0, a - 1/K) / (1 - 1/K), a = label_accuracy and K modes of the data, or where "
            "instances are asked for a = own_instance_share and K stored instances",
            obedience,
            {"label_accuracy", "own_instance_share"}},
           {"worst_class_coverage", 0.4, Scale::kShare, 0, 0, kAny, "worst_class_coverage"}},
          {"ignored-labels"}};
}

CriterionSpec transfer() {
  return {"transfer",
          {{"fid_unseen",
            0.6,
            Scale::kHalf,
            1,
            0,
            kAny,
            "1 / (1 + fid_unseen / h), h by detector",
            fid_unseen_in_halves,
            {"fid_unseen"}},
           {"coverage_unseen", 0.4, Scale::kShare, 0, 0, kAny, "coverage_unseen"}},
          {"collapse", "noise"}};
}

bool makes_samples(const std::string& criterion) {
  static const std::set<std::string> names = {"quality", "diversity", "mode_coverage"};
  return names.contains(criterion);
}

bool applies(const Component& component, bool points) {
  return component.kind == kAny || (component.kind == kPoints) == points;
}

// A trial that ended without samples has shown what its samples are worth.
bool ended_without_samples(const Record& record) {
  if (record.status == TrialStatus::kDiverged) return true;
  return record.status == TrialStatus::kCollapsed && !record.measure("fid") &&
         !record.measure("modes");
}

}  // namespace

const NamedTable<CriterionSpec>& criteria() {
  static const NamedTable<CriterionSpec> table(
      "criterion", {quality(), diversity(), mode_coverage(), stability(), cost(), generalization(),
                    controllability(), transfer()});
  return table;
}

const NamedTable<FidScale>& fid_scales() {
  // The last row serves every other detector.
  static const NamedTable<FidScale> table("FID scale",
                                          {{"inception", 50.0}, {"judge", 20.0}, {"other", 50.0}});
  return table;
}

double scaled(double x, const Component& component) {
  switch (component.scale) {
    case Scale::kShare:
      return std::clamp(x, 0.0, 1.0);
    case Scale::kInverse:
      return std::clamp(1.0 - x, 0.0, 1.0);
    case Scale::kHalf:
      return component.a / (component.a + std::max(x, 0.0));
    case Scale::kExponential:
      return std::exp(-std::max(x, 0.0));
    case Scale::kLogarithmic: {
      if (x <= 0.0) return 1.0;
      const double low = std::log10(component.a);
      return std::clamp((std::log10(x) - low) / (std::log10(component.b) - low), 0.0, 1.0);
    }
  }
  return 0.0;
}

CriterionValue score_trial(const CriterionSpec& criterion, const Record& record,
                           const TrialContext& context) {
  if (makes_samples(criterion.name) && ended_without_samples(record)) return {0.0, 1.0, ""};
  const bool points = is_points(record);
  double sum = 0.0, available = 0.0;
  std::vector<std::string_view> seen;
  std::vector<std::string> absent;
  bool measured = false;
  for (const auto& component : criterion.components) {
    if (!applies(component, points)) continue;
    const auto value = component.derive != nullptr ? component.derive(record, context)
                                                   : record.measure(component.name);
    if (!value) {
      absent.push_back(component.name);
      continue;
    }
    sum += component.share * scaled(*value, component);
    available += component.share;
    measured = true;
    if (const auto* card = defect_cards().find(component.name))
      seen.insert(seen.end(), card->sees.begin(), card->sees.end());
  }
  CriterionValue result{std::nullopt, available, absent.empty() ? "" : "without " + join(absent)};
  if (!measured) {
    result.missing = "none of " + join(absent) + " was measured";
    return result;
  }
  for (const auto& defect : criterion.must_see) {
    if (std::find(seen.begin(), seen.end(), defect) != seen.end()) continue;
    result.missing =
        fmt::format("without {} nothing measured would notice {}", join(absent), defect);
    return result;
  }
  result.score = sum / available;
  return result;
}

}  // namespace ganselect
