// Which detector may decide a race: tried on the race's own images by damage planted in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "metrics/detectors/detector.h"
#include "selection/race/state.h"

namespace ganselect {

struct EyeSettings {
  std::int64_t images = 300;  // of each of the two halves that are compared, at most
  std::int64_t splits = 5;    // of real images into two halves, for the spread
  double threshold = 5;       // spreads from which a change is noticed
  std::uint64_t seed = 0;
};

// FID between two halves of real images, of noise, and of images with planted damage: blur, noise,
// half of the clusters (k-means on pixels) dropped, a few images repeated. A detector that finds
// noise no farther from real images than other real ones is not usable, and says so; so is one that
// cannot look at such samples. kData for fewer than 2 x 16 images.
RaceEye try_eye(Detector& detector, const Dataset& data, const EyeSettings& settings);

struct ChosenEyes {
  std::vector<RaceEye> eyes;  // all that were tried
  std::string detector;       // of the usable ones the one that notices most, the first of equals
  bool own_classes = false;   // its classes are the data's: they may be counted
};

// Tries the data set's own detector, efficientnet-lite0, pixels and the other judges and
// embeddings; `asked` other than "auto" alone. kData where `asked` is not usable, or none is.
ChosenEyes choose_eyes(const std::string& asked, const Dataset& data, torch::Device device,
                       const EyeSettings& settings);

}  // namespace ganselect
