#include <torch/torch.h>

#include "base/torch/npy.h"
#include "datasets/formats/image_io.h"
#include "tests/datasets/formats/image_fixtures.h"
#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

torch::Tensor flat_picture(int level, int64_t height = 4, int64_t width = 6) {
  return torch::full({3, height, width}, level).to(torch::kUInt8);
}

torch::Tensor first_levels(const Dataset& data) {
  return data.samples.select(1, 0).select(1, 0).select(1, 0).to(torch::kInt64);
}

std::string folder_name(const TempDir& folder) { return "folder:" + folder.path().string(); }

}  // namespace

TEST_CASE(
    "a folder's images come sorted, with subfolders as classes, whatever the case of their endings",
    "[fast]") {
  TempDir folder;
  write_png(folder.path() / "zebra" / "1.PNG", flat_picture(30));
  write_png(folder.path() / "ant" / "deep" / "b.png", flat_picture(20));
  write_png(folder.path() / "ant" / "a.png", flat_picture(10));
  write_png(folder.path() / ".hidden" / "c.png", flat_picture(99));
  write_file_atomically(folder.path() / "ant" / "notes.txt", "not an image");
  const auto data = load_dataset(folder_name(folder), {});
  CHECK(torch::equal(first_levels(data), torch::tensor({10, 20, 30})));
  CHECK(torch::equal(data.labels, torch::tensor({0, 0, 1})));
  CHECK(data.class_names == std::vector<std::string>{"ant", "zebra"});
  CHECK(data.shape == SampleShape::image(3, 4, 6));
  CHECK(data.warnings.empty());
  CHECK(load_dataset(folder_name(folder), {.limit = 2}).size() == 2);
}

TEST_CASE("a flat folder is unlabelled and a divided one has its splits", "[fast]") {
  TempDir flat;
  write_png(flat / "b.png", flat_picture(2));
  write_png(flat / "a.png", flat_picture(1));
  const auto data = load_dataset(folder_name(flat), {});
  CHECK_FALSE(data.labels.defined());
  CHECK(torch::equal(first_levels(data), torch::tensor({1, 2})));
  CHECK_THAT(thrown_by([&] { load_dataset(folder_name(flat), {.split = "test"}); }).message,
             ContainsSubstring("an undivided folder"));
  TempDir divided;
  write_png(divided.path() / "train" / "x" / "a.png", flat_picture(5));
  write_png(divided.path() / "test" / "x" / "a.png", flat_picture(6));
  CHECK(first_levels(load_dataset(folder_name(divided), {})).item<int64_t>() == 5);
  const auto test = load_dataset(folder_name(divided), {.split = "test"});
  CHECK(first_levels(test).item<int64_t>() == 6);
  CHECK(test.class_names == std::vector<std::string>{"x"});
}

TEST_CASE("images of several sizes need a size asked for, and are then cropped and resized",
          "[fast]") {
  TempDir folder;
  auto wide = flat_picture(10, 8, 20);
  wide.narrow(2, 6, 8).fill_(100);  // the centre square
  write_png(folder / "a.png", wide);
  write_png(folder / "b.png", flat_picture(50, 9, 5));
  const auto thrown = thrown_by([&] { load_dataset(folder_name(folder), {}); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK_THAT(thrown.message,
             ContainsSubstring("expected an image of 20x8 as the first one, got 5x9"));
  const auto data = load_dataset(folder_name(folder), {.image_size = 4});
  REQUIRE(data.samples.sizes() == torch::IntArrayRef({2, 3, 4, 4}));
  CHECK((data.samples[0] == 100).all().item<bool>());
  CHECK((data.samples[1] == 50).all().item<bool>());
  REQUIRE(data.warnings.size() == 1);
  CHECK_THAT(data.warnings[0], ContainsSubstring("resized_input: "));
}

TEST_CASE("lossy images are counted in a warning", "[fast]") {
  TempDir folder;
  write_file_atomically(folder / "a.JPEG", from_hex(kJpegHex));
  write_file_atomically(folder / "b.webp", from_hex(kLossyWebpHex));
  write_file_atomically(folder / "c.webp", from_hex(kLosslessWebpHex));
  const auto data = load_dataset(folder_name(folder), {});
  REQUIRE(data.warnings.size() == 1);
  CHECK_THAT(data.warnings[0], ContainsSubstring("lossy_input: 2 of 3 images"));
}

TEST_CASE("28x28 images are padded to 32x32", "[fast]") {
  TempDir folder;
  write_png(folder / "a.png", flat_picture(9, 28, 28));
  const auto data = load_dataset(folder_name(folder), {});
  CHECK(data.shape == SampleShape::image(3, 32, 32));
  CHECK(data.samples.to(torch::kInt64).sum().item<int64_t>() == 9 * 3 * 28 * 28);
  CHECK(data.samples[0][0][2][29].item<int>() == 9);
  CHECK(data.samples[0][0][1][5].item<int>() == 0);
}

TEST_CASE("folders without images, absent ones and damaged files are refused by name", "[fast]") {
  TempDir folder;
  CHECK_THAT(thrown_by([&] { load_dataset(folder_name(folder), {}); }).message,
             ContainsSubstring("*.webp, got none"));
  CHECK_THAT(thrown_by([&] { load_dataset("folder:no/such/place", {}); }).message,
             ContainsSubstring("no such folder"));
  CHECK(thrown_by([] { load_dataset("folder:", {}); }).kind == ErrorKind::kUsage);
  CHECK_THAT(thrown_by([] { load_dataset("folder", {}); }).message,
             ContainsSubstring("expected folder:PATH"));
  write_file_atomically(folder / "a.png", "no picture");
  CHECK_THAT(thrown_by([&] { load_dataset(folder_name(folder), {}); }).message,
             ContainsSubstring("a.png] expected"));
}

TEST_CASE("npz samples read the same with channels last and first", "[fast]") {
  TempDir folder;
  const auto images = torch::arange(2 * 3 * 4 * 5).view({2, 3, 4, 5}).to(torch::kUInt8);
  const auto labels = torch::tensor({4, 0}, torch::kInt32);
  save_npz(folder / "last.npz", {{"arr_0", images.permute({0, 2, 3, 1})}, {"arr_1", labels}});
  save_npz(folder / "first.npz", {{"arr_0", images}, {"arr_1", labels}});
  const auto last = load_dataset("npz:" + (folder / "last.npz").string(), {});
  const auto first = load_dataset("npz:" + (folder / "first.npz").string(), {});
  CHECK(torch::equal(last.samples, images));
  CHECK(torch::equal(last.labels, labels.to(torch::kInt64)));
  CHECK(last.class_names.size() == 5);
  CHECK(last.digest == first.digest);
  CHECK(last.warnings.empty());
}

TEST_CASE("npz points, unlabelled files and files that do not fit", "[fast]") {
  TempDir folder;
  const auto name = "npz:" + (folder / "x.npz").string();
  save_npz(folder / "x.npz",
           {{"arr_0", torch::tensor({{1.5, -2.0}, {0.0, 4.0}, {3.0, 3.0}}, torch::kFloat64)}});
  const auto points = load_dataset(name, {});
  CHECK(points.shape == SampleShape::point());
  CHECK(points.samples.scalar_type() == torch::kFloat32);
  CHECK_FALSE(points.labels.defined());
  CHECK(thrown_by([&] { load_dataset(name, {.split = "test"}); }).kind == ErrorKind::kData);
  save_npz(folder / "x.npz", {{"arr_0", torch::rand({2, 8, 8, 3})}});
  CHECK_THAT(thrown_by([&] { load_dataset(name, {}); }).message,
             ContainsSubstring("got Float 2 8 8 3"));
  save_npz(folder / "x.npz",
           {{"arr_0", torch::zeros({2, 8, 8, 3}, torch::kUInt8)}, {"arr_1", torch::zeros({3})}});
  CHECK_THAT(thrown_by([&] { load_dataset(name, {}); }).message,
             ContainsSubstring("expected 2 whole labels"));
  save_npz(folder / "x.npz", {{"mu", torch::zeros({3})}, {"sigma", torch::zeros({3, 3})}});
  CHECK_THAT(thrown_by([&] { load_dataset(name, {}); }).message,
             ContainsSubstring("an array arr_0, got mu, sigma"));
}

}  // namespace ganselect::test
