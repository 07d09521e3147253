// How image files and arrays become the pixels of a data set: settings, the same for training and
// evaluation. They travel in the data set's name, "folder:photos@image_size=64,fit=pad", so that a
// record, a plan and a resumed run mean the same pixels.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/named_table.h"
#include "base/settings_io.h"
#include "datasets/formats/array_layout.h"

namespace ganselect {

// Makes an image (C,H,W), uint8, square: a row of image_fits().
struct ImageFit {
  std::string name;         // "crop", "pad", "stretch"
  std::string explanation;  // one line for help texts and protocols
  torch::Tensor (*square)(const torch::Tensor& image, int ground);
};
const NamedTable<ImageFit>& image_fits();

// What the channels of all images become: a row of channel_choices().
struct ChannelChoice {
  std::string name;  // "auto", "grey", "rgb", "rgba"
  std::string explanation;
  int64_t channels = 0;  // 0: grey where every file is, else RGB
};
const NamedTable<ChannelChoice>& channel_choices();

// "grey", "rgb" or "rgba".
std::string channel_choice(int64_t channels);

// What transparent images are laid on, and what padding is made of: a row of image_grounds().
struct ImageGround {
  std::string name;  // "white", "grey", "black"
  std::string explanation;
  int level = 255;
};
const NamedTable<ImageGround>& image_grounds();

struct ImageReading {
  std::optional<int64_t> image_size;  // side that all are brought to; none: as they are
  std::string fit = "crop";
  std::string channels = "auto";
  std::string ground = "white";
  std::string values = "auto";
  bool operator==(const ImageReading&) const = default;
};

template <class V>
void describe(V& v, ImageReading& s) {
  v.field("image_size", s.image_size, "side in pixels that all images are brought to [as they are]",
          between(1, 4096));
  v.field("fit", s.fit, "how an image that is no square becomes one", one_of(image_fits().names()));
  v.field("channels", s.channels, "what all images are made to be",
          one_of(channel_choices().names()));
  v.field("ground", s.ground, "what transparent images are laid on and padding is made of",
          one_of(image_grounds().names()));
  v.field("values", s.values, "what the values of an array of images mean",
          one_of(value_ranges().names()));
}

// "image_size=64,fit=pad": the settings that are not at their defaults; "" where all are.
std::string reading_text(const ImageReading& reading);
// The same as JSON.
Json changed_json(const ImageReading& reading);
// Names of the settings that are not at their defaults.
std::vector<std::string> changed_settings(const ImageReading& reading);

// "photos@image_size=64,fit=pad" -> "photos" and the settings. What follows the last '@' is
// settings where it begins with the name of one. kUsage for unknown keys and values out of range.
std::pair<std::string, ImageReading> split_reading(const std::string& argument);

}  // namespace ganselect
