#include "selection/query/vocabulary.h"

#include <utility>

#include "selection/query/vocabulary_rows.h"

namespace ganselect {

const std::vector<VocabularyRow>& vocabulary() {
  static const std::vector<VocabularyRow> rows = [] {
    std::vector<VocabularyRow> all;
    for (const auto& part : {criterion_rows(), modifier_rows(), joining_rows()})
      all.insert(all.end(), part.begin(), part.end());
    all.push_back(ignored_row());
    return all;
  }();
  return rows;
}

std::vector<std::vector<std::string>> phrases_of(const VocabularyRow& row) {
  std::vector<std::vector<std::string>> phrases(1);
  std::string word;
  for (const char c : row.phrases + "|") {
    if (c != ' ' && c != '|') {
      word += c;
      continue;
    }
    if (!word.empty()) phrases.back().push_back(std::exchange(word, {}));
    if (c == '|') phrases.emplace_back();
  }
  phrases.pop_back();
  return phrases;
}

const std::vector<CandidateAlias>& candidate_aliases() {
  static const std::vector<CandidateAlias> rows = {
      {"wasserstein gan", {"wgan"}},
      {"wasserstein gan gp", {"wgan-gp"}},
      {"wasserstein gan with gradient penalty", {"wgan-gp"}},
      {"wgan with gradient penalty", {"wgan-gp"}},
      {"least squares gan", {"lsgan"}},
      {"loss sensitive", {"loss-sensitive-gan"}},
      {"spectral norm gan", {"sngan"}},
      {"spectral normalization gan", {"sngan"}},
      {"fully connected gan", {"fcgan"}},
      {"deep convolutional gan", {"dcgan"}},
      {"hinge gan", {"geometric-gan"}},
      {"f gan",
       {"fgan-kl", "fgan-reverse-kl", "fgan-pearson", "fgan-squared-hellinger",
        "fgan-jensen-shannon", "fgan-gan"}},
      {"f gans",
       {"fgan-kl", "fgan-reverse-kl", "fgan-pearson", "fgan-squared-hellinger",
        "fgan-jensen-shannon", "fgan-gan"}},
      {"fgan",
       {"fgan-kl", "fgan-reverse-kl", "fgan-pearson", "fgan-squared-hellinger",
        "fgan-jensen-shannon", "fgan-gan"}},
      {"relativistic gans", {"rsgan", "rasgan"}},
  };
  return rows;
}

}  // namespace ganselect
