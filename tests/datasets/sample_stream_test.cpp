#include "datasets/sample_stream.h"

#include <torch/torch.h>

#include <cmath>
#include <functional>

#include "base/torch/npy.h"
#include "datasets/formats/image_io.h"
#include "datasets/formats/pixels.h"
#include "tests/datasets/formats/image_fixtures.h"
#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

// float32 (n,C,4,6) in [-1,1], every image another one.
torch::Tensor generated(int64_t n, int64_t channels = 3) {
  return torch::arange(n * channels * 24, torch::kFloat32)
      .mul(0.37F)
      .sin()
      .view({n, channels, 4, 6});
}

torch::Tensor drained(SampleStream& stream) {
  std::vector<torch::Tensor> parts;
  for (auto part = stream.next(); part.defined(); part = stream.next()) {
    CHECK(part.size(0) <= kStreamBatch);
    parts.push_back(part);
  }
  return torch::cat(parts);
}

void write_images(const TempDir& folder, const torch::Tensor& images) {
  for (int64_t i = 0; i < images.size(0); ++i)
    write_png(folder / (std::to_string(1000 + i) + ".png"), images[i]);
}

std::string refusal_of(const std::function<void()>& call) {
  const auto thrown = thrown_by(call);
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(thrown.message.find('\n') == std::string::npos);
  return thrown.message;
}

std::string array_refusal(const TempDir& folder, const torch::Tensor& array) {
  save_npy(folder / "bad.npy", array);
  return refusal_of([&] { drained(*stream_array(folder / "bad.npy", std::nullopt)); });
}

}  // namespace

TEST_CASE("memory, PNG, npz and npy of one generated batch give the same bits", "[fast]") {
  for (const int64_t channels : {3, 1}) {
    INFO(channels << " channels");
    const TempDir pictures, arrays;
    const auto floats = generated(300, channels);
    const auto pixels = to_uint8(floats);
    write_images(pictures, pixels);
    save_npz(arrays / "last.npz", {{"arr_0", pixels.permute({0, 2, 3, 1}).contiguous()}});
    save_npz(arrays / "first.npz", {{"arr_0", pixels}});
    save_npy(arrays / "floats.npy", floats);
    save_npy(arrays / "shares.npy", pixels.to(torch::kFloat32) / 255);
    save_npy(arrays / "levels.npy", pixels.to(torch::kFloat64));
    save_npy(arrays / "wide.npy", pixels.to(torch::kInt64));
    save_npz(arrays / "images.npz", {{"images", pixels}});
    CHECK(torch::equal(drained(*stream_tensor(pixels)), pixels));
    CHECK(torch::equal(drained(*stream_folder(pictures.path(), std::nullopt)), pixels));
    for (const char* name : {"last.npz", "first.npz", "floats.npy", "shares.npy", "levels.npy",
                             "wide.npy", "images.npz"}) {
      INFO(name);
      const auto stream = stream_array(arrays / name, std::nullopt);
      CHECK(stream->size() == 300);
      CHECK(torch::equal(drained(*stream), pixels));
    }
    ContentDigest digest;
    const auto stream = stream_folder(pictures.path(), std::nullopt);
    for (auto part = stream->next(); part.defined(); part = stream->next())
      digest.add(part, stream->size());
    CHECK(digest.hex({}) == content_digest(pixels, {}));
  }
}

TEST_CASE("samples that are drawn keep their order and their labels", "[fast]") {
  const TempDir folder;
  const auto pixels = to_uint8(generated(5));
  const auto labels = torch::tensor({3, 1, 4, 1, 5}, torch::kInt32);
  save_npz(folder / "x.npz", {{"arr_0", pixels}, {"arr_1", labels}});
  const auto rows = drawn_rows(5, {.count = 2, .seed = 9});
  const auto drawn = stream_array(folder / "x.npz", SampleDraw{.count = 2, .seed = 9});
  CHECK(drawn->size() == 2);
  CHECK(drawn->drawn_from() == 5);
  // No label is 0, so they count from 1.
  CHECK(torch::equal(drawn->labels() + 1, labels.to(torch::kInt64).index_select(0, rows)));
  CHECK(drawn->class_names().front() == "1");
  CHECK(torch::equal(drained(*drawn), pixels.index_select(0, rows)));
  CHECK(stream_array(folder / "x.npz", SampleDraw{.count = 5, .seed = 9})->drawn_from() == 5);
  for (const int i : {0, 1, 2})
    write_png(folder.path() / (i < 2 ? "cat" : "ant") / (std::to_string(i) + ".png"), pixels[i]);
  const auto some = stream_folder(folder.path(), SampleDraw{.count = 2, .seed = 9});
  const auto chosen = drawn_rows(3, {.count = 2, .seed = 9});
  CHECK(some->drawn_from() == 3);
  CHECK(torch::equal(some->labels(), torch::tensor({0, 1, 1}).index_select(0, chosen)));
  CHECK(torch::equal(drained(*some),
                     pixels.index_select(0, torch::tensor({2, 0, 1}).index_select(0, chosen))));
}

TEST_CASE("a draw over many reads gives the rows it names", "[fast]") {
  const TempDir folder;
  const auto points = torch::arange(4000, torch::kFloat32).view({2000, 2});
  save_npy(folder / "p.npy", points);
  for (const std::int64_t count : {1, 3, 700, 1999, 2000}) {
    CAPTURE(count);
    const SampleDraw draw{.count = count, .seed = 21};
    const auto stream = stream_array(folder / "p.npy", draw);
    CHECK(torch::equal(drained(*stream), points.index_select(0, drawn_rows(2000, draw))));
  }
}

TEST_CASE("points come as float32 and small digits padded, as from data sets", "[fast]") {
  const TempDir folder;
  const auto points = torch::tensor({{1.5, -2.0}, {0.0, 4.0}}, torch::kFloat64);
  save_npy(folder / "p.npy", points);
  CHECK(torch::equal(drained(*stream_array(folder / "p.npy", std::nullopt)),
                     points.to(torch::kFloat32)));
  const auto digits = torch::full({2, 1, 28, 28}, 9, torch::kUInt8);
  const auto padded = drained(*stream_tensor(digits));
  CHECK(padded.sizes() == torch::IntArrayRef({2, 1, 32, 32}));
  CHECK(padded[1][0][2][29].item<int>() == 9);
  CHECK(padded[1][0][1][2].item<int>() == 0);
}

TEST_CASE("lossy files are counted in a warning, others give none", "[fast]") {
  const TempDir folder;
  write_file_atomically(folder / "a.jpg", from_hex(kJpegHex));
  write_file_atomically(folder / "b.webp", from_hex(kLosslessWebpHex));
  const auto stream = stream_folder(folder.path(), std::nullopt);
  drained(*stream);
  REQUIRE(stream->warnings().size() == 1);
  CHECK_THAT(stream->warnings()[0], ContainsSubstring("lossy_input: 1 of 2 images"));
  CHECK(stream_tensor(to_uint8(generated(1)))->warnings().empty());
}

TEST_CASE("a folder whose images are not alike, whole or there is refused by the file's name",
          "[fast]") {
  const auto pixels = to_uint8(generated(3));
  const auto with = [&](const std::function<void(const TempDir&)>& spoil) {
    const TempDir folder;
    write_images(folder, pixels);
    spoil(folder);
    return refusal_of([&] { drained(*stream_folder(folder.path(), std::nullopt)); });
  };
  const auto corrupt = with([](const TempDir& folder) {
    auto bytes = read_file(folder / "1001.png");
    bytes.resize(bytes.size() / 2);
    write_file_atomically(folder / "1001.png", bytes);
  });
  CHECK_THAT(corrupt, ContainsSubstring("1001.png] expected a whole PNG image"));
  const auto larger = with([&](const TempDir& folder) {
    write_png(folder / "2000.png", torch::zeros({3, 8, 9}, torch::kUInt8));
  });
  CHECK_THAT(larger, ContainsSubstring("expected an image of 6x4 as the first one, 1000.png, got "
                                       "9x8; --image-size"));
  const auto text =
      with([](const TempDir& folder) { write_file_atomically(folder / "3.png", "no picture"); });
  CHECK_THAT(text, ContainsSubstring("3.png] expected a PNG, JPEG, WebP, TIFF or BMP image"));
  const TempDir empty;
  CHECK_THAT(refusal_of([&] { stream_folder(empty.path(), std::nullopt); }),
             ContainsSubstring("BMP files, got none"));
}

TEST_CASE("samples take the channels of the data that they are compared with", "[fast]") {
  const TempDir grey, same, colors;
  const auto pixels = to_uint8(generated(3, 1));
  write_images(grey, pixels);
  write_images(same, pixels.expand({-1, 3, -1, -1}));
  write_images(colors, to_uint8(generated(3)));
  for (const auto* folder : {&grey, &same}) {
    CHECK(torch::equal(drained(*stream_folder(folder->path(), std::nullopt, {.channels = 1})),
                       pixels));
    CHECK(torch::equal(drained(*stream_folder(folder->path(), std::nullopt, {.channels = 3})),
                       pixels.expand({-1, 3, -1, -1})));
  }
  CHECK_THAT(
      refusal_of([&] { drained(*stream_folder(colors.path(), std::nullopt, {.channels = 1})); }),
      ContainsSubstring("1000.png] expected a grey image, as the data's are, got colors"));
  const auto made =
      stream_folder(colors.path(), std::nullopt, {.images = {.channels = "grey"}, .channels = 1});
  const auto luma = drained(*made);
  const auto first = to_uint8(generated(3))[0].select(1, 2).select(1, 3).to(torch::kFloat64);
  // ITU-R 601, rounded.
  const double expected = 0.299 * first[0].item<double>() + 0.587 * first[1].item<double>() +
                          0.114 * first[2].item<double>();
  CHECK(std::abs(luma[0][0][2][3].item<double>() - expected) <= 0.51);
  CHECK_THAT(made->warnings().at(0), ContainsSubstring("made_grey: colors of 3 of 3 images"));
  CHECK(made->reading() == Json{{"channels", "grey"}});
}

TEST_CASE("all values of an array tell its range, not the first or one that slipped", "[fast]") {
  const TempDir folder;
  const auto read = [&](const torch::Tensor& array, const SampleReading& reading = {}) {
    save_npy(folder / "x.npy", array);
    return drained(*stream_array(folder / "x.npy", std::nullopt, reading));
  };
  auto shares = torch::rand({5, 7, 6, 3});
  shares[0][0][0][0] = -1e-4;
  shares[1][0][0][0] = 1;
  CHECK(torch::equal(read(shares),
                     (shares * 255).round().clamp(0, 255).to(torch::kUInt8).permute({0, 3, 1, 2})));
  // Bright images first: nothing below 0 in the first 256.
  auto bright =
      torch::linspace(1, -1, 600).view({600, 1, 1, 1}).expand({600, 7, 6, 3}).contiguous();
  CHECK(torch::equal(read(bright), to_uint8(bright.permute({0, 3, 1, 2}))));
  CHECK(torch::equal(read(shares, {.images = {.values = "-1..1"}}),
                     to_uint8(shares.permute({0, 3, 1, 2}))));
  save_npy(folder / "y.npy", shares);
  const auto stream = stream_array(folder / "y.npy", std::nullopt, {});
  drained(*stream);
  CHECK(stream->reading() == Json{{"values", "0..1"}});
  CHECK_THAT(stream->warnings().at(0), ContainsSubstring("value_range: values are read as 0..1"));
  CHECK_THAT(stream->warnings().at(1), ContainsSubstring("clamped_pixels: 1 values"));
}

TEST_CASE("arrays that are no images in a known range are refused with what was found", "[fast]") {
  const TempDir folder;
  CHECK_THAT(array_refusal(folder, generated(2).mul(200)),
             ContainsSubstring("bad.npy] expected images whose values fill"));
  CHECK_THAT(array_refusal(folder, generated(2).abs().sub(0.05)),
             ContainsSubstring("fit none closely; --values says"));
  CHECK_THAT(array_refusal(folder, generated(2).abs().mul(1.5)),
             ContainsSubstring("which fit none closely"));
  CHECK_THAT(array_refusal(folder, torch::ones({2, 4, 6, 3}, torch::kInt64)),
             ContainsSubstring("could be levels or shares"));
  CHECK_THAT(array_refusal(folder, torch::full({2, 4, 6, 3}, 256, torch::kInt64)),
             ContainsSubstring("got values from 256 to 256"));
  auto nan = generated(2);
  nan[1][2][3][4] = std::nanf("");
  CHECK_THAT(array_refusal(folder, nan), ContainsSubstring("expected finite pixels"));
  CHECK_THAT(array_refusal(folder, torch::zeros({3, 7})), ContainsSubstring("features (N,D)"));
  CHECK_THAT(array_refusal(folder, torch::zeros({3, 5, 5, 6}, torch::kUInt8)),
             ContainsSubstring("got Byte 3 5 5 6"));
  CHECK_THAT(array_refusal(folder, torch::zeros({0, 4, 4, 3}, torch::kUInt8)),
             ContainsSubstring("at least one sample"));
  save_npz(folder / "x.npz", {{"arr_0", to_uint8(generated(2))}, {"arr_1", torch::arange(3)}});
  CHECK_THAT(refusal_of([&] { stream_array(folder / "x.npz", std::nullopt); }),
             ContainsSubstring("arr_1] expected 2 whole labels"));
}

TEST_CASE("labels come as numbers, columns, one-hot rows or from 1, and absurd ones are named",
          "[fast]") {
  const TempDir folder;
  const auto pixels = to_uint8(generated(4));
  const auto labels_of = [&](const torch::Tensor& labels) {
    save_npz(folder / "x.npz", {{"arr_0", pixels}, {"arr_1", labels}});
    const auto stream = stream_array(folder / "x.npz", std::nullopt);
    return std::pair(stream->labels(), stream->class_names());
  };
  const auto plain = torch::tensor({2, 0, 1, 2});
  const std::vector<std::string> three = {"0", "1", "2"};
  for (const auto& labels :
       {plain, plain.unsqueeze(1), torch::one_hot(plain, 3).to(torch::kFloat32)}) {
    const auto [numbers, names] = labels_of(labels);
    CHECK(torch::equal(numbers, plain));
    CHECK(names == three);
  }
  const auto [shifted, names] = labels_of(plain + 1);
  CHECK(torch::equal(shifted, plain));
  CHECK(names == std::vector<std::string>{"1", "2", "3"});
  CHECK_THAT(refusal_of([&] {
               labels_of(torch::tensor(std::vector<int64_t>{0, 1, 2, 4'000'000'000}));
             }),
             ContainsSubstring("got 4000000000"));
  CHECK_THAT(refusal_of([&] {
               labels_of(torch::full({4, 3}, 0.5));
             }),
             ContainsSubstring("one-hot rows"));
}

}  // namespace ganselect::test
