#include "selection/advice/short_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>

#include "base/statistics.h"
#include "base/text.h"
#include "results/records/compare.h"
#include "selection/evidence/constraints.h"
#include "selection/evidence/viability.h"

namespace ganselect {
namespace {

constexpr std::size_t kShortlist = 4;
constexpr std::size_t kLeastWidth = 60;
constexpr std::ptrdiff_t kLines = 24;
constexpr const char* kMore =
    "Your own images:  ganselect race --data DIR --budget 1h\n"
    "More:  --full   --json   ganselect report --out report.html\n";
constexpr double kMuchWished = 0.2;  // weight from which a wish is named
constexpr double kCheap = 0.75;      // of the leader's cost
constexpr double kStillGood = 0.85;  // of the leader's score

// How a wish is spoken of, and the measures that show most of it.
struct WishView {
  std::string name;  // of the criterion
  std::string phrase;
  std::vector<std::string> measures;
};

const NamedTable<WishView>& wish_views() {
  static const NamedTable<WishView> table(
      "criterion", {{"quality", "samples that look real", {"fid", "precision"}},
                    {"diversity", "varied samples", {"coverage", "recall", "modes"}},
                    {"mode_coverage", "all modes of the data", {"modes", "mode_kl"}},
                    {"stability", "steady training", {"fid_best", "oscillation_fid"}},
                    {"cost", "little time and memory", {"parameters_g"}},
                    {"generalization", "samples that are no copies", {"memorization", "fid_gap"}},
                    {"controllability", "a choice of what is made", {"label_accuracy"}},
                    {"transfer", "data never trained on", {"fid_unseen", "coverage_unseen"}}});
  return table;
}

std::vector<std::pair<double, const WishView*>> wishes_of(const UseCase& use_case) {
  std::vector<std::pair<double, const WishView*>> wishes;
  for (const auto& [name, weight] : use_case.weights) {
    if (weight > 0) wishes.emplace_back(weight, &wish_views().at(name));
  }
  std::stable_sort(wishes.begin(), wishes.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  return wishes;
}

std::string listed(const std::vector<std::string>& names, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " " + last + " " : ", ";
    text += names[i];
  }
  return text;
}

std::optional<double> mean_of(const CandidateEvidence& candidate, const std::string& measure) {
  const auto values = candidate.values(measure);
  return values.empty() ? std::nullopt : std::optional(statistics::mean(values));
}

std::string figure(const std::vector<double>& values, const ScreenForm& form) {
  if (values.empty()) return "-";
  const auto summary = summarize(values);
  if (!summary.sd) return fmt::format("{:.3g}", *summary.mean);
  return fmt::format("{:.3g} {} {:.1g}", *summary.mean, form.unicode ? "±" : "+-", *summary.sd);
}

// Arithmetic of an update, which unlike times no other program on the machine can change.
std::optional<double> relative_cost(const RankedCandidate& one, const RankedCandidate& leader) {
  const auto own = mean_of(*one.evidence, "flops_per_update");
  const auto of_leader = mean_of(*leader.evidence, "flops_per_update");
  if (!own || !of_leader || *of_leader <= 0) return std::nullopt;
  return *own / *of_leader;
}

// What is asked for, by its weightiest wishes.
std::string wish_of(const Advice& advice) {
  std::vector<std::string> phrases;
  for (const auto& [weight, view] : wishes_of(advice.reading.use_case)) {
    if (weight >= kMuchWished || phrases.empty()) phrases.push_back(view->phrase);
  }
  return listed(phrases, "and");
}

// Both are trained here, and they alone are ranked.
bool compares_candidates(const Advice& advice) {
  return advice.comparison && advice.reading.use_case.comparison->kind == "candidate";
}

std::string compared_sentence(const Advice& advice) {
  const auto& [a, b] = std::tie(advice.comparison->a, advice.comparison->b);
  if (a.ranked == nullptr && b.ranked == nullptr)
    return fmt::format("Our trials rank neither {} nor {}: {}; {}.", a.name, b.name, a.reason,
                       b.reason);
  if (a.ranked == nullptr || b.ranked == nullptr) {
    const auto& [there, missing] = a.ranked != nullptr ? std::tie(a, b) : std::tie(b, a);
    return missing.reason.starts_with(kDoesNotWork)
               ? fmt::format("Take {}: {} {}.", there.name, missing.name, missing.reason)
               : fmt::format("Our trials cannot hold {} against {}: {}.", there.name, missing.name,
                             missing.reason);
  }
  std::string text = fmt::format("Take {} rather than {} for {}", a.name, b.name, wish_of(advice));
  if (advice.comparison->tied)
    text += advice.published && advice.published->decided
                ? ": our trials cannot tell them apart, and published studies put it first"
                : ", though our trials cannot tell them apart";
  return text + ".";
}

class Screen {
 public:
  Screen(const Advice& advice, const ScreenForm& form)
      : advice_(advice), form_{std::max(form.width, kLeastWidth), form.unicode} {}

  std::string text() const {
    const auto& ranking = advice_.ranking;
    if (ranking.ranked.empty()) return nothing_ranked();
    const std::string head = not_understood() + asked() + unmeasured() + other_gans() +
                             paragraph(answer_sentence(advice_)) +
                             paragraph("How sure: " + sure_sentence(advice_)) + published() + "\n";
    const std::string body = table() + "\n";
    std::string rest[] = {cheaper(), left_out(), surer(), care()};
    // What a reader can do without goes first where the screen is full.
    for (std::size_t i = std::size(rest);; --i) {
      std::string text = head + body;
      for (const auto& part : rest) text += part;
      text += kMore;
      if (i == 0 || std::count(text.begin(), text.end(), '\n') <= kLines) return text;
      rest[i - 1].clear();
    }
  }

 private:
  const RankedCandidate& leader() const { return advice_.ranking.ranked.front(); }

  std::string paragraph(const std::string& text, std::size_t indent = 0) const {
    return wrapped(text, form_.width, 0, indent);
  }

  std::string nothing_ranked() const {
    return unmeasured() + paragraph(answer_sentence(advice_)) +
           paragraph("Looked at: " + advice_.evidence.description + ".") + left_out() + care() +
           kMore;
  }

  // Words and figures that the answer does without.
  std::string not_understood() const {
    std::vector<std::string> words;
    for (const auto& unknown : advice_.reading.unknown) words.push_back("'" + unknown.word + "'");
    return words.empty() ? "" : paragraph("Not understood: " + join(words) + ".");
  }

  // "should I use spectral norm?": what the trials that differ in that alone say.
  std::string asked() const {
    const auto& question = advice_.reading.use_case.question;
    if (!question) return "";
    const auto found =
        std::find_if(advice_.questions.begin(), advice_.questions.end(),
                     [&](const QuestionAnswer& one) { return one.name == question->id; });
    if (found == advice_.questions.end() || found->values.empty())
      return paragraph("On " + question->id + ": no trials that differ in it alone.");
    std::string text;
    for (const auto& value : found->values) {
      const auto parts = "+" + value.value + "+";
      const bool named = std::any_of(question->values.begin(), question->values.end(),
                                     [&](const std::string& name) {
                                       return parts.find("+" + name + "+") != std::string::npos;
                                     });
      if (!named || text.size() > form_.width) continue;
      text += (text.empty() ? "" : "; ") + effect_words(value);
    }
    const auto& best = found->values.front();
    text += (text.empty() ? "best " : "; best ") + effect_words(best) + ".";
    if (found->literature)
      text += " The survey's answer in published studies: " + literature_words(*found->literature) +
              ".";
    return paragraph("On " + question->id + ": " + text);
  }

  static std::string effect_words(const ValueEffect& value) {
    std::string text = fmt::format("{} {:+.3f} score", value.value, value.effect);
    if (const auto& range = value.interval95)
      text += fmt::format(" ({:+.3f} to {:+.3f})", range->low, range->high);
    return text;
  }

  std::string unmeasured() const {
    const auto facts = not_measured(advice_);
    if (facts.empty()) return "";
    return paragraph("Not measured here: " + join(facts) + ".");
  }

  // Two GANs of which one is not trained here: what others measured is all there is.
  std::string other_gans() const {
    return advice_.comparison && !compares_candidates(advice_)
               ? paragraph(published_sentence(*advice_.comparison))
               : "";
  }

  std::string published() const {
    const auto text = published_sentence(advice_);
    return text.empty() ? "" : paragraph(text);
  }

  std::vector<std::string> columns() const {
    std::vector<std::string> measures;
    for (const auto& [weight, view] : wishes_of(advice_.reading.use_case)) {
      for (const auto& measure : view->measures) {
        const bool known =
            std::any_of(advice_.ranking.ranked.begin(), advice_.ranking.ranked.end(),
                        [&](const auto& one) { return !one.evidence->values(measure).empty(); });
        const bool there = std::find(measures.begin(), measures.end(), measure) != measures.end();
        if (known && !there) measures.push_back(measure);
      }
    }
    const auto fid = std::find(measures.begin(), measures.end(), "fid");
    if (fid == measures.end() && !leader().evidence->values("fid").empty())
      measures.push_back("fid");
    return measures;
  }

  std::vector<std::string> row(const RankedCandidate& one,
                               const std::vector<std::string>& measures) const {
    std::vector<std::string> cells = {one.evidence->name, fmt::format("{:.2f}", one.score)};
    for (const auto& measure : measures)
      cells.push_back(figure(one.evidence->values(measure), form_));
    const auto cost = relative_cost(one, leader());
    cells.push_back(cost ? fmt::format("{:.1f}x", *cost) : "-");
    cells.push_back(fmt::format("{}", one.rows.size()));
    return cells;
  }

  void add_baseline(const std::string& kind, const std::string& title,
                    const std::vector<std::string>& measures, TextRows& rows) const {
    const auto& record = *leader().evidence->trials.front().record;
    std::vector<std::string> cells = {title, ""};
    for (const auto& measure : measures) {
      const auto* baseline = find_baseline(advice_.evidence.baselines, kind, record, measure);
      const auto value = baseline == nullptr ? std::nullopt : baseline->measures.value(measure);
      cells.push_back(value ? fmt::format("{:.3g}", *value) : "");
    }
    if (std::all_of(cells.begin() + 1, cells.end(), [](const auto& cell) { return cell.empty(); }))
      return;
    cells.insert(cells.end(), {"", ""});
    rows.push_back(std::move(cells));
  }

  std::vector<std::string> shown_names() const {
    if (!compares_candidates(advice_)) return shortlist(advice_.ranking);
    std::vector<std::string> names;
    for (const auto* side : {&advice_.comparison->a, &advice_.comparison->b}) {
      if (side->ranked != nullptr) names.push_back(side->ranked->evidence->name);
    }
    return names;
  }

  std::string table_of(const std::vector<std::string>& measures) const {
    const Measures& of_leader = leader().evidence->trials.front().record->measures;
    TextRows rows = {{"", "score"}};
    for (const auto& measure : measures) rows[0].push_back(column_name(measure, of_leader));
    rows[0].insert(rows[0].end(), {"cost", "seeds"});
    const auto names = shown_names();
    for (const auto& one : advice_.ranking.ranked) {
      if (std::find(names.begin(), names.end(), one.evidence->name) != names.end())
        rows.push_back(row(one, measures));
    }
    add_baseline("real", " real images", measures, rows);
    add_baseline("noise", " noise", measures, rows);
    return aligned_rows(rows, 1);
  }

  // As many measures as the width holds, those of the weightiest wish first.
  std::string table() const {
    auto measures = columns();
    for (;;) {
      auto text = table_of(measures);
      if (measures.empty() || printed_width(text.substr(0, text.find('\n'))) <= form_.width)
        return text;
      measures.pop_back();
    }
  }

  std::string cheaper() const {
    const RankedCandidate* best = nullptr;
    double least = kCheap;
    for (const auto& one : advice_.ranking.ranked) {
      const auto cost = relative_cost(one, leader());
      if (!cost || *cost >= least || one.score < kStillGood * leader().score) continue;
      best = &one;
      least = *cost;
    }
    if (best == nullptr) return "";
    return paragraph(
        fmt::format("Prefer {} where time is short: {:.1f}x the arithmetic, score "
                    "{:.2f} in place of {:.2f}.",
                    best->evidence->name, least, best->score, leader().score));
  }

  std::string left_out() const {
    std::vector<std::string> broken, barred;
    for (const auto& one : advice_.ranking.excluded) {
      if (one.reason.ends_with(kNotNamed)) continue;
      (one.reason.starts_with(kDoesNotWork) ? broken : barred).push_back(one.candidate);
    }
    std::string text;
    if (!broken.empty()) text += paragraph("Does not work here: " + shortened(broken) + ".", 2);
    if (!barred.empty()) text += paragraph("Out by what you asked: " + shortened(barred) + ".", 2);
    return text;
  }

  static std::string shortened(const std::vector<std::string>& names) {
    constexpr std::size_t kNamed = 6;
    if (names.size() <= kNamed) return join(names);
    return join(std::vector<std::string>(names.begin(), names.begin() + kNamed)) +
           fmt::format(" and {} more", names.size() - kNamed);
  }

  // What was read in another way than typed comes first; the rest is counted.
  std::string care() const {
    std::string text;
    std::size_t shown = 0;
    for (const auto& note : advice_.reading.notes) {
      if (shown == 1) break;
      text += paragraph("Note: " + note + ".", 2);
      ++shown;
    }
    const auto more = advice_.warnings.size() - std::min(shown, advice_.warnings.size());
    if (more > 0) text += paragraph(fmt::format("{} remarks on this evidence: --full.", more));
    return text;
  }

  std::string surer() const {
    std::string text;
    if (advice_.next) {
      text += "To make it surer: the same with --plan next.json, then ganselect sweep next.json";
      if (advice_.next->estimated_seconds)
        text += " (" + human_seconds(*advice_.next->estimated_seconds) + ")";
      text = paragraph(text + ".", 2);
    }
    return text;
  }

  const Advice& advice_;
  ScreenForm form_;
};

}  // namespace

std::vector<std::string> shortlist(const Ranking& ranking) {
  std::vector<std::string> names;
  if (ranking.ranked.empty()) return names;
  const auto& leader = ranking.ranked.front();
  names.push_back(leader.evidence->name);
  for (const auto& one : ranking.ranked) {
    if (names.size() == kShortlist) break;
    // Of one seed nobody knows who is tied: those who come next.
    const bool near = leader.p_best ? is_tied_with_leader(ranking, one) : true;
    if (&one != &leader && near) names.push_back(one.evidence->name);
  }
  return names;
}

std::string column_name(const std::string& measure, const Measures& measures) {
  return measure == "fid" || measures.apart.contains(measure)
             ? display_name(measure, measures.protocol_of(measure))
             : measure;
}

std::vector<std::string> not_measured(const Advice& advice) {
  std::vector<std::string> facts;
  for (const auto& misfit : advice.evidence.misfits) facts.push_back(misfit_text(misfit));
  const auto& wish = advice.reading.use_case;
  if (!wish.subjects.empty()) facts.push_back(listed(wish.subjects, "and"));
  if (!wish.other_gans.empty())
    facts.push_back(listed(wish.other_gans, "and") + " (see ganselect literature)");
  return facts;
}

std::string answer_sentence(const Advice& advice) {
  if (compares_candidates(advice)) return compared_sentence(advice);
  const auto names = shortlist(advice.ranking);
  if (names.empty()) return "No candidate can be recommended for " + wish_of(advice) + ".";
  const std::vector<std::string> others(names.begin() + 1, names.end());
  std::string text = "Take " + names.front() + " for " + wish_of(advice);
  const bool known = advice.ranking.ranked.front().p_best.has_value();
  if (!others.empty() && known) text += "; " + listed(others, "or") + " may do as well";
  if (!others.empty() && !known)
    text += "; " + listed(others, "and") + (others.size() == 1 ? " comes next" : " come next");
  const auto tied = advice.ranking.ranked.front().tied_with.size();
  const auto more = tied - std::min(tied, others.size());
  if (more > 0) text += fmt::format(", and {} more cannot be told from it", more);
  return text + ".";
}

std::string sure_sentence(const Advice& advice) {
  if (advice.ranking.ranked.empty()) return "";
  const auto& leader = advice.ranking.ranked.front();
  std::string text = "one seed, so this order may be chance";
  if (leader.p_best) {
    const double p = *leader.p_best;
    text = p >= 0.5 ? fmt::format("{:.0f} in 100", 100 * p)
                    : fmt::format("1 in {:.0f}", std::min(99.0, 1 / std::max(p, 0.01)));
    text += compares_candidates(advice)
                ? " that it is the better of the two"
                : fmt::format(" that it is the best of {}", advice.ranking.ranked.size());
    if (advice.published && advice.published->decided) text += ", by our trials alone";
  }
  if (advice.ranking.ranked.size() == 1) text = "nothing else is left to compare it with";
  return text + ". Measured on " + advice.evidence.description + ".";
}

std::string published_sentence(const Advice& advice) {
  if (compares_candidates(advice)) return published_sentence(*advice.comparison);
  if (!advice.published || !advice.published->estimate || advice.ranking.ranked.empty()) return "";
  const auto& said = *advice.published;
  const auto words = published_words(said, advice.ranking.ranked.front());
  if (said.decided) {
    return "Our trials cannot tell it from " + said.instead_of +
           "; published studies put it first: " + words + ".";
  }
  return words.empty() ? "" : "Published: " + words + ".";
}

std::string advice_to_screen(const Advice& advice, const ScreenForm& form) {
  return Screen(advice, form).text();
}

}  // namespace ganselect
