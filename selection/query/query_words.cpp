#include "selection/query/query_words.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/text.h"

namespace ganselect {
namespace {

struct PhraseEntry {
  std::vector<std::string> words;  // the last character '*' of a word: any ending
  const VocabularyRow* row = nullptr;
  std::vector<std::string> candidates;
};

std::vector<std::string> token_words(const std::string& name) {
  std::vector<std::string> words;
  for (const auto& token : tokenize_query(name)) words.push_back(token.text);
  return words;
}

bool word_matches(const std::string& pattern, const std::string& word) {
  if (pattern.size() > 1 && pattern.back() == '*')
    return word.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
  return pattern == word;
}

const std::vector<PhraseEntry>& vocabulary_phrases() {
  static const std::vector<PhraseEntry> phrases = [] {
    std::vector<PhraseEntry> all;
    for (const auto& row : vocabulary().rows) {
      for (const auto& phrase : row.phrases) all.push_back({words_of(phrase), &row, {}});
    }
    return all;
  }();
  return phrases;
}

// {"dc", "gan"} for {"dcgan"}; nothing where no word ends so.
std::vector<std::string> with_gan_apart(const std::vector<std::string>& words) {
  constexpr std::string_view kGan = "gan";
  std::vector<std::string> apart;
  bool any = false;
  for (const auto& word : words) {
    if (word.size() <= kGan.size() || !word.ends_with(kGan)) {
      apart.push_back(word);
      continue;
    }
    apart.push_back(word.substr(0, word.size() - kGan.size()));
    apart.emplace_back(kGan);
    any = true;
  }
  return any ? apart : std::vector<std::string>();
}

// Names as written, in one word ("wgangp") and by their aliases.
std::vector<PhraseEntry> candidate_phrases(std::span<const std::string> candidates) {
  std::vector<PhraseEntry> all;
  const std::set<std::string> known(candidates.begin(), candidates.end());
  for (const auto& name : candidates) {
    const auto words = token_words(name);
    all.push_back({words, nullptr, {name}});
    auto plural = words;
    plural.back() += "s";
    all.push_back({plural, nullptr, {name}});
    if (words.size() > 1) all.push_back({{join(words, "")}, nullptr, {name}});
    // "sn-gan" and "DC GAN" are written too.
    if (const auto apart = with_gan_apart(words); !apart.empty())
      all.push_back({apart, nullptr, {name}});
  }
  for (const auto& alias : vocabulary().aliases) {
    PhraseEntry entry{token_words(alias.phrase), nullptr, {}};
    for (const auto& name : alias.names) {
      if (known.contains(name)) entry.candidates.push_back(name);
    }
    if (!entry.candidates.empty()) all.push_back(std::move(entry));
  }
  return all;
}

bool phrase_matches(const PhraseEntry& phrase, std::span<const QueryToken> tokens, std::size_t at) {
  if (at + phrase.words.size() > tokens.size()) return false;
  for (std::size_t i = 0; i < phrase.words.size(); ++i) {
    if (tokens[at + i].consumed || !word_matches(phrase.words[i], tokens[at + i].text))
      return false;
  }
  return true;
}

// Longer wins, then the one written out over the one with '*', then candidates over words.
const PhraseEntry* best_match(const std::vector<PhraseEntry>& phrases,
                              std::span<const QueryToken> tokens, std::size_t at,
                              const PhraseEntry* best) {
  const auto letters = [](const PhraseEntry& entry) {
    std::size_t sum = 0;
    for (const auto& word : entry.words) sum += word.size() - (word.back() == '*' ? 1 : 0);
    return sum;
  };
  for (const auto& phrase : phrases) {
    if (!phrase_matches(phrase, tokens, at)) continue;
    if (best == nullptr || phrase.words.size() > best->words.size() ||
        (phrase.words.size() == best->words.size() && letters(phrase) > letters(*best)))
      best = &phrase;
  }
  return best;
}

// A number that no pattern took: a weight if it looks like one.
std::optional<Lexeme> share_lexeme(std::span<const QueryToken> tokens, std::size_t& at) {
  const auto& token = tokens[at];
  if (!token.numeral) return std::nullopt;
  const bool percent =
      at + 1 < tokens.size() && (tokens[at + 1].text == "%" || tokens[at + 1].text == "percent");
  Lexeme lexeme{.kind = LexemeKind::kShare, .text = token.text + (percent ? "%" : "")};
  lexeme.share = *token.number / (percent ? 100.0 : 1.0);
  lexeme.percent = percent;
  at += percent ? 2 : 1;
  if (lexeme.share < 0.0) lexeme.kind = LexemeKind::kUnknown;
  return lexeme;
}

}  // namespace

std::vector<Lexeme> find_lexemes(std::span<const QueryToken> tokens,
                                 std::span<const std::string> candidates) {
  const auto names = candidate_phrases(candidates);
  std::vector<Lexeme> lexemes;
  for (std::size_t at = 0; at < tokens.size();) {
    if (tokens[at].consumed) {
      lexemes.push_back({.kind = LexemeKind::kConstraint, .text = tokens[at].text});
      while (at < tokens.size() && tokens[at].consumed) ++at;
      continue;
    }
    const auto* match =
        best_match(vocabulary_phrases(), tokens, at, best_match(names, tokens, at, nullptr));
    if (match != nullptr) {
      Lexeme lexeme;
      lexeme.kind = match->row != nullptr ? LexemeKind::kWord : LexemeKind::kCandidate;
      lexeme.row = match->row;
      lexeme.candidates = match->candidates;
      for (std::size_t i = 0; i < match->words.size(); ++i)
        lexeme.text += (i > 0 ? " " : "") + tokens[at + i].text;
      lexemes.push_back(std::move(lexeme));
      at += match->words.size();
    } else if (auto share = share_lexeme(tokens, at)) {
      lexemes.push_back(*share);
    } else {
      // A lone mark is not a word that someone could know.
      const bool mark = tokens[at].text.size() == 1 &&
                        std::isalnum(static_cast<unsigned char>(tokens[at].text[0])) == 0;
      if (!mark) lexemes.push_back({.kind = LexemeKind::kUnknown, .text = tokens[at].text});
      ++at;
    }
  }
  return lexemes;
}

std::vector<std::string> known_words(std::span<const std::string> candidates) {
  std::set<std::string> seen;
  std::vector<std::string> words;
  const auto add = [&](const std::string& word) {
    if (word.size() > 2 && seen.insert(word).second) words.push_back(word);
  };
  for (const auto& criterion : criterion_names()) add(criterion.name);
  for (const auto& row : vocabulary().rows) {
    // Only words that mean something by themselves are worth proposing.
    for (const auto& phrase : row.phrases) {
      if (phrase.find(' ') == std::string::npos && phrase.back() != '*') add(phrase);
    }
  }
  for (const auto& name : candidates) add(name);
  return words;
}

}  // namespace ganselect
