// WebP bytes to pixels.
#include <webp/decode.h>
#include <webp/demux.h>

#include "datasets/formats/image_decoders.h"

namespace ganselect {
namespace {

void take_webp_turn(DecodeState& state) {
  const WebPData data{state.bytes, state.size};
  WebPDemuxer* parts = WebPDemux(&data);
  if (parts == nullptr) return;  // cut data: the decoder will say so
  WebPChunkIterator chunk{};
  if (WebPDemuxGetChunk(parts, "EXIF", 1, &chunk) != 0) {
    state.orientation = exif_orientation(chunk.chunk.bytes, chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
  }
  WebPDemuxDelete(parts);
}

}  // namespace

void decode_webp(DecodeState& state) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(state.bytes, state.size, &features) != VP8_STATUS_OK) {
    state.problem = "a damaged header";
    return;
  }
  if (features.has_animation != 0) {
    state.problem = "an animation";
    return;
  }
  constexpr int kLosslessFormat = 2;  // features.format as webp/decode.h numbers it
  state.facts.lossy = features.format != kLosslessFormat;
  state.facts.width = features.width;
  state.facts.height = features.height;
  state.facts.channels = features.has_alpha != 0 ? 4 : 3;
  take_webp_turn(state);
  if (state.facts_only || !allocate_pixels(state)) return;
  const auto stride = row_bytes(state.facts);
  const auto decode = features.has_alpha != 0 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (decode(state.bytes, state.size, state.pixels.get(),
             stride * static_cast<std::size_t>(features.height),
             static_cast<int>(stride)) == nullptr)
    state.problem = "damaged or cut data";
}

}  // namespace ganselect
