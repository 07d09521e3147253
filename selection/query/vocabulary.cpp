// The vocabulary that the program carries. Reading one stands in query/vocabulary_file.cpp.
#include "selection/query/vocabulary.h"

#include <algorithm>

#include "selection/query/vocabulary_text.h"

namespace ganselect {

const Vocabulary& vocabulary() {
  static const Vocabulary all = parse_vocabulary(
      parse_json(std::string(vocabulary_text()), "vocabulary.json"), "vocabulary.json");
  return all;
}

std::vector<std::string> words_of(std::string_view phrase) {
  std::vector<std::string> words;
  for (std::size_t start = 0; start < phrase.size();) {
    const std::size_t end = std::min(phrase.find(' ', start), phrase.size());
    if (end > start) words.emplace_back(phrase.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace ganselect
