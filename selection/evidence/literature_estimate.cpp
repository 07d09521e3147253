#include "selection/evidence/literature_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/text.h"
#include "selection/evidence/effect_scale.h"

namespace ganselect {
namespace {

// Published studies and sources that hold a candidate, and own trials.
void count_evidence(std::span<const NetworkStudy> studies, CandidateEstimate& row) {
  std::set<std::string> sources;
  for (const auto& study : studies) {
    bool holds = false;
    for (const auto& arm : study.arms) {
      if (arm.treatment != row.candidate) continue;
      holds = true;
      if (study.own) row.own_trials += static_cast<std::size_t>(arm.trainings);
    }
    if (!holds || study.own) continue;
    ++row.studies;
    sources.insert(study.source);
  }
  row.sources = sources.size();
}

void count_network(const LiteratureNetwork& network, const NetworkPart& part,
                   LiteratureEstimate& out) {
  std::set<std::string> sources;
  for (const std::size_t s : part.studies) {
    const auto& study = network.studies[s];
    if (study.own) continue;
    ++out.studies;
    sources.insert(study.source);
    out.citations[study.source] = network.citations.at(study.source);
  }
  out.sources = sources.size();
}

[[noreturn]] void fail_reference(const NetworkFit& fit, const EstimateInput& input) {
  std::vector<std::string> names;
  for (const auto& part : fit.parts)
    names.insert(names.end(), part.part().treatments.begin(), part.part().treatments.end());
  const auto nearest = nearest_name(input.reference, names);
  fail(ErrorKind::kData,
       {.where = "published studies",
        .expected = fmt::format("one that compares {} by {}", input.reference, input.measure),
        .got = "studies of " + treatments_text(fit.parts.front().part(), 12),
        .hint = nearest ? "did you mean '" + *nearest + "'?" : "another --reference"});
}

double better_first(const CandidateEstimate& row, bool lower) {
  return lower ? row.contrast->difference : -row.contrast->difference;
}

void order_rows(std::vector<CandidateEstimate>& rows, bool lower) {
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const CandidateEstimate& a, const CandidateEstimate& b) {
                     if (!a.contrast || !b.contrast)
                       return a.contrast.has_value() && !b.contrast.has_value();
                     return better_first(a, lower) < better_first(b, lower);
                   });
}

Json range_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json();
}

Json side_json(const std::optional<double>& value, const std::optional<double>& error) {
  if (!value) return nullptr;
  return {{"log_ratio", *value}, {"standard_error", number_or_null(error)}};
}

Json heterogeneity_json(const Heterogeneity& h) {
  return {{"tau_source", std::sqrt(h.tau_source2)},
          {"tau_study", std::sqrt(h.tau_study2)},
          {"tau_own", h.tau_own2 ? Json(std::sqrt(*h.tau_own2)) : Json()},
          {"i_squared", number_or_null(h.i_squared)},
          {"q", h.cochran_q},
          {"q_p", number_or_null(h.cochran_p)},
          {"degrees_of_freedom", h.degrees},
          {"variance_scale", h.scale}};
}

Json row_json(const CandidateEstimate& row) {
  Json json{{"candidate", row.candidate}};
  json["log_ratio"] = row.contrast ? Json(row.contrast->difference) : Json();
  json["standard_error"] = row.contrast ? number_or_null(row.contrast->standard_error) : Json();
  json["interval95"] = row.contrast ? range_json(row.contrast->interval95) : Json();
  json["prediction95"] = row.contrast ? range_json(row.contrast->prediction95) : Json();
  json["studies"] = row.studies;
  json["sources"] = row.sources;
  json["own_trials"] = row.own_trials;
  const SplitContrast split = row.split.value_or(SplitContrast{});
  json["direct"] = side_json(split.direct, split.direct_error);
  json["indirect"] = side_json(split.indirect, split.indirect_error);
  json["inconsistency_p"] = number_or_null(split.inconsistency_p);
  json["heterogeneity"] = row.heterogeneity ? heterogeneity_json(*row.heterogeneity) : Json();
  json["reason"] = row.reason.empty() ? Json() : Json(row.reason);
  return json;
}

// A ratio, or an odds ratio, to the reference.
std::string ratio_text(const std::optional<double>& log_ratio) {
  if (!log_ratio) return "-";
  const double ratio = std::exp(*log_ratio);
  return ratio < 100.0 ? fmt::format("{:.2f}", ratio) : fmt::format("{:.0f}", ratio);
}

std::string range_text(const std::optional<Interval>& interval) {
  if (!interval) return "-";
  return ratio_text(interval->low) + " - " + ratio_text(interval->high);
}

// A name too long for its column is cut and marked.
std::string fitted(const std::string& name, std::size_t width) {
  return name.size() <= width ? name : name.substr(0, width - 1) + "~";
}

std::string table_text(const LiteratureEstimate& estimate) {
  constexpr std::size_t kName = 22;
  std::string out = fmt::format("{:<{}}{:>6}  {:<13}{:<14}{:>7}{:>8}  {}\n", "", kName, "ratio",
                                "95 %", "new training", "studies", "sources", "agree");
  for (const auto& row : estimate.candidates) {
    if (!row.contrast || row.candidate == estimate.reference) continue;
    const SplitContrast split = row.split.value_or(SplitContrast{});
    const std::string agree = !split.inconsistency_p          ? "-"
                              : *split.inconsistency_p < 0.05 ? "no"
                                                              : "yes";
    out += fmt::format("{:<{}}{:>6}  {:<13}{:<14}{:>7}{:>8}  {}\n",
                       fitted(row.candidate, kName - 1), kName,
                       ratio_text(row.contrast->difference), range_text(row.contrast->interval95),
                       range_text(row.contrast->prediction95), row.studies, row.sources, agree);
  }
  return out;
}

std::string spread_text(const LiteratureEstimate& estimate) {
  for (const auto& row : estimate.candidates) {
    if (row.candidate != estimate.reference || !row.heterogeneity) continue;
    const auto& h = *row.heterogeneity;
    std::string text = fmt::format(
        "Two candidates' ratio varies by a factor of {:.2f} between sources and {:.2f} between "
        "studies (one standard deviation)",
        std::exp(std::sqrt(h.tau_source2)), std::exp(std::sqrt(h.tau_study2)));
    if (h.i_squared) text += fmt::format("; I^2 {:.0f} %", 100.0 * *h.i_squared);
    return text + fmt::format(", {} degrees of freedom.", h.degrees);
  }
  return "";
}

}  // namespace

LiteratureEstimate estimate_literature(std::span<const Study> studies, const EstimateInput& input) {
  LiteratureNetwork network = network_from_studies(studies, input.measure, input.filter);
  if (input.own) network.studies.push_back(*input.own);
  const NetworkFit fit = fit_network(network.studies, input.meta);
  const NetworkEstimate* home = fit.find(input.reference);
  if (home == nullptr) fail_reference(fit, input);
  LiteratureEstimate out{input.measure, input.reference, input.filter.dataset};
  for (const auto& part : fit.parts) {
    for (const auto& name : part.part().treatments) {
      CandidateEstimate row{name};
      count_evidence(network.studies, row);
      row.heterogeneity = part.heterogeneity();
      if (&part == home) {
        row.contrast = part.contrast(name, input.reference);
        if (input.split) row.split = part.split(name, input.reference);
      } else {
        row.reason = "no chain of studies joins it with " + input.reference;
      }
      out.candidates.push_back(std::move(row));
    }
  }
  count_network(network, home->part(), out);
  order_rows(out.candidates, poolable_measure(input.measure).direction == Direction::kLower);
  out.notes = network.notes;
  out.notes.insert(out.notes.end(), home->notes().begin(), home->notes().end());
  out.notes.insert(out.notes.end(), fit.notes.begin(), fit.notes.end());
  return out;
}

Json estimate_to_json(const LiteratureEstimate& estimate) {
  Json rows = Json::array();
  for (const auto& row : estimate.candidates) rows.push_back(row_json(row));
  return rows;
}

std::string estimate_to_text(const LiteratureEstimate& estimate) {
  constexpr std::size_t kWidth = 80;
  const auto& measure = poolable_measure(estimate.measure);
  const bool share = measure.scale == MeasureScale::kShare;
  const bool lower = measure.direction == Direction::kLower;
  std::string out = wrapped(
      fmt::format("{} {} relative to {}{}: {} studies of {} sources, contrasts within a study "
                  "alone. {} 1 is better.",
                  share ? "Odds of" : "Ratios of", estimate.measure, estimate.reference,
                  estimate.dataset ? ", " + *estimate.dataset : "", estimate.studies,
                  estimate.sources, lower ? "Below" : "Above"),
      kWidth, 0, 0);
  out += "\n" + table_text(estimate) + "\n" + wrapped(spread_text(estimate), kWidth, 0, 0);
  out += wrapped(
      "95 %: of the mean over studies; new training: one of each, in a new source. "
      "Agree: whether studies that hold both say the same as the rest (p of 0.05; -: "
      "one kind of evidence alone).",
      kWidth, 0, 0);
  if (!estimate.notes.empty()) out += "\nNotes:\n";
  for (const auto& note : estimate.notes) out += wrapped("- " + note, kWidth, 0, 2);
  out += "\nSources:\n";
  for (const auto& [source, citation] : estimate.citations)
    out += wrapped("- " + source + ": " + citation, kWidth, 0, 2);
  return out;
}

}  // namespace ganselect
