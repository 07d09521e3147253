// BMP bytes to pixels.
#include <algorithm>
#include <climits>
#include <cstring>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

#include "datasets/formats/image_decoders.h"

namespace ganselect {

namespace {

std::uint32_t number_at(const DecodeState& state, std::size_t at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes && at + i < state.size; ++i)
    value |= static_cast<std::uint32_t>(state.bytes[at + i]) << (8 * i);
  return value;
}

// BMP has no grey images but those whose palette is all grey.
bool has_grey_palette(const DecodeState& state) {
  constexpr std::size_t kHead = 14, kOldHeader = 12;
  const std::size_t header = number_at(state, kHead, 4), pixels = number_at(state, 10, 4);
  const bool old = header == kOldHeader;
  const auto bits = number_at(state, old ? kHead + 10 : kHead + 14, 2);
  if (bits > 8) return false;
  const std::size_t entry = old ? 3 : 4;
  for (auto at = kHead + header; at + entry <= std::min(pixels, state.size); at += entry) {
    const auto* color = state.bytes + at;
    if (color[0] != color[1] || color[0] != color[2]) return false;
  }
  return true;
}

}  // namespace

void decode_bmp(DecodeState& state) {
  int width = 0, height = 0, channels = 0;
  const int size = state.size > INT_MAX ? 0 : static_cast<int>(state.size);
  if (stbi_info_from_memory(state.bytes, size, &width, &height, &channels) == 0) {
    state.problem = stbi_failure_reason();
    return;
  }
  state.facts.width = width;
  state.facts.height = height;
  state.facts.channels = has_grey_palette(state) ? 1 : channels;
  if (state.facts_only || !allocate_pixels(state)) return;
  unsigned char* decoded = stbi_load_from_memory(state.bytes, size, &width, &height, &channels,
                                                 static_cast<int>(state.facts.channels));
  if (decoded == nullptr) {
    state.problem = stbi_failure_reason();
    return;
  }
  std::memcpy(state.pixels.get(), decoded,
              row_bytes(state.facts) * static_cast<std::size_t>(state.facts.height));
  stbi_image_free(decoded);
}

}  // namespace ganselect
