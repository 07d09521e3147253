#include "selection/advice/advice.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "selection/advice/short_text.h"
#include "selection/survey/survey_view.h"

namespace ganselect {
namespace {

std::vector<std::string> known_candidates(std::span<const Record> records,
                                          const AdviceInput& input) {
  std::set<std::string> names(input.candidates.begin(), input.candidates.end());
  for (const auto& record : records) names.insert(record.candidate.name);
  return {names.begin(), names.end()};
}

Reading reading_of(const AdviceInput& input, std::span<const std::string> names) {
  if (!input.use_case) return read_query(input.query, names);
  Reading reading;
  reading.query = input.query;
  reading.use_case = *input.use_case;
  reading.dataset = input.dataset;
  validate(reading.use_case, "use case");
  return reading;
}

// A data set that was only mentioned must not hide the evidence that there is.
Evidence evidence_for(std::span<const Record> records, Reading& reading, const AdviceInput& input) {
  EvidenceOptions options{reading.dataset,
                          needs_one_machine(reading.use_case),
                          input.group,
                          [&reading](const Evidence& evidence) {
                            return count_rankable(
                                evidence, without_misfits(reading.use_case, evidence.misfits));
                          },
                          input.known,
                          input.baselines,
                          facts_of(reading.use_case, input.known)};
  const bool present =
      !reading.dataset || std::any_of(records.begin(), records.end(), [&](const Record& r) {
        return r.dataset.name == *reading.dataset;
      });
  if (!present && !input.use_case) {
    reading.notes.push_back("no trial on " + *reading.dataset + ": answered from other data");
    options.dataset.reset();
  }
  return gather_evidence(records, options);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json interval_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json();
}

Json rank_interval_json(const std::optional<Interval>& interval) {
  if (!interval) return Json();
  return Json::array({static_cast<int>(interval->low), static_cast<int>(interval->high)});
}

Json measures_json(const CandidateEvidence& candidate) {
  std::map<std::string, std::vector<double>> values;
  for (const auto& trial : candidate.trials) {
    for (const auto& [name, value] : trial.record->measures.values) {
      if (value) values[name].push_back(*value);
    }
  }
  Json json = Json::object();
  for (const auto& [name, list] : values) {
    const auto summary = summarize(list);
    json[name] = {{"mean", number_or_null(summary.mean)},
                  {"sd", number_or_null(summary.sd)},
                  {"n", summary.n},
                  {"interval", interval_json(summary.interval95)}};
  }
  return json;
}

Json survey_says_json(const std::string& candidate) {
  const auto says = survey_says(candidate);
  return says ? Json(*says) : Json();
}

Json ranked_json(const RankedCandidate& ranked) {
  return {{"candidate", ranked.evidence->name},
          {"rank", ranked.rank},
          {"rank_interval", rank_interval_json(ranked.rank_interval)},
          {"score", ranked.score},
          {"score_interval", interval_json(ranked.score_interval)},
          {"p_best", number_or_null(ranked.p_best)},
          {"p_top3", number_or_null(ranked.p_top3)},
          {"expected_regret", number_or_null(ranked.expected_regret)},
          {"tied_with", ranked.tied_with},
          {"pareto", ranked.on_pareto_front},
          {"seeds", ranked.rows.size()},
          {"confidence", ranked.confidence},
          {"criteria", Json(ranked.criteria)},
          {"measures", measures_json(*ranked.evidence)},
          {"evidence", ranked.evidence->trial_ids()},
          {"survey_says", survey_says_json(ranked.evidence->name)},
          {"known", known_notes_json(ranked.evidence->candidate())},
          {"missing", ranked.missing}};
}

Json unranked_json(const std::vector<Unranked>& list) {
  Json json = Json::array();
  for (const auto& one : list)
    json.push_back({{"candidate", one.candidate},
                    {"reason", one.reason},
                    {"evidence", one.trials},
                    {"survey_says", survey_says_json(one.candidate)}});
  return json;
}

Json question_json(const QuestionAnswer& answer) {
  Json values = Json::array();
  for (const auto& value : answer.values) {
    values.push_back({{"value", value.value},
                      {"effect", value.effect},
                      {"interval", interval_json(value.interval95)},
                      {"seeds", value.seeds},
                      {"eliminated", value.eliminated}});
  }
  return {{"id", answer.name},
          {"question", answer.question},
          {"answer", answer.answer ? Json(*answer.answer) : Json()},
          {"effect", number_or_null(answer.effect)},
          {"interval", interval_json(answer.interval95)},
          {"trials", answer.trials},
          {"survey_answer", answer.survey_answer},
          {"verdict", answer.verdict},
          {"reason", answer.reason},
          {"basis", answer.basis},
          {"method", answer.method.empty() ? Json() : Json(answer.method)},
          {"standard_error", number_or_null(answer.standard_error)},
          {"degrees_of_freedom", number_or_null(answer.degrees)},
          {"p_value", number_or_null(answer.p_corrected)},
          {"p_value_uncorrected", number_or_null(answer.p_value)},
          {"p_value_t", number_or_null(answer.p_t)},
          {"p_value_sign_flip", number_or_null(answer.p_sign_flip)},
          {"literature", literature_to_json(answer.literature)},
          {"literature_reason", text_or_null(answer.literature_reason)},
          {"values", values}};
}

Json change_json(const std::optional<WeightSensitivity::Change>& change) {
  return change ? Json{{"weight", change->weight}, {"candidate", change->candidate}} : Json();
}

Json sensitivity_json(const std::vector<WeightSensitivity>& all) {
  Json json = Json::array();
  for (const auto& one : all)
    json.push_back({{"criterion", one.criterion},
                    {"weight", one.weight},
                    {"above", change_json(one.above)},
                    {"below", change_json(one.below)}});
  return json;
}

Json call_json(const std::optional<ClosestCall>& call) {
  if (!call) return Json();
  return {{"first", call->first},
          {"second", call->second},
          {"gap", call->gap},
          {"detectable_gap", number_or_null(call->detectable)},
          {"seeds_needed", call->seeds_needed ? Json(*call->seeds_needed) : Json()},
          {"note", call->note}};
}

Json budget_json(const std::optional<BudgetUse>& budget) {
  if (!budget) return Json();
  return {{"updates", budget->asked.updates ? Json(*budget->asked.updates) : Json()},
          {"train_seconds", number_or_null(budget->asked.seconds)},
          {"checkpoints", Json(budget->steps)}};
}

Json evidence_json(const Evidence& evidence) {
  Json misfits = Json::array();
  for (const auto& misfit : evidence.misfits)
    misfits.push_back(
        {{"fact", misfit.fact}, {"asked", misfit.asked}, {"nearest", misfit.nearest}});
  return {{"description", evidence.description},
          {"protocol", evidence.protocol},
          {"misfits", misfits},
          {"budget", budget_json(evidence.budget)}};
}

Json spread_json(const SeedVariance& common) {
  if (common.degrees <= 0) return Json();
  return {{"sd", std::sqrt(common.variance)}, {"degrees", common.degrees}};
}

Json next_json(const std::optional<NextTrials>& next) {
  if (!next) return Json();
  return {{"why", next->why},
          {"trials", next->trials},
          {"by_candidate", Json(next->by_candidate)},
          {"estimated_seconds", number_or_null(next->estimated_seconds)},
          {"expected_loss_now", number_or_null(next->loss_now)},
          {"expected_loss_then", number_or_null(next->loss_then)},
          {"plan", next->plan}};
}

std::vector<std::string> all_warnings(const AdviceInput& input, const Advice& advice) {
  std::vector<std::string> all = input.warnings;
  const auto append = [&all](const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  for (const auto& word : advice.reading.unknown)
    all.push_back("unknown word '" + word.word + "'" +
                  (word.nearest ? ", nearest known: '" + *word.nearest + "'" : "") +
                  ": it had no effect");
  append(advice.reading.notes);
  append(advice.evidence.warnings);
  if (advice.reading.use_case.weight("cost") > 0.0) all.push_back(advice.evidence.cost_source);
  append(advice.ranking.warnings);
  return all;
}

SpaceLimits space_limits(const Advice& advice, const AdviceInput& input) {
  SpaceLimits limits{advice.reading.use_case.constraints, {}, input.known};
  for (const auto& one : advice.ranking.excluded) limits.excluded.push_back(one.candidate);
  return limits;
}

}  // namespace

bool needs_one_machine(const UseCase& use_case) {
  if (use_case.weight("cost") > 0.0) return true;
  return std::any_of(
      use_case.constraints.begin(), use_case.constraints.end(),
      [](const Constraint& c) { return c.key == "train_seconds" || c.key == "memory_bytes"; });
}

void consult_published(Advice& advice, const AdviceInput& input) {
  const auto& from = evidence_kinds().at(input.evidence_from);
  if (!from.published || !input.studies) return;
  advice.published =
      published_evidence(*input.studies, advice.reading.use_case,
                         advice.evidence.protocol.value("dataset", std::string()), advice.ranking);
  settle_by_published(advice.ranking, *advice.published, !from.own);
}

Advice advise(std::span<const Record> records, const AdviceInput& input) {
  Advice advice;
  const auto names = known_candidates(records, input);
  advice.reading = reading_of(input, names);
  require_known_candidates(advice.reading.use_case, names, input.use_case ? "use case" : "query");
  advice.evidence = evidence_for(records, advice.reading, input);
  advice.method = input.ranking.method;
  advice.ranking = rank_candidates(
      advice.evidence, without_misfits(advice.reading.use_case, advice.evidence.misfits),
      input.ranking);
  advice.questions = answer_questions(advice.evidence, advice.ranking, input.literature);
  advice.space = remaining_space(input.space, advice.questions, space_limits(advice, input));
  advice.closest_call = closest_call(advice.ranking);
  advice.next = next_trials(advice.ranking);
  consult_published(advice, input);
  advice.comparison = compare_asked(
      advice.reading.use_case, advice.evidence, advice.ranking,
      evidence_kinds().at(input.evidence_from).published ? input.studies.get() : nullptr,
      advice.published ? advice.published->measure : "");
  advice.warnings = all_warnings(input, advice);
  return advice;
}

Json advice_to_json(const Advice& advice) {
  Json unknown = Json::array(), suggestions = Json::object();
  for (const auto& word : advice.reading.unknown) {
    unknown.push_back(word.word);
    suggestions[word.word] = word.nearest ? Json(*word.nearest) : Json();
  }
  Json questions = Json::array(), ranking = Json::array();
  for (const auto& answer : advice.questions) questions.push_back(question_json(answer));
  for (const auto& ranked : advice.ranking.ranked) ranking.push_back(ranked_json(ranked));
  return {{"query", advice.reading.query},
          {"understood", to_json(advice.reading.use_case)},
          {"understood_as", advice.reading.understood_as()},
          {"unknown_words", unknown},
          {"suggestions", suggestions},
          {"questions", questions},
          {"summary", answer_sentence(advice)},
          {"how_sure", text_or_null(sure_sentence(advice))},
          {"published_says", text_or_null(published_sentence(advice))},
          {"no_evidence_of", not_measured(advice)},
          {"shortlist", shortlist(advice.ranking)},
          {"ranking", ranking},
          {"excluded", unranked_json(advice.ranking.excluded)},
          {"not_measured", unranked_json(advice.ranking.unmeasured)},
          {"space",
           {{"total", advice.space.total},
            {"remaining", advice.space.remaining.size()},
            {"struck_by_constraints", advice.space.constrained},
            {"struck_by_comparisons", advice.space.beaten},
            {"points", advice.space.remaining}}},
          {"sensitivity", sensitivity_json(advice.ranking.sensitivity)},
          {"published", advice.published ? to_json(*advice.published, advice.ranking) : Json()},
          {"comparison", advice.comparison ? to_json(*advice.comparison) : Json()},
          {"closest_call", call_json(advice.closest_call)},
          {"next", next_json(advice.next)},
          {"method", advice.method},
          {"common_spread", spread_json(advice.ranking.common_variance)},
          {"weights_used", Json(advice.ranking.weights)},
          {"evidence", evidence_json(advice.evidence)},
          {"warnings", advice.warnings}};
}

}  // namespace ganselect
