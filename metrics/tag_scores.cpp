#include "metrics/tag_scores.h"

#include <torch/torch.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr std::int64_t kSearched = 64;  // nearest images looked at for enough distinct words

torch::Tensor rows_of_length_one(const torch::Tensor& features) {
  const auto wide = features.to(torch::kFloat64);
  return wide / wide.norm(2, {1}, true).clamp_min(1e-12);
}

}  // namespace

TagScores score_tags(const std::vector<TagAnswer>& answers,
                     const std::vector<std::set<std::string>>& right, std::int64_t k) {
  if (answers.size() != right.size() || answers.empty() || k < 1) {
    fail(ErrorKind::kData, {.where = "tag scores",
                            .expected = "an answer for each image, and at least one word",
                            .got = std::to_string(answers.size()) + " answers for " +
                                   std::to_string(right.size()) + " images"});
  }
  TagScores scores{.images = static_cast<std::int64_t>(answers.size())};
  std::set<std::string> answered, possible;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (right[i].empty()) {
      fail(ErrorKind::kData, {.where = "tag scores",
                              .expected = "a right word for every image",
                              .got = "none for image " + std::to_string(i)});
    }
    const auto end = answers[i].begin() +
                     std::min<std::ptrdiff_t>(k, static_cast<std::ptrdiff_t>(answers[i].size()));
    const std::set<std::string> words(answers[i].begin(), end);
    const auto hits = static_cast<double>(std::count_if(
        words.begin(), words.end(), [&](const auto& word) { return right[i].count(word) > 0; }));
    scores.precision += hits / static_cast<double>(k);
    scores.recall += hits / static_cast<double>(right[i].size());
    answered.insert(words.begin(), words.end());
    possible.insert(right[i].begin(), right[i].end());
  }
  scores.precision /= static_cast<double>(answers.size());
  scores.recall /= static_cast<double>(answers.size());
  scores.diversity = static_cast<double>(answered.size()) / static_cast<double>(possible.size());
  return scores;
}

TagAnswer most_frequent_tags(const std::vector<std::vector<std::string>>& given, std::int64_t k) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& tags : given) {
    for (const auto& word : tags) ++counts[word];
  }
  std::vector<std::pair<std::string, std::int64_t>> rows(counts.begin(), counts.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  TagAnswer answer;
  for (const auto& row : rows) {
    if (static_cast<std::int64_t>(answer.size()) == k) break;
    answer.push_back(row.first);
  }
  return answer;
}

std::vector<TagAnswer> nearest_image_tags(const torch::Tensor& train_features,
                                          const std::vector<std::vector<std::string>>& given,
                                          const torch::Tensor& test_features, std::int64_t k) {
  const auto train = rows_of_length_one(train_features);
  const auto searched = std::min<std::int64_t>(kSearched, train.size(0));
  std::vector<TagAnswer> answers;
  for (const auto& block : test_features.split(256)) {
    const auto order =
        std::get<1>(rows_of_length_one(block).mm(train.t()).topk(searched, 1)).contiguous();
    const auto* rows = order.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < order.size(0); ++i) {
      TagAnswer answer;
      for (std::int64_t j = 0; j < searched && static_cast<std::int64_t>(answer.size()) < k; ++j) {
        for (const auto& word : given[static_cast<std::size_t>(rows[i * searched + j])]) {
          const bool fresh = std::find(answer.begin(), answer.end(), word) == answer.end();
          if (fresh && static_cast<std::int64_t>(answer.size()) < k) answer.push_back(word);
        }
      }
      answers.push_back(std::move(answer));
    }
  }
  return answers;
}

}  // namespace ganselect
