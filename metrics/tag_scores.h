// Scores of generated tags against true ones, and the two baselines they are held against.
//
// Shapes: N images, F features; answers of k words.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace ganselect {

using TagAnswer = std::vector<std::string>;  // best first

struct TagScores {
  double precision = 0;  // mean share of an answer's words that are right
  double recall = 0;     // mean share of the right words that are answered
  // Distinct words over all answers, as a share of the distinct right words: 1 word list for all
  // images is near K / that number.
  double diversity = 0;
  std::int64_t images = 0;
};

// Means over the images, each with the first `k` words of its answer; an answer of fewer words
// counts the missing ones as wrong. kData when the counts differ or an image has no right word.
TagScores score_tags(const std::vector<TagAnswer>& answers,
                     const std::vector<std::set<std::string>>& right, std::int64_t k);

// The k words most often given to training images: the same answer for every image.
TagAnswer most_frequent_tags(const std::vector<std::vector<std::string>>& given, std::int64_t k);

// For each test image the words of its nearest training images by cosine of features, nearest
// first, until there are k distinct ones. Features float (N,F) and (N',F).
std::vector<TagAnswer> nearest_image_tags(const torch::Tensor& train_features,
                                          const std::vector<std::vector<std::string>>& given,
                                          const torch::Tensor& test_features, std::int64_t k);

}  // namespace ganselect
