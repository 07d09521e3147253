#include "selection/advice/published.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/statistics.h"
#include "selection/evidence/effect_scale.h"

namespace ganselect {
namespace {

// Which published measures speak of a wish, the closest first.
struct PublishedMeasures {
  std::string name;  // of the criterion
  std::vector<std::string> measures;
};

const NamedTable<PublishedMeasures>& published_measures() {
  static const NamedTable<PublishedMeasures> table(
      "criterion",
      {{"quality", {"fid"}}, {"diversity", {"modes", "fid"}}, {"mode_coverage", {"modes", "fid"}}});
  return table;
}

std::optional<LiteratureEstimate> estimate_of(std::span<const Study> studies,
                                              const EstimateInput& input, std::string& reason) {
  try {
    return estimate_literature(studies, input);
  } catch (const Error& error) {
    reason = error.what();
    return std::nullopt;
  }
}

// One source's code and habits say little of a candidate.
constexpr std::size_t kLeastSources = 2;

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string letters_and_digits(const std::string& name) {
  std::string kept;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      kept += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return kept;
}

// Smaller is better; 0 is the reference.
struct Standing {
  double value = 0.0;
  double error = 0.0;
};

Standing standing_of(const PublishedEvidence& published, const RankedCandidate& ranked) {
  const auto* found = find_estimate(published, ranked);
  if (found == nullptr || !found->contrast || found->sources < kLeastSources) return {};
  const double sign = lower_is_better(published.measure) ? 1.0 : -1.0;
  return {sign * found->contrast->difference,
          found->contrast->standard_error.value_or(found->contrast->plain_error)};
}

// Own trials' logarithm of the measure, and how well their mean is known, should seeds of all
// candidates spread alike.
struct OwnLevels {
  std::map<std::string, std::vector<double>> logs;
  double deviation = 0.0;  // of one training; 0 where no candidate has two
};

OwnLevels own_levels(const Ranking& ranking, const LiteratureMeasure& measure) {
  OwnLevels own;
  double squares = 0.0, degrees = 0.0;
  for (const auto& ranked : ranking.ranked) {
    auto& logs = own.logs[ranked.evidence->name];
    for (const double value : ranked.evidence->values(measure.ours)) {
      if (value > 0.0) logs.push_back(std::log(value));
    }
    if (logs.size() < 2) continue;
    const double more = static_cast<double>(logs.size()) - 1.0;
    squares += more * statistics::variance_n_minus_1(logs);
    degrees += more;
  }
  if (degrees > 0.0) own.deviation = std::sqrt(squares / degrees);
  return own;
}

}  // namespace

const NamedTable<EvidenceKind>& evidence_kinds() {
  static const NamedTable<EvidenceKind> table(
      "evidence",
      {{"both", "own trials, and published studies where they cannot decide", true, true},
       {"own", "own trials alone", true, false},
       {"published", "the order of published studies", false, true}});
  return table;
}

const PublishedStudies::Estimate& PublishedStudies::estimate(const std::string& measure,
                                                             const std::string& dataset,
                                                             const std::string& reference) const {
  const auto [found, fresh] = made_.try_emplace({measure, dataset, reference});
  Estimate& made = found->second;
  if (!fresh) return made;
  EstimateInput input{.measure = measure, .reference = reference, .split = false};
  for (const auto& name : datasets_of(studies_)) {
    if (!same_dataset(name, dataset)) continue;
    input.filter.dataset = name;
    made.value = estimate_of(studies_, input, made.reason);
    if (made.value) return made;
  }
  input.filter.dataset.reset();
  made.value = estimate_of(studies_, input, made.reason);
  if (made.value) made.reason.clear();
  return made;
}

std::optional<std::string> PublishedStudies::known_as(const std::string& gan) const {
  std::optional<std::string> alike;
  for (const auto& study : studies_) {
    for (const auto& arm : study.arms) {
      if (arm.candidate == gan) return gan;
      if (!alike && letters_and_digits(arm.candidate) == letters_and_digits(gan))
        alike = arm.candidate;
    }
  }
  return alike;
}

PublishedEvidence published_evidence(const PublishedStudies& studies, const UseCase& use_case,
                                     const std::string& dataset, const Ranking& ranking) {
  constexpr std::ptrdiff_t kEnough = 3;  // open candidates that were measured so
  PublishedEvidence published;
  const PublishedMeasures* wish = nullptr;
  for (const auto& row : published_measures()) {
    const double weight = use_case.weight(row.name);
    if (weight > (wish == nullptr ? 0.0 : use_case.weight(wish->name))) wish = &row;
  }
  if (wish == nullptr) {
    published.reason = "published studies say nothing of what was asked";
    return published;
  }
  for (const auto& measure : wish->measures) {
    published.measure = measure;
    const auto& made = studies.estimate(measure, dataset);
    published.estimate = made.value;
    published.reason = made.reason;
    const auto known =
        std::count_if(ranking.ranked.begin(), ranking.ranked.end(), [&](const auto& one) {
          return is_tied_with_leader(ranking, one) && find_estimate(published, one) != nullptr;
        });
    if (known >= kEnough) break;
  }
  return published;
}

const CandidateEstimate* find_estimate(const PublishedEvidence& published,
                                       const RankedCandidate& ranked) {
  if (!published.estimate) return nullptr;
  const auto& all = published.estimate->candidates;
  for (const auto& name : {ranked.evidence->name, training_name(ranked.evidence->candidate())}) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const CandidateEstimate& one) {
      return one.candidate == name && (one.contrast || name == published.estimate->reference);
    });
    if (found != all.end()) return &*found;
  }
  return nullptr;
}

void settle_by_published(Ranking& ranking, PublishedEvidence& published, bool alone) {
  auto& list = ranking.ranked;
  if (!published.estimate || list.size() < 2) return;
  const std::string leader = list.front().evidence->name;
  std::set<std::string> left_open;
  for (const auto& one : list) {
    if (alone || is_tied_with_leader(ranking, one)) left_open.insert(one.evidence->name);
  }
  const auto open = [&](const RankedCandidate& one) {
    return left_open.contains(one.evidence->name);
  };
  const Standing first = standing_of(published, list.front());
  Standing best = first;
  for (const auto& one : list) {
    if (!open(one)) continue;
    if (const auto standing = standing_of(published, one); standing.value < best.value)
      best = standing;
  }
  const bool ahead = first.value - best.value > std::hypot(first.error, best.error);
  if (!alone && !ahead) return;
  std::stable_sort(list.begin(), list.end(),
                   [&](const RankedCandidate& a, const RankedCandidate& b) {
                     if (!open(a) || !open(b)) return open(a) && !open(b);
                     return standing_of(published, a).value < standing_of(published, b).value;
                   });
  published.decided = list.front().evidence->name != leader;
  if (published.decided) published.instead_of = leader;
}

std::optional<ScatteredLine> published_scale(const PublishedEvidence& published,
                                             const Ranking& ranking) {
  constexpr std::size_t kLeast = 5;
  if (!published.estimate) return std::nullopt;
  const auto& measure = poolable_measure(published.measure);
  if (measure.scale != MeasureScale::kLog || measure.ours.empty()) return std::nullopt;
  const OwnLevels own = own_levels(ranking, measure);
  std::vector<UncertainPoint> points;
  std::set<std::string> taken;
  for (const auto& ranked : ranking.ranked) {
    const auto& logs = own.logs.at(ranked.evidence->name);
    const auto* found = find_estimate(published, ranked);
    if (found == nullptr || logs.empty() || !taken.insert(found->candidate).second) continue;
    UncertainPoint point{.y = statistics::mean(logs),
                         .y_error = own.deviation / std::sqrt(static_cast<double>(logs.size()))};
    if (found->contrast) {
      point.x = found->contrast->difference;
      point.x_error = found->contrast->standard_error.value_or(found->contrast->plain_error);
    }
    points.push_back(point);
  }
  return points.size() < kLeast ? std::nullopt : scattered_line(points);
}

std::string scale_words(const ScatteredLine& scale) {
  return fmt::format(
      "an effect comes out at {:.2f} of its published size here ({:.2f} to {:.2f}; {} candidates)",
      scale.line.slope, scale.interval95.low, scale.interval95.high, scale.points);
}

Json to_json(const PublishedEvidence& published, const Ranking& ranking) {
  Json json = {{"measure", published.measure.empty() ? Json() : Json(published.measure)},
               {"decided", published.decided},
               {"instead_of", published.decided ? Json(published.instead_of) : Json()},
               {"reason", published.reason.empty() ? Json() : Json(published.reason)}};
  json["reference"] = published.estimate ? Json(published.estimate->reference) : Json();
  json["dataset"] = published.estimate && published.estimate->dataset
                        ? Json(*published.estimate->dataset)
                        : Json();
  const auto scale = published_scale(published, ranking);
  json["scale"] = scale ? Json{{"slope", scale->line.slope},
                               {"interval95", {scale->interval95.low, scale->interval95.high}},
                               {"scatter", scale->scatter},
                               {"candidates", scale->points}}
                        : Json();
  Json estimates = Json::object(), citations = Json::object();
  if (published.estimate) {
    const Json rows = estimate_to_json(*published.estimate);
    for (const auto& ranked : ranking.ranked) {
      const auto* found = find_estimate(published, ranked);
      if (found == nullptr) continue;
      for (const auto& row : rows) {
        if (row["candidate"] == found->candidate) estimates[ranked.evidence->name] = row;
      }
    }
    citations = Json(published.estimate->citations);
  }
  json["estimates"] = estimates;
  json["citations"] = citations;
  return json;
}

bool lower_is_better(const std::string& measure) {
  const auto* spec = find_metric_spec(measure);
  return spec != nullptr && spec->direction == Direction::kLower;
}

std::string ratio_words(const LiteratureEstimate& estimate, const CandidateEstimate& candidate) {
  const bool odds = poolable_measure(estimate.measure).scale != MeasureScale::kLog;
  const auto ratio = [](double log_ratio) {
    const double value = std::exp(log_ratio);
    return value < 10 ? fmt::format("{:.2f}", value) : fmt::format("{:.0f}", value);
  };
  std::string text = fmt::format("{} of {}'s {}", ratio(candidate.contrast->difference),
                                 estimate.reference, odds ? "odds of a mode" : estimate.measure);
  if (const auto& range = candidate.contrast->interval95)
    text += fmt::format(" ({} to {})", ratio(range->low), ratio(range->high));
  return text;
}

std::string published_words(const PublishedEvidence& published, const RankedCandidate& ranked) {
  const auto* found = find_estimate(published, ranked);
  if (found == nullptr || !found->contrast || found->candidate == published.estimate->reference)
    return "";
  return ratio_words(*published.estimate, *found) + " in " +
         counted(found->studies, "study", "studies") + " of " +
         counted(found->sources, "source", "sources");
}

}  // namespace ganselect
