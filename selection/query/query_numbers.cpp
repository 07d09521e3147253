#include "selection/query/query_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "selection/query/counts.h"
#include "selection/query/durations.h"
#include "selection/query/figure_words.h"
#include "selection/query/measure_bounds.h"
#include "selection/query/number_words.h"
#include "selection/query/vocabulary.h"

namespace ganselect {
namespace {

// How far, in words, "diverged" may stand from the percentage that it belongs to.
constexpr std::size_t kShareWindow = 6;

using Tokens = std::vector<QueryToken>;
// The constraint that a unit or noun belongs to, and what one of it is there.
const UnitWords* unit_of(const std::vector<UnitWords>& units, const std::string& word) {
  for (const auto& unit : units) {
    if (is_one_of(word, unit.words)) return &unit;
  }
  return nullptr;
}

const UnitWords* leading_noun(const std::string& word) {
  return unit_of(vocabulary().leading_nouns, word);
}

bool is_filler(const std::string& word) { return is_one_of(word, vocabulary().bounds.fillers); }

// Words around a quantity that only repeat what it measures: "2 GB of GPU memory".
bool repeats_measure(const std::string& word, const std::string& key) {
  const auto& all = vocabulary().repeated_nouns;
  return std::any_of(all.begin(), all.end(), [&](const auto& nouns) {
    return nouns.key == key && is_one_of(word, nouns.words);
  });
}

// Marks the words around tokens [begin, end) that repeat what they measure; a device among them is
// told by `device`.
void absorb(Tokens& tokens, std::size_t begin, std::size_t end, const std::string& key,
            std::string* device = nullptr) {
  while (
      begin > 0 && !tokens[begin - 1].consumed &&
      (repeats_measure(tokens[begin - 1].text, key) || is_one_of(tokens[begin - 1].text, {"in"})))
    --begin;
  std::size_t last = end;
  while (last < tokens.size() && !tokens[last].consumed && repeats_measure(tokens[last].text, key))
    ++last;
  for (std::size_t i = begin; i < last && device != nullptr; ++i) {
    if (is_one_of(tokens[i].text, {"cpu", "gpu"})) *device = tokens[i].text;
  }
  consume(tokens, begin, last);
}

// Only sizes that networks can be built for bound the candidates.
void take_image_size(double value, UseCase& use_case, std::vector<std::string>& notes,
                     const std::string& got) {
  check_range("image_size", value, got);
  if (value == 28) {
    value = 32;
    notes.push_back("28x28 images are padded to 32x32, so image_size == 32 was taken");
  }
  const auto& sizes = buildable_image_sizes();
  if (std::find(sizes.begin(), sizes.end(), value) != sizes.end()) {
    use_case.constraints.push_back({"image_size", "==", whole_or_real(value)});
    return;
  }
  if (value != std::floor(value)) refuse_figure(got, "a whole number of pixels");
  const auto size = static_cast<std::int64_t>(value);
  if (use_case.image_size && *use_case.image_size != size)
    fail(ErrorKind::kUsage, {.where = "query",
                             .expected = "one image size",
                             .got = fmt::format("{} and {}", *use_case.image_size, size)});
  use_case.image_size = size;
  notes.push_back(
      fmt::format("no network is built for {0}x{0} images: the nearest size is {1}, so resize them "
                  "to {1}x{1}; the answer rests on the sizes that were measured",
                  size, nearest_buildable_size(value)));
}

void add_constraint(const std::string& key, Side side, double value, const std::string& got,
                    UseCase& use_case, std::vector<std::string>& notes) {
  auto& constraints = use_case.constraints;
  if (key == "image_size") {
    take_image_size(value, use_case, notes, got);
    return;
  }
  if (key == "modes") {
    if (side == Side::kUpper)
      refuse_figure(got, "a number of modes as a lower bound, as \"at least 9 modes\"");
    check_range(key, value, got);
    constraints.push_back({key, ">=", whole_or_real(std::ceil(value))});
    return;
  }
  if (side == Side::kLower) refuse_figure(got, "an upper bound on " + key + ", as \"at most ...\"");
  check_range(key, value, got);
  constraints.push_back({key, "<=", whole_or_real(value)});
}

// "more than 9 modes" wants ten.
double strict_modes(const Tokens& tokens, std::size_t begin, double value) {
  const auto strict = longest_first(vocabulary().bounds.strictly_more);
  return phrase_at(tokens, begin, strict) > 0 ? value + 1 : value;
}

struct Quantity {
  std::size_t begin = 0, end = 0;  // tokens of number and unit
  double value = 0.0;              // in the unit of its key
  std::string key;
  bool bounded_noun = false;  // the noun stood before the number
};

// "9 of 10 modes", "2 GB", "64 pixels"
std::optional<Quantity> quantity_at(const Tokens& tokens, std::size_t i) {
  if (tokens[i].consumed || !tokens[i].number) return std::nullopt;
  std::size_t next = i + 1;
  if (next + 1 < tokens.size() && tokens[next].text == "of") {
    std::size_t total = next + 1;
    while (total < tokens.size() && is_one_of(tokens[total].text, {"the", "all"})) ++total;
    if (total < tokens.size() && tokens[total].number) next = total + 1;
  }
  while (next < tokens.size() &&
         is_one_of(tokens[next].text, {"of", "the", "different", "distinct", "data", "+"}))
    ++next;
  if (next >= tokens.size() || tokens[next].consumed) return std::nullopt;
  const auto* unit = unit_of(vocabulary().units, tokens[next].text);
  if (unit == nullptr || unit->key == "train_seconds") return std::nullopt;
  refuse_cut_number(tokens, i);
  return Quantity{i, next + 1, *tokens[i].number * unit->factor, unit->key};
}

// A length of time, with what was assumed of it.
std::optional<Quantity> time_at(const Tokens& tokens, std::size_t i, UseCase& use_case,
                                std::vector<std::string>& notes) {
  const auto duration = duration_at(tokens, i);
  if (!duration) return std::nullopt;
  if (!duration->device.empty()) use_case.device = duration->device;
  if (!duration->note.empty()) notes.push_back(duration->note);
  return Quantity{duration->begin, duration->end, duration->seconds, "train_seconds"};
}

// "modes >= 9", "image_size 64"
std::optional<Quantity> keyed_quantity_at(const Tokens& tokens, std::size_t i) {
  if (tokens[i].consumed || !tokens[i].numeral) return std::nullopt;
  std::size_t begin = i;
  const Side side = bound_before(tokens, i, begin);
  if (begin == 0) return std::nullopt;
  std::size_t noun = begin - 1;
  while (noun > 0 && is_filler(tokens[noun].text)) --noun;
  const auto* found = leading_noun(tokens[noun].text);
  if (found == nullptr || tokens[noun].consumed) return std::nullopt;
  if (side == Side::kNone && found->key == "modes") return std::nullopt;
  return Quantity{i, i + 1, *tokens[i].number * found->factor, found->key, true};
}

void read_quantities(Tokens& tokens, UseCase& use_case, std::vector<std::string>& notes) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    auto quantity = time_at(tokens, i, use_case, notes);
    if (!quantity) quantity = quantity_at(tokens, i);
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
        is_one_of(tokens[begin].text, vocabulary().bounds.no_bound_of_counts)) {
      side = Side::kNone;
      begin = quantity->begin;
    }
    const std::string got = span_text(tokens, begin, end);
    double value = quantity->value;
    if (quantity->key == "modes") value = strict_modes(tokens, begin, value);
    add_constraint(quantity->key, side, value, got, use_case, notes);
    if (quantity->bounded_noun) {
      while (begin > 0 && leading_noun(tokens[begin].text) == nullptr) --begin;
    }
    consume(tokens, begin, end);
    std::string device;
    absorb(tokens, begin, end, quantity->key, &device);
    if (quantity->key == "train_seconds" && !device.empty()) use_case.device = device;
  }
}

// "64x64", "64 x 64", "64 by 64", "32x32x3"
void read_image_sizes(Tokens& tokens, UseCase& use_case, std::vector<std::string>& notes) {
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (!tokens[i].numeral || !tokens[i + 2].numeral || tokens[i].consumed) continue;
    if (!is_one_of(tokens[i + 1].text, {"x", "\u00d7", "by", "*"})) continue;
    std::size_t end = i + 3;
    if (end + 1 < tokens.size() && is_one_of(tokens[end].text, {"x", "\u00d7"}) &&
        tokens[end + 1].numeral)
      end += 2;
    const std::string got = span_text(tokens, i, end);
    if (*tokens[i].number != *tokens[i + 2].number)
      refuse_figure(got, "square images, as 32x32 or 64x64");
    take_image_size(*tokens[i].number, use_case, notes, got);
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
      refuse_figure(got, "a lower bound on the share that converges");
    if (!success && side == Side::kLower)
      refuse_figure(got, "an upper bound on diverged_share, as \"at most 10% diverged\"");
    const double value = success ? 1.0 - share->first : share->first;
    check_range("diverged_share", value, got);
    constraints.push_back({"diverged_share", "<=", whole_or_real(value)});
    consume(tokens, std::min(begin, *outcome), std::max(end, *outcome + 1));
  }
}

}  // namespace

void read_number_patterns(std::vector<QueryToken>& tokens, UseCase& use_case,
                          std::vector<std::string>& notes) {
  read_number_words(tokens);
  read_train_images(tokens, use_case, notes);
  read_image_sizes(tokens, use_case, notes);
  read_measure_bounds(tokens, use_case.constraints, notes);
  read_shares(tokens, use_case.constraints);
  read_updates(tokens, use_case, notes);
  read_quantities(tokens, use_case, notes);
}

}  // namespace ganselect
