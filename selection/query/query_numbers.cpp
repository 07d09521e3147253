#include "selection/query/query_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>

namespace ganselect {
namespace {

constexpr const char* kQueryPlace = "query";
// How far, in words, "diverged" may stand from the percentage that it belongs to.
constexpr std::size_t kShareWindow = 6;

using Tokens = std::vector<QueryToken>;
using Words = std::vector<std::string>;

enum class Side { kNone, kUpper, kLower };

struct Unit {
  const char* key;  // constraint that the unit belongs to
  double factor;
};

const std::map<std::string, Unit>& units() {
  static const std::map<std::string, Unit> table = [] {
    std::map<std::string, Unit> all;
    const auto add = [&](const char* key, double factor, std::initializer_list<const char*> names) {
      for (const char* name : names) all[name] = {key, factor};
    };
    add("train_seconds", 1, {"s", "sec", "secs", "second", "seconds"});
    add("train_seconds", 60, {"min", "mins", "minute", "minutes"});
    add("train_seconds", 3600, {"h", "hr", "hrs", "hour", "hours"});
    add("train_seconds", 86400, {"day", "days"});
    add("train_seconds", 604800, {"week", "weeks"});
    add("memory_bytes", 1, {"byte", "bytes"});
    add("memory_bytes", 1e3, {"kb", "kilobyte", "kilobytes"});
    add("memory_bytes", 1e6, {"mb", "megabyte", "megabytes", "megs"});
    add("memory_bytes", 1e9, {"gb", "gigabyte", "gigabytes", "gigs"});
    add("memory_bytes", 1e12, {"tb", "terabyte", "terabytes"});
    add("memory_bytes", 1024.0, {"kib"});
    add("memory_bytes", 1048576.0, {"mib"});
    add("memory_bytes", 1073741824.0, {"gib"});
    add("modes", 1, {"mode", "modes", "class", "classes", "categories", "clusters"});
    add("image_size", 1, {"px", "pixel", "pixels"});
    return all;
  }();
  return table;
}

// Nouns that may stand before a bare number: "modes >= 9", "resolution 64".
const std::map<std::string, Unit>& leading_nouns() {
  static const std::map<std::string, Unit> table = {{"train_seconds", {"train_seconds", 1}},
                                                    {"memory_bytes", {"memory_bytes", 1}},
                                                    {"modes", {"modes", 1}},
                                                    {"diverged_share", {"diverged_share", 1}},
                                                    {"image_size", {"image_size", 1}},
                                                    {"resolution", {"image_size", 1}},
                                                    {"size", {"image_size", 1}}};
  return table;
}

struct Bound {
  Side side;
  Words words;
};

Words words_of(std::string_view phrase) {
  Words words;
  std::size_t start = 0;
  while (start < phrase.size()) {
    const std::size_t end = std::min(phrase.find(' ', start), phrase.size());
    words.emplace_back(phrase.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

std::vector<Bound> bounds_of(std::initializer_list<const char*> upper,
                             std::initializer_list<const char*> lower) {
  std::vector<Bound> all;
  for (const char* phrase : upper) all.push_back({Side::kUpper, words_of(phrase)});
  for (const char* phrase : lower) all.push_back({Side::kLower, words_of(phrase)});
  // The longest first: "no more than" before "more than".
  std::stable_sort(all.begin(), all.end(),
                   [](const Bound& a, const Bound& b) { return a.words.size() > b.words.size(); });
  return all;
}

const std::vector<Bound>& leading_bounds() {
  static const std::vector<Bound> all = bounds_of({"at most",
                                                   "no more than",
                                                   "not more than",
                                                   "less than",
                                                   "fewer than",
                                                   "lower than",
                                                   "smaller than",
                                                   "under",
                                                   "below",
                                                   "within",
                                                   "up to",
                                                   "maximum",
                                                   "max",
                                                   "maximum of",
                                                   "max of",
                                                   "a maximum of",
                                                   "<",
                                                   "<=",
                                                   "≤",
                                                   "not over",
                                                   "not exceed",
                                                   "not exceeding",
                                                   "no longer than",
                                                   "not longer than",
                                                   "shorter than",
                                                   "faster than",
                                                   "quicker than",
                                                   "inside",
                                                   "limited to",
                                                   "limit of",
                                                   "limit",
                                                   "budget of",
                                                   "budget",
                                                   "have",
                                                   "in",
                                                   "not above",
                                                   "never more than",
                                                   "no greater than",
                                                   "not exceeds",
                                                   "capped at",
                                                   "="},
                                                  {"at least",
                                                   "no less than",
                                                   "not less than",
                                                   "no fewer than",
                                                   "not fewer than",
                                                   "not under",
                                                   "not below",
                                                   "more than",
                                                   "over",
                                                   "above",
                                                   "minimum",
                                                   "minimum of",
                                                   "a minimum of",
                                                   "min of",
                                                   "min",
                                                   "greater than",
                                                   ">",
                                                   ">=",
                                                   "≥",
                                                   "all",
                                                   "all of the",
                                                   "all the",
                                                   "longer than",
                                                   "exceeding",
                                                   "exceed",
                                                   "exceeds",
                                                   "every one of the",
                                                   "better than",
                                                   "larger than",
                                                   "bigger than"});
  return all;
}

const std::vector<Bound>& trailing_bounds() {
  static const std::vector<Bound> all = bounds_of(
      {"or less", "or fewer", "or under", "or lower", "or faster", "or shorter", "max", "maximum",
       "at most", "tops", "at the most", "budget", "limit", "or below"},
      {"or more", "minimum", "at least", "+", "plus", "or better", "or above", "or over"});
  return all;
}

bool is_one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return word == w; });
}

bool is_filler(const std::string& word) {
  return is_one_of(word,
                   {"of", "about", "around", "a", "the", "is", "be", "only", "just", "roughly",
                    "approximately", "to", "i", "should", "must", ":", "are", "that"});
}

bool matches(const Tokens& tokens, std::size_t at, const Words& words) {
  if (at + words.size() > tokens.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (tokens[at + i].consumed || tokens[at + i].text != words[i]) return false;
  }
  return true;
}

void consume(Tokens& tokens, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) tokens[i].consumed = true;
}

// Finds a bound that ends right before `at`, fillers between allowed. `begin` is moved to its
// start.
Side bound_before(const Tokens& tokens, std::size_t at, std::size_t& begin) {
  std::size_t end = at;
  while (true) {
    for (const auto& bound : leading_bounds()) {
      if (bound.words.size() > end) continue;
      const std::size_t start = end - bound.words.size();
      if (!matches(tokens, start, bound.words)) continue;
      begin = start;
      return bound.side;
    }
    if (end == 0 || tokens[end - 1].consumed || !is_filler(tokens[end - 1].text))
      return Side::kNone;
    --end;
  }
}

Side bound_after(const Tokens& tokens, std::size_t at, std::size_t& end) {
  for (const auto& bound : trailing_bounds()) {
    if (!matches(tokens, at, bound.words)) continue;
    end = at + bound.words.size();
    return bound.side;
  }
  return Side::kNone;
}

// Words around a quantity that only repeat what it measures: "2 GB of GPU memory".
bool repeats_measure(const std::string& word, const std::string& key) {
  if (key == "memory_bytes")
    return is_one_of(word, {"memory", "ram", "vram", "gpu", "video", "of", "use", "usage", "using",
                            "needs", "footprint"});
  if (key == "train_seconds")
    return is_one_of(word,
                     {"time", "training", "train", "trains", "gpu", "cpu", "of", "compute", "takes",
                      "take", "runtime", "finishes", "finish", "wall", "clock", "budget"});
  if (key == "image_size")
    return is_one_of(word, {"image", "images", "resolution", "size", "at", "of"});
  return is_one_of(word, {"covered", "cover", "covers", "covering", "the", "of", "modes", "mode",
                          "coverage", "to", "be", "must", "should"});
}

void absorb(Tokens& tokens, std::size_t begin, std::size_t end, const std::string& key) {
  while (
      begin > 0 && !tokens[begin - 1].consumed &&
      (repeats_measure(tokens[begin - 1].text, key) || is_one_of(tokens[begin - 1].text, {"in"})))
    --begin;
  std::size_t last = end;
  while (last < tokens.size() && !tokens[last].consumed && repeats_measure(tokens[last].text, key))
    ++last;
  consume(tokens, begin, last);
}

[[noreturn]] void refuse_bound(const std::string& got, const std::string& expected) {
  fail(ErrorKind::kUsage, {.where = kQueryPlace, .expected = expected, .got = "\"" + got + "\""});
}

std::string span_text(const Tokens& tokens, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += (i > begin ? " " : "") + tokens[i].text;
  return text;
}

void check_range(const std::string& key, double value, const std::string& got) {
  const auto& row = constraint_keys().at(key);
  if (value >= row.minimum && value <= row.maximum) return;
  fail(ErrorKind::kUsage,
       {.where = kQueryPlace,
        .expected = fmt::format("{} from {} to {}", key, row.minimum, row.maximum),
        .got = "\"" + got + "\"",
        .hint = row.meaning});
}

// 1 - 0.9 is to be shown as 0.1.
Json whole_or_real(double value) {
  value = std::round(value * 1e12) / 1e12;
  if (value == std::floor(value) && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
  return value;
}

void add_constraint(const std::string& key, Side side, double value, const std::string& got,
                    std::vector<Constraint>& constraints, std::vector<std::string>& notes) {
  if (key == "image_size") {
    if (value == 28) {
      value = 32;
      notes.push_back("28x28 images are padded to 32x32, so image_size == 32 was taken");
    }
    constraints.push_back({key, "==", whole_or_real(value)});
    return;
  }
  if (key == "modes") {
    if (side == Side::kUpper)
      refuse_bound(got, "a number of modes as a lower bound, as \"at least 9 modes\"");
    check_range(key, value, got);
    constraints.push_back({key, ">=", whole_or_real(std::ceil(value))});
    return;
  }
  if (side == Side::kLower) refuse_bound(got, "an upper bound on " + key + ", as \"at most ...\"");
  check_range(key, value, got);
  constraints.push_back({key, "<=", whole_or_real(value)});
}

// "more than 9 modes" wants ten.
double strict_modes(const Tokens& tokens, std::size_t begin, double value) {
  static const std::vector<Words> strict = {
      {"more", "than"}, {"over"}, {"above"}, {">"}, {"greater", "than"}, {"better", "than"}};
  for (const auto& words : strict) {
    if (matches(tokens, begin, words)) return value + 1;
  }
  return value;
}

struct Quantity {
  std::size_t begin = 0, end = 0;  // tokens of number and unit
  double value = 0.0;              // in the unit of its key
  std::string key;
  bool bounded_noun = false;  // the noun stood before the number
};

// "10 minutes", "half an hour", "an hour", "9 of 10 modes", "2 gpu hours"
std::optional<Quantity> quantity_at(const Tokens& tokens, std::size_t i) {
  if (tokens[i].consumed) return std::nullopt;
  double value = 0.0;
  std::size_t next = i + 1;
  if (tokens[i].number) {
    value = *tokens[i].number;
    if (tokens[i].text == "half" && next < tokens.size() &&
        is_one_of(tokens[next].text, {"a", "an"}))
      ++next;
  } else if (is_one_of(tokens[i].text, {"a", "an"})) {
    value = 1.0;
  } else {
    return std::nullopt;
  }
  if (next + 1 < tokens.size() && tokens[next].text == "of") {
    std::size_t total = next + 1;
    while (total < tokens.size() && is_one_of(tokens[total].text, {"the", "all"})) ++total;
    if (total < tokens.size() && tokens[total].number) next = total + 1;
  }
  while (next < tokens.size() &&
         is_one_of(tokens[next].text,
                   {"gpu", "cpu", "of", "the", "different", "distinct", "data", "+"}))
    ++next;
  if (next >= tokens.size() || tokens[next].consumed) return std::nullopt;
  const auto unit = units().find(tokens[next].text);
  if (unit == units().end()) return std::nullopt;
  // "a mode" is no figure, "an hour" is.
  if (!tokens[i].number && std::string_view(unit->second.key) != "train_seconds")
    return std::nullopt;
  return Quantity{i, next + 1, value * unit->second.factor, unit->second.key};
}

// "modes >= 9", "image_size 64"
std::optional<Quantity> keyed_quantity_at(const Tokens& tokens, std::size_t i) {
  if (tokens[i].consumed || !tokens[i].numeral) return std::nullopt;
  std::size_t begin = i;
  const Side side = bound_before(tokens, i, begin);
  if (begin == 0) return std::nullopt;
  std::size_t noun = begin - 1;
  while (noun > 0 && is_filler(tokens[noun].text)) --noun;
  const auto found = leading_nouns().find(tokens[noun].text);
  if (found == leading_nouns().end() || tokens[noun].consumed) return std::nullopt;
  if (side == Side::kNone && tokens[noun].text == "modes") return std::nullopt;
  return Quantity{i, i + 1, *tokens[i].number * found->second.factor, found->second.key, true};
}

void read_quantities(Tokens& tokens, std::vector<Constraint>& constraints,
                     std::vector<std::string>& notes) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    auto quantity = quantity_at(tokens, i);
    if (!quantity) quantity = keyed_quantity_at(tokens, i);
    if (!quantity) continue;
    std::size_t begin = quantity->begin, end = quantity->end;
    Side side = bound_before(tokens, quantity->begin, begin);
    const Side after = bound_after(tokens, quantity->end, end);
    if (side == Side::kNone) {
      side = after;
    } else if (after != side) {
      end = quantity->end;  // "in 2 days or less" says it twice
    }
    // "I have 9 modes" and "in 9 modes" bound nothing.
    if (quantity->key == "modes" && side == Side::kUpper &&
        is_one_of(tokens[begin].text, {"have", "in", "="})) {
      side = Side::kNone;
      begin = quantity->begin;
    }
    const std::string got = span_text(tokens, begin, end);
    double value = quantity->value;
    if (quantity->key == "modes") value = strict_modes(tokens, begin, value);
    add_constraint(quantity->key, side, value, got, constraints, notes);
    if (quantity->bounded_noun) {
      while (begin > 0 && !leading_nouns().contains(tokens[begin].text)) --begin;
    }
    consume(tokens, begin, end);
    absorb(tokens, begin, end, quantity->key);
  }
}

// "64x64", "64 x 64", "64 by 64", "32x32x3"
void read_image_sizes(Tokens& tokens, std::vector<Constraint>& constraints,
                      std::vector<std::string>& notes) {
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (!tokens[i].numeral || !tokens[i + 2].numeral || tokens[i].consumed) continue;
    if (!is_one_of(tokens[i + 1].text, {"x", "×", "by", "*"})) continue;
    std::size_t end = i + 3;
    if (end + 1 < tokens.size() && is_one_of(tokens[end].text, {"x", "×"}) &&
        tokens[end + 1].numeral)
      end += 2;
    const std::string got = span_text(tokens, i, end);
    if (*tokens[i].number != *tokens[i + 2].number)
      refuse_bound(got, "square images, as 32x32 or 64x64");
    add_constraint("image_size", Side::kNone, *tokens[i].number, got, constraints, notes);
    if (end < tokens.size() && is_one_of(tokens[end].text, {"px", "pixel", "pixels"})) ++end;
    consume(tokens, i, end);
    absorb(tokens, i, end, "image_size");
  }
}

bool begins_with_any(const std::string& word, std::initializer_list<const char*> stems) {
  return std::any_of(stems.begin(), stems.end(),
                     [&](const char* s) { return word.starts_with(s); });
}

// A share of the trials by number: "10%", "0.1 of", "1 in 5", "1 out of 5".
std::optional<std::pair<double, std::size_t>> share_at(const Tokens& tokens, std::size_t i) {
  if (!tokens[i].number || tokens[i].consumed) return std::nullopt;
  if (i + 1 < tokens.size() && is_one_of(tokens[i + 1].text, {"%", "percent"}))
    return std::pair(*tokens[i].number / 100.0, i + 2);
  if (tokens[i].text == "half" && i + 1 < tokens.size() &&
      is_one_of(tokens[i + 1].text, {"of", "the"}))
    return std::pair(0.5, i + 2);
  std::size_t total = i + 1;
  if (total < tokens.size() && tokens[total].text == "out") ++total;
  if (total + 1 < tokens.size() && is_one_of(tokens[total].text, {"in", "of"}) &&
      tokens[total + 1].number && *tokens[total + 1].number > 0)
    return std::pair(*tokens[i].number / *tokens[total + 1].number, total + 2);
  return std::nullopt;
}

// "at most 10% diverged", "diverges in under 1 in 5 runs", "at least 90% of the seeds converge"
void read_shares(Tokens& tokens, std::vector<Constraint>& constraints) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto share = share_at(tokens, i);
    if (!share) continue;
    const std::size_t low = i > kShareWindow ? i - kShareWindow : 0;
    const std::size_t high = std::min(tokens.size(), share->second + kShareWindow);
    std::optional<std::size_t> outcome;
    bool success = false;
    for (std::size_t j = low; j < high; ++j) {
      if (tokens[j].consumed) continue;
      const bool bad = begins_with_any(tokens[j].text, {"diverg", "fail", "crash", "collaps"});
      const bool good = begins_with_any(tokens[j].text, {"converg", "succe", "surviv"});
      if (!bad && !good) continue;
      if (outcome &&
          std::max(*outcome, i) - std::min(*outcome, i) <= std::max(j, i) - std::min(j, i))
        continue;
      outcome = j;
      success = good;
    }
    if (!outcome) continue;
    std::size_t begin = i, end = share->second;
    Side side = bound_before(tokens, i, begin);
    if (side == Side::kNone) side = bound_after(tokens, share->second, end);
    const std::string got =
        span_text(tokens, std::min(begin, *outcome), std::max(end, *outcome + 1));
    if (success && side == Side::kUpper && tokens[begin].text != "in")
      refuse_bound(got, "a lower bound on the share that converges");
    if (!success && side == Side::kLower)
      refuse_bound(got, "an upper bound on diverged_share, as \"at most 10% diverged\"");
    const double value = success ? 1.0 - share->first : share->first;
    check_range("diverged_share", value, got);
    constraints.push_back({"diverged_share", "<=", whole_or_real(value)});
    consume(tokens, std::min(begin, *outcome), std::max(end, *outcome + 1));
  }
}

}  // namespace

void read_number_patterns(std::vector<QueryToken>& tokens, std::vector<Constraint>& constraints,
                          std::vector<std::string>& notes) {
  read_image_sizes(tokens, constraints, notes);
  read_shares(tokens, constraints);
  read_quantities(tokens, constraints, notes);
}

}  // namespace ganselect
