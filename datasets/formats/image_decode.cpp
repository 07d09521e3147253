// PNG, JPEG and WebP bytes to pixels.
#include <jpeglib.h>
// jerror.h needs jpeglib.h before it.
#include <jerror.h>
#include <png.h>
#include <webp/decode.h>

#include <algorithm>
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "datasets/formats/image_io.h"

namespace ganselect {
namespace {

// Decoders run with a jump buffer, as libpng and libjpeg want it: whatever must outlive the jump is
// in here, and the functions that jump hold no objects of their own.
struct DecodeState {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0, position = 0;
  std::unique_ptr<unsigned char[]> pixels;  // rows of RGB
  int64_t width = 0, height = 0;
  bool grey = false;
  std::string problem;  // empty: decoded
  std::jmp_buf jump{};
};

constexpr int64_t kMaxImagePixels = int64_t{1}
                                    << 28;  // 800 MB of RGB: beyond it a header is taken for damage

bool allocate_pixels(DecodeState& state, int64_t width, int64_t height) {
  if (width < 1 || height < 1 || width > kMaxImagePixels / height) {
    state.problem = std::to_string(width) + "x" + std::to_string(height) + " pixels";
    return false;
  }
  state.width = width;
  state.height = height;
  // Not cleared: a header that promises more than the file holds then costs no time.
  state.pixels =
      std::make_unique_for_overwrite<unsigned char[]>(static_cast<std::size_t>(3 * width * height));
  return true;
}

unsigned char* pixel_row(DecodeState& state, int64_t y) {
  return state.pixels.get() + 3 * state.width * y;
}

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

void run_png(png_structp png, png_infop info, DecodeState& state) {
  if (setjmp(state.jump) != 0) return;
  png_set_read_fn(png, &state, read_png_bytes);
  png_read_info(png, info);
  state.grey = (png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR) == 0;
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (!allocate_pixels(state, png_get_image_width(png, info), png_get_image_height(png, info)))
    return;
  for (int pass = 0; pass < passes; ++pass) {
    for (int64_t y = 0; y < state.height; ++y) png_read_row(png, pixel_row(state, y), nullptr);
  }
  png_read_end(png, nullptr);
}

void decode_png(DecodeState& state) {
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

[[noreturn]] void stop_jpeg(j_common_ptr jpeg) {
  auto& state = *static_cast<DecodeState*>(jpeg->client_data);
  char message[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, message);
  state.problem = message;
  std::longjmp(state.jump, 1);
}

// libjpeg fills what is missing with grey and only warns; here a cut file is an error.
void hear_jpeg_message(j_common_ptr jpeg, int level) {
  const int code = jpeg->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) stop_jpeg(jpeg);
}

void run_jpeg(jpeg_decompress_struct& jpeg, DecodeState& state) {
  if (setjmp(state.jump) != 0) return;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, state.bytes, state.size);
  jpeg_read_header(&jpeg, TRUE);
  state.grey = jpeg.num_components == 1;
  jpeg.out_color_space = JCS_RGB;
  jpeg_start_decompress(&jpeg);
  if (!allocate_pixels(state, jpeg.output_width, jpeg.output_height)) return;
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixel_row(state, jpeg.output_scanline);
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
}

void decode_jpeg(DecodeState& state) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = stop_jpeg;
  errors.emit_message = hear_jpeg_message;
  jpeg.client_data = &state;
  run_jpeg(jpeg, state);
  jpeg_destroy_decompress(&jpeg);
}

bool decode_webp(DecodeState& state) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(state.bytes, state.size, &features) != VP8_STATUS_OK) {
    state.problem = "a damaged header";
    return true;
  }
  if (features.has_animation != 0) {
    state.problem = "an animation";
    return true;
  }
  if (!allocate_pixels(state, features.width, features.height)) return true;
  if (WebPDecodeRGBInto(state.bytes, state.size, state.pixels.get(),
                        static_cast<std::size_t>(3 * state.width * state.height),
                        3 * features.width) == nullptr) {
    state.problem = "damaged or cut data";
  }
  constexpr int kLosslessFormat = 2;  // features.format as webp/decode.h numbers it
  return features.format != kLosslessFormat;
}

}  // namespace

DecodedImage decode_image(std::string_view bytes, const std::string& where) {
  DecodeState state;
  state.bytes = reinterpret_cast<const unsigned char*>(bytes.data());
  state.size = bytes.size();
  DecodedImage image;
  std::string format;
  if (bytes.starts_with("\x89PNG")) {
    format = "PNG";
    decode_png(state);
  } else if (bytes.starts_with("\xff\xd8\xff")) {
    format = "JPEG";
    image.lossy = true;
    decode_jpeg(state);
  } else if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") {
    format = "WebP";
    image.lossy = decode_webp(state);
  } else {
    fail(ErrorKind::kData,
         {.where = where, .expected = "a PNG, JPEG or WebP image", .got = "other content"});
  }
  if (!state.problem.empty()) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "a whole " + format + " image", .got = state.problem});
  }
  image.grey = state.grey;
  image.pixels = torch::from_blob(state.pixels.get(), {state.height, state.width, 3}, torch::kUInt8)
                     .permute({2, 0, 1})
                     .clone(at::MemoryFormat::Contiguous);
  return image;
}

torch::Tensor read_image(const std::filesystem::path& path) {
  return decode_image(read_file(path), path.string()).pixels;
}

}  // namespace ganselect
