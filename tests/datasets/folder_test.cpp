#include <torch/torch.h>

#include "base/text.h"
#include "base/torch/npy.h"
#include "datasets/formats/image_folder.h"
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
  CHECK(data.warnings ==
        std::vector<std::string>{
            "skipped_files: left out 1 that is no images by the name (1 .txt), 1 hidden"});
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
             ContainsSubstring("expected an image of 20x8 as the first one, a.png, got 5x9"));
  const auto data = load_dataset(folder_name(folder), {.reading = {.image_size = 4}});
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
             ContainsSubstring("BMP files, got none"));
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
  const auto images = torch::arange(2 * 3 * 7 * 5).view({2, 3, 7, 5}).to(torch::kUInt8);
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
  save_npz(folder / "x.npz", {{"arr_0", torch::rand({2, 8, 8, 5})}});
  CHECK_THAT(thrown_by([&] { load_dataset(name, {}); }).message,
             ContainsSubstring("got Float 2 8 8 5"));
  save_npz(folder / "x.npz",
           {{"arr_0", torch::zeros({2, 8, 8, 3}, torch::kUInt8)}, {"arr_1", torch::zeros({3})}});
  CHECK_THAT(thrown_by([&] { load_dataset(name, {}); }).message,
             ContainsSubstring("expected 2 whole labels"));
  save_npz(folder / "x.npz", {{"mu", torch::zeros({3})}, {"sigma", torch::zeros({3, 3})}});
  CHECK_THAT(thrown_by([&] { load_dataset(name, {}); }).message,
             ContainsSubstring("x.npz: sigma] expected images or points, got features (N,D)"));
}

TEST_CASE("a path is a data set, and its settings travel in its name", "[fast]") {
  TempDir folder;
  write_png(folder / "a.png", flat_picture(10, 8, 20));
  write_png(folder / "b.png", flat_picture(50, 9, 5));
  const auto path = folder.path().string();
  const auto name = dataset_name(path, {.image_size = 4, .fit = "pad", .ground = "black"});
  CHECK(name == "folder:" + path + "@image_size=4,fit=pad,ground=black");
  const auto data = load_dataset(name, {});
  CHECK(data.name == name);
  CHECK(data.shape == SampleShape::image(3, 4, 4));
  CHECK(data.samples[0][0][0][2].item<int>() == 0);  // padded above
  CHECK(data.samples[1][0][2][0].item<int>() < 25);  // and at the sides
  CHECK(data.samples[1][0][2][2].item<int>() > 40);
  CHECK(dataset_name(name, {.fit = "stretch"}) ==
        "folder:" + path + "@image_size=4,fit=stretch,ground=black");
  CHECK(dataset_name("cifar10") == "cifar10");
  CHECK_THAT(thrown_by([&] { load_dataset(path + "@image_size=0", {}); }).message,
             ContainsSubstring("key 'image_size'"));
  CHECK_THAT(thrown_by([&] { load_dataset(path + "@fit=bend,image_size=4", {}); }).message,
             ContainsSubstring("crop, pad, stretch"));
  CHECK_THAT(thrown_by([&] { load_dataset(path + "@fit=pad", {}); }).message,
             ContainsSubstring("fit pad without image_size"));
  CHECK_THAT(thrown_by([&] { load_dataset(path + "/nowhere", {}); }).message,
             ContainsSubstring("a path that leads nowhere"));
  CHECK_THAT(thrown_by([&] { load_dataset("embedded", {.reading = {.image_size = 64}}); }).message,
             ContainsSubstring("it has a form of its own, got image_size"));
}

TEST_CASE("classes and files come in natural order", "[fast]") {
  TempDir folder;
  for (const int k : {10, 2, 1})
    for (const int i : {11, 9})
      write_png(folder.path() / std::to_string(k) / (std::to_string(i) + ".png"),
                flat_picture(10 * k + i));
  const auto data = load_dataset(folder_name(folder), {});
  CHECK(data.class_names == std::vector<std::string>{"1", "2", "10"});
  CHECK(torch::equal(first_levels(data), torch::tensor({19, 21, 29, 31, 109, 111})));
  CHECK(natural_less("a2", "a10"));
  CHECK_FALSE(natural_less("a10", "a2"));
  CHECK(natural_less("01", "1") != natural_less("1", "01"));
  CHECK(natural_less("a", "a1"));
}

TEST_CASE("a folder called train is a split alone or beside other splits, else a class", "[fast]") {
  TempDir vehicles;
  for (const char* kind : {"bus", "car", "train"})
    write_png(vehicles.path() / kind / "a.png", flat_picture(kind[0]));
  const auto data = load_dataset(folder_name(vehicles), {});
  CHECK(data.size() == 3);
  CHECK(data.class_names == std::vector<std::string>{"bus", "car", "train"});
  CHECK_THAT(data.warnings.at(0), ContainsSubstring("train_is_a_class"));
  TempDir splits;
  for (const char* split : {"Train", "val", "test"})
    write_png(splits.path() / split / "a.png", flat_picture(split[0]));
  CHECK(first_levels(load_dataset(folder_name(splits), {})).item<int64_t>() == 'T');
  const auto test = load_dataset(folder_name(splits), {.split = "test"});
  CHECK(first_levels(test).item<int64_t>() == 't');
  CHECK_THAT(test.warnings.at(0), ContainsSubstring("unused_split: images of val/"));
}

TEST_CASE("links are followed once, and circles and dead ends are named", "[fast]") {
  namespace fs = std::filesystem;
  TempDir real, linked;
  write_png(real / "a.png", flat_picture(3));
  write_png(linked.path() / "own" / "b.png", flat_picture(4));
  fs::create_directory_symlink(real.path(), linked / "other");
  const auto data = load_dataset(folder_name(linked), {});
  CHECK(data.class_names == std::vector<std::string>{"other", "own"});
  fs::create_directory_symlink(real.path(), linked / "yet");
  CHECK_THAT(load_dataset(folder_name(linked), {}).warnings.at(0),
             ContainsSubstring("1 linked again"));
  fs::create_directory_symlink(linked.path(), linked.path() / "own" / "up");
  CHECK_THAT(thrown_by([&] { load_dataset(folder_name(linked), {}); }).message,
             ContainsSubstring("own/up] expected folders without a circle"));
  fs::remove(linked.path() / "own" / "up");
  fs::create_symlink("x.png", linked / "x.png");
  const auto dead = thrown_by([&] { load_dataset(folder_name(linked), {}); });
  CHECK(dead.kind == ErrorKind::kData);
  CHECK_THAT(dead.message, ContainsSubstring("x.png] expected an image, got a link"));
}

TEST_CASE("grey, transparent and deep images come in one form, and it is said", "[fast]") {
  TempDir folder;
  write_png(folder / "a.png", flat_picture(10, 5, 7));
  write_png(folder / "b.png", torch::full({1, 5, 7}, 20, torch::kUInt8));
  auto clear = torch::cat({flat_picture(100, 5, 7), torch::full({1, 5, 7}, 51, torch::kUInt8)});
  write_png(folder / "c.png", clear);
  write_file_atomically(folder / "d.png", from_hex(kGrey16PngHex));
  const auto data = load_dataset(folder_name(folder), {});
  CHECK(data.shape == SampleShape::image(3, 5, 7));
  CHECK(data.samples[1].eq(20).all().item<bool>());
  // 100 at a fifth over white: 0.2 * 100 + 0.8 * 255 = 224.
  CHECK(data.samples[2].eq(224).all().item<bool>());
  // 54400 of 65535 is the largest value, so all 16 bits count.
  CHECK(data.samples[3][1][4][6].item<int>() == 212);  // 54400 * 255 / 65535 = 211.67
  const auto all = join(data.warnings, "|");
  CHECK_THAT(all, ContainsSubstring("transparent_input: 1 of 4 images are transparent, laid on "
                                    "white"));
  CHECK_THAT(all, ContainsSubstring("grey_among_color: 2 of 4"));
  CHECK_THAT(all, ContainsSubstring("deep_input: 1 of 4 images hold 16 bits"));
  const auto four = load_dataset(folder_name(folder), {.reading = {.channels = "rgba"}});
  CHECK(four.shape == SampleShape::image(4, 5, 7));
  CHECK(torch::equal(four.samples[2], clear));
  CHECK(four.samples[0][3].eq(255).all().item<bool>());
  const auto dark = load_dataset(folder_name(folder), {.reading = {.ground = "black"}});
  CHECK(dark.samples[2].eq(20).all().item<bool>());
}

}  // namespace ganselect::test
