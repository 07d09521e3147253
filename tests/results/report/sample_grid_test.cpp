#include "results/report/sample_grid.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/results/report/webp_bytes.h"
#include "tests/support/errors.h"

using namespace ganselect;
using test::contains;
using test::thrown_by;

TEST_CASE("a large grid is cut to its top left part, pixel for pixel", "[fast][report]") {
  const auto grid = sample_grid(test::png_bytes(7, 5), {4, 3}, "t");
  CHECK(grid.media == "image/png");
  CHECK(grid.stored == GridSize{4, 3});
  CHECK(grid.shown == GridSize{4, 3});
  CHECK(grid.full == GridSize{7, 5});
  CHECK(grid.cropped());
  CHECK(test::png_pixels(grid.bytes) == test::picture_pixels(4, 3));
}

TEST_CASE("a small grid stays whole", "[fast][report]") {
  const auto grid = sample_grid(test::png_bytes(7, 5), {8, 5}, "t");
  CHECK_FALSE(grid.cropped());
  CHECK(test::png_pixels(grid.bytes) == test::picture_pixels(7, 5));
}

TEST_CASE("what is no picture is refused by name", "[fast][report]") {
  const std::string whole = test::png_bytes(40, 30);
  for (const auto& bytes : {std::string(), std::string("GIF89a"), whole.substr(0, 20),
                            whole.substr(0, whole.size() / 2)}) {
    const auto thrown = thrown_by([&] { sample_grid(bytes, {8, 8}, "x/samples.png"); });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK(contains(thrown.message, "[x/samples.png] expected a sample grid as PNG"));
  }
}

TEST_CASE("a picture too large to decode is refused before it is decoded", "[fast][report]") {
  // Width and height of the header chunk, with its checksum: 65,535 x 65,535.
  std::string bytes = test::png_bytes(1, 1);
  for (const std::size_t at : {18u, 19u, 22u, 23u}) bytes[at] = '\xff';
  const std::string checked = bytes.substr(12, 17);
  unsigned long crc = 0xffffffffUL;
  for (const char c : checked) {
    crc ^= static_cast<unsigned char>(c);
    for (int k = 0; k < 8; ++k) crc = (crc & 1) ? 0xedb88320UL ^ (crc >> 1) : crc >> 1;
  }
  crc ^= 0xffffffffUL;
  for (int k = 0; k < 4; ++k) bytes[29 + k] = static_cast<char>((crc >> (24 - 8 * k)) & 0xff);
  CHECK(contains(thrown_by([&] {
                   sample_grid(bytes, {8, 8}, "t");
                 }).message,
                 "65535 x 65535 pixels"));
}

TEST_CASE("a WebP stays as it is, and the page is told what part to show", "[fast][report]") {
  const std::string bytes = test::webp_bytes(7, 5);
  const auto large = sample_grid(bytes, {4, 3}, "t");
  CHECK(large.bytes == bytes);
  CHECK(large.media == "image/webp");
  CHECK(large.stored == GridSize{7, 5});
  CHECK(large.shown == GridSize{4, 3});
  CHECK(large.full == GridSize{7, 5});
  CHECK(large.cropped());
  const auto wide = sample_grid(bytes, {8, 3}, "t");
  CHECK(wide.shown == GridSize{7, 3});
  CHECK_FALSE(sample_grid(bytes, {8, 5}, "t").cropped());
}

TEST_CASE("a damaged WebP is refused by name", "[fast][report]") {
  const std::string whole = test::webp_bytes(40, 30);
  for (const auto& bytes : {whole.substr(0, 12), whole.substr(0, 24), whole.substr(0, 30),
                            whole.substr(0, 16) + std::string(30, 'x')}) {
    CAPTURE(bytes.size());
    const auto thrown = thrown_by([&] { sample_grid(bytes, {8, 8}, "x/samples.webp"); });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK(contains(thrown.message, "[x/samples.webp] expected a sample grid as WebP"));
  }
}

TEST_CASE("a WebP too large to decode is refused before it is decoded", "[fast][report]") {
  // 28 bits behind the signature: width - 1 and height - 1 of a picture without loss.
  std::string bytes = test::webp_bytes(1, 1);
  for (const std::size_t at : {21u, 22u, 23u}) bytes[at] = '\xff';
  bytes[24] = static_cast<char>(bytes[24] | 0x0f);
  CHECK(contains(thrown_by([&] {
                   sample_grid(bytes, {8, 8}, "t");
                 }).message,
                 "16384 x 16384 pixels"));
}
