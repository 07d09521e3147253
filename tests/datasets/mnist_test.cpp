#include "datasets/mnist.h"

#include <torch/torch.h>

#include <cstdlib>

#include "datasets/formats/idx.h"
#include "datasets/stacked_mnist.h"
#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

// Twelve digits of 28x28: digit n has the label 11 - n, at most 9, and n + 1 in every pixel but
// one.
Dataset twelve_digits() {
  const auto images =
      (torch::arange(12).view({12, 1, 1}) + 1).expand({12, 28, 28}).to(torch::kUInt8).clone();
  images.select(1, 3).select(1, 20).fill_(200);
  const auto labels = (11 - torch::arange(12)).clamp(0, 9).to(torch::kUInt8);
  return pair_mnist_digits(images, labels, "digits");
}

}  // namespace

TEST_CASE("an IDX file reads with its axes in order", "[fast]") {
  const std::string bytes("\0\0\x08\x03\0\0\0\2\0\0\0\1\0\0\0\3\1\2\3\4\5\xff", 22);
  CHECK(torch::equal(parse_idx(bytes, "x"),
                     torch::tensor({{{1, 2, 3}}, {{4, 5, 255}}}).to(torch::kUInt8)));
}

TEST_CASE("damaged IDX files are refused", "[fast]") {
  const std::string whole("\0\0\x08\x01\0\0\0\3\1\2\3", 11);
  CHECK_THAT(thrown_by([&] { parse_idx(whole.substr(0, 10), "x.idx"); }).message,
             ContainsSubstring("[x.idx] expected 3 data bytes, got 2 data bytes"));
  CHECK(thrown_by([&] { parse_idx(whole + "y", "x"); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { parse_idx(whole.substr(0, 6), "x"); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { parse_idx("", "x"); }).kind == ErrorKind::kData);
  auto floats = whole;
  floats[2] = 0x0d;
  CHECK_THAT(thrown_by([&] { parse_idx(floats, "x"); }).message,
             ContainsSubstring("unsigned bytes"));
  const std::string huge("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
  CHECK(thrown_by([&] { parse_idx(huge, "x"); }).kind == ErrorKind::kData);
  // No data at all, beside lengths that no array can have.
  const std::string hidden("\0\0\x08\x03\0\0\0\0\xff\xff\xff\xfd\x9e\x9d\x9c\x64", 16);
  CHECK_THAT(thrown_by([&] { parse_idx(hidden, "x"); }).message,
             ContainsSubstring("a possible shape"));
}

TEST_CASE("digits and labels that do not fit together are refused", "[fast]") {
  const auto images = torch::zeros({3, 28, 28}, torch::kUInt8);
  CHECK(thrown_by([&] { pair_mnist_digits(images, torch::zeros({2}, torch::kUInt8), "x"); }).kind ==
        ErrorKind::kData);
  CHECK(thrown_by([&] {
          pair_mnist_digits(images, torch::full({3}, 10, torch::kUInt8), "x");
        }).kind == ErrorKind::kData);
}

TEST_CASE("stacked digits carry the label of their red, green and blue digit", "[fast]") {
  const auto digits = twelve_digits();
  const auto stacked = stack_digits(digits, 500, 42);
  REQUIRE(stacked.samples.sizes() == torch::IntArrayRef({500, 3, 28, 28}));
  REQUIRE(stacked.class_names.size() == 1000);
  CHECK(stacked.class_names[7] == "007");
  // A pixel says which digit it came from, and that digit its label.
  const auto source = stacked.samples.select(2, 0).select(2, 0).to(torch::kInt64) - 1;
  const auto labels = digits.labels.index_select(0, source.flatten()).view({500, 3});
  CHECK(torch::equal(stacked.labels,
                     labels.select(1, 0) * 100 + labels.select(1, 1) * 10 + labels.select(1, 2)));
  CHECK(torch::equal(stack_digits(digits, 20, 42).labels, stacked.labels.narrow(0, 0, 20)));
  CHECK_FALSE(torch::equal(stack_digits(digits, 500, 43).labels, stacked.labels));
  // 1,500 draws from 12 digits: 125 each, standard deviation 10.7; five of it.
  const auto counts = torch::bincount(source.flatten(), {}, 12);
  CHECK((counts - 125).abs().max().item<int64_t>() < 54);
}

TEST_CASE("the official MNIST files load, padded, and stack", "[fast][data]") {
  const char* folder = std::getenv("GANSELECT_DATA");
  if (folder == nullptr) SKIP("GANSELECT_DATA is not set");
  const auto data = load_dataset("mnist", {.data_dir = folder});
  REQUIRE(data.samples.sizes() == torch::IntArrayRef({60000, 1, 32, 32}));
  CHECK(data.samples.slice(2, 0, 2).max().item<int>() == 0);
  CHECK(data.samples.slice(3, 30, 32).max().item<int>() == 0);
  // The well-known mean 0.1307 of the unpadded pixels, and the first labels of the file.
  CHECK(std::abs(data.samples.sum(torch::kInt64).item<double>() / (255.0 * 60000 * 784) - 0.13066) <
        1e-4);
  CHECK(torch::equal(data.labels.narrow(0, 0, 5), torch::tensor({5, 0, 4, 1, 9})));
  const auto stacked = load_dataset("stacked-mnist", {.data_dir = folder, .limit = 3000});
  REQUIRE(stacked.samples.sizes() == torch::IntArrayRef({3000, 3, 32, 32}));
  CHECK(std::get<0>(torch::_unique(stacked.labels)).numel() > 900);
  const auto checks = verify_dataset("mnist", folder);
  REQUIRE(checks.size() == 4);
  CHECK(checks[0].state == FileState::kRight);
  CHECK(checks[1].state == FileState::kRight);
}

}  // namespace ganselect::test
