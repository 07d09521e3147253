// A folder's images brought to one form: channels, depth, ground and size by one rule, whoever
// reads them, and an account of what was done to them.
//
// Shapes: C channels, H rows, W columns.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/formats/image_io.h"
#include "datasets/formats/image_reading.h"

namespace ganselect {

// What a set of image files holds, by their headers.
struct ImageSurvey {
  int64_t images = 0;
  int64_t grey = 0, alpha = 0, deep = 0, lossy = 0, turned = 0, cmyk = 0;
  std::map<std::string, int64_t> formats;
  std::map<std::pair<int64_t, int64_t>, int64_t> sizes;  // (width, height)
  int deep_bits = 16;  // fewest bits that hold every value of the images of 16 bits
  std::vector<std::pair<std::string, std::string>> damaged;  // file, and what is wrong with it
};
// Reads every header, and the pixels of images of 16 bits or, with `pixels`, of all; damaged files
// are listed, not thrown.
ImageSurvey survey_images(const std::filesystem::path& root, const std::vector<std::string>& names,
                          bool pixels = false);

class ImageReader {
 public:
  // `survey` is of the whole set, so that its parts are read alike. `channels`: those of the data
  // that the images are held against (1, 3 or 4), which the choice "auto" then follows. kData where
  // a file is damaged; kUsage for a fit without an image size.
  ImageReader(ImageReading reading, const ImageSurvey& survey, const std::filesystem::path& root,
              std::optional<int64_t> channels = {});

  const ImageReading& reading() const { return reading_; }
  // uint8 (C,H,W), H = W = image_size where that is set, else as the first image read is. kData
  // naming the file for one that cannot be read, is of another size, or has colors where grey is
  // wanted and "grey" was not asked for.
  torch::Tensor read(const std::string& name);

  // What was done to the images read so far, each as Dataset::warnings words it.
  std::vector<std::string> notes() const;

 private:
  torch::Tensor to_bytes(const DecodedImage& image) const;
  torch::Tensor with_channels(const torch::Tensor& pixels, const ImageFacts& facts,
                              const std::string& where);
  torch::Tensor flattened(const torch::Tensor& pixels);
  torch::Tensor sized(const torch::Tensor& pixels, const std::string& where);

  ImageReading reading_;
  std::filesystem::path root_;
  int deep_bits_;
  int64_t channels_;
  bool grey_asked_;
  torch::Tensor first_;
  std::string first_name_;
  struct Counts {
    int64_t read = 0, lossy = 0, turned = 0, cmyk = 0, deep = 0, transparent = 0, opaque = 0;
    int64_t repeated = 0, made_grey = 0, resized = 0, enlarged = 0;
  } done_;
};

}  // namespace ganselect
