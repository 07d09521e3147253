#include "datasets/dataset.h"

#include <torch/torch.h>

#include <cstdlib>
#include <limits>

#include "tests/datasets/support.h"

namespace ganselect::test {

TEST_CASE("every 8-bit level survives the way to the training range and back", "[fast]") {
  const auto levels = torch::arange(256).to(torch::kUInt8).view({1, 1, 16, 16});
  const auto range = to_training_range(levels);
  CHECK(range.min().item<float>() == -1.0F);
  CHECK(range.max().item<float>() == 1.0F);
  CHECK(torch::equal(to_uint8(range), levels));
}

TEST_CASE("the 8-bit step is x*127.5+128 cut to an integer", "[fast]") {
  // By hand: -1 -> 0.5; -0.5 -> 64.25; 0 -> 128; 0.25 -> 159.875; 1 -> 255.5; 3 and -3 lie outside.
  const auto values = torch::tensor({-1.0, -0.5, 0.0, 0.25, 1.0, 3.0, -3.0});
  CHECK(torch::equal(to_uint8(values),
                     torch::tensor({0, 64, 128, 159, 255, 255, 0}).to(torch::kUInt8)));
  CHECK(torch::equal(to_uint8(values.to(torch::kBFloat16)), to_uint8(values)));
}

TEST_CASE("the 8-bit step refuses values that are not finite", "[fast]") {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const auto caught = thrown_by([&] { to_uint8(torch::tensor({0.0, bad})); });
    CHECK_THAT(caught.message, ContainsSubstring("expected finite values"));
  }
}

TEST_CASE("points pass into the training range unchanged", "[fast]") {
  const auto points = torch::tensor({{-4.0F, 2.0F}, {0.5F, 1.0F}, {3.0F, -2.5F}});
  CHECK(torch::equal(to_training_range(points), points));
}

TEST_CASE("a content digest tells order, type and labels apart", "[fast]") {
  const auto samples = torch::arange(6).to(torch::kUInt8).view({2, 3});
  const auto labels = torch::tensor({1, 0}, torch::kInt64);
  const auto digest = content_digest(samples, labels);
  CHECK(digest.size() == 64);
  CHECK(digest == content_digest(samples.clone(), labels.clone()));
  CHECK(digest != content_digest(samples.flip(0), labels.flip(0)));
  CHECK(digest != content_digest(samples, {}));
  CHECK(digest != content_digest(samples.view({3, 2}), labels));
  CHECK(digest != content_digest(samples.to(torch::kInt8), labels));
}

TEST_CASE("a data set name that cannot be read is answered with what would do", "[fast]") {
  const auto unknown = thrown_by([] { load_dataset("cifar1", {}); });
  CHECK(unknown.kind == ErrorKind::kUsage);
  CHECK_THAT(unknown.message, ContainsSubstring("did you mean 'cifar10'?"));
  const auto extra = thrown_by([] { load_dataset("cifar10:x", {}); });
  CHECK_THAT(extra.message, ContainsSubstring("expected 'cifar10' alone, got 'cifar10:x'"));
  const auto split = thrown_by([] { load_dataset("cifar10", {.split = "valid"}); });
  CHECK_THAT(split.message, ContainsSubstring("[split] expected train or test, got 'valid'"));
  const auto limit = thrown_by([] { load_dataset("cifar10", {.limit = 0}); });
  CHECK_THAT(limit.message, ContainsSubstring("[limit] expected at least 1, got 0"));
  const auto size = thrown_by([] { load_dataset("cifar10", {.reading = {.image_size = 64}}); });
  CHECK_THAT(size.message, ContainsSubstring("it has a form of its own, got image_size"));
}

TEST_CASE("the data folder is the flag, then the environment, then the cache", "[fast]") {
  const char* before = std::getenv("GANSELECT_DATA");
  const std::string saved = before == nullptr ? "" : before;
  ::setenv("GANSELECT_DATA", "from-environment", 1);
  CHECK(resolve_data_dir("from-flag") == "from-flag");
  CHECK(resolve_data_dir() == "from-environment");
  ::unsetenv("GANSELECT_DATA");
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const std::string saved_cache = cache == nullptr ? "" : cache;
  ::setenv("XDG_CACHE_HOME", "from-cache", 1);
  CHECK(resolve_data_dir() == "from-cache/ganselect/data");
  if (cache == nullptr) {
    ::unsetenv("XDG_CACHE_HOME");
  } else {
    ::setenv("XDG_CACHE_HOME", saved_cache.c_str(), 1);
  }
  if (before != nullptr) ::setenv("GANSELECT_DATA", saved.c_str(), 1);
}

}  // namespace ganselect::test
