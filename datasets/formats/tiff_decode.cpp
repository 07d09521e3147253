// TIFF bytes to pixels: one image a file, grey or RGB with or without alpha of 8 or 16 bits as it
// is stored, whatever else libtiff reads as 8 bits of RGB and alpha.
#include <tiffio.h>

#include <algorithm>
#include <cstring>

#include "datasets/formats/image_decoders.h"

namespace ganselect {
namespace {

tmsize_t read_tiff(thandle_t handle, void* into, tmsize_t count) {
  auto& state = *static_cast<DecodeState*>(handle);
  const auto n = std::min(static_cast<std::size_t>(count), state.size - state.position);
  std::memcpy(into, state.bytes + state.position, n);
  state.position += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek_tiff(thandle_t handle, toff_t offset, int from) {
  auto& state = *static_cast<DecodeState*>(handle);
  const toff_t base = from == SEEK_CUR ? state.position : from == SEEK_END ? state.size : 0;
  state.position = static_cast<std::size_t>(std::min<toff_t>(base + offset, state.size));
  return state.position;
}

int close_tiff(thandle_t) { return 0; }
toff_t size_of_tiff(thandle_t handle) { return static_cast<DecodeState*>(handle)->size; }

void keep_tiff_error(const char*, const char*, va_list) {}

struct TiffForm {
  std::uint16_t bits = 1, samples = 1, photometric = PHOTOMETRIC_MINISBLACK,
                planar = PLANARCONFIG_CONTIG, format = SAMPLEFORMAT_UINT,
                compression = COMPRESSION_NONE;
  bool tiled = false;

  bool grey() const {
    return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  }
  // Not RGB as it is stored, so that a color profile would be needed to get it right.
  bool other_colors() const {
    return photometric == PHOTOMETRIC_SEPARATED || photometric == PHOTOMETRIC_CIELAB ||
           photometric == PHOTOMETRIC_ICCLAB || photometric == PHOTOMETRIC_ITULAB;
  }
  bool lossy() const {
    return compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG ||
           compression == COMPRESSION_JP2000;
  }
  // Of what libtiff converts to 8 bits of RGB and alpha.
  std::int64_t converted_channels() const {
    if (grey() && samples == 1) return 1;
    return photometric == PHOTOMETRIC_RGB && samples > 3 ? 4 : 3;
  }

  // Whether rows can be taken as they are stored.
  bool plain() const {
    const bool grey = photometric == PHOTOMETRIC_MINISBLACK && samples <= 2;
    const bool color = photometric == PHOTOMETRIC_RGB && (samples == 3 || samples == 4);
    return !tiled && planar == PLANARCONFIG_CONTIG && format == SAMPLEFORMAT_UINT &&
           (bits == 8 || bits == 16) && (grey || color);
  }
};

TiffForm form_of(TIFF* tiff) {
  TiffForm form;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &form.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &form.samples);
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &form.photometric);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &form.planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &form.format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &form.compression);
  form.tiled = TIFFIsTiled(tiff) != 0;
  return form;
}

void read_rows(TIFF* tiff, DecodeState& state) {
  if (TIFFScanlineSize64(tiff) != row_bytes(state.facts)) {
    state.problem = "rows of another length than its size tells";
    return;
  }
  for (std::int64_t y = 0; y < state.facts.height; ++y) {
    if (TIFFReadScanline(tiff, pixel_row(state, y), static_cast<std::uint32_t>(y)) == 1) continue;
    state.problem = "damaged or cut data";
    return;
  }
}

// libtiff's own colors: packed ABGR with the origin that the file's tag asks for.
void read_converted(TIFF* tiff, DecodeState& state) {
  const auto width = static_cast<std::uint32_t>(state.facts.width);
  const auto height = static_cast<std::uint32_t>(state.facts.height);
  const auto raster = std::make_unique_for_overwrite<std::uint32_t[]>(
      static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  if (TIFFReadRGBAImageOriented(tiff, width, height, raster.get(), ORIENTATION_TOPLEFT, 1) != 1) {
    state.problem = "damaged data, or pixels that libtiff cannot convert";
    return;
  }
  auto* out = state.pixels.get();
  for (std::size_t i = 0; i < static_cast<std::size_t>(width) * height; ++i) {
    *out++ = TIFFGetR(raster[i]);
    if (state.facts.channels == 1) continue;
    *out++ = TIFFGetG(raster[i]);
    *out++ = TIFFGetB(raster[i]);
    if (state.facts.channels == 4) *out++ = TIFFGetA(raster[i]);
  }
}

void run_tiff(TIFF* tiff, DecodeState& state) {
  std::uint32_t width = 0, height = 0;
  std::uint16_t orientation = 1;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  state.facts.width = width;
  state.facts.height = height;
  if (TIFFLastDirectory(tiff) == 0) {
    state.problem = "a file of several images";
    return;
  }
  const auto form = form_of(tiff);
  if (form.bits > 8 && !form.plain()) {
    state.problem = std::to_string(form.bits) + " bits of a kind that is not read";
    return;
  }
  state.facts.cmyk = form.other_colors();
  state.facts.lossy = form.lossy();
  state.facts.bits = form.plain() ? form.bits : 8;
  state.facts.channels = form.plain() ? form.samples : form.converted_channels();
  // Converted pixels come turned already.
  if (form.plain()) state.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  if (state.facts_only || !allocate_pixels(state)) return;
  if (form.plain()) {
    read_rows(tiff, state);
  } else {
    read_converted(tiff, state);
  }
}

}  // namespace

void decode_tiff(DecodeState& state) {
  static const bool quiet = [] {
    TIFFSetErrorHandler(keep_tiff_error);
    TIFFSetWarningHandler(keep_tiff_error);
    return true;
  }();
  static_cast<void>(quiet);
  TIFF* tiff = TIFFClientOpen("image", "rm", &state, read_tiff, write_nothing, seek_tiff,
                              close_tiff, size_of_tiff, nullptr, nullptr);
  if (tiff == nullptr) {
    state.problem = "a damaged header";
    return;
  }
  run_tiff(tiff, state);
  TIFFClose(tiff);
}

}  // namespace ganselect
