// BMP bytes to pixels.
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

void decode_bmp(DecodeState& state) {
  int width = 0, height = 0, channels = 0;
  const int size = state.size > INT_MAX ? 0 : static_cast<int>(state.size);
  if (stbi_info_from_memory(state.bytes, size, &width, &height, &channels) == 0) {
    state.problem = stbi_failure_reason();
    return;
  }
  state.facts.width = width;
  state.facts.height = height;
  state.facts.channels = channels;
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
