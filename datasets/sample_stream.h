// Samples that are too many to hold: read or made batch by batch, each once and in order.
//
// Shapes: N samples in all, n of them in a batch, C channels, H rows, W columns.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/subset.h"

namespace ganselect {

inline constexpr int64_t kStreamBatch = 256;  // samples that a stream hands out at a time

class SampleStream {
 public:
  virtual ~SampleStream() = default;
  virtual int64_t size() const = 0;  // N >= 1
  // The next batch, uint8 (n,C,H,W) or float32 (n,2) for points, n >= 1, of one shape throughout;
  // undefined after the last. Images of 28x28 come padded to 32x32, as data sets do. kData for a
  // sample that cannot be read.
  virtual torch::Tensor next() = 0;
  // How many the N were drawn from; N where all are taken.
  virtual int64_t drawn_from() const { return size(); }
  // int64 (N), 0 or greater, when the source tells classes; else undefined.
  virtual torch::Tensor labels() const { return {}; }
  // Of the labels, in their order; empty without labels or where nothing names them.
  virtual std::vector<std::string> class_names() const { return {}; }
  // About what was handed out so far, worded as Dataset::warnings.
  virtual std::vector<std::string> warnings() const { return {}; }
};

// Samples in memory: uint8 (N,C,H,W), or floating (N,2).
std::unique_ptr<SampleStream> stream_tensor(torch::Tensor samples, torch::Tensor labels = {},
                                            int64_t batch = kStreamBatch);

// The named rows, int64 (N), of samples in memory, without a copy of all of them.
std::unique_ptr<SampleStream> stream_rows(torch::Tensor samples, torch::Tensor rows);

// PNG, JPEG and WebP images below a folder, sorted by path, as many as are drawn (none: all);
// subfolders are labels. Grey files give one channel, colour files three. Images of several sizes,
// or grey ones among colour, are refused by name: samples of one generator are alike.
std::unique_ptr<SampleStream> stream_folder(const std::filesystem::path& folder,
                                            const std::optional<SampleDraw>& draw);

// The samples of an .npz (`arr_0`, with labels in `arr_1` where it is
// there) or of an .npy, as many as are drawn (none: all), laid out as array_layout() tells;
// features are no samples (kData). Floating images must lie in [-1,1] and go through to_uint8:
// values beyond are refused, and so is a first batch without any value below 0, which looks like
// [0,1].
std::unique_ptr<SampleStream> stream_array(const std::filesystem::path& file,
                                           const std::optional<SampleDraw>& draw);

}  // namespace ganselect
