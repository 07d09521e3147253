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

#include "datasets/formats/image_reading.h"
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
  // How the source's pixels were read, for protocols; empty where there is nothing to say.
  virtual Json reading() const { return Json::object(); }
  // About what was handed out so far, worded as Dataset::warnings.
  virtual std::vector<std::string> warnings() const { return {}; }
};

// Samples in memory: uint8 (N,C,H,W), or floating (N,2).
std::unique_ptr<SampleStream> stream_tensor(torch::Tensor samples, torch::Tensor labels = {},
                                            int64_t batch = kStreamBatch);

// The named rows, int64 (N), of samples in memory, without a copy of all of them.
std::unique_ptr<SampleStream> stream_rows(torch::Tensor samples, torch::Tensor rows);

// How files of samples are read: by the rule of data sets, held against the data's channels.
struct SampleReading {
  ImageReading images;
  std::optional<int64_t> channels;  // of the data that they are compared with; none: their own
};

// Images below a folder (formats/image_folder.h), as many as are drawn (none: all); subfolders are
// labels. kData by the file's name where one is damaged or, without an image size, of another size.
std::unique_ptr<SampleStream> stream_folder(const std::filesystem::path& folder,
                                            const std::optional<SampleDraw>& draw,
                                            const SampleReading& reading = {});

// The samples of an .npz or .npy (formats/array_samples.h), as many as are drawn (none: all);
// features are no samples (kData). All values of the file tell what black and white are, drawn or
// not.
std::unique_ptr<SampleStream> stream_array(const std::filesystem::path& file,
                                           const std::optional<SampleDraw>& draw,
                                           const SampleReading& reading = {});

}  // namespace ganselect
