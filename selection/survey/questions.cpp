#include "selection/survey/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "selection/evidence/bootstrap.h"
#include "selection/evidence/constraints.h"
#include "selection/survey/seed_tests.h"

namespace ganselect {
namespace {

// Score points within which values count as alike; stated before any measurement.
constexpr double kEqualMargin = 0.05;
constexpr double kSignificance = 0.05;

// Score of one trial for the use case, on the fixed ranges.
TrialValue use_case_score(const Ranking& ranking) {
  std::vector<std::pair<std::size_t, double>> parts;
  for (const auto& [name, weight] : ranking.weights)
    parts.emplace_back(criterion_index(name), weight);
  return [parts](const TrialEvidence& trial) -> std::optional<double> {
    double sum = 0.0;
    for (const auto& [index, weight] : parts) {
      if (!trial.criteria[index].score) return std::nullopt;
      sum += weight * *trial.criteria[index].score;
    }
    if (parts.empty()) return std::nullopt;
    return sum;
  };
}

// A contrast seen from one side.
struct SeenContrast {
  const Contrast* contrast;
  std::string value, other;
  SeedPair pair;  // value minus other
};

std::vector<SeenContrast> both_sides(const std::vector<Contrast>& pairs, const SeedTable& scores) {
  std::vector<SeenContrast> seen;
  for (const auto& pair : pairs) {
    const SeedPair there{pair.first, pair.second}, back{pair.second, pair.first};
    if (!estimate_difference(scores, {there})) continue;
    seen.push_back({&pair, pair.first_value, pair.second_value, there});
    seen.push_back({&pair, pair.second_value, pair.first_value, back});
  }
  return seen;
}

template <class Keep>
std::optional<SeedEstimate> pooled(const SeedTable& scores, const std::vector<SeenContrast>& seen,
                                   Keep keep) {
  std::vector<SeedPair> pairs;
  for (const auto& one : seen) {
    if (keep(one)) pairs.push_back(one.pair);
  }
  return estimate_difference(scores, pairs);
}

std::vector<ValueEffect> effects_of_values(const SeedTable& scores,
                                           const std::vector<SeenContrast>& seen) {
  std::set<std::string> names;
  for (const auto& one : seen) names.insert(one.value);
  std::vector<ValueEffect> effects;
  for (const auto& name : names) {
    const auto estimate = *pooled(scores, seen, [&](const auto& one) { return one.value == name; });
    effects.push_back({name, estimate.effect, interval95(estimate), estimate.seeds, false});
  }
  std::stable_sort(effects.begin(), effects.end(),
                   [](const auto& a, const auto& b) { return a.effect > b.effect; });
  return effects;
}

// Struck: a value that the answer beats in clean pairs by more than the seeds' spread.
void strike_losers(const SeedTable& scores, const std::vector<SeenContrast>& seen,
                   std::vector<ValueEffect>& effects) {
  for (std::size_t i = 1; i < effects.size(); ++i) {
    const auto estimate = pooled(scores, seen, [&](const auto& one) {
      return one.value == effects.front().value && one.other == effects[i].value &&
             one.contrast->also_differ.empty();
    });
    const auto interval = estimate ? interval95(*estimate) : std::nullopt;
    effects[i].eliminated = interval && interval->low > 0.0;
  }
}

bool has_survey_value(const QuestionSpec& spec, const std::string& value) {
  std::size_t start = 0;
  while (start <= value.size()) {
    const std::size_t end = std::min(value.find('+', start), value.size());
    const auto part = value.substr(start, end - start);
    if (std::find(spec.survey_values.begin(), spec.survey_values.end(), part) !=
        spec.survey_values.end())
      return true;
    start = end + 1;
  }
  return false;
}

std::vector<std::string> trials_of(const SeedTable& scores, const std::vector<SeenContrast>& seen) {
  std::set<std::string> ids;
  for (const auto& one : seen) {
    const auto& first = scores.values.at(one.pair.first);
    const auto& second = scores.values.at(one.pair.second);
    for (const auto* side : {one.contrast->first, one.contrast->second}) {
      for (const auto& trial : side->trials) {
        const auto seed = trial.record->seed;
        if (first.contains(seed) && second.contains(seed)) ids.insert(trial.record->trial_id);
      }
    }
  }
  return {ids.begin(), ids.end()};
}

std::string clutter_of(const std::vector<SeenContrast>& seen) {
  std::set<std::string> keys;
  for (const auto& one : seen)
    keys.insert(one.contrast->also_differ.begin(), one.contrast->also_differ.end());
  const std::vector<std::string> list(keys.begin(), keys.end());
  return join(list, " and ");
}

void set_basis(const SeedEstimate& estimate, const SeedTest& test, QuestionAnswer& answer) {
  answer.method = test.method;
  answer.p_value = test.p_value;
  answer.p_t = test.p_t;
  answer.p_sign_flip = test.p_sign_flip;
  answer.standard_error = estimate.standard_error;
  answer.degrees = estimate.degrees;
}

// The survey holds values to be alike: every two of them must be, and one that is not refutes it.
// The verdict is kept in `tentative` until the p-values of all questions are corrected.
std::string judge_equality(const QuestionSpec& spec, const SeedTable& scores,
                           const std::vector<SeenContrast>& clean, QuestionAnswer& answer) {
  struct Tested {
    SeedEstimate estimate;
    SeedTest within, beyond;
  };
  std::vector<Tested> tested;
  bool any = false;
  for (const auto& one : clean) {
    // Of the two sides of a pair the one whose value is behind in the alphabet is left out.
    if (!has_survey_value(spec, one.value) || !has_survey_value(spec, one.other)) continue;
    if (one.value > one.other) continue;
    auto estimate = *estimate_difference(scores, {one.pair});
    any = true;
    if (estimate.degrees <= 0.0) continue;
    if (estimate.effect < 0.0) estimate = mirrored(estimate);
    tested.push_back(
        {estimate, test_within(estimate, kEqualMargin), test_above(estimate, kEqualMargin)});
  }
  if (!any) {
    answer.reason = "no two of " + join(spec.survey_values) + " were compared by the same seeds";
    return "undecided";
  }
  if (tested.empty()) {
    answer.reason = "one seed: no interval";
    return "undecided";
  }
  const auto& apart = *std::min_element(
      tested.begin(), tested.end(),
      [](const auto& a, const auto& b) { return a.beyond.p_value < b.beyond.p_value; });
  const auto& least_alike = *std::max_element(
      tested.begin(), tested.end(),
      [](const auto& a, const auto& b) { return a.within.p_value < b.within.p_value; });
  const double corrected = std::min(1.0, apart.beyond.p_value * static_cast<double>(tested.size()));
  if (corrected < least_alike.within.p_value) {
    set_basis(apart.estimate, apart.beyond, answer);
    answer.p_value = corrected;
    answer.reason = fmt::format("a difference beyond {} score points", kEqualMargin);
    return "contradicts";
  }
  set_basis(least_alike.estimate, least_alike.within, answer);
  answer.reason = fmt::format("all differences lie within {} score points", kEqualMargin);
  return "supports";
}

std::string judge_preference(const QuestionSpec& spec, const SeedTable& scores,
                             const std::vector<SeenContrast>& clean, QuestionAnswer& answer) {
  const auto estimate = pooled(scores, clean, [&](const auto& one) {
    return has_survey_value(spec, one.value) && !has_survey_value(spec, one.other);
  });
  if (!estimate) {
    answer.reason =
        "no clean pair holds a value that the survey recommends against one that it does not";
    return "undecided";
  }
  if (estimate->degrees <= 0.0) {
    answer.reason = "one seed: no interval";
    return "undecided";
  }
  const auto apart = test_not_zero(*estimate);
  const auto alike = test_within(*estimate, kEqualMargin);
  const bool gain_shown = estimate->effect > 0.0 && apart.p_value <= kSignificance;
  if (!gain_shown && alike.p_value < apart.p_value) {
    set_basis(*estimate, alike, answer);
    answer.reason = fmt::format("the survey's values score within {} of the others", kEqualMargin);
    return "contradicts";
  }
  set_basis(*estimate, apart, answer);
  answer.reason = fmt::format("the survey's values score {:.3f} {}", std::abs(estimate->effect),
                              estimate->effect > 0.0 ? "higher" : "lower");
  return estimate->effect > 0.0 ? "supports" : "contradicts";
}

// Holm over the questions that could be tested.
void decide(const std::vector<std::string>& tentative, std::vector<QuestionAnswer>& answers) {
  std::vector<double> raw;
  for (const auto& answer : answers) {
    if (answer.p_value) raw.push_back(*answer.p_value);
  }
  const auto corrected = holm(raw);
  std::size_t next = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& answer = answers[i];
    if (!answer.p_value) continue;
    answer.p_corrected = corrected[next++];
    const bool decided = *answer.p_corrected <= kSignificance;
    if (decided) answer.verdict = tentative[i];
    answer.reason =
        fmt::format("{}{}: corrected p = {:.3g} by {}", decided ? "" : "not shown: ", answer.reason,
                    *answer.p_corrected, answer.method);
    if (answer.p_t && answer.p_sign_flip)
      answer.reason += fmt::format(" (uncorrected {:.3g}; sign flips {:.3g})", *answer.p_value,
                                   *answer.p_sign_flip);
  }
}

// Without a comparison the leader's own value is the best guess, and is called one.
void answer_from_leader(const Ranking& ranking, QuestionAnswer& answer) {
  answer.reason = "no two candidates with trials differ in the " + answer.name +
                  " alone; sweep plan `questions` has such pairs";
  if (ranking.ranked.empty()) {
    answer.basis = "no evidence";
    return;
  }
  const auto& leader = *ranking.ranked.front().evidence;
  const auto value = decision_parameters().at(answer.name).value(leader.candidate());
  if (!value.empty()) answer.answer = value;
  answer.basis = "as in " + leader.name + ", the first of the ranking; not a controlled comparison";
}

struct Judged {
  QuestionAnswer answer;
  std::string tentative = "undecided";  // the verdict, should its p-value stand correction
};

Judged answer_question(const QuestionSpec& spec, const Evidence& evidence, const Ranking& ranking,
                       const SeedTable& scores) {
  Judged judged;
  QuestionAnswer& answer = judged.answer;
  answer.name = spec.name;
  answer.question = spec.question;
  answer.survey_answer = spec.survey;
  answer.verdict = "undecided";
  const auto pairs = controlled_pairs(evidence, spec.name);
  const auto all = both_sides(pairs, scores);
  if (all.empty()) {
    answer_from_leader(ranking, answer);
    return judged;
  }
  std::vector<SeenContrast> clean;
  for (const auto& one : all) {
    if (one.contrast->also_differ.empty()) clean.push_back(one);
  }
  // Clean pairs alone where there are any; else what there is, with its clutter named.
  const auto& used = clean.empty() ? all : clean;
  answer.values = effects_of_values(scores, used);
  strike_losers(scores, used, answer.values);
  const auto& best = answer.values.front();
  answer.answer = best.value;
  answer.effect = best.effect;
  answer.interval95 = best.interval95;
  answer.trials = trials_of(scores, used);
  answer.basis = fmt::format("mean difference of the score to {} other value(s), by seed",
                             answer.values.size() - 1);
  if (clean.empty()) {
    answer.basis += "; the pairs differ in " + clutter_of(all) + " too";
    answer.reason = "every pair differs in " + clutter_of(all) + " too";
    return judged;
  }
  judged.tentative = spec.survey_says_equal ? judge_equality(spec, scores, clean, answer)
                                            : judge_preference(spec, scores, clean, answer);
  return judged;
}

std::string four_parameters(const RecordCandidate& candidate) {
  std::string key;
  for (const auto& parameter : decision_parameters()) key += parameter.value(candidate) + "/";
  return key;
}

bool is_beaten(const RecordCandidate& candidate, const std::vector<QuestionAnswer>& answers) {
  return std::any_of(answers.begin(), answers.end(), [&](const QuestionAnswer& answer) {
    const auto value = decision_parameters().at(answer.name).value(candidate);
    return std::any_of(answer.values.begin(), answer.values.end(), [&](const ValueEffect& effect) {
      return effect.eliminated && effect.value == value;
    });
  });
}

}  // namespace

const NamedTable<QuestionSpec>& question_specs() {
  static const NamedTable<QuestionSpec> table(
      "question",
      {{"architecture",
        "Which architecture?",
        "points that differ in the architecture alone, the same seeds",
        "Convolutional networks for images; fully connected ones fall behind.",
        {"conv-deconv", "dcgan", "sngan-cnn", "resnet"}},
       {"loss",
        "Which loss?",
        "points that differ in the loss alone, the same seeds",
        "For diversity and quality together Wasserstein with gradient penalty, least squares, a "
        "relativistic loss, or a spectrally normalized GAN; "
        "least squares joined with relativism is better than either.",
        {"wasserstein", "least-squares", "relativistic", "relativistic-least-squares",
         "relativistic-average-least-squares"}},
       {"regularization",
        "Is regularization needed, and which is efficient?",
        "points with and without each regularizer, all else alike, the same seeds",
        "Yes: a gradient penalty raises quality without steadying training, spectral norm costs "
        "less; batch norm helps in the generator and hurts in the critic.",
        {"gradient-penalty", "spectral-norm"}},
       {"divergence",
        "Is a divergence other than KL or JS needed?",
        "f-divergence points that differ in the divergence alone, the same seeds",
        "No: samples are equally realistic under the GAN, the KL and the squared Hellinger "
        "divergence.",
        {"gan", "kl", "squared-hellinger"},
        true}});
  return table;
}

std::vector<QuestionAnswer> answer_questions(const Evidence& evidence, const Ranking& ranking,
                                             const LiteratureSource& literature) {
  const auto scores = seed_table(evidence, use_case_score(ranking));
  std::vector<QuestionAnswer> answers;
  std::vector<std::string> tentative;
  for (const auto& spec : question_specs()) {
    auto judged = answer_question(spec, evidence, ranking, scores);
    auto said = literature ? literature(spec.name)
                           : LiteratureSaid{std::nullopt,
                                            "published studies were not asked; --full asks them"};
    judged.answer.literature = std::move(said.verdict);
    judged.answer.literature_reason = std::move(said.reason);
    answers.push_back(std::move(judged.answer));
    tentative.push_back(std::move(judged.tentative));
  }
  decide(tentative, answers);
  return answers;
}

RemainingSpace remaining_space(const std::vector<Json>& points,
                               const std::vector<QuestionAnswer>& answers,
                               const SpaceLimits& limits) {
  RemainingSpace space;
  space.total = points.size();
  std::map<std::string, std::vector<RecordCandidate>> known;
  for (const auto& json : limits.known) {
    auto candidate = candidate_from_json(json);
    known[four_parameters(candidate)].push_back(std::move(candidate));
  }
  for (const auto& json : points) {
    const auto point = candidate_from_json(json);
    std::vector<const RecordCandidate*> known_as = {&point};
    const auto same = known.find(four_parameters(point));
    if (same != known.end()) {
      for (const auto& candidate : same->second) known_as.push_back(&candidate);
    }
    const bool failed = std::any_of(known_as.begin(), known_as.end(), [&](const auto* one) {
      return std::find(limits.excluded.begin(), limits.excluded.end(), one->name) !=
             limits.excluded.end();
    });
    if (failed || is_barred(known_as, limits.constraints)) {
      ++space.constrained;
    } else if (is_beaten(point, answers)) {
      ++space.beaten;
    } else {
      space.remaining.push_back(point.name);
    }
  }
  return space;
}

}  // namespace ganselect
