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
  const Json detector = record.measures.protocol_of(measure).value("detector", Json(""));
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
  return {.name = "quality",
          .components = {{.name = "fid",
                          .share = 0.7,
                          .scale = Scale::kHalf,
                          .a = 1,
                          .kind = kImages,
                          .formula = "1 / (1 + fid / h), h by detector",
                          .derive = fid_in_halves,
                          .measures = {"fid"}},
                         {.name = "inception_score_1split",
                          .share = 0.3,
                          .kind = kImages,
                          .formula = "ln(inception_score_1split) / ln(modes of the data)",
                          .derive = inception_share,
                          .measures = {"inception_score_1split"}},
                         {.name = "high_quality_share",
                          .share = 1.0,
                          .kind = kPoints,
                          .formula = "high_quality_share"}},
          .must_see = {"noise"}};
}

// How evenly the modes are shown.
Component even_modes(double share) {
  return {.name = "mode_kl",
          .share = share,
          .scale = Scale::kExponential,
          .kind = kImages,
          .formula = "exp(-mode_kl)",
          .derive = kl_of_modes,
          .measures = {"mode_kl", "modes"}};
}

Component even_point_modes() {
  return {.name = "mode_kl",
          .share = 0.5,
          .kind = kPoints,
          .formula = "high_quality_share x exp(-mode_kl)",
          .derive = near_and_even,
          .measures = {"high_quality_share", "mode_kl", "modes"}};
}

CriterionSpec diversity() {
  return {.name = "diversity",
          .components = {{.name = "coverage", .share = 0.5, .kind = kImages, .formula = "coverage"},
                         {.name = "recall", .share = 0.25, .kind = kImages, .formula = "recall"},
                         even_modes(0.25),
                         even_point_modes(),
                         {.name = "mode_entropy",
                          .share = 0.5,
                          .kind = kPoints,
                          .formula = "high_quality_share x mode_entropy / ln(modes of the data)",
                          .derive = near_and_entropic,
                          .measures = {"high_quality_share", "mode_entropy", "modes"}}},
          .must_see = {"collapse", "dropped-modes"}};
}

CriterionSpec mode_coverage() {
  return {.name = "mode_coverage",
          .components = {{.name = "modes",
                          .share = 0.5,
                          .formula = "modes / modes of the data",
                          .derive = mode_share,
                          .measures = {"modes"}},
                         even_modes(0.3),
                         even_point_modes(),
                         {.name = "ndb",
                          .share = 0.2,
                          .scale = Scale::kInverse,
                          .kind = kImages,
                          .formula = "1 - ndb / bins",
                          .derive = different_bins,
                          .measures = {"ndb"}}},
          .must_see = {"dropped-modes"}};
}

CriterionSpec stability() {
  return {.name = "stability",
          .components = {{.name = "status",
                          .share = 0.5,
                          .formula = "0 for a trial that diverged, collapsed or shows at most a "
                                     "fifth of the modes, else 1",
                          .derive = trained_to_the_end,
                          .measures = {"collapsed", "modes"}},
                         {.name = "fid_best",
                          .share = 0.2,
                          .kind = kImages,
                          .formula = "fid_best / fid_last",
                          .derive = best_over_last,
                          .measures = {"fid_best", "fid_last"}},
                         {.name = "oscillation_fid",
                          .share = 0.1,
                          .scale = Scale::kHalf,
                          .a = 0.25,
                          .kind = kImages,
                          .formula = "0.25 / (0.25 + oscillation_fid / fid_best)",
                          .derive = relative_oscillation,
                          .measures = {"oscillation_fid", "fid_best"}},
                         {.name = "seed_deviation",
                          .share = 0.1,
                          .scale = Scale::kHalf,
                          .a = 0.25,
                          .kind = kImages,
                          .formula = "0.25 / (0.25 + |fid - mean over seeds| / mean over seeds)",
                          .derive = seed_deviation,
                          .measures = {"fid"}},
                         {.name = "vanishing_share",
                          .share = 0.1,
                          .scale = Scale::kInverse,
                          .kind = kImages,
                          .formula = "1 - vanishing_share"},
                         {.name = "vanishing_share",
                          .share = 0.5,
                          .scale = Scale::kInverse,
                          .kind = kPoints,
                          .formula = "1 - vanishing_share"}}};
}

CriterionSpec cost() {
  return {.name = "cost",
          .components = {{.name = "seconds_per_update",
                          .share = 0.6,
                          .scale = Scale::kLogarithmic,
                          .a = 10,
                          .b = 1e-3,
                          .formula = "log scale from 10 s (0) to 1 ms (1) a generator update",
                          .derive = seconds_per_update,
                          .measures = {"updates_per_second"}},
                         {.name = "peak_memory_bytes",
                          .share = 0.2,
                          .scale = Scale::kLogarithmic,
                          .a = 1e11,
                          .b = 1e8,
                          .formula = "log scale from 100 GB (0) to 100 MB (1)"},
                         {.name = "parameters",
                          .share = 0.2,
                          .scale = Scale::kLogarithmic,
                          .a = 1e9,
                          .b = 1e5,
                          .formula = "log scale from 1e9 (0) to 1e5 (1) of both networks",
                          .derive = all_parameters,
                          .measures = {"parameters_g", "parameters_d"}}}};
}

CriterionSpec generalization() {
  return {.name = "generalization",
          .components = {{.name = "memorization",
                          .share = 0.4,
                          .scale = Scale::kHalf,
                          .a = 0.1,
                          .formula = "0.1 / (0.1 + max(0, memorization - 0.01))",
                          .derive = excess_copies,
                          .measures = {"memorization"}},
                         {.name = "fid_gap",
                          .share = 0.3,
                          .scale = Scale::kHalf,
                          .a = 0.25,
                          .formula = "0.25 / (0.25 + max(0, fid_gap) / fid)",
                          .derive = relative_fid_gap,
                          .measures = {"fid_gap", "fid"}},
                         {.name = "critic_gap",
                          .share = 0.15,
                          .scale = Scale::kInverse,
                          .formula = "1 - (critic_accuracy_real - critic_accuracy_heldout)",
                          .derive = critic_gap,
                          .measures = {"critic_accuracy_real", "critic_accuracy_heldout"}},
                         {.name = "reconstruction_error",
                          .share = 0.15,
                          .scale = Scale::kHalf,
                          .a = 0.02,
                          .formula = "0.02 / (0.02 + reconstruction_error)"}},
          .must_see = {"copies"}};
}

// Share of samples that are what was asked for, a class, a cluster or an instance, above guessing
// one in K.
Value obedience(const Record& record, const TrialContext&) {
  const auto above_chance = [](std::optional<double> share, std::optional<double> k) -> Value {
    if (!share || !k || *k <= 1) return std::nullopt;
    return (*share - 1.0 / *k) / (1.0 - 1.0 / *k);
  };
  if (record.measure("label_accuracy"))
    return above_chance(record.measure("label_accuracy"), modes_of_data(record));
  if (record.measure("own_cluster_share")) {
    return above_chance(record.measure("own_cluster_share"),
                        protocol_number(record, "own_cluster_share", "clusters"));
  }
  return above_chance(record.measure("own_instance_share"),
                      protocol_number(record, "own_instance_share", "instances"));
}

CriterionSpec controllability() {
  return {
      .name = "controllability",
      .components =
          {{.name = "label_accuracy",
            .share = 0.6,
            .formula =
                "max(0, a - 1/K) / (1 - 1/K), a = label_accuracy and K modes of the data, or where "
                "clusters are asked for a = own_cluster_share and K clusters, or where instances "
                "are asked for a = own_instance_share and K stored instances",
            .derive = obedience,
            .measures = {"label_accuracy", "own_cluster_share", "own_instance_share"}},
           {.name = "worst_class_coverage", .share = 0.4, .formula = "worst_class_coverage"}},
      .must_see = {"ignored-labels"}};
}

CriterionSpec transfer() {
  return {.name = "transfer",
          .components = {{.name = "fid_unseen",
                          .share = 0.6,
                          .scale = Scale::kHalf,
                          .a = 1,
                          .formula = "1 / (1 + fid_unseen / h), h by detector",
                          .derive = fid_unseen_in_halves,
                          .measures = {"fid_unseen"}},
                         {.name = "coverage_unseen", .share = 0.4, .formula = "coverage_unseen"}},
          .must_see = {"collapse", "noise"}};
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
  static const NamedTable<FidScale> table(
      "FID scale",
      {{"inception", 50.0}, {"judge", 20.0}, {"efficientnet", 1000.0}, {"other", 50.0}});
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
