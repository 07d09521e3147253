// Images with tags, and a text to learn words from: what tag generation is trained on. Two sources:
// the embedded data set, whose attributes are known, and a folder with features, tags and corpus.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace ganselect {

using Words = std::vector<std::string>;  // lower case, in order

// One level of one factor and the words that people use for it, the plain name first.
struct AttributeWords {
  std::int64_t factor = 0, level = 0;
  Words words;
};

// The words of every level of the embedded set's five factors.
const std::vector<AttributeWords>& embedded_words();

// Tags of N images. `given` is what an annotator wrote down: for each attribute one of its words,
// drawn from the seed. `right` is every word that would have been true: what an answer is scored
// against.
struct ImageTags {
  std::vector<Words> given, right;  // N each
};

// Tags of images with these factor values, int64 (N,5). Row n depends on seed and n alone.
ImageTags embedded_tags(const torch::Tensor& values, std::uint64_t seed);

// Captions of images with these factor values, `per_image` each: two clauses that name the
// attributes in changing order by words of their own, so that words of one attribute stand near one
// another as they do in a text about one thing.
std::vector<Words> embedded_captions(const torch::Tensor& values, std::int64_t per_image,
                                     std::uint64_t seed);

// What a folder holds: features.npy, float (N,D); tags.txt, one line an image, words separated by
// commas or spaces; corpus.txt, one sentence a line. Words are lower-cased, punctuation separates
// them. Throws kData for a missing file, counts that differ, features that are not finite.
struct TaggedFolder {
  torch::Tensor features;  // float32 (N,D)
  std::vector<Words> tags;
  std::vector<Words> corpus;
  std::string digest;  // SHA-256 over the three files' digests
};
TaggedFolder load_tagged_folder(const std::filesystem::path& folder);

// Letters, digits, and bytes above 127 make words; everything else separates them.
Words split_words(const std::string& line);

}  // namespace ganselect
