#include "selection/query/measure_bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "selection/query/vocabulary.h"

namespace ganselect {
namespace {

// "fid 3, recall 1" are weights; a bare FID above this is a bound.
constexpr double kLargestRatio = 10.0;

// A measure's name in the query.
struct Named {
  const MeasurePhrases* measure = nullptr;
  std::size_t begin = 0, end = 0;
};

std::optional<Named> measure_at(const QueryTokens& tokens, std::size_t at) {
  // "mode coverage" is another thing.
  if (at > 0 && is_one_of(tokens[at - 1].text, {"mode", "modes", "class"})) return std::nullopt;
  std::optional<Named> best;
  for (const auto& measure : vocabulary().measures) {
    const auto length = phrase_at(tokens, at, longest_first(measure.phrases));
    if (length > 0 && (!best || at + length > best->end)) best = Named{&measure, at, at + length};
  }
  return best;
}

bool is_unit(const QueryTokens& tokens, std::size_t at) {
  if (at >= tokens.size()) return false;
  return std::any_of(vocabulary().units.begin(), vocabulary().units.end(),
                     [&](const auto& unit) { return is_one_of(tokens[at].text, unit.words); });
}

// A bounded figure beside a measure's name.
struct Figure {
  std::size_t number = 0, begin = 0, end = 0;
  Side side = Side::kNone;
};

std::size_t after_percent(const QueryTokens& tokens, std::size_t at) {
  const bool percent = at < tokens.size() && is_one_of(tokens[at].text, {"%", "percent"});
  return percent ? at + 1 : at;
}

bool is_free_number(const QueryTokens& tokens, std::size_t at) {
  return at < tokens.size() && !tokens[at].consumed && tokens[at].number.has_value();
}

// "FID at most 50", "recall of 0.1 or more": the number follows the name.
std::optional<Figure> figure_after(const QueryTokens& tokens, const Named& named) {
  constexpr std::size_t kMostWords = 6;  // of "must be no more than about"
  std::size_t at = named.end;
  while (at < tokens.size() && at < named.end + kMostWords && !tokens[at].number) ++at;
  if (!is_free_number(tokens, at)) return std::nullopt;
  Figure figure{at, at, after_percent(tokens, at + 1)};
  if (is_unit(tokens, figure.end) ||
      (figure.end < tokens.size() && tokens[figure.end].text == "of"))
    return std::nullopt;
  figure.side = bound_before(tokens, at, figure.begin);
  if (figure.side != Side::kNone && figure.begin < named.end) return std::nullopt;
  if (figure.side == Side::kNone) figure.side = bound_after(tokens, figure.end, figure.end);
  // Between the name and its bound nothing else may stand.
  for (std::size_t i = named.end; i < std::min(figure.begin, at); ++i) {
    if (!is_one_of(tokens[i].text, vocabulary().bounds.fillers) &&
        !is_one_of(tokens[i].text, {"score", "value", "with", "has"}))
      return std::nullopt;
  }
  figure.begin = named.begin;
  return figure;
}

// "FID between 20 and 50", "recall from 10% to 30%": of the two ends the one that bounds.
std::optional<Figure> range_after(const QueryTokens& tokens, const Named& named) {
  std::size_t at = named.end;
  while (at < tokens.size() && is_one_of(tokens[at].text, vocabulary().bounds.fillers)) ++at;
  if (at >= tokens.size() || !is_one_of(tokens[at].text, {"between", "from"})) return std::nullopt;
  const std::size_t first = at + 1;
  if (!is_free_number(tokens, first)) return std::nullopt;
  const std::size_t joint = after_percent(tokens, first + 1);
  if (joint >= tokens.size() || !is_one_of(tokens[joint].text, {"and", "to"})) return std::nullopt;
  const std::size_t second = joint + 1;
  if (!is_free_number(tokens, second)) return std::nullopt;
  const bool upper = constraint_keys().at(named.measure->key).ops.front() == "<=";
  const bool rising = *tokens[first].number <= *tokens[second].number;
  return Figure{rising == upper ? second : first, named.begin, after_percent(tokens, second + 1),
                upper ? Side::kUpper : Side::kLower};
}

// "at most 50 FID", "at least 10% recall"
std::optional<Figure> figure_before(const QueryTokens& tokens, const Named& named) {
  if (named.begin == 0) return std::nullopt;
  std::size_t at = named.begin - 1;
  if (is_one_of(tokens[at].text, {"%", "percent"}) && at > 0) --at;
  if (!is_free_number(tokens, at)) return std::nullopt;
  Figure figure{at, at, named.end};
  figure.side = bound_before(tokens, at, figure.begin);
  return figure.side == Side::kNone ? std::nullopt : std::optional(figure);
}

void refuse_cut(const QueryTokens& tokens, std::size_t number) {
  refuse_cut_number(tokens, number);
  if (number + 2 < tokens.size()) refuse_cut_number(tokens, number + 2);
  // "5O" is no 5.
  const bool letters = number + 1 < tokens.size() && tokens[number + 1].glued &&
                       std::isalpha(static_cast<unsigned char>(tokens[number + 1].text[0])) != 0;
  if (letters) refuse_figure(tokens[number].text + tokens[number + 1].text, "a number");
}

void note_space(const std::string& key, std::vector<std::string>& notes) {
  if (key != "fid" && key != "kid_mean") return;
  const std::string note =
      "FIDs are compared in the feature space that the trials were measured in: those of another "
      "space, as of Inception in papers, are of another size";
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

// "FID at most 30 or recall at least 0.2": limits hold together, and one of two is no limit.
void refuse_either(const QueryTokens& tokens, std::size_t last_end, const Figure& figure) {
  if (last_end == 0 || last_end >= figure.begin || tokens[last_end].text != "or") return;
  refuse_figure(span_text(tokens, last_end, figure.end), "limits that hold together",
                "ask for one of the two at a time");
}

void take(QueryTokens& tokens, const Named& named, const Figure& figure,
          std::vector<Constraint>& constraints, std::vector<std::string>& notes) {
  const auto& key = constraint_keys().at(named.measure->key);
  const std::string& op = key.ops.front();
  refuse_cut(tokens, figure.number);
  const std::string got = span_text(tokens, figure.begin, figure.end);
  Side side = figure.side;
  // "better" goes the way of the measure.
  if (got.find("better") != std::string::npos) side = op == "<=" ? Side::kUpper : Side::kLower;
  if (side == Side::kNone) side = Side::kUpper;
  if ((side == Side::kUpper) != (op == "<="))
    refuse_figure(
        got, fmt::format("{} bound on {}, as \"{} at {} ...\"", op == "<=" ? "an upper" : "a lower",
                         key.name, key.name, op == "<=" ? "most" : "least"));
  const bool percent = figure.number + 1 < tokens.size() &&
                       is_one_of(tokens[figure.number + 1].text, {"%", "percent"});
  const double value = *tokens[figure.number].number / (percent ? 100.0 : 1.0);
  check_range(key.name, value, got);
  constraints.push_back({key.name, op, whole_or_real(value)});
  note_space(key.name, notes);
  consume(tokens, figure.begin, figure.end);
}

}  // namespace

void read_measure_bounds(QueryTokens& tokens, std::vector<Constraint>& constraints,
                         std::vector<std::string>& notes) {
  std::size_t last_end = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (tokens[at].consumed) continue;
    const auto named = measure_at(tokens, at);
    if (!named) continue;
    auto figure = range_after(tokens, *named);
    if (figure) {
      notes.push_back(fmt::format("of \"{}\" the end that bounds was taken: {}",
                                  span_text(tokens, figure->begin, figure->end),
                                  tokens[figure->number].text));
    } else {
      figure = figure_before(tokens, *named);
    }
    if (!figure) figure = figure_after(tokens, *named);
    if (!figure) continue;
    // A share beside a name is a weight: "recall 70%, fid 30%".
    const bool bare = figure->side == Side::kNone;
    const bool of_fid = named->measure->key == "fid" && tokens[figure->number].numeral &&
                        *tokens[figure->number].number > kLargestRatio &&
                        after_percent(tokens, figure->number + 1) == figure->number + 1;
    if (bare && !of_fid) continue;
    refuse_either(tokens, last_end, *figure);
    take(tokens, *named, *figure, constraints, notes);
    last_end = figure->end;
  }
}

}  // namespace ganselect
