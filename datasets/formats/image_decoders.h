// The decoders of image files, one a format and a file each, as image_decode.cpp calls them.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "datasets/formats/image_io.h"

namespace ganselect {

// What a decoder works on. libpng and libjpeg leave by a jump: whatever must outlive it is in here,
// and the functions that jump hold no objects of their own.
struct DecodeState {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0, position = 0;
  bool facts_only = false;  // stop before the pixels
  ImageFacts facts;         // width and height as stored, before a turn
  int orientation = 1;      // 1 to 8 as EXIF counts them
  // Rows of width x channels values: a byte each, or two in the machine's order where bits is 16.
  std::unique_ptr<unsigned char[]> pixels;
  std::string problem;  // empty: decoded
  std::jmp_buf jump{};
};

// Takes memory for the pixels of `state.facts`; false, with state.problem, where the header asks
// for more than any image has.
bool allocate_pixels(DecodeState& state);
// Bytes of one row.
std::size_t row_bytes(const ImageFacts& facts);
unsigned char* pixel_row(DecodeState& state, std::int64_t y);

// 1 to 8 of an EXIF block ("Exif\0\0" and what follows); 1 where it tells none.
int exif_orientation(const unsigned char* block, std::size_t size);

void decode_png(DecodeState& state);
void decode_jpeg(DecodeState& state);
void decode_webp(DecodeState& state);
void decode_tiff(DecodeState& state);
void decode_bmp(DecodeState& state);

}  // namespace ganselect
