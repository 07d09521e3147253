#include "selection/survey/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "selection/evidence/constraints.h"

namespace ganselect {
namespace {

// Score points within which values count as alike; stated before any measurement.
constexpr double kEqualMargin = 0.05;

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
  BySeed differences;  // value minus other
};

std::vector<SeenContrast> both_sides(const std::vector<Contrast>& pairs, const TrialValue& score) {
  std::vector<SeenContrast> seen;
  for (const auto& pair : pairs) {
    const auto differences =
        seed_differences(values_by_seed(*pair.first, score), values_by_seed(*pair.second, score));
    if (differences.empty()) continue;
    BySeed mirrored;
    for (const auto& [seed, x] : differences) mirrored[seed] = -x;
    seen.push_back({&pair, pair.first_value, pair.second_value, differences});
    seen.push_back({&pair, pair.second_value, pair.first_value, mirrored});
  }
  return seen;
}

template <class Keep>
BySeed pooled(const std::vector<SeenContrast>& seen, Keep keep) {
  std::vector<BySeed> parts;
  for (const auto& one : seen) {
    if (keep(one)) parts.push_back(one.differences);
  }
  return average_by_seed(parts);
}

std::vector<ValueEffect> effects_of_values(const std::vector<SeenContrast>& seen) {
  std::set<std::string> names;
  for (const auto& one : seen) names.insert(one.value);
  std::vector<ValueEffect> effects;
  for (const auto& name : names) {
    const auto values =
        plain_values(pooled(seen, [&](const auto& one) { return one.value == name; }));
    const auto summary = summarize(values);
    effects.push_back({name, summary.mean.value_or(0.0), summary.interval95, values.size(), false});
  }
  std::stable_sort(effects.begin(), effects.end(),
                   [](const auto& a, const auto& b) { return a.effect > b.effect; });
  return effects;
}

// Struck: a value that the answer beats in clean pairs by more than the seeds' spread.
void strike_losers(const std::vector<SeenContrast>& seen, std::vector<ValueEffect>& effects) {
  for (std::size_t i = 1; i < effects.size(); ++i) {
    const auto differences = pooled(seen, [&](const auto& one) {
      return one.value == effects.front().value && one.other == effects[i].value &&
             one.contrast->also_differ.empty();
    });
    const auto summary = summarize(plain_values(differences));
    effects[i].eliminated = summary.interval95 && summary.interval95->low > 0.0;
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

std::vector<std::string> trials_of(const std::vector<SeenContrast>& seen) {
  std::set<std::string> ids;
  for (const auto& one : seen) {
    for (const auto* side : {one.contrast->first, one.contrast->second}) {
      for (const auto& trial : side->trials) {
        if (one.differences.contains(trial.record->seed)) ids.insert(trial.record->trial_id);
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

void judge_equality(const QuestionSpec& spec, const std::vector<SeenContrast>& clean,
                    QuestionAnswer& answer) {
  bool all_within = true, any_beyond = false, any = false, single = false;
  for (const auto& one : clean) {
    if (!has_survey_value(spec, one.value) || !has_survey_value(spec, one.other)) continue;
    const auto summary = summarize(plain_values(one.differences));
    any = true;
    single = single || !summary.interval95;
    const bool within = summary.interval95 && summary.interval95->low > -kEqualMargin &&
                        summary.interval95->high < kEqualMargin;
    all_within = all_within && within;
    any_beyond = any_beyond || (summary.interval95 && summary.interval95->low > kEqualMargin);
  }
  if (!any) {
    answer.reason = "no two of " + join(spec.survey_values) + " were compared by the same seeds";
  } else if (any_beyond) {
    answer.verdict = "contradicts";
    answer.reason = fmt::format("a difference beyond {} score points", kEqualMargin);
  } else if (all_within) {
    answer.verdict = "supports";
    answer.reason = fmt::format("all differences lie within {} score points", kEqualMargin);
  } else if (single) {
    answer.reason = "one seed: no interval";
  } else {
    answer.reason = fmt::format("the intervals are wider than {} score points", kEqualMargin);
  }
}

void judge_preference(const QuestionSpec& spec, const std::vector<SeenContrast>& clean,
                      QuestionAnswer& answer) {
  const auto differences = pooled(clean, [&](const auto& one) {
    return has_survey_value(spec, one.value) && !has_survey_value(spec, one.other);
  });
  const auto summary = summarize(plain_values(differences));
  if (differences.empty()) {
    answer.reason =
        "no clean pair holds a value that the survey recommends against one that it does not";
  } else if (!summary.interval95) {
    answer.reason = "one seed: no interval";
  } else if (summary.interval95->low > 0.0) {
    answer.verdict = "supports";
    answer.reason = fmt::format("the survey's values score {:.3f} higher", *summary.mean);
  } else if (summary.interval95->high < 0.0) {
    answer.verdict = "contradicts";
    answer.reason = fmt::format("the survey's values score {:.3f} lower", -*summary.mean);
  } else {
    answer.reason = fmt::format("the interval of the difference holds 0 ({} seeds)", summary.n);
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

QuestionAnswer answer_question(const QuestionSpec& spec, const Evidence& evidence,
                               const Ranking& ranking) {
  QuestionAnswer answer;
  answer.name = spec.name;
  answer.question = spec.question;
  answer.survey_answer = spec.survey;
  answer.verdict = "undecided";
  const auto pairs = controlled_pairs(evidence, spec.name);
  const auto all = both_sides(pairs, use_case_score(ranking));
  if (all.empty()) {
    answer_from_leader(ranking, answer);
    return answer;
  }
  std::vector<SeenContrast> clean;
  for (const auto& one : all) {
    if (one.contrast->also_differ.empty()) clean.push_back(one);
  }
  // Clean pairs alone where there are any; else what there is, with its clutter named.
  const auto& used = clean.empty() ? all : clean;
  answer.values = effects_of_values(used);
  strike_losers(used, answer.values);
  const auto& best = answer.values.front();
  answer.answer = best.value;
  answer.effect = best.effect;
  answer.interval95 = best.interval95;
  answer.trials = trials_of(used);
  answer.basis = fmt::format("mean difference of the score to {} other value(s), by seed",
                             answer.values.size() - 1);
  if (clean.empty()) {
    answer.basis += "; the pairs differ in " + clutter_of(all) + " too";
    answer.reason = "every pair differs in " + clutter_of(all) + " too";
    return answer;
  }
  spec.survey_says_equal ? judge_equality(spec, clean, answer)
                         : judge_preference(spec, clean, answer);
  return answer;
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

std::vector<QuestionAnswer> answer_questions(const Evidence& evidence, const Ranking& ranking) {
  std::vector<QuestionAnswer> answers;
  for (const auto& spec : question_specs())
    answers.push_back(answer_question(spec, evidence, ranking));
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
