// What a data set is once it is in memory, how to ask for one, and the two conversions between
// stored pixels and the range that networks see. Loaders live one to a file and are listed in
// datasets.inc; batches in batches.h.
//
// Shapes: N samples, C channels, H rows, W columns, F factors.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/shape.h"
#include "datasets/formats/image_reading.h"
#include "datasets/formats/pixels.h"

namespace ganselect {

struct Neighborhoods;
struct Partition;

// What generated samples were made from, known exactly.
struct Factors {
  std::vector<std::string> names;  // F names, e.g. "shape", "colour"
  torch::Tensor values;            // int64 (N,F), values[n][f] in [0, levels[f].size())
  std::vector<std::vector<std::string>> levels;  // F lists of level names
};

// The mixture that a point set was drawn from: equal weights, round components of one standard
// deviation.
struct GaussianMixture {
  torch::Tensor centres;          // float64 (K,2)
  double standard_deviation = 0;  // per coordinate
};

struct Dataset {
  std::string name;       // as asked for: "cifar10", "folder:photos"
  std::string split;      // "train" or "test"
  SampleShape shape;      // of one sample
  torch::Tensor samples;  // images: uint8 (N,C,H,W), 0..255; point sets: float32 (N,2). On the CPU,
                          // contiguous.
  torch::Tensor labels;   // int64 (N), in [0, class_names.size()); undefined when there are none
  std::vector<std::string> class_names;    // empty when there are no labels
  std::optional<Factors> factors;          // generated images only
  std::optional<GaussianMixture> mixture;  // ring and grid only
  int64_t padding = 0;  // rows and columns of zeros that loading put on each side of images
  // For conditioning on instances (datasets/neighborhoods.h); no loader sets it.
  std::shared_ptr<const Neighborhoods> neighborhoods;
  // For conditioning on clusters (datasets/partition.h); no loader sets it.
  std::shared_ptr<const Partition> partition;
  std::string digest;  // 64 hex digits, see content_digest
  // What a score on this set should mention, each as "code: text".
  std::vector<std::string> warnings;

  int64_t size() const { return samples.defined() ? samples.size(0) : 0; }
};

struct LoadSettings {
  std::filesystem::path data_dir;  // where fetched sets lie; empty: resolve_data_dir()
  std::string split = "train";     // "train" or "test"
  std::optional<int64_t> limit;    // keep the first so many samples (>= 1); none: all
  std::uint64_t seed = 0;          // generated sets and stacked-mnist: which draw
  ImageReading reading;            // of image files and arrays; what the name says comes first
};

// Loads by name: one of dataset_table()'s, with its argument after a colon where it takes one
// ("folder:PATH"). Images of 28x28 come padded with zeros to 32x32. Errors: kUsage for an unknown
// name, split or setting; kData for files that are missing, cut short or not the official ones.
Dataset load_dataset(const std::string& name, const LoadSettings& settings);

// Whether there is such a split, without loading it: a folder that is not divided has no "test". A
// damaged split is there; loading it is the error.
bool has_split(const std::string& name, const LoadSettings& settings);

// Samples [from, to) of a set, as a split of that name with a digest of its own; shares memory
// where it can. Throws kUsage unless 0 <= from < to <= size().
Dataset rows_of(const Dataset& data, int64_t from, int64_t to, const std::string& split);

// The named rows, int64 (M), as a split of that name with a digest of its own; without the
// neighbourhoods and the partition, which name other rows.
Dataset rows_at(const Dataset& data, const torch::Tensor& rows, const std::string& split);

// SHA-256, 64 hex digits, over one line "DTYPE D0xD1x...\n" and the raw bytes of samples, then the
// same of labels when defined. Equal digests: the same samples in the same order.
std::string content_digest(const torch::Tensor& samples, const torch::Tensor& labels);

// The same digest of samples that come in batches.
class ContentDigest {
 public:
  // The next samples (n,...) of `total` in all; the type and shape of the first batch hold for all.
  void add(const torch::Tensor& samples, int64_t total);
  std::string hex(const torch::Tensor& labels);  // ends the digest: call once

 private:
  Digest digest_;
  bool begun_ = false;
};

// The data folder: `flag` when not empty, else $GANSELECT_DATA, else
// $XDG_CACHE_HOME/ganselect/data, else $HOME/.cache/ganselect/data. Need not exist. Throws kUsage
// when none of them is set.
std::filesystem::path resolve_data_dir(const std::filesystem::path& flag = {});

}  // namespace ganselect
