#include "selection/query/figure_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "selection/query/vocabulary.h"

namespace ganselect {
namespace {

struct Bound {
  Side side = Side::kNone;
  std::vector<std::string> words;
};

std::vector<Bound> bounds_of(const std::vector<std::string>& upper,
                             const std::vector<std::string>& lower) {
  std::vector<Bound> all;
  for (const auto& phrase : upper) all.push_back({Side::kUpper, words_of(phrase)});
  for (const auto& phrase : lower) all.push_back({Side::kLower, words_of(phrase)});
  std::stable_sort(all.begin(), all.end(),
                   [](const Bound& a, const Bound& b) { return a.words.size() > b.words.size(); });
  return all;
}

const std::vector<Bound>& leading_bounds() {
  static const auto all =
      bounds_of(vocabulary().bounds.upper_before, vocabulary().bounds.lower_before);
  return all;
}

const std::vector<Bound>& trailing_bounds() {
  static const auto all =
      bounds_of(vocabulary().bounds.upper_after, vocabulary().bounds.lower_after);
  return all;
}

}  // namespace

PhraseWords longest_first(const std::vector<std::string>& phrases) {
  PhraseWords all;
  for (const auto& phrase : phrases) all.push_back(words_of(phrase));
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return all;
}

bool is_one_of(std::string_view word, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const auto& w) { return word == w; });
}

bool words_at(const QueryTokens& tokens, std::size_t at, const std::vector<std::string>& words) {
  if (at + words.size() > tokens.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (tokens[at + i].consumed || tokens[at + i].text != words[i]) return false;
  }
  return true;
}

std::size_t phrase_at(const QueryTokens& tokens, std::size_t at, const PhraseWords& phrases) {
  for (const auto& words : phrases) {
    if (words_at(tokens, at, words)) return words.size();
  }
  return 0;
}

bool holds_phrase(const QueryTokens& tokens, const PhraseWords& phrases) {
  const auto same = [](const std::string& pattern, const QueryToken& token) {
    if (pattern.size() > 1 && pattern.back() == '*')
      return token.text.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
    return token.text == pattern;
  };
  return std::any_of(phrases.begin(), phrases.end(), [&](const auto& words) {
    return std::search(tokens.begin(), tokens.end(), words.begin(), words.end(),
                       [&](const QueryToken& token, const std::string& word) {
                         return same(word, token);
                       }) != tokens.end();
  });
}

void consume(QueryTokens& tokens, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) tokens[i].consumed = true;
}

std::string span_text(const QueryTokens& tokens, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i)
    text += (i == begin ? "" : tokens[i].hyphened ? "-" : " ") + tokens[i].text;
  return text;
}

Side bound_before(const QueryTokens& tokens, std::size_t at, std::size_t& begin) {
  std::size_t end = at;
  while (true) {
    for (const auto& bound : leading_bounds()) {
      if (bound.words.size() > end) continue;
      const std::size_t start = end - bound.words.size();
      if (!words_at(tokens, start, bound.words)) continue;
      begin = start;
      return bound.side;
    }
    if (end == 0 || tokens[end - 1].consumed ||
        !is_one_of(tokens[end - 1].text, vocabulary().bounds.fillers))
      return Side::kNone;
    --end;
  }
}

Side bound_after(const QueryTokens& tokens, std::size_t at, std::size_t& end) {
  for (const auto& bound : trailing_bounds()) {
    if (!words_at(tokens, at, bound.words)) continue;
    end = at + bound.words.size();
    return bound.side;
  }
  return Side::kNone;
}

void refuse_cut_number(const QueryTokens& tokens, std::size_t at) {
  if (at < 2 || !tokens[at].numeral || !tokens[at].glued || !tokens[at - 1].glued) return;
  if (!tokens[at - 2].numeral || !is_one_of(tokens[at - 1].text, {",", "/", ":"})) return;
  refuse_figure(tokens[at - 2].text + tokens[at - 1].text + tokens[at].text,
                "one number, with a point before its decimals", "as 1.5 or 0.5");
}

[[noreturn]] void refuse_figure(const std::string& got, const std::string& expected,
                                const std::string& hint) {
  fail(ErrorKind::kUsage,
       {.where = "query", .expected = expected, .got = "\"" + got + "\"", .hint = hint});
}

void check_range(const std::string& key, double value, const std::string& got) {
  const auto& row = constraint_keys().at(key);
  if (value >= row.minimum && value <= row.maximum) return;
  refuse_figure(got, fmt::format("{} from {} to {}", key, row.minimum, row.maximum), row.meaning);
}

Json whole_or_real(double value) {
  value = std::round(value * 1e12) / 1e12;
  if (value == std::floor(value) && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace ganselect
