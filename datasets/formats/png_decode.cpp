// PNG bytes to pixels.
#include <png.h>

#include <bit>
#include <cstring>
#include <string_view>

#include "datasets/formats/image_decoders.h"

namespace ganselect {
namespace {

void read_png_bytes(png_structp png, png_bytep into, std::size_t count) {
  auto& state = *static_cast<DecodeState*>(png_get_io_ptr(png));
  if (count > state.size - state.position) png_error(png, "the file is cut short");
  std::memcpy(into, state.bytes + state.position, count);
  state.position += count;
}

[[noreturn]] void stop_png(png_structp png, png_const_charp message) {
  auto& state = *static_cast<DecodeState*>(png_get_error_ptr(png));
  state.problem = message;
  std::longjmp(state.jump, 1);
}

void ignore_png_warning(png_structp, png_const_charp) {}

void take_png_turn(png_structp png, png_infop info, DecodeState& state) {
  png_bytep block = nullptr;
  png_uint_32 size = 0;
  // The chunk lacks the "Exif\0\0" that files of other formats begin it with.
  if (png_get_eXIf_1(png, info, &size, &block) != 0)
    state.orientation = exif_orientation(block, size);
}

void run_png(png_structp png, png_infop info, DecodeState& state) {
  if (setjmp(state.jump) != 0) return;
  png_set_read_fn(png, &state, read_png_bytes);
  png_read_info(png, info);
  png_set_expand(png);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  take_png_turn(png, info, state);
  state.facts.width = png_get_image_width(png, info);
  state.facts.height = png_get_image_height(png, info);
  state.facts.channels = png_get_channels(png, info);
  state.facts.bits = png_get_bit_depth(png, info);
  if (state.facts_only || !allocate_pixels(state)) return;
  for (int pass = 0; pass < passes; ++pass) {
    for (int64_t y = 0; y < state.facts.height; ++y)
      png_read_row(png, pixel_row(state, y), nullptr);
  }
  png_read_end(png, info);
  take_png_turn(png, info, state);  // the chunk may also follow the pixels
}

}  // namespace

void decode_png(DecodeState& state) {
  // libpng shows the first picture of an animation; its control chunk stands before the pixels.
  const std::string_view bytes(reinterpret_cast<const char*>(state.bytes), state.size);
  if (bytes.substr(0, bytes.find("IDAT")).find("acTL") != std::string_view::npos) {
    state.problem = "an animation";
    return;
  }
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, stop_png, ignore_png_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr) {
    state.problem = "no memory";
  } else {
    run_png(png, info, state);
  }
  png_destroy_read_struct(&png, &info, nullptr);
}

}  // namespace ganselect
