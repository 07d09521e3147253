// EfficientNet-Lite0 as a detector, and the file of its weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "metrics/detectors/detector.h"

namespace ganselect {

// Side to which images are resized unless the detector's name says otherwise
// ("efficientnet-lite0@96"); metrics/detectors/weights/efficientnet-lite0.md says why this one.
inline constexpr int64_t kEfficientNetSize = 64;

// Where scripts/setup puts the weights: $GANSELECT_WEIGHTS/efficientnet-lite0.safetensors, else
// third_party/efficientnet-lite0 in share_dir().
std::filesystem::path efficientnet_file();

// Takes uint8 (N,1,H,W) or (N,3,H,W); grey images are repeated to three channels, all are resized
// to size x size (detector_input.h). Class scores are ImageNet's. With `expected_digest`, a file
// of another SHA-256 is refused before it is looked into. kData for a file that is missing,
// damaged or another one than expected; kUsage for a size that is no multiple of 32 up to 512.
std::unique_ptr<Detector> load_efficientnet_detector(
    const std::filesystem::path& file, const std::optional<std::string>& expected_digest,
    int64_t size, torch::Device device);

}  // namespace ganselect
