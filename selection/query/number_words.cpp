#include "selection/query/number_words.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "selection/query/vocabulary.h"

namespace ganselect {
namespace {

// A number and the token behind it.
struct Span {
  double value = 0.0;
  std::size_t end = 0;
  bool vague = false;
};

double scale_at(const QueryTokens& tokens, std::size_t at) {
  if (at >= tokens.size()) return 0.0;
  const auto& scales = vocabulary().scales;
  const auto found = scales.find(tokens[at].text);
  return found == scales.end() ? 0.0 : found->second;
}

std::optional<Span> vague_at(const QueryTokens& tokens, std::size_t at,
                             const std::vector<VagueCount>& all) {
  for (const auto& vague : all) {
    if (const auto length = phrase_at(tokens, at, longest_first(vague.phrases)))
      return Span{vague.count, at + length, true};
  }
  return std::nullopt;
}

// "hundreds", "tens of thousands"
std::optional<Span> plural_at(const QueryTokens& tokens, std::size_t at) {
  const bool tens = words_at(tokens, at, {"tens", "of"});
  const bool hundreds = words_at(tokens, at, {"hundreds", "of"});
  if (tens || hundreds) {
    if (auto span = vague_at(tokens, at + 2, vocabulary().plural_scales)) {
      span->value *= tens ? 10.0 : 100.0;
      return span;
    }
  }
  return vague_at(tokens, at, vocabulary().plural_scales);
}

bool is_thousands_group(const QueryToken& token) {
  return token.numeral && token.text.size() == 3 && !token.glued && !token.hyphened &&
         token.number == std::floor(*token.number);
}

// "10 000", "twenty five", "two and a half", "one" before a scale or a half
std::optional<Span> plain_at(const QueryTokens& tokens, std::size_t at) {
  const auto& first = tokens[at];
  const bool half_after = words_at(tokens, at + 1, {"and", "a", "half"});
  if (!first.number) {
    const bool one = first.text == "one" ||
                     ((first.text == "a" || first.text == "an") && scale_at(tokens, at + 1) > 1.0);
    if (one && scale_at(tokens, at + 1) > 0.0) return Span{1.0, at + 1};
    if (first.text == "one" && half_after) return Span{1.5, at + 4};
    return std::nullopt;
  }
  Span span{*first.number, at + 1};
  if (first.text == "half") {
    if (words_at(tokens, at + 1, {"a"}) && scale_at(tokens, at + 2) > 0.0) ++span.end;
    return span;
  }
  if (first.numeral && first.text.size() <= 3 && first.number == std::floor(*first.number)) {
    while (span.end < tokens.size() && is_thousands_group(tokens[span.end])) {
      span.value = span.value * 1000.0 + *tokens[span.end].number;
      ++span.end;
    }
  }
  const bool tens = !first.numeral && span.value >= 20.0 && span.value < 100.0;
  if (tens && span.end < tokens.size() && !tokens[span.end].numeral && tokens[span.end].number &&
      *tokens[span.end].number >= 1.0 && *tokens[span.end].number < 10.0) {
    span.value += *tokens[span.end].number;
    ++span.end;
  }
  if (span.end == at + 1 && half_after) return Span{span.value + 0.5, at + 4};
  return span;
}

Span scaled_by_words(const QueryTokens& tokens, Span span) {
  while (const double scale = scale_at(tokens, span.end)) {
    span.value *= scale;
    ++span.end;
  }
  return span;
}

std::optional<Span> number_at(const QueryTokens& tokens, std::size_t at) {
  if (const auto plural = plural_at(tokens, at)) return plural;
  if (auto vague = vague_at(tokens, at, vocabulary().vague_counts)) {
    if (scale_at(tokens, vague->end) == 0.0) return std::nullopt;
    return scaled_by_words(tokens, *vague);
  }
  const auto plain = plain_at(tokens, at);
  if (!plain) return std::nullopt;
  Span span = scaled_by_words(tokens, *plain);
  // "two thousand five hundred"
  const bool in_words = span.end > plain->end && tokens[span.end - 1].text != "k";
  if (in_words && span.end < tokens.size() && tokens[span.end].number) {
    if (const auto next = plain_at(tokens, span.end)) {
      const Span rest = scaled_by_words(tokens, *next);
      if (rest.value >= 1.0 && rest.value * 2.0 < span.value) {
        span.value += rest.value;
        span.end = rest.end;
      }
    }
  }
  return span;
}

}  // namespace

void read_number_words(QueryTokens& tokens) {
  for (auto& token : tokens) {
    const auto word = vocabulary().number_words.find(token.text);
    if (word != vocabulary().number_words.end()) token.number = word->second;
  }
  QueryTokens joined;
  for (std::size_t at = 0; at < tokens.size();) {
    const auto span = number_at(tokens, at);
    if (!span || span->end == at + 1) {
      joined.push_back(tokens[at]);
      if (span && span->vague) {
        joined.back().number = span->value;
        joined.back().vague = true;
      }
      ++at;
      continue;
    }
    QueryToken token = tokens[at];
    token.text = span_text(tokens, at, span->end);
    token.number = span->value;
    token.numeral = true;
    token.vague = span->vague;
    joined.push_back(token);
    at = span->end;
  }
  tokens = std::move(joined);
}

}  // namespace ganselect
