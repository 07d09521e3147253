// Word vectors by skip-gram with negative sampling (Mikolov et al. 2013, "Distributed
// Representations of Words and Phrases and their Compositionality", arXiv 1310.4546, equation 4).
//
// Shapes: V words of the vocabulary, E numbers of a vector.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/settings_io.h"

namespace ganselect {

struct WordVectors {
  std::vector<std::string> words;    // by falling count, then by name
  std::vector<std::int64_t> counts;  // V occurrences in the corpus
  torch::Tensor vectors;             // float32 (V,E)

  std::map<std::string, std::int64_t> rows;  // word -> its row
};

struct SkipGramSettings {
  std::int64_t dimensions = 200;     // E, as Mirza & Osindero 2014 have it
  std::int64_t minimum_count = 200;  // rarer words are dropped, as there
  std::int64_t window = 5;           // neighbours at most each way; each centre draws its own reach
  std::int64_t negatives = 5;        // noise words a neighbour, drawn by count^0.75
  double subsample = 1e-3;  // words commoner than this share are left out at random; 0: none
  std::int64_t epochs = 5;
  double rate = 0.025;  // falls in a line to a ten-thousandth of itself
  std::uint64_t seed = 0;
};

template <class V>
void describe(V& v, SkipGramSettings& s) {
  v.field("dimensions", s.dimensions, "numbers of a word vector", at_least(1));
  v.field("minimum_count", s.minimum_count, "rarer words are dropped", at_least(1));
  v.field("window", s.window, "neighbours at most each way", at_least(1));
  v.field("negatives", s.negatives, "noise words a neighbour", at_least(1));
  v.field("subsample", s.subsample, "commoner words are left out at random; 0: none",
          between(0, 1));
  v.field("epochs", s.epochs, "passes over the corpus", at_least(1));
  v.field("rate", s.rate, "learning rate at the start", above(0));
  v.field("seed", s.seed, "of vectors and draws");
}

// Trains on sentences of words. Deterministic: one thread, one stream. kData when fewer than two
// words are common enough.
WordVectors train_word_vectors(const std::vector<std::vector<std::string>>& corpus,
                               const SkipGramSettings& settings);

// Loss of one centre word with one neighbour and its noise words, the quantity that training
// lowers: -log s(c.n) - sum log s(-c.m), s the logistic function. Vectors float64 (E), (E), (M,E).
double skip_gram_loss(const torch::Tensor& centre, const torch::Tensor& neighbour,
                      const torch::Tensor& noise);

// Indices of the `count` vocabulary words of largest cosine to each query: (N,E) -> int64
// (N,count).
torch::Tensor nearest_words(const WordVectors& vectors, const torch::Tensor& queries,
                            std::int64_t count);

}  // namespace ganselect
