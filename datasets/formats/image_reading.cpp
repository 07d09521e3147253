#include "datasets/formats/image_reading.h"

#include <ATen/ops/full.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"

namespace ganselect {
namespace {

torch::Tensor crop_center_square(const torch::Tensor& image, int) {
  const auto side = std::min(image.size(1), image.size(2));
  return image.narrow(1, (image.size(1) - side) / 2, side)
      .narrow(2, (image.size(2) - side) / 2, side);
}

torch::Tensor pad_to_square(const torch::Tensor& image, int ground) {
  const auto side = std::max(image.size(1), image.size(2));
  if (image.size(1) == image.size(2)) return image;
  auto square = at::full({image.size(0), side, side}, ground, image.options());
  if (image.size(0) == 4) square.select(0, 3).zero_();  // what is added is transparent
  square.narrow(1, (side - image.size(1)) / 2, image.size(1))
      .narrow(2, (side - image.size(2)) / 2, image.size(2))
      .copy_(image);
  return square;
}

torch::Tensor leave_to_resize(const torch::Tensor& image, int) { return image; }

// A value of a setting as JSON: a number where it is one, else text.
Json setting_value(const std::string& text) {
  const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
                      text.size() < 10;
  return number ? Json(std::stoll(text)) : Json(text);
}

}  // namespace

const NamedTable<ImageFit>& image_fits() {
  static const NamedTable<ImageFit> table(
      "fit", {{.name = "crop", .explanation = "center square", .square = crop_center_square},
              {.name = "pad", .explanation = "padded to a square", .square = pad_to_square},
              {.name = "stretch", .explanation = "stretched", .square = leave_to_resize}});
  return table;
}

const NamedTable<ChannelChoice>& channel_choices() {
  static const NamedTable<ChannelChoice> table(
      "channels",
      {{.name = "auto", .explanation = "grey where every file is grey, else RGB"},
       {.name = "grey", .explanation = "one channel: luma of colors (ITU-R 601)", .channels = 1},
       {.name = "rgb", .explanation = "three channels", .channels = 3},
       {.name = "rgba", .explanation = "three channels and alpha", .channels = 4}});
  return table;
}

std::string channel_choice(int64_t channels) {
  for (const auto& choice : channel_choices()) {
    if (choice.channels == channels) return choice.name;
  }
  fail(ErrorKind::kUsage,
       {.where = "channels", .expected = "1, 3 or 4 channels", .got = std::to_string(channels)});
}

const NamedTable<ImageGround>& image_grounds() {
  static const NamedTable<ImageGround> table("ground",
                                             {{.name = "white", .explanation = "255"},
                                              {.name = "grey", .explanation = "128", .level = 128},
                                              {.name = "black", .explanation = "0", .level = 0}});
  return table;
}

std::vector<std::string> changed_settings(const ImageReading& reading) {
  const Json defaults = settings_to_json(ImageReading{});
  const Json settings = settings_to_json(reading);
  std::vector<std::string> changed;
  for (const auto& [key, value] : settings.items()) {
    if (value != defaults.at(key)) changed.push_back(key);
  }
  return changed;
}

Json changed_json(const ImageReading& reading) {
  const Json settings = settings_to_json(reading);
  Json changed = Json::object();
  for (const auto& key : changed_settings(reading)) changed[key] = settings.at(key);
  return changed;
}

std::string reading_text(const ImageReading& reading) {
  const Json changed = changed_json(reading);
  std::string text;
  for (const auto& [key, value] : changed.items()) {
    text += (text.empty() ? "" : ",") + key + "=" +
            (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

std::pair<std::string, ImageReading> split_reading(const std::string& argument) {
  const auto at = argument.rfind('@');
  if (at == std::string::npos) return {argument, {}};
  const auto tail = argument.substr(at + 1);
  const Json defaults = settings_to_json(ImageReading{});
  const bool settings = defaults.contains(tail.substr(0, tail.find('=')));
  if (!settings || tail.find('=') == std::string::npos) return {argument, {}};
  Json given = Json::object();
  std::istringstream parts(tail);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto equals = part.find('=');
    if (equals == std::string::npos) {
      fail(ErrorKind::kUsage, {.where = "data set " + argument,
                               .expected = "settings KEY=VALUE after '@'",
                               .got = "'" + part + "'"});
    }
    given[part.substr(0, equals)] = setting_value(part.substr(equals + 1));
  }
  return {argument.substr(0, at), settings_from_json<ImageReading>(given, "data set " + argument)};
}

}  // namespace ganselect
