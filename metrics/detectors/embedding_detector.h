// An embedding as a detector: features of images, no class scores.
#pragma once

#include <memory>

#include "metrics/detectors/detector.h"
#include "metrics/detectors/embedding_files.h"

namespace ganselect {

// Takes uint8 (N,C,H,W) of the size that the embedding was trained on; kData for any other. Grey
// images are repeated to three channels for an embedding of colour images.
std::unique_ptr<Detector> make_embedding_detector(Embedding embedding, torch::Device device);

}  // namespace ganselect
