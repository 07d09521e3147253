#include "selection/query/counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "selection/query/vocabulary.h"

namespace ganselect {
namespace {

// How far before a number "generate" may stand, in words.
constexpr std::size_t kVerbWindow = 4;
// "20 small labelled grey training images" has as many adjectives as people write.
constexpr std::size_t kMostAdjectives = 5;

const PhraseWords& split(const std::vector<std::string>& phrases, PhraseWords& kept) {
  if (kept.empty()) kept = longest_first(phrases);
  return kept;
}

// Words that say what the images show stay in the text, to be read as such.
bool names_subject(const std::string& word) {
  static const std::set<std::string> words = [] {
    std::set<std::string> all;
    for (const auto& row : vocabulary().rows) {
      if (row.kind == WordKind::kSubject) all.insert(row.phrases.begin(), row.phrases.end());
    }
    return all;
  }();
  return words.contains(word);
}

bool is_size_part(const QueryTokens& tokens, std::size_t at) {
  static const std::vector<std::string> times = {"x", "by", "*"};
  const bool after = at > 1 && is_one_of(tokens[at - 1].text, times) && tokens[at - 2].number;
  const bool before =
      at + 2 < tokens.size() && is_one_of(tokens[at + 1].text, times) && tokens[at + 2].numeral;
  return after || before;
}

bool is_part_of_share(const QueryTokens& tokens, std::size_t at) {
  const bool of_total =
      at > 1 && is_one_of(tokens[at - 1].text, {"in", "of"}) && tokens[at - 2].number.has_value();
  return of_total || (at + 1 < tokens.size() && is_one_of(tokens[at + 1].text, {"%", "percent"}));
}

// Behind the adjectives and a size that may follow the number at `at`.
std::size_t after_adjectives(const QueryTokens& tokens, std::size_t at, const PhraseWords& nouns) {
  const auto& adjectives = vocabulary().counts.image_adjectives;
  std::size_t next = at + 1;
  for (std::size_t skipped = 0; skipped < kMostAdjectives && next < tokens.size(); ++skipped) {
    if (phrase_at(tokens, next, nouns) > 0) break;
    if (tokens[next].numeral && is_size_part(tokens, next)) {
      next += 3;
    } else if (is_one_of(tokens[next].text, adjectives)) {
      ++next;
    } else {
      break;
    }
  }
  return next;
}

// "a dataset of 400" says images by its container.
bool container_before(const QueryTokens& tokens, std::size_t at) {
  static PhraseWords kept;
  for (const auto& words : split(vocabulary().counts.image_containers, kept)) {
    if (words.size() <= at && words_at(tokens, at - words.size(), words)) return true;
  }
  return false;
}

bool word_before(const QueryTokens& tokens, std::size_t at, const std::vector<std::string>& words) {
  const std::size_t low = at > kVerbWindow ? at - kVerbWindow : 0;
  for (std::size_t i = at; i > low; --i) {
    if (is_one_of(tokens[i - 1].text,
                  {",", ";", ".", "?", "from", "on", "of", "for", "with", "have", "gan"}))
      return false;
    if (is_one_of(tokens[i - 1].text, words)) return true;
  }
  return false;
}

// "a batch of 64 images", "batch size 64"
bool counts_batch(const QueryTokens& tokens, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_one_of(tokens[before - 1].text, {"of", "size", "with"})) --before;
  return before > 0 && is_one_of(tokens[before - 1].text, vocabulary().counts.batch_words);
}

// Where the noun of the number at `at` ends; nothing for a number of something else.
std::optional<std::size_t> image_noun_end(const QueryTokens& tokens, std::size_t at) {
  static PhraseWords kept;
  const auto& nouns = split(vocabulary().counts.image_nouns, kept);
  const std::size_t next = after_adjectives(tokens, at, nouns);
  const std::size_t length = next < tokens.size() ? phrase_at(tokens, next, nouns) : 0;
  const bool contained = container_before(tokens, at);
  if (length == 0) {
    const bool last = at + 1 >= tokens.size() ||
                      is_one_of(tokens[at + 1].text, {",", ";", ".", "?", "!", "and", ")"});
    return contained && last ? std::optional(at + 1) : std::nullopt;
  }
  // Samples may be generated ones.
  const bool samples = tokens[next].text == "samples";
  const bool to_train_on =
      next > at + 1 || contained ||
      (at > 0 && is_one_of(tokens[at - 1].text, {"have", "with", "only", "just", "on", "from"}));
  if (samples && !to_train_on) return std::nullopt;
  return next + length;
}

std::int64_t whole_count(const QueryToken& token, const std::string& got, const char* what) {
  const double value = *token.number;
  // "2.000" is two or two thousand, by where one comes from.
  if (value < 1.0 || value != std::floor(value) || value > 1e12 ||
      (token.text.find('.') != std::string::npos && token.text.find(' ') == std::string::npos &&
       token.text.find('e') == std::string::npos))
    refuse_figure(got, fmt::format("a whole number of {} above 0", what),
                  "write thousands as 2000 or 2,000");
  return static_cast<std::int64_t>(value);
}

void keep_count(std::optional<std::int64_t>& place, std::int64_t count, const char* what) {
  if (place && *place != count)
    fail(ErrorKind::kUsage, {.where = "query",
                             .expected = fmt::format("one number of {}", what),
                             .got = fmt::format("{} and {}", *place, count)});
  place = count;
}

// The figure with the words that bound it.
struct BoundedFigure {
  std::size_t begin = 0, end = 0;
  Side side = Side::kNone;
  bool only_had = false;  // "have 400 images" bounds nothing
};

BoundedFigure bounded(const QueryTokens& tokens, std::size_t begin, std::size_t end) {
  BoundedFigure figure{begin, end};
  figure.side = bound_before(tokens, begin, figure.begin);
  figure.only_had = is_one_of(tokens[figure.begin].text, vocabulary().bounds.no_bound_of_counts);
  std::size_t last = end;
  const Side after = bound_after(tokens, end, last);
  if (figure.side == Side::kNone || figure.side == after) {
    if (after != Side::kNone) figure.side = after;
    figure.end = last;
  }
  while (figure.begin > 0 && !tokens[figure.begin - 1].consumed &&
         is_one_of(tokens[figure.begin - 1].text,
                   {"only", "just", "about", "around", "roughly", "approximately"}))
    --figure.begin;
  return figure;
}

// "400-500 images", "400 to 500 images": the first number, which is the smaller.
std::optional<std::size_t> range_start(const QueryTokens& tokens, std::size_t at) {
  if (at == 0) return std::nullopt;
  std::size_t first = at - 1;
  const bool joined = is_one_of(tokens[first].text, {"to", "or"});
  if (joined && first > 0) --first;
  if (!tokens[first].numeral || tokens[first].consumed) return std::nullopt;
  if (!joined && !tokens[at].hyphened) return std::nullopt;
  return *tokens[first].number < *tokens[at].number ? std::optional(first) : std::nullopt;
}

// Words behind the noun that make it a number of each class; 0 where words before it do: "each
// class has 50 images".
std::optional<std::size_t> per_class_length(const QueryTokens& tokens, std::size_t at,
                                            std::size_t end) {
  static PhraseWords kept;
  if (const auto length = phrase_at(tokens, end, split(vocabulary().counts.per_class, kept)))
    return length;
  const bool each_last =
      words_at(tokens, end, {"each"}) &&
      (end + 1 >= tokens.size() || is_one_of(tokens[end + 1].text, {",", ";", ".", "?", "and"}));
  if (each_last) return 1;
  constexpr std::size_t kFarthest = 4;
  for (std::size_t i = at; i > 0 && at - i < kFarthest; --i) {
    if (!is_one_of(tokens[i - 1].text, vocabulary().counts.class_nouns)) continue;
    const bool each = i > 1 && is_one_of(tokens[i - 2].text, {"each", "per", "every"});
    return each ? std::optional<std::size_t>(0) : std::nullopt;
  }
  return std::nullopt;
}

// "10 classes", wherever it stands.
std::optional<double> count_of_classes(const QueryTokens& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].number && is_one_of(tokens[i + 1].text, vocabulary().counts.class_nouns))
      return tokens[i].number;
  }
  return std::nullopt;
}

// So many of each class are as many times the classes, where their number is said.
void read_images_per_class(QueryTokens& tokens, std::size_t at, std::size_t noun_end,
                           std::size_t end, UseCase& use_case, std::vector<std::string>& notes) {
  const std::string text = span_text(tokens, at, end), images = span_text(tokens, at, noun_end);
  const auto classes = count_of_classes(tokens);
  if (!classes) {
    notes.push_back("\"" + text + "\" had no effect: say how many images there are in all");
    consume(tokens, at, at + 1);
    return;
  }
  QueryToken all = tokens[at];
  *all.number *= *classes;
  const std::int64_t count = whole_count(all, text, "images");
  keep_count(use_case.train_images, count, "training images");
  notes.push_back(fmt::format("\"{}\" of each of {:g} classes were taken as {} training images",
                              images, *classes, count));
  consume(tokens, at, at + 1);
  for (std::size_t i = noun_end; i < end; ++i) tokens[i].consumed = true;
  // "each class has" before it wishes for nothing either.
  for (std::size_t i = at; end == noun_end && i > 0; --i) {
    tokens[i - 1].consumed = true;
    if (is_one_of(tokens[i - 1].text, {"each", "per", "every"})) break;
  }
}

void read_images_at(QueryTokens& tokens, std::size_t at, std::size_t end, UseCase& use_case,
                    std::vector<std::string>& notes) {
  const auto& counts = vocabulary().counts;
  refuse_cut_number(tokens, at);
  const std::string text = span_text(tokens, at, end);
  if (const auto length = per_class_length(tokens, at, end)) {
    read_images_per_class(tokens, at, end, end + *length, use_case, notes);
    return;
  }
  if (word_before(tokens, at, counts.made_not_shown)) {
    notes.push_back("\"" + text + "\" had no effect: any number of images can be generated");
    consume(tokens, at, at + 1);
    return;
  }
  const auto range = range_start(tokens, at);
  const std::size_t number = range.value_or(at);
  const auto figure = bounded(tokens, number, at + 1);
  const std::int64_t count = whole_count(tokens[number], text, "images");
  keep_count(use_case.train_images, count, "training images");
  if (range || tokens[number].vague || (figure.side != Side::kNone && !figure.only_had))
    notes.push_back(fmt::format("\"{}\" was taken as {} training images",
                                span_text(tokens, figure.begin, end), count));
  consume(tokens, figure.begin, figure.end);
  for (std::size_t i = figure.end; i < end; ++i) {
    const bool noun = is_one_of(tokens[i].text, counts.image_nouns);
    if ((noun && !names_subject(tokens[i].text)) ||
        is_one_of(tokens[i].text, {"different", "unique", "only", "just", "small", "high"}))
      tokens[i].consumed = true;
  }
}

// "5 steps of the critic" and "2 updates a second" bound nothing.
bool is_other_step(const QueryTokens& tokens, std::size_t end) {
  for (std::size_t i = end; i < std::min(end + 3, tokens.size()); ++i) {
    if (is_one_of(tokens[i].text, {",", ";", "."})) return false;
    if (is_one_of(tokens[i].text, {"critic", "discriminator", "per"})) return true;
  }
  return false;
}

}  // namespace

void read_train_images(QueryTokens& tokens, UseCase& use_case, std::vector<std::string>& notes) {
  constexpr double kLeastWord = 10.0;  // "two images look alike" counts nothing
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const auto& token = tokens[at];
    if (token.consumed || !token.number) continue;
    if (!token.numeral && *token.number < kLeastWord) continue;
    if (is_size_part(tokens, at) || is_part_of_share(tokens, at)) continue;
    if (counts_batch(tokens, at)) continue;
    if (const auto end = image_noun_end(tokens, at))
      read_images_at(tokens, at, *end, use_case, notes);
  }
}

void read_updates(QueryTokens& tokens, UseCase& use_case, std::vector<std::string>& notes) {
  static PhraseWords kept_updates, kept_epochs;
  const auto& updates = split(vocabulary().counts.update_nouns, kept_updates);
  const auto& epochs = split(vocabulary().counts.epoch_nouns, kept_epochs);
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (tokens[at].consumed || !tokens[at].number) continue;
    if (const auto length = phrase_at(tokens, at + 1, epochs)) {
      notes.push_back("\"" + span_text(tokens, at, at + 1 + length) +
                      "\" had no effect: say it in generator updates, as \"in 2,000 updates\"");
      consume(tokens, at, at + 1 + length);
      continue;
    }
    const auto length = phrase_at(tokens, at + 1, updates);
    const std::size_t end = at + 1 + length;
    if (length == 0 || is_other_step(tokens, end)) continue;
    refuse_cut_number(tokens, at);
    const auto figure = bounded(tokens, at, end);
    const std::string text = span_text(tokens, figure.begin, figure.end);
    if (figure.side == Side::kLower)
      refuse_figure(text, "an upper bound on updates, as \"in 2,000 updates\"");
    const std::int64_t count = whole_count(tokens[at], text, "updates");
    keep_count(use_case.updates, count, "updates");
    if (tokens[at].vague)
      notes.push_back(fmt::format("\"{}\" was taken as {} updates", text, count));
    consume(tokens, figure.begin, figure.end);
  }
}

}  // namespace ganselect
