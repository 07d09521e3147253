// JPEG bytes to pixels.
#include <cstdio>
// jpeglib.h needs cstdio before it, jerror.h needs jpeglib.h.
#include <jpeglib.h>
// The order matters.
#include <jerror.h>

#include "datasets/formats/image_decoders.h"

namespace ganselect {
namespace {

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

// Inks to light, in place: 4 values a pixel become 3. Programs of Adobe's store inks inverted.
void inks_to_rgb(unsigned char* row, int64_t width, bool inverted) {
  for (int64_t x = 0; x < width; ++x) {
    const unsigned char* inks = row + 4 * x;
    const int black = inverted ? inks[3] : 255 - inks[3];
    for (int c = 0; c < 3; ++c) {
      const int light = inverted ? inks[c] : 255 - inks[c];
      row[3 * x + c] = static_cast<unsigned char>((light * black + 127) / 255);
    }
  }
}

void run_jpeg(jpeg_decompress_struct& jpeg, DecodeState& state) {
  if (setjmp(state.jump) != 0) return;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, state.bytes, state.size);
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&jpeg, TRUE);
  for (const auto* marker = jpeg.marker_list; marker != nullptr; marker = marker->next) {
    if (state.orientation == 1)
      state.orientation = exif_orientation(marker->data, marker->data_length);
  }
  state.facts.lossy = true;
  state.facts.cmyk = jpeg.num_components == 4;
  state.facts.channels = jpeg.num_components == 1 ? 1 : 3;
  state.facts.width = jpeg.image_width;
  state.facts.height = jpeg.image_height;
  if (state.facts_only) return;
  jpeg.out_color_space = state.facts.cmyk            ? JCS_CMYK
                         : state.facts.channels == 1 ? JCS_GRAYSCALE
                                                     : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  // Rows of inks are wider than those of the image that they become.
  state.facts.channels = jpeg.output_components;
  if (!allocate_pixels(state)) return;
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixel_row(state, jpeg.output_scanline);
    jpeg_read_scanlines(&jpeg, &row, 1);
    if (state.facts.cmyk) inks_to_rgb(row, state.facts.width, jpeg.saw_Adobe_marker == TRUE);
  }
  jpeg_finish_decompress(&jpeg);
}

// Rows of 3 values that lie 4 apart are moved together.
void close_rows(DecodeState& state) {
  if (!state.facts.cmyk || state.pixels == nullptr) return;
  const auto wide = row_bytes(state.facts);
  state.facts.channels = 3;
  for (int64_t y = 1; y < state.facts.height; ++y) {
    const auto* from = state.pixels.get() + static_cast<std::size_t>(y) * wide;
    std::copy(from, from + row_bytes(state.facts), pixel_row(state, y));
  }
}

}  // namespace

void decode_jpeg(DecodeState& state) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = stop_jpeg;
  errors.emit_message = hear_jpeg_message;
  jpeg.client_data = &state;
  run_jpeg(jpeg, state);
  jpeg_destroy_decompress(&jpeg);
  close_rows(state);
}

}  // namespace ganselect
