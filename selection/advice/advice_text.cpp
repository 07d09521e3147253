// The answer as a page for people. Every figure in it is also in the JSON form.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "metrics/spec.h"
#include "selection/advice/advice.h"
#include "selection/advice/short_text.h"
#include "selection/survey/survey_view.h"

namespace ganselect {
namespace {

constexpr std::size_t kShownRows = 10;
// Beyond it hardly anything else is asked for.
constexpr double kFarthestWeight = 0.95;

// Measures that the ranking's columns show, where any ranked candidate has them.
const std::vector<std::string>& shown_measures() {
  static const std::vector<std::string> names = {
      "fid", "precision", "recall", "coverage", "modes", "memorization", "train_seconds"};
  return names;
}

std::string mean_and_sd(const CandidateEvidence& candidate, const std::string& measure) {
  const auto values = candidate.values(measure);
  if (values.empty()) return "-";
  const auto summary = summarize(values);
  return summary.sd ? fmt::format("{:.3g} ± {:.2g}", *summary.mean, *summary.sd)
                    : fmt::format("{:.3g}", *summary.mean);
}

std::string rank_text(const RankedCandidate& ranked) {
  std::string text = fmt::format("{}", ranked.rank);
  if (!ranked.rank_interval) return text;
  return text +
         fmt::format(" [{:.0f}-{:.0f}]", ranked.rank_interval->low, ranked.rank_interval->high);
}

std::string ranking_text(const Advice& advice) {
  if (advice.ranking.ranked.empty()) return "No candidate could be ranked.\n";
  const auto& list = advice.ranking.ranked;
  std::vector<std::string> measures;
  for (const auto& measure : shown_measures()) {
    if (std::any_of(list.begin(), list.end(),
                    [&](const auto& r) { return mean_and_sd(*r.evidence, measure) != "-"; }))
      measures.push_back(measure);
  }
  const bool drawn = std::any_of(list.begin(), list.end(), [](const auto& r) { return r.p_best; });
  TextRows rows = {{"rank", "candidate", "score"}};
  if (drawn) rows[0].insert(rows[0].end(), {"P(best)", "P(top 3)", "loss"});
  rows[0].push_back("seeds");
  // The detector of all of them stands above the table; FID, which is quoted most, carries it too.
  const Measures& of_first = list.front().evidence->trials.front().record->measures;
  for (const auto& measure : measures) rows[0].push_back(column_name(measure, of_first));
  for (std::size_t i = 0; i < std::min(kShownRows, list.size()); ++i) {
    const auto& ranked = list[i];
    std::vector<std::string> row = {rank_text(ranked), ranked.evidence->name,
                                    fmt::format("{:.3f}", ranked.score)};
    const auto figure = [](const std::optional<double>& value, const char* form) {
      return value ? fmt::format(fmt::runtime(form), *value) : std::string("-");
    };
    if (drawn) {
      row.insert(row.end(), {figure(ranked.p_best, "{:.2f}"), figure(ranked.p_top3, "{:.2f}"),
                             figure(ranked.expected_regret, "{:.3f}")});
    }
    row.push_back(fmt::format("{}", ranked.rows.size()));
    for (const auto& measure : measures) row.push_back(mean_and_sd(*ranked.evidence, measure));
    rows.push_back(std::move(row));
  }
  std::string text = aligned_rows(rows, 2);
  if (drawn) text += "loss: score points that one may expect to lose by taking it\n";
  if (const auto& common = advice.ranking.common_variance; drawn && common.degrees > 0)
    text += fmt::format(
        "intervals and chances rest on each one's own spread over seeds and, as {:.1f} degrees of "
        "freedom more, on the common one of {:.3f}\n",
        common.degrees, std::sqrt(common.variance));
  if (list.size() > kShownRows)
    text += fmt::format("... and {} more (--json lists all)\n", list.size() - kShownRows);
  return text;
}

std::string leader_text(const Advice& advice) {
  if (advice.ranking.ranked.empty()) return "";
  const auto& leader = advice.ranking.ranked.front();
  std::string text = "Answer: " + leader.evidence->name;
  if (!leader.score_interval) {
    text += " (one seed: no interval, so this order may be chance)";
  } else if (!leader.tied_with.empty()) {
    text += " (tied with " + join(leader.tied_with) + ")";
  }
  text += "\n";
  if (const auto says = survey_says(leader.evidence->name))
    text += "  the survey claims, in our words: " + *says + "\n";
  for (const auto& note : known_notes(leader.evidence->candidate()))
    text += "  known of " + note.of + ": " + note.says + ", " + note.source + "\n";
  text += "  evidence: " + join(leader.evidence->trial_ids()) + "\n";
  return text;
}

std::string questions_text(const Advice& advice) {
  std::string text = "\nThe four questions\n";
  for (const auto& answer : advice.questions) {
    text += fmt::format("- {} {}", answer.question, answer.answer.value_or("no answer"));
    if (answer.effect) text += fmt::format(", {:+.3f} score", *answer.effect);
    if (answer.interval95)
      text += fmt::format(" [{:+.3f}, {:+.3f}]", answer.interval95->low, answer.interval95->high);
    text += fmt::format(", {} trials\n  {}\n", answer.trials.size(), answer.basis);
    text += fmt::format("  the survey, in our words: {}\n  verdict: {} ({})\n",
                        answer.survey_answer, answer.verdict, answer.reason);
    text += "  published: " +
            (answer.literature ? literature_words(*answer.literature) : answer.literature_reason) +
            "\n";
  }
  if (advice.space.total > 0)
    text += fmt::format(
        "Search space: {} of {} valid points remain ({} barred by constraints, {} beaten in "
        "controlled comparisons); --plan-space FILE writes them as a plan.\n",
        advice.space.remaining.size(), advice.space.total, advice.space.constrained,
        advice.space.beaten);
  return text;
}

std::string sensitivity_text(const Advice& advice) {
  std::string text;
  for (const auto& one : advice.ranking.sensitivity) {
    if (one.above && one.above->weight <= kFarthestWeight)
      text += fmt::format("- {} overtakes when the weight of {} exceeds {:.2f} (now {:.2f})\n",
                          one.above->candidate, one.criterion, one.above->weight, one.weight);
    if (one.below && one.below->weight >= 1.0 - kFarthestWeight)
      text += fmt::format("- {} overtakes when the weight of {} falls below {:.2f} (now {:.2f})\n",
                          one.below->candidate, one.criterion, one.below->weight, one.weight);
  }
  return text.empty() ? "" : "\nIf the weights were others\n" + text;
}

std::string next_text(const Advice& advice) {
  std::string text;
  if (const auto& call = advice.closest_call) {
    text += fmt::format("- {} leads {} by {:.3f}", call->first, call->second, call->gap);
    if (call->detectable)
      text += fmt::format("; these seeds can find a gap of {:.3f} or more", *call->detectable);
    if (call->seeds_needed)
      text += fmt::format("; about {} seeds each would decide it", *call->seeds_needed);
    text += call->note.empty() ? "\n" : "; " + call->note + "\n";
  }
  if (advice.next) {
    text += "- next: " + advice.next->why;
    if (advice.next->estimated_seconds)
      text += "; about " + human_seconds(*advice.next->estimated_seconds) + " of training";
    if (advice.next->loss_then)
      text += fmt::format("; what the answer may lose falls from {:.4f} to {:.4f}",
                          *advice.next->loss_now, *advice.next->loss_then);
    text += " (--plan FILE writes the plan)\n";
  }
  return text.empty() ? "" : "\nWhat would decide it\n" + text;
}

std::string published_text(const Advice& advice) {
  if (!advice.published) return "";
  const auto& published = *advice.published;
  if (!published.estimate) return "\nPublished studies\n- none is used: " + published.reason + "\n";
  std::string text = "\nPublished studies (" + published.measure + ")\n";
  if (published.decided)
    text += "- own trials cannot tell " + advice.ranking.ranked.front().evidence->name + " from " +
            published.instead_of + ", which scores higher; published studies put it first\n";
  if (const auto scale = published_scale(published, advice.ranking))
    text += "- " + scale_words(*scale) + "; they count as an order alone\n";
  std::size_t shown = 0;
  for (const auto& ranked : advice.ranking.ranked) {
    const auto words = published_words(published, ranked);
    if (words.empty() || shown == kShownRows) continue;
    text += "- " + ranked.evidence->name + ": " + words + "\n";
    ++shown;
  }
  for (const auto& [source, citation] : published.estimate->citations)
    text += "  [" + source + "] " + citation + "\n";
  return text;
}

}  // namespace

std::string advice_to_text(const Advice& advice) {
  std::string text = advice.reading.understood_as() + "\n";
  if (const auto facts = not_measured(advice); !facts.empty())
    text += "not measured here: " + join(facts) + "\n";
  text += "measured on: " + advice.evidence.description + "\n\n";
  text += leader_text(advice) + "\n" + ranking_text(advice);
  for (const auto& one : advice.ranking.excluded)
    text += "  out: " + one.candidate + ", " + one.reason + "\n";
  for (const auto& one : advice.ranking.unmeasured)
    text += "  not ranked: " + one.candidate + ", " + one.reason + "\n";
  text += published_text(advice) + questions_text(advice) + sensitivity_text(advice) +
          next_text(advice);
  if (!advice.warnings.empty()) text += "\nTake care\n";
  for (const auto& warning : advice.warnings) text += "- " + warning + "\n";
  return text;
}

}  // namespace ganselect
