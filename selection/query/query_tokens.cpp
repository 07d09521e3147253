#include "selection/query/query_tokens.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace ganselect {
namespace {

using Tokens = std::vector<QueryToken>;

// Typographic marks and contractions as plain ASCII.
std::string plain_text(std::string_view text) {
  std::string plain(text);
  const auto replace_all = [&plain](std::string_view from, std::string_view to) {
    for (std::size_t at = plain.find(from); at != std::string::npos;
         at = plain.find(from, at + to.size()))
      plain.replace(at, from.size(), to);
  };
  for (const auto& [from, to] :
       std::initializer_list<std::pair<const char*, const char*>>{{"\u2019", "'"},
                                                                  {"\u2018", "'"},
                                                                  {"\u201c", " "},
                                                                  {"\u201d", " "},
                                                                  {"\u2013", "-"},
                                                                  {"\u2014", ";"},
                                                                  {"\u2011", "-"},
                                                                  {"\u00d7", "x"},
                                                                  {"\u2264", "<="},
                                                                  {"\u2265", ">="},
                                                                  {"\u00a0", " "},
                                                                  {"\u2026", "."}})
    replace_all(from, to);
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  replace_all("cannot", "can not");
  replace_all("can't", "can not");
  replace_all("won't", "will not");
  replace_all("n't", " not");
  for (const char* word :
       {"dont", "doesnt", "isnt", "arent", "wont", "cant", "shouldnt", "havent"}) {
    std::string_view stem(word);
    stem.remove_suffix(2);
    for (std::size_t at = plain.find(word); at != std::string::npos;
         at = plain.find(word, at + 1)) {
      const std::size_t after = at + std::string_view(word).size();
      const bool starts = at == 0 || std::isalnum(static_cast<unsigned char>(plain[at - 1])) == 0;
      const bool ends =
          after == plain.size() || std::isalnum(static_cast<unsigned char>(plain[after])) == 0;
      if (starts && ends) plain.replace(at, after - at, std::string(stem) + " not");
    }
  }
  replace_all("'", " ");
  return plain;
}

bool is_word_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalpha(byte) != 0 || byte >= 0x80 || c == '_';
}

// Length of the number that starts at `at`: digits, commas between groups of three, one point, an
// exponent.
std::size_t numeral_length(std::string_view text, std::size_t at) {
  std::size_t end = at;
  bool point = false;
  const auto digit = [&](std::size_t i) {
    return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0;
  };
  while (end < text.size()) {
    if (digit(end)) {
      ++end;
    } else if (text[end] == ',' && digit(end + 1) && digit(end + 2) && digit(end + 3) &&
               !digit(end + 4)) {
      ++end;
    } else if (text[end] == '.' && !point && digit(end + 1)) {
      point = true;
      ++end;
    } else {
      break;
    }
  }
  if (end < text.size() && text[end] == 'e' &&
      (digit(end + 1) || (end + 1 < text.size() && text[end + 1] == '-' && digit(end + 2)))) {
    end += 2;
    while (digit(end)) ++end;
  }
  return end - at;
}

QueryToken numeral_token(std::string_view text, bool negative) {
  std::string digits(text);
  std::erase(digits, ',');
  const double value = std::strtod(digits.c_str(), nullptr);
  QueryToken token{(negative ? "-" : "") + std::string(text), negative ? -value : value, true};
  return token;
}

}  // namespace

std::vector<QueryToken> tokenize_query(std::string_view raw) {
  const std::string text = plain_text(raw);
  Tokens tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    const auto c = text[i];
    const std::size_t start = i, before = tokens.size();
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      const bool negative = i > 0 && text[i - 1] == '-' && (i == 1 || text[i - 2] == ' ');
      const std::size_t length = numeral_length(text, i);
      tokens.push_back(numeral_token(std::string_view(text).substr(i, length), negative));
      i += length;
    } else if (is_word_char(c)) {
      std::size_t end = i;
      // A digit inside a word stays with it: "r3gan", "cifar10"; "x64" after a number does not.
      const bool after_number =
          !tokens.empty() && tokens.back().numeral && i > 0 && text[i - 1] != ' ';
      while (end < text.size() &&
             (is_word_char(text[end]) ||
              (!after_number && std::isdigit(static_cast<unsigned char>(text[end])) != 0)))
        ++end;
      tokens.push_back({text.substr(i, end - i), std::nullopt, false});
      i = end;
    } else if ((c == '<' || c == '>') && i + 1 < text.size() && text[i + 1] == '=') {
      tokens.push_back({text.substr(i, 2), std::nullopt, false});
      i += 2;
    } else {
      if (std::string_view(",;.:?!()%<>=+&/*").find(c) != std::string_view::npos)
        tokens.push_back({std::string(1, c), std::nullopt, false});
      ++i;
    }
    if (tokens.size() > before) {
      tokens.back().glued = start > 0 && text[start - 1] != ' ' && text[start - 1] != '-';
      std::size_t last = start;
      while (last > 0 && text[last - 1] == ' ') --last;
      tokens.back().hyphened = last > 0 && text[last - 1] == '-' && tokens.back().text[0] != '-';
    }
  }
  return tokens;
}

}  // namespace ganselect
