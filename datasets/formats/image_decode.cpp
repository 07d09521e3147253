// Bytes of image files to pixels: which decoder, and the turn that EXIF tells.
#include <libexif/exif-data.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "datasets/formats/image_decoders.h"

namespace ganselect {
namespace {

struct ImageFormat {
  const char* name;
  std::array<const char*, 3> endings;  // lower case; null where there are fewer
  bool (*begins)(std::string_view bytes);
  void (*decode)(DecodeState& state);
};

constexpr std::array<ImageFormat, 5> kImageFormats = {{
    {.name = "PNG",
     .endings = {".png"},
     .begins = [](std::string_view b) { return b.starts_with("\x89PNG"); },
     .decode = decode_png},
    {.name = "JPEG",
     .endings = {".jpg", ".jpeg", ".jpe"},
     .begins = [](std::string_view b) { return b.starts_with("\xff\xd8\xff"); },
     .decode = decode_jpeg},
    {.name = "WebP",
     .endings = {".webp"},
     .begins =
         [](std::string_view b) {
           return b.starts_with("RIFF") && b.size() >= 12 && b.substr(8, 4) == "WEBP";
         },
     .decode = decode_webp},
    {.name = "TIFF",
     .endings = {".tif", ".tiff"},
     .begins =
         [](std::string_view b) {
           return b.starts_with(std::string_view("II*\0", 4)) ||
                  b.starts_with(std::string_view("MM\0*", 4));
         },
     .decode = decode_tiff},
    {.name = "BMP",
     .endings = {".bmp"},
     .begins = [](std::string_view b) { return b.starts_with("BM"); },
     .decode = decode_bmp},
}};

constexpr int64_t kMaxImagePixels = int64_t{1}
                                    << 28;  // 800 MB of RGB: beyond it a header is taken for damage

// The turn in steps of (C,H,W): the axes swapped, then rows or columns the other way round.
struct Turn {
  bool swapped, upside_down, mirrored;
};
constexpr std::array<Turn, 9> kTurns = {{{},
                                         {false, false, false},
                                         {false, false, true},
                                         {false, true, true},
                                         {false, true, false},
                                         {true, false, false},
                                         {true, false, true},
                                         {true, true, true},
                                         {true, true, false}}};

torch::Tensor turned(torch::Tensor pixels, int orientation) {
  const auto& turn = kTurns[static_cast<std::size_t>(orientation)];
  if (turn.swapped) pixels = pixels.transpose(1, 2);
  if (turn.upside_down) pixels = pixels.flip({1});
  if (turn.mirrored) pixels = pixels.flip({2});
  return pixels.contiguous();
}

const ImageFormat& format_of(std::string_view bytes, const std::string& where) {
  for (const auto& format : kImageFormats) {
    if (format.begins(bytes)) return format;
  }
  fail(ErrorKind::kData, {.where = where,
                          .expected = "a " + image_formats_text() + " image",
                          .got = bytes.empty() ? "an empty file" : "other content"});
}

void run_decoder(std::string_view bytes, const std::string& where, DecodeState& state) {
  const auto& format = format_of(bytes, where);
  state.bytes = reinterpret_cast<const unsigned char*>(bytes.data());
  state.size = bytes.size();
  state.facts.format = format.name;
  format.decode(state);
  if (!state.problem.empty()) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = std::string("a whole ") + format.name + " image",
                            .got = state.problem});
  }
  state.facts.turned = state.orientation != 1;
}

void turn_size(const DecodeState& state, ImageFacts& facts) {
  if (kTurns[static_cast<std::size_t>(state.orientation)].swapped)
    std::swap(facts.width, facts.height);
}

}  // namespace

bool allocate_pixels(DecodeState& state) {
  const auto& facts = state.facts;
  if (facts.width < 1 || facts.height < 1 || facts.width > kMaxImagePixels / facts.height) {
    state.problem = std::to_string(facts.width) + "x" + std::to_string(facts.height) + " pixels";
    return false;
  }
  // Not cleared: a header that promises more than the file holds then costs no time.
  state.pixels = std::make_unique_for_overwrite<unsigned char[]>(
      row_bytes(facts) * static_cast<std::size_t>(facts.height));
  return true;
}

std::size_t row_bytes(const ImageFacts& facts) {
  return static_cast<std::size_t>(facts.width * facts.channels * (facts.bits / 8));
}

unsigned char* pixel_row(DecodeState& state, std::int64_t y) {
  return state.pixels.get() + row_bytes(state.facts) * static_cast<std::size_t>(y);
}

int exif_orientation(const unsigned char* block, std::size_t size) {
  constexpr std::string_view kHead("Exif\0\0", 6);
  std::string whole(reinterpret_cast<const char*>(block), size);
  if (!whole.starts_with(kHead)) whole.insert(0, kHead);
  ExifData* data = exif_data_new_from_data(reinterpret_cast<const unsigned char*>(whole.data()),
                                           static_cast<unsigned int>(whole.size()));
  if (data == nullptr) return 1;
  int orientation = 1;
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry != nullptr && entry->format == EXIF_FORMAT_SHORT && entry->size >= 2)
    orientation = exif_get_short(entry->data, exif_data_get_byte_order(data));
  exif_data_unref(data);
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

DecodedImage decode_image(std::string_view bytes, const std::string& where) {
  DecodeState state;
  run_decoder(bytes, where, state);
  DecodedImage image{.facts = state.facts};
  const auto& f = state.facts;
  const auto stored = torch::from_blob(state.pixels.get(), {f.height, f.width, f.channels},
                                       f.bits == 16 ? torch::kInt16 : torch::kUInt8)
                          .permute({2, 0, 1});
  // LibTorch has few operations on unsigned 16 bits: the signed ones, less their sign.
  const auto pixels = f.bits == 16 ? stored.to(torch::kInt32).bitwise_and(0xFFFF) : stored;
  image.pixels = turned(pixels, state.orientation).clone(at::MemoryFormat::Contiguous);
  turn_size(state, image.facts);
  return image;
}

ImageFacts image_facts(std::string_view bytes, const std::string& where) {
  DecodeState state;
  state.facts_only = true;
  run_decoder(bytes, where, state);
  ImageFacts facts = state.facts;
  turn_size(state, facts);
  return facts;
}

DecodedImage read_image(const std::filesystem::path& path) {
  return decode_image(read_file(path), path.string());
}

bool has_image_ending(const std::filesystem::path& path) {
  const auto ending = to_lower(path.extension().string());
  for (const auto& format : kImageFormats) {
    for (const char* known : format.endings) {
      if (known != nullptr && ending == known) return true;
    }
  }
  return false;
}

std::string image_formats_text() {
  std::string text;
  for (std::size_t i = 0; i < kImageFormats.size(); ++i) {
    if (i > 0) text += i + 1 == kImageFormats.size() ? " or " : ", ";
    text += kImageFormats[i].name;
  }
  return text;
}

}  // namespace ganselect
