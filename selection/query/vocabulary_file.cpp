// A vocabulary from JSON, strictly: what is misspelt, missing or of no use is an error that names
// its place. What the words do is not decided here.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/settings_io.h"
#include "selection/query/query_tokens.h"
#include "selection/query/use_case.h"
#include "selection/query/vocabulary.h"

namespace ganselect {

// Beside their structs, where settings_io.h looks for them.
template <class V>
void describe(V& v, CandidateAlias& alias) {
  v.field("phrase", alias.phrase, "another name");
  v.field("names", alias.names, "candidates");
}

template <class V>
void describe(V& v, UnitWords& unit) {
  v.field("key", unit.key, "constraint");
  v.field("factor", unit.factor, "what one of it is", above(0));
  v.field("words", unit.words, "words");
}

template <class V>
void describe(V& v, BoundPhrases& bounds) {
  v.field("upper_before", bounds.upper_before, "\"at most\"");
  v.field("lower_before", bounds.lower_before, "\"at least\"");
  v.field("strictly_more", bounds.strictly_more, "\"more than\"");
  v.field("no_bound_of_counts", bounds.no_bound_of_counts, "\"have\"");
  v.field("upper_after", bounds.upper_after, "\"or less\"");
  v.field("lower_after", bounds.lower_after, "\"or more\"");
  v.field("fillers", bounds.fillers, "\"about\"");
}

template <class V>
void describe(V& v, MeasurePhrases& measure) {
  v.field("key", measure.key, "measure");
  v.field("phrases", measure.phrases, "its names");
}

template <class V>
void describe(V& v, VagueCount& vague) {
  v.field("count", vague.count, "what is taken", above(0));
  v.field("phrases", vague.phrases, "words");
}

template <class V>
void describe(V& v, CountPhrases& counts) {
  v.field("image_nouns", counts.image_nouns, "\"photos\"");
  v.field("image_adjectives", counts.image_adjectives, "\"training\"");
  v.field("image_containers", counts.image_containers, "\"dataset of\"");
  v.field("made_not_shown", counts.made_not_shown, "\"generate\"");
  v.field("batch_words", counts.batch_words, "\"batch\"");
  v.field("per_class", counts.per_class, "\"per class\"");
  v.field("class_nouns", counts.class_nouns, "\"classes\"");
  v.field("update_nouns", counts.update_nouns, "\"steps\"");
  v.field("epoch_nouns", counts.epoch_nouns, "\"epochs\"");
}

namespace {

// What rows of one kind may say beyond their phrases, and what they must.
struct KindRule {
  std::string name;
  WordKind kind = WordKind::kIgnored;
  std::vector<std::string> required = {};
  std::vector<std::string> allowed = {};
};

const NamedTable<KindRule>& kind_rules() {
  using enum WordKind;
  static const std::vector<std::string> after = {"plural", "leads"};
  static const NamedTable<KindRule> table(
      "kind of word",
      {{"ignored", kIgnored},
       {"criterion",
        kCriterion,
        {"criteria"},
        {"unwanted", "adjective", "expense", "forbids_failure", "needs_labels", "device"}},
       {"strong", kStrong, {"factor"}, {"good"}},
       {"strong-after", kStrongAfter, {"factor"}, after},
       {"mild", kMild, {"factor"}, {"good"}},
       {"mild-after", kMildAfter, {"factor"}, after},
       {"more", kMore, {"factor"}},
       {"less", kLess},
       {"poor", kPoor},
       {"not", kNot},
       {"without", kWithout},
       {"unneeded", kUnneeded},
       {"not-needed", kNotNeeded},
       {"unneeded-after", kUnneededAfter, {}, {"plural"}},
       {"than", kThan},
       {"over", kOver, {"factor"}},
       {"under", kUnder, {"factor"}},
       {"prefer", kPrefer},
       {"to", kTo},
       {"and", kAnd},
       {"or", kOr},
       {"comma", kComma},
       {"break", kBreak},
       {"only", kOnly, {}, {"compares"}},
       {"except", kExcept},
       {"labels", kLabels},
       {"no-labels", kNoLabels},
       {"fills", kFills},
       {"not-available", kNotAvailable},
       {"extensions", kExtensions},
       {"survey-only", kSurveyOnly},
       {"dataset", kDataset, {"name"}},
       {"device", kDevice, {"device"}},
       {"decision", kDecision, {"decision"}, {"values"}},
       {"unmeasured", kUnmeasured, {"name"}},
       {"out-of-scope", kOutOfScope, {"name"}},
       {"other-gan", kOtherGan, {"name"}},
       {"subject", kSubject, {"name"}}});
  return table;
}

// A row as it stands in the file.
struct RowText {
  std::string kind;
  Json criteria = Json::object();
  VocabularyRow row;
};

template <class V>
void describe(V& v, RowText& text) {
  auto& r = text.row;
  v.field("kind", text.kind, "what the phrases do");
  v.field("criteria", text.criteria, "criteria with their shares");
  v.field("unwanted", r.unwanted, "names the trouble");
  v.field("adjective", r.adjective, "ambiguous when negated");
  v.field("expense", r.expense, "more of it is nonsense");
  v.field("forbids_failure", r.forbids_failure, "without it: no failed trial");
  v.field("plural", r.plural, "reaches across \"and\"");
  v.field("leads", r.leads, "may stand before its wish");
  v.field("good", r.good, "alone: quality");
  v.field("compares", r.compares, "two candidates are compared");
  v.field("needs_labels", r.needs_labels, "needs class labels");
  v.field("factor", r.factor, "of a weight", above(0));
  v.field("name", r.name, "what the phrases name");
  v.field("device", r.device, "where training runs", one_of({"cpu", "gpu"}));
  v.field("decision", r.decision, "a decision parameter", one_of(decision_ids()));
  v.field("values", r.values, "values of the parameter");
  v.field("phrases", r.phrases, "the phrases");
}

// The file, its rows and maps not yet understood.
struct VocabularyText {
  std::vector<RowText> rows;
  Json number_words = Json::object(), scales = Json::object();
  Vocabulary all;
};

template <class V>
void describe(V& v, VocabularyText& text) {
  auto& all = text.all;
  v.field("units", all.units, "units of figures");
  v.field("leading_nouns", all.leading_nouns, "nouns before figures");
  v.field("bounds", all.bounds, "words that make a bound");
  v.field("repeated_nouns", all.repeated_nouns, "words that repeat what a figure measures");
  v.field("measures", all.measures, "measures that may be bounded");
  v.field("number_words", text.number_words, "numbers in words");
  v.field("scales", text.scales, "\"thousand\"");
  v.field("vague_counts", all.vague_counts, "\"a few\"");
  v.field("vague_durations", all.vague_durations, "\"overnight\"");
  v.field("plural_scales", all.plural_scales, "\"hundreds\"");
  v.field("counts", all.counts, "words around counts");
  v.field("beginner_phrases", all.beginner_phrases, "any GAN is asked for");
  v.field("complaint_phrases", all.complaint_phrases, "a trouble follows");
  v.field("asking_phrases", all.asking_phrases, "a question");
  v.field("recommended_nouns", all.recommended_nouns, "what \"good\" may praise");
  v.field("candidate_aliases", all.aliases, "other names of candidates");
  v.field("rows", text.rows, "phrases by what they do");
}

[[noreturn]] void refuse(const std::string& where, const std::string& expected,
                         const std::string& got) {
  fail(ErrorKind::kUsage, {.where = where, .expected = expected, .got = got});
}

std::map<std::string, double> numbers_of(const Json& json, const std::string& where) {
  if (!json.is_object()) fail_type(where, "an object of numbers", json);
  std::map<std::string, double> numbers;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_number() || value.get<double>() <= 0.0)
      fail_type(where + " key '" + name + "'", "a number above 0", value);
    numbers[name] = value.get<double>();
  }
  return numbers;
}

// "quality" and "look* good" can be found in a query, "Quality" and "life-like" never.
void check_phrase(const std::string& phrase, const std::string& where) {
  const auto words = words_of(phrase);
  std::vector<std::string> found;
  for (const auto& word : words) {
    const bool open = word.size() > 1 && word.back() == '*';
    for (const auto& token : tokenize_query(open ? word.substr(0, word.size() - 1) : word))
      found.push_back(token.text + (open ? "*" : ""));
  }
  if (words.empty() || found != words || join(words, " ") != phrase)
    refuse(where, "words in lower case, one blank apart, as a query is split into",
           "'" + phrase + "'");
}

void check_criteria(const VocabularyRow& row, const std::string& where) {
  constexpr double kRounding = 1e-9;  // of shares written with a few decimals
  double sum = 0.0;
  for (const auto& [criterion, share] : row.criteria) {
    criterion_names().at(criterion);
    sum += share;
  }
  if (std::abs(sum - 1.0) > kRounding)
    refuse(where, "criteria whose shares sum to 1", fmt::format("a sum of {:g}", sum));
}

VocabularyRow row_of(const RowText& text, const Json& json, const std::string& where) {
  if (!json.contains("kind")) refuse(where, "a key 'kind'", "none");
  const auto& rule = kind_rules().at(text.kind);
  VocabularyRow row = text.row;
  row.kind = rule.kind;
  row.criteria = numbers_of(text.criteria, where + " key 'criteria'");
  for (const auto& key : rule.required) {
    if (!json.contains(key))
      refuse(where, "a key '" + key + "', which '" + rule.name + "' needs", "none");
  }
  for (const auto& item : json.items()) {
    const auto holds = [&](const auto& list) {
      return std::find(list.begin(), list.end(), item.key()) != list.end();
    };
    const bool of_all = item.key() == "kind" || item.key() == "phrases";
    if (!of_all && !holds(rule.required) && !holds(rule.allowed))
      refuse(where, "keys that '" + rule.name + "' uses", "'" + item.key() + "'");
  }
  if (row.phrases.empty()) refuse(where, "at least one phrase", "none");
  if (row.kind == WordKind::kCriterion) check_criteria(row, where);
  return row;
}

void check_phrases(const Vocabulary& all, const std::string& where) {
  std::map<std::string, std::size_t> row_of_phrase;
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    const std::string place = fmt::format("{} key 'rows'[{}]", where, i);
    for (const auto& phrase : all.rows[i].phrases) {
      check_phrase(phrase, place);
      const auto [found, added] = row_of_phrase.emplace(phrase, i);
      if (!added)
        refuse(place, "a phrase of one row alone",
               fmt::format("'{}', which rows[{}] carries too", phrase, found->second));
    }
  }
  for (const auto* units : {&all.units, &all.leading_nouns, &all.repeated_nouns}) {
    for (const auto& unit : *units) constraint_keys().at(unit.key);
  }
  for (const auto& measure : all.measures) constraint_keys().at(measure.key);
}

}  // namespace

Vocabulary parse_vocabulary(const Json& json, const std::string& where) {
  auto text = settings_from_json<VocabularyText>(json, where);
  for (const auto& doc : settings_docs<VocabularyText>()) {
    if (!json.contains(doc.name)) refuse(where, "a key '" + doc.name + "'", "none");
  }
  Vocabulary all = std::move(text.all);
  all.number_words = numbers_of(text.number_words, where + " key 'number_words'");
  all.scales = numbers_of(text.scales, where + " key 'scales'");
  for (std::size_t i = 0; i < text.rows.size(); ++i)
    all.rows.push_back(
        row_of(text.rows[i], json["rows"][i], fmt::format("{} key 'rows'[{}]", where, i)));
  check_phrases(all, where);
  return all;
}

}  // namespace ganselect
