#include <torch/torch.h>

#include <cstdlib>
#include <string>

#include "datasets/cifar_format.h"
#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

// A record whose pixel (c, y, x) is a hash of its place, so that no two orders of the axes agree.
unsigned char cifar_test_pixel(int record, int c, int y, int x) {
  return static_cast<unsigned char>((record * 31 + c * 101 + y * 7 + x * 3) % 251);
}

std::string cifar_test_records(int first, const std::string& labels) {
  std::string bytes;
  for (std::size_t n = 0; n < labels.size(); ++n) {
    bytes += labels[n];
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
          bytes += static_cast<char>(cifar_test_pixel(first + static_cast<int>(n), c, y, x));
        }
      }
    }
  }
  return bytes;
}

DatasetSpec cifar_spec() { return *dataset_table().find("cifar10"); }

}  // namespace

TEST_CASE("cifar10 files give samples as planes and labels in the order of the files", "[fast]") {
  TempDir folder;
  const auto first = cifar_test_records(0, std::string("\x03\x00\x09", 3));
  const auto second = cifar_test_records(3, std::string("\x05\x01", 2));
  write_file_atomically(folder / "a.bin", first);
  write_file_atomically(folder / "b.bin", second);
  const auto data = read_cifar_batches(cifar_spec(), folder.path(),
                                       {official("a.bin", first), official("b.bin", second)});
  REQUIRE(data.samples.sizes() == torch::IntArrayRef({5, 3, 32, 32}));
  REQUIRE(torch::equal(data.labels, torch::tensor({3, 0, 9, 5, 1}, torch::kInt64)));
  const auto pixels = data.samples.accessor<unsigned char, 4>();
  for (const auto& [n, c, y, x] :
       {std::array{0, 0, 0, 1}, std::array{1, 2, 30, 4}, std::array{4, 1, 5, 29}}) {
    CHECK(pixels[n][c][y][x] == cifar_test_pixel(n, c, y, x));
  }
  CHECK(data.class_names.at(3) == "cat");
}

TEST_CASE("a cifar10 label above 9 is refused", "[fast]") {
  TempDir folder;
  const auto bytes = cifar_test_records(0, "\x02\x0a");
  write_file_atomically(folder / "a.bin", bytes);
  const auto caught = thrown_by(
      [&] { read_cifar_batches(cifar_spec(), folder.path(), {official("a.bin", bytes)}); });
  CHECK(caught.kind == ErrorKind::kData);
  CHECK_THAT(caught.message, ContainsSubstring("expected labels 0 to 9, got 10"));
}

TEST_CASE("a cifar10 folder that is not there says how to get the files", "[fast]") {
  TempDir folder;
  const auto caught = thrown_by([&] { load_dataset("cifar10", {.data_dir = folder.path()}); });
  CHECK(caught.kind == ErrorKind::kData);
  CHECK_THAT(caught.message, ContainsSubstring("data_batch_1.bin, got no such folder"));
  CHECK_THAT(caught.message, ContainsSubstring("ganselect data fetch cifar10"));
}

TEST_CASE("a cifar10 batch cut short is refused with both sizes", "[fast]") {
  TempDir folder;
  write_file_atomically(folder / "cifar-10-batches-bin" / "data_batch_1.bin",
                        std::string(3073 * 4, '\1'));
  const auto caught = thrown_by([&] { load_dataset("cifar10", {.data_dir = folder.path()}); });
  CHECK(caught.kind == ErrorKind::kData);
  CHECK_THAT(caught.message,
             ContainsSubstring("expected 30730000 bytes, got 12292 (cut short or another file)"));
}

TEST_CASE("a cifar10 batch of the right size and another content is refused", "[fast]") {
  TempDir folder;
  write_file_atomically(folder / "cifar-10-batches-bin" / "data_batch_1.bin",
                        std::string(30730000, '\1'));
  const auto caught = thrown_by([&] { load_dataset("cifar10", {.data_dir = folder.path()}); });
  CHECK(caught.kind == ErrorKind::kData);
  CHECK_THAT(
      caught.message,
      ContainsSubstring("expected the official file of MD5 5dd7e06a14cb22eb9f671a540d1b7c25"));
  CHECK_THAT(caught.message, ContainsSubstring("(damaged or changed)"));
  const auto checks = verify_dataset("cifar10", folder.path());
  REQUIRE(checks.size() == 6);
  CHECK(checks[0].state == FileState::kWrongDigest);
  CHECK(checks[1].state == FileState::kMissing);
}

TEST_CASE("the official cifar10 files load", "[fast][data]") {
  const char* folder = std::getenv("GANSELECT_DATA");
  if (folder == nullptr) SKIP("GANSELECT_DATA is not set");
  const auto train = load_dataset("cifar10", {.data_dir = folder});
  CHECK(train.size() == 50000);
  CHECK(train.shape == SampleShape::image(3, 32, 32));
  CHECK(torch::equal(torch::bincount(train.labels), torch::full({10}, 5000, torch::kInt64)));
  // Mean of all pixels of each channel, as the many recipes that normalize by it have it: 125.3,
  // 123.0, 113.9.
  const auto mean = train.samples.to(torch::kFloat32).mean({0, 2, 3});
  CHECK(torch::allclose(mean, torch::tensor({125.307F, 122.950F, 113.865F}), 0, 0.01));
  const auto test = load_dataset("cifar10", {.data_dir = folder, .split = "test"});
  CHECK((test.size() == 10000 || (test.size() == 1000 && test.warnings.size() == 1)));
  const auto few = load_dataset("cifar10", {.data_dir = folder, .limit = 7});
  CHECK(torch::equal(few.samples, train.samples.narrow(0, 0, 7)));
  CHECK(few.digest != train.digest);
}

}  // namespace ganselect::test
