// Reads a folder of features, tags and corpus, as MIR Flickr's can be laid out.
#include <torch/torch.h>

#include <cctype>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/finite.h"
#include "base/torch/npy.h"
#include "datasets/tagged.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

std::vector<Words> word_lines(const fs::path& file) {
  std::istringstream lines(read_file(file));
  std::vector<Words> all;
  for (std::string line; std::getline(lines, line);) all.push_back(split_words(line));
  return all;
}

torch::Tensor read_features(const fs::path& file) {
  const auto features = load_npy(file);
  if (features.dim() != 2 || !features.is_floating_point() || features.size(1) < 1) {
    fail(ErrorKind::kData, {.where = file.string(),
                            .expected = "floating point features (N,D)",
                            .got = c10::str(features.scalar_type(), " ", features.sizes())});
  }
  const auto numbers = features.to(torch::kFloat32);
  if (!all_finite(numbers)) {
    fail(ErrorKind::kData,
         {.where = file.string(), .expected = "finite features", .got = "NaN or infinity"});
  }
  return numbers;
}

}  // namespace

Words split_words(const std::string& line) {
  Words words;
  std::string word;
  for (const char c : line + " ") {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte > 127) {
      word += static_cast<char>(std::tolower(byte));
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

TaggedFolder load_tagged_folder(const fs::path& folder) {
  TaggedFolder data;
  data.features = read_features(folder / "features.npy");
  data.tags = word_lines(folder / "tags.txt");
  data.corpus = word_lines(folder / "corpus.txt");
  if (static_cast<std::int64_t>(data.tags.size()) != data.features.size(0)) {
    fail(ErrorKind::kData,
         {.where = (folder / "tags.txt").string(),
          .expected = std::to_string(data.features.size(0)) + " lines, one an image",
          .got = std::to_string(data.tags.size())});
  }
  data.digest = sha256_hex(sha256_file(folder / "features.npy") + sha256_file(folder / "tags.txt") +
                           sha256_file(folder / "corpus.txt"));
  return data;
}

}  // namespace ganselect
