#include "datasets/formats/image_io.h"

#include <torch/torch.h>

#include "tests/datasets/formats/image_fixtures.h"
#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

// The picture of image_fixtures.h.
torch::Tensor fixture_picture() {
  const auto y = torch::arange(5).view({5, 1}), x = torch::arange(7).view({1, 7});
  return torch::stack({20 * x + 10 * y, 200 - 15 * x - 7 * y, 30 + 5 * x + 40 * y})
      .to(torch::kUInt8);
}

torch::Tensor fixture_pixels(const std::vector<int>& values, int64_t height, int64_t width) {
  return torch::tensor(values, torch::kInt32).view({3, height, width});
}

int largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kInt32) - b.to(torch::kInt32)).abs().max().item<int>();
}

}  // namespace

TEST_CASE("a PNG file gives back the same pixels and channels", "[fast]") {
  TempDir folder;
  const auto picture = fixture_picture();
  write_png(folder / "a.png", picture);
  CHECK(torch::equal(read_image(folder / "a.png").pixels, picture));
  write_png(folder / "b.png", picture.narrow(0, 2, 1));
  const auto grey = read_image(folder / "b.png");
  CHECK(torch::equal(grey.pixels, picture.narrow(0, 2, 1)));
  CHECK(grey.facts.grey());
  const auto alpha = torch::cat({picture, 30 * picture.narrow(0, 0, 1)});
  write_png(folder / "c.png", alpha);
  CHECK(torch::equal(read_image(folder / "c.png").pixels, alpha));
}

TEST_CASE("PNG files with alpha, 16 bits or a palette keep what they hold", "[fast]") {
  const auto rgba = decode_image(from_hex(kRgbaPngHex), "rgba");
  CHECK(rgba.facts.channels == 4);
  CHECK(torch::equal(rgba.pixels.narrow(0, 0, 3), fixture_picture()));
  CHECK_FALSE(rgba.facts.lossy);
  const auto grey = decode_image(from_hex(kGrey16PngHex), "grey");
  CHECK(grey.facts.bits == 16);
  CHECK(grey.pixels.sizes() == torch::IntArrayRef({1, 5, 7}));
  CHECK(grey.pixels[0][4][6].item<int>() == 9000 * 6 + 400);
  CHECK(grey.pixels[0][0][1].item<int>() == 9000);
  const auto palette = decode_image(from_hex(kPalettePngHex), "palette");
  CHECK(palette.facts.channels == 3);
  CHECK(std::get<0>(torch::_unique(palette.pixels.flatten(1)
                                       .to(torch::kInt64)
                                       .mul(torch::tensor({{1}, {256}, {65536}}))
                                       .sum(0)))
            .numel() == 2);
  const auto both = decode_image(from_hex(kGreyAlphaPngHex), "grey and alpha");
  CHECK(both.facts.channels == 2);
  CHECK(both.pixels[0][3][2].item<int>() == 70);
  CHECK(both.pixels[1][3][2].item<int>() == 75);
}

TEST_CASE("BMP and TIFF read as they are stored", "[fast]") {
  CHECK(torch::equal(decode_image(from_hex(kBmpHex), "bmp").pixels, fixture_picture()));
  CHECK(torch::equal(decode_image(from_hex(kTiffHex), "tiff").pixels, fixture_picture()));
  const auto deep = decode_image(from_hex(kGrey16TiffHex), "deep");
  CHECK(deep.facts.bits == 16);
  CHECK(deep.pixels[0][2][5].item<int>() == 45200);
  CHECK_THAT(thrown_by([] { decode_image(from_hex(kTwoPageTiffHex), "two.tif"); }).message,
             ContainsSubstring("two.tif] expected a whole TIFF image, got a file of several"));
}

TEST_CASE("one bit of grey is grey whatever the format, and animations are refused", "[fast]") {
  const auto y = torch::arange(5).view({5, 1}), x = torch::arange(7).view({1, 7});
  const auto expected = ((x + y).remainder(3).eq(0) * 255).to(torch::kUInt8).unsqueeze(0);
  for (const char* hex : {kOneBitBmpHex, kOneBitTiffHex})
    CHECK(torch::equal(decode_image(from_hex(hex), "one bit").pixels, expected));
  CHECK_THAT(thrown_by([] { decode_image(from_hex(kAnimatedPngHex), "a.png"); }).message,
             ContainsSubstring("a.png] expected a whole PNG image, got an animation"));
}

TEST_CASE("images are turned as their EXIF tells, and say so", "[fast]") {
  // Orientation 6: the first row is to be seen on the right.
  const auto upright = fixture_picture().transpose(1, 2).flip({2});
  for (const char* hex : {kTurnedPngHex, kTurnedWebpHex}) {
    const auto image = decode_image(from_hex(hex), "turned");
    CHECK(image.facts.turned);
    CHECK(image.facts.width == 5);
    CHECK(torch::equal(image.pixels, upright));
  }
  const auto jpeg = decode_image(from_hex(kTurnedJpegHex), "jpeg");
  REQUIRE(jpeg.pixels.sizes() == torch::IntArrayRef({3, 28, 20}));
  const auto corners = jpeg.pixels.slice(1, 1, 28, 4).slice(2, 1, 20, 4);
  CHECK(largest_difference(corners, upright) <= 12);  // quality 95 of small blocks
  CHECK_FALSE(decode_image(from_hex(kRgbaPngHex), "plain").facts.turned);
}

TEST_CASE("inks become the colors that they were made from", "[fast]") {
  const auto image = decode_image(from_hex(kCmykJpegHex), "inks");
  CHECK(image.facts.cmyk);
  REQUIRE(image.pixels.sizes() == torch::IntArrayRef({3, 20, 28}));
  const auto blocks = image.pixels.slice(1, 1, 20, 4).slice(2, 1, 28, 4);
  CHECK(largest_difference(blocks, fixture_picture()) <= 12);
}

TEST_CASE("a header tells what decoding gives", "[fast]") {
  for (const char* hex : {kJpegHex, kLosslessWebpHex, kLossyWebpHex, kRgbaPngHex, kGrey16PngHex,
                          kPalettePngHex, kTurnedJpegHex, kTurnedPngHex, kTurnedWebpHex,
                          kCmykJpegHex, kBmpHex, kTiffHex, kGrey16TiffHex, kGreyAlphaPngHex}) {
    const auto bytes = from_hex(hex);
    const auto image = decode_image(bytes, "image");
    const auto facts = image_facts(bytes, "image");
    INFO(facts.format << " " << bytes.size());
    CHECK(image.pixels.sizes() == torch::IntArrayRef({facts.channels, facts.height, facts.width}));
    CHECK((image.pixels.scalar_type() == torch::kInt32) == (facts.bits == 16));
    CHECK(facts.lossy == image.facts.lossy);
    CHECK(facts.turned == image.facts.turned);
    CHECK(facts.cmyk == image.facts.cmyk);
  }
}

TEST_CASE("JPEG and WebP decode to what other decoders give, and say whether they are lossy",
          "[fast]") {
  const auto jpeg = decode_image(from_hex(kJpegHex), "jpeg");
  CHECK(jpeg.facts.lossy);
  // Decoders may round the inverse transform and the colours differently by a level or two.
  CHECK(largest_difference(jpeg.pixels, fixture_pixels(kJpegPixels, 5, 7)) <= 2);
  const auto lossy = decode_image(from_hex(kLossyWebpHex), "webp");
  CHECK(lossy.facts.lossy);
  CHECK(largest_difference(lossy.pixels, fixture_pixels(kLossyWebpPixels, 5, 7)) <= 2);
  const auto lossless = decode_image(from_hex(kLosslessWebpHex), "webp");
  CHECK_FALSE(lossless.facts.lossy);
  CHECK(torch::equal(lossless.pixels, fixture_picture()));
}

TEST_CASE("a JPEG file gives back about the same pixels, nearer at better quality", "[fast]") {
  const auto ramp = torch::arange(40, torch::kFloat32);
  const auto plane = ramp.slice(0, 0, 24).unsqueeze(1) * 4 + ramp * 2;
  const auto image = torch::stack({plane, plane + 40, 200 - plane}).to(torch::kUInt8);
  double last = 256;
  for (const int quality : {5, 50, 95}) {
    const auto decoded = decode_image(encode_jpeg(image, quality), "jpeg");
    CHECK(decoded.facts.lossy);
    REQUIRE(decoded.pixels.sizes() == image.sizes());
    const double off = (decoded.pixels.to(torch::kFloat32) - image.to(torch::kFloat32))
                           .abs()
                           .mean()
                           .item<double>();
    CHECK(off < last);
    last = off;
  }
  CHECK(last < 2);
  const auto grey = decode_image(encode_jpeg(image.slice(0, 0, 1), 95), "jpeg").pixels;
  CHECK(grey.size(0) == 1);
  CHECK(test::thrown_by([&] { encode_jpeg(image, 101); }).kind == ErrorKind::kUsage);
}

TEST_CASE("image files cut anywhere are refused by name", "[fast]") {
  const auto png = encode_png(fixture_picture());
  for (const auto& whole :
       {png, from_hex(kJpegHex), from_hex(kLossyWebpHex), from_hex(kLosslessWebpHex)}) {
    for (const auto length :
         {std::size_t{0}, std::size_t{3}, std::size_t{13}, whole.size() / 2, whole.size() - 24}) {
      const auto thrown = thrown_by([&] { decode_image(whole.substr(0, length), "cut.img"); });
      CHECK(thrown.kind == ErrorKind::kData);
      CHECK_THAT(thrown.message, ContainsSubstring("[cut.img] expected a"));
    }
  }
  auto damaged = png;
  const auto inside = damaged.find("IDAT") + 9;
  damaged[inside] = static_cast<char>(damaged[inside] ^ 0x55);
  CHECK_THAT(thrown_by([&] { decode_image(damaged, "x.png"); }).message,
             ContainsSubstring("a whole PNG image"));
  CHECK(thrown_by([] { read_image("no/such/file.png"); }).kind == ErrorKind::kData);
}

TEST_CASE("a grid lays images out row by row with white between them", "[fast]") {
  const auto images = torch::stack({torch::full({3, 4, 5}, 10), torch::full({3, 4, 5}, 20),
                                    torch::full({3, 4, 5}, 30)})
                          .to(torch::kUInt8);
  const auto grid = make_grid(images, 2);
  REQUIRE(grid.sizes() == torch::IntArrayRef({3, 2 * 6 + 2, 2 * 7 + 2}));
  CHECK(grid[1][2][2].item<int>() == 10);
  CHECK(grid[1][5][13].item<int>() == 20);
  CHECK(grid[1][8][2].item<int>() == 30);
  CHECK(grid[1][8][9].item<int>() == 255);
  CHECK(grid[0][6][3].item<int>() == 255);
  CHECK(thrown_by([&] { make_grid(images, 0); }).kind == ErrorKind::kUsage);
  CHECK_THAT(thrown_by([&] { make_grid(images.to(torch::kFloat32), 2); }).message,
             ContainsSubstring("Float 3 3 4 5"));
}

TEST_CASE("resizing agrees with the anti-aliased bicubic filter of others", "[fast]") {
  const auto picture = fixture_picture();
  // One level of room: values half way between two levels may round either way.
  CHECK(largest_difference(resize_image(picture, 3, 4), fixture_pixels(kSmallerPixels, 3, 4)) <= 1);
  CHECK(largest_difference(resize_image(picture, 8, 9), fixture_pixels(kLargerPixels, 8, 9)) <= 1);
  CHECK(torch::equal(resize_image(picture, 5, 7), picture));
}

}  // namespace ganselect::test
