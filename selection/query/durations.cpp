#include "selection/query/durations.h"

#include <fmt/format.h>

#include <algorithm>

#include "selection/query/vocabulary.h"

namespace ganselect {
namespace {

constexpr const char* kHint = "as \"90 minutes\" or \"1.5 hours\"";

bool is_article(const QueryTokens& tokens, std::size_t at) {
  return at < tokens.size() && !tokens[at].consumed && is_one_of(tokens[at].text, {"a", "an"});
}

// Seconds in one of the unit at `at`; 0 where none stands there.
double unit_seconds(const QueryTokens& tokens, std::size_t at) {
  if (at >= tokens.size() || tokens[at].consumed) return 0.0;
  for (const auto& unit : vocabulary().units) {
    if (unit.key == "train_seconds" && is_one_of(tokens[at].text, unit.words)) return unit.factor;
  }
  return 0.0;
}

// What stands before the unit.
struct Amount {
  double value = 0.0;
  std::size_t end = 0;
  bool vague = false, range = false;
};

std::optional<Amount> vague_amount(const QueryTokens& tokens, std::size_t at) {
  for (const auto& vague : vocabulary().vague_counts) {
    if (const auto length = phrase_at(tokens, at, longest_first(vague.phrases)))
      return Amount{vague.count, at + length, true};
  }
  return std::nullopt;
}

// "a quarter of an", "three quarters of an"
std::optional<Amount> quarters(const QueryTokens& tokens, std::size_t at) {
  double count = 0.0;
  if (is_article(tokens, at)) count = 1.0;
  if (tokens[at].number) count = *tokens[at].number;
  if (count == 0.0 || at + 1 >= tokens.size() ||
      !is_one_of(tokens[at + 1].text, {"quarter", "quarters"}))
    return std::nullopt;
  std::size_t end = at + 2;
  if (end < tokens.size() && tokens[end].text == "of") ++end;
  if (is_article(tokens, end)) ++end;
  return Amount{count / 4.0, end};
}

std::optional<Amount> amount_at(const QueryTokens& tokens, std::size_t at) {
  if (const auto part = quarters(tokens, at)) return part;
  if (tokens[at].number) {
    Amount amount{*tokens[at].number, at + 1, tokens[at].vague};
    if (tokens[at].text == "half" && is_article(tokens, amount.end)) ++amount.end;
    // "2 to 3", "two or three", "2-3": the longer one.
    std::size_t next = amount.end;
    if (next < tokens.size() && is_one_of(tokens[next].text, {"to", "or"})) ++next;
    if (next < tokens.size() && tokens[next].number && !tokens[next].consumed &&
        (next > amount.end || tokens[next].hyphened) && *tokens[next].number > amount.value)
      return Amount{*tokens[next].number, next + 1, tokens[next].vague, true};
    return amount;
  }
  if (const auto vague = vague_amount(tokens, at)) return vague;
  if (tokens[at].text == "one" || is_article(tokens, at)) {
    Amount amount{1.0, at + 1};
    if (words_at(tokens, at, {"one", "or", "two"})) return Amount{2.0, at + 3, false, true};
    return amount;
  }
  return std::nullopt;
}

// "a second opinion" is no second of time.
bool is_ordinal(const QueryTokens& tokens, std::size_t at, std::size_t unit) {
  if (tokens[unit].text != "second" || !is_article(tokens, at)) return false;
  std::size_t begin = at;
  return bound_before(tokens, at, begin) == Side::kNone;
}

// "... and a half", "... 30 minutes", "...h30" behind a unit of `seconds`.
void add_rest(const QueryTokens& tokens, double seconds, Duration& duration) {
  while (true) {
    std::size_t next = duration.end;
    if (words_at(tokens, next, {"and", "a", "half"})) {
      duration.seconds += seconds / 2.0;
      duration.end = next + 3;
      return;
    }
    if (words_at(tokens, next, {"and", "a", "quarter"})) {
      duration.seconds += seconds / 4.0;
      duration.end = next + 3;
      return;
    }
    if (next < tokens.size() && is_one_of(tokens[next].text, {"and", ","})) ++next;
    if (next >= tokens.size() || tokens[next].consumed || !tokens[next].number) return;
    const double smaller = unit_seconds(tokens, next + 1);
    if (smaller > 0.0 && smaller < seconds) {
      duration.seconds += *tokens[next].number * smaller;
      duration.end = next + 2;
      seconds = smaller;
      continue;
    }
    constexpr double kHour = 3600.0, kMinute = 60.0;
    if (tokens[next].glued && seconds == kHour && *tokens[next].number < 60.0) {
      duration.seconds += *tokens[next].number * kMinute;
      duration.end = next + 1;
    }
    return;
  }
}

// A number that dangles behind the unit belongs to the time in a way that is not known.
void refuse_dangling(const QueryTokens& tokens, const Duration& duration) {
  std::size_t next = duration.end;
  const bool joined = next < tokens.size() && tokens[next].text == "or";
  if (joined) ++next;
  if (next >= tokens.size() || tokens[next].consumed || !tokens[next].number) return;
  const bool last = next + 1 >= tokens.size() || tokens[next + 1].consumed ||
                    is_one_of(tokens[next + 1].text, {",", ";", ".", "?", "!", "and"});
  if (last) refuse_figure(span_text(tokens, duration.begin, next + 1), "one length of time", kHint);
}

// "overnight": what is taken for it is said.
std::optional<Duration> vague_duration(const QueryTokens& tokens, std::size_t at) {
  for (const auto& vague : vocabulary().vague_durations) {
    const auto length = phrase_at(tokens, at, longest_first(vague.phrases));
    if (length == 0) continue;
    const auto text = span_text(tokens, at, at + length);
    return Duration{at, at + length, vague.count, "",
                    fmt::format("\"{}\" was taken as {:g} h", text, vague.count / 3600.0)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> duration_at(const QueryTokens& tokens, std::size_t at) {
  if (tokens[at].consumed) return std::nullopt;
  if (const auto vague = vague_duration(tokens, at)) return vague;
  const auto amount = amount_at(tokens, at);
  if (!amount) return std::nullopt;
  Duration duration{.begin = at};
  std::size_t unit = amount->end;
  while (unit < tokens.size() && is_one_of(tokens[unit].text, {"gpu", "cpu", "of", "the", "+"})) {
    if (is_one_of(tokens[unit].text, {"gpu", "cpu"})) duration.device = tokens[unit].text;
    ++unit;
  }
  const double seconds = unit_seconds(tokens, unit);
  if (seconds == 0.0 || is_ordinal(tokens, at, unit)) return std::nullopt;
  refuse_cut_number(tokens, at);
  if (at > 0 && tokens[at].numeral && tokens[at - 1].numeral && !tokens[at - 1].consumed)
    refuse_figure(span_text(tokens, at - 1, unit + 1), "one length of time", kHint);
  duration.seconds = amount->value * seconds;
  duration.end = unit + 1;
  add_rest(tokens, seconds, duration);
  refuse_dangling(tokens, duration);
  const std::string text = span_text(tokens, at, duration.end);
  if (amount->vague)
    duration.note = fmt::format("\"{}\" was taken as {:g} s", text, duration.seconds);
  if (amount->range) duration.note = fmt::format("of \"{}\" the longer time was taken", text);
  return duration;
}

}  // namespace ganselect
