#include "datasets/tagged.h"

#include <torch/torch.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/torch/npy.h"
#include "datasets/embedded.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::thrown_by;

namespace {

torch::Tensor some_values() {
  return torch::tensor({{3, 0, 1, 2, 8}, {9, 7, 4, 0, 0}, {0, 2, 0, 1, 4}}, torch::kInt64);
}

void write_folder(const std::filesystem::path& folder, const std::string& tags) {
  save_npy(folder / "features.npy", torch::arange(6, torch::kFloat64).view({3, 2}));
  write_file_atomically(folder / "tags.txt", tags);
  write_file_atomically(folder / "corpus.txt", "A red, red rose.\nthe SEA\n");
}

}  // namespace

TEST_CASE("every level of the embedded set has words, and no word names two levels",
          "[fast][tags]") {
  const auto factors = embedded_factors();
  std::size_t levels = 0;
  for (const auto& list : factors.levels) levels += list.size();
  CHECK(embedded_words().size() == levels);
  std::set<std::string> seen;
  for (const auto& row : embedded_words()) {
    CHECK(row.words.size() == 3);
    for (const auto& word : row.words) {
      INFO(word);
      CHECK(seen.insert(word).second);
      CHECK(split_words(word) == Words{word});
    }
  }
}

TEST_CASE("given tags are right ones, one an attribute, and depend on seed and row alone",
          "[fast][tags]") {
  const auto values = some_values();
  const auto tags = embedded_tags(values, 5);
  REQUIRE(tags.given.size() == 3);
  for (std::size_t n = 0; n < 3; ++n) {
    CHECK(tags.given[n].size() == 5);
    CHECK(tags.right[n].size() == 15);
    for (const auto& word : tags.given[n]) {
      CHECK(std::find(tags.right[n].begin(), tags.right[n].end(), word) != tags.right[n].end());
    }
  }
  CHECK(tags.right[0][0] == "frame");
  CHECK(tags.right[1][3] == "pink");
  CHECK(embedded_tags(values.slice(0, 0, 1), 5).given[0] == tags.given[0]);
  const auto many = values.slice(0, 0, 1).repeat({40, 1});
  std::set<Words> different;
  for (const auto& row : embedded_tags(many, 5).given) different.insert(row);
  CHECK(different.size() > 10);
}

TEST_CASE("a caption names every attribute twice by words that are right", "[fast][tags]") {
  const auto values = some_values();
  const auto captions = embedded_captions(values, 2, 1);
  const auto tags = embedded_tags(values, 1);
  REQUIRE(captions.size() == 6);
  for (std::size_t c = 0; c < captions.size(); ++c) {
    CHECK(captions[c].size() == 10);
    for (const auto& word : captions[c]) {
      const auto& right = tags.right[c / 2];
      CHECK(std::find(right.begin(), right.end(), word) != right.end());
    }
  }
  CHECK(captions[0] != captions[1]);
}

TEST_CASE("factor values of another shape or level are refused", "[fast][tags]") {
  CHECK(contains(thrown_by([] {
                   embedded_tags(torch::zeros({2, 4}, torch::kInt64), 0);
                 }).message,
                 "(N,5)"));
  CHECK(contains(thrown_by([] {
                   embedded_tags(torch::full({1, 5}, 12, torch::kInt64), 0);
                 }).message,
                 "level 12"));
}

TEST_CASE("a folder gives features, tags and corpus in lower case", "[fast][tags]") {
  const test::TempDir dir;
  write_folder(dir.path(), "Sky, blue\n\nred-rose\n");
  const auto data = load_tagged_folder(dir.path());
  CHECK(data.features.sizes() == torch::IntArrayRef({3, 2}));
  CHECK(data.features.scalar_type() == torch::kFloat32);
  CHECK(data.tags == std::vector<Words>{{"sky", "blue"}, {}, {"red", "rose"}});
  CHECK(data.corpus == std::vector<Words>{{"a", "red", "red", "rose"}, {"the", "sea"}});
  CHECK(data.digest.size() == 64);
}

TEST_CASE("a folder with a line missing or features that are not finite is refused",
          "[fast][tags]") {
  const test::TempDir dir;
  write_folder(dir.path(), "one\ntwo\n");
  const auto counts = thrown_by([&] { load_tagged_folder(dir.path()); });
  CHECK(counts.kind == ErrorKind::kData);
  CHECK(contains(counts.message, "3 lines, one an image, got 2"));
  write_folder(dir.path(), "one\ntwo\nthree\n");
  save_npy(dir / "features.npy", torch::full({3, 2}, std::nan("")));
  CHECK(contains(thrown_by([&] { load_tagged_folder(dir.path()); }).message, "finite features"));
  std::filesystem::remove(dir / "features.npy");
  CHECK(contains(thrown_by([&] { load_tagged_folder(dir.path()); }).message, "features.npy"));
}
