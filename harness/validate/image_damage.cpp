#include "harness/validate/image_damage.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/torch/generators.h"
#include "datasets/formats/image_io.h"

namespace ganselect {
namespace {

constexpr double kMiddleGrey = 128;

void check_damage_level(const char* damage, bool possible, double level, const char* expected) {
  if (possible) return;
  fail(ErrorKind::kUsage,
       {.where = damage, .expected = expected, .got = "level " + std::to_string(level)});
}

torch::Tensor to_pixels(const torch::Tensor& values) {
  return values.round().clamp(0, 255).to(torch::kUInt8);
}

// One-dimensional Gaussian along rows, then columns; reflected at the rim.
torch::Tensor blur(const torch::Tensor& images, double sigma, std::uint64_t) {
  check_damage_level("blur", sigma > 0, sigma, "a standard deviation above 0 pixels");
  const auto reach = std::min<int64_t>(static_cast<int64_t>(std::ceil(3 * sigma)),
                                       std::min(images.size(2), images.size(3)) - 1);
  const auto offsets = torch::arange(-reach, reach + 1, torch::kFloat32);
  auto weights = torch::exp(-offsets.square() / (2 * sigma * sigma));
  weights = weights / weights.sum();
  const int64_t channels = images.size(1);
  namespace F = torch::nn::functional;
  const auto along = [&](const torch::Tensor& x, bool rows) {
    const std::vector<int64_t> padding =
        rows ? std::vector<int64_t>{0, 0, reach, reach} : std::vector<int64_t>{reach, reach, 0, 0};
    const auto padded = F::pad(x, F::PadFuncOptions(padding).mode(torch::kReflect));
    const auto kernel = rows ? weights.view({1, 1, -1, 1}) : weights.view({1, 1, 1, -1});
    return F::conv2d(padded, kernel.repeat({channels, 1, 1, 1}),
                     F::Conv2dFuncOptions().groups(channels));
  };
  return to_pixels(along(along(images.to(torch::kFloat32), true), false));
}

torch::Tensor add_noise(const torch::Tensor& images, double sd, std::uint64_t seed) {
  check_damage_level("noise", sd >= 0, sd, "a standard deviation of 0 or more");
  auto random = make_stream(seed, "damage noise");
  return to_pixels(images.to(torch::kFloat32) +
                   sd * torch::randn(images.sizes(), random, torch::kFloat32));
}

// A grey square of `side` pixels at a place of its own in every image.
torch::Tensor occlude(const torch::Tensor& images, double side, std::uint64_t seed) {
  const int64_t height = images.size(2), width = images.size(3);
  const auto pixels = static_cast<int64_t>(side);
  check_damage_level("occlusion", pixels >= 0 && pixels <= std::min(height, width), side,
                     "a side that fits into the image");
  auto random = make_stream(seed, "damage occlusion");
  const auto top = torch::randint(0, height - pixels + 1, {images.size(0)}, random, torch::kLong);
  const auto left = torch::randint(0, width - pixels + 1, {images.size(0)}, random, torch::kLong);
  auto damaged = images.clone();
  for (int64_t n = 0; n < images.size(0); ++n) {
    damaged[n]
        .narrow(1, top[n].item<int64_t>(), pixels)
        .narrow(2, left[n].item<int64_t>(), pixels)
        .fill_(kMiddleGrey);
  }
  return damaged;
}

// The first channel up, the last one down: a cast as of a wrong white balance.
torch::Tensor shift_colour(const torch::Tensor& images, double amount, std::uint64_t) {
  auto shifted = images.to(torch::kFloat32);
  shifted.select(1, 0).add_(amount);
  shifted.select(1, images.size(1) - 1).sub_(amount);
  return to_pixels(shifted);
}

torch::Tensor compress_jpeg(const torch::Tensor& images, double quality, std::uint64_t) {
  check_damage_level("jpeg", quality >= 1 && quality <= 100, quality, "a quality of 1 to 100");
  auto damaged = torch::empty_like(images);
  for (int64_t n = 0; n < images.size(0); ++n) {
    const auto bytes = encode_jpeg(images[n], static_cast<int>(quality));
    damaged[n].copy_(decode_image(bytes, "jpeg damage").pixels.slice(0, 0, images.size(1)));
  }
  return damaged;
}

}  // namespace

const NamedTable<ImageDamage>& image_damages() {
  static const NamedTable<ImageDamage> table(
      "image damage",
      {{"blur", "Gaussian blur", "pixels of standard deviation", {0.5, 0.75, 1, 1.5, 2.5}, 1, blur},
       {"noise",
        "independent Gaussian noise on every value",
        "standard deviation, of 255",
        {8, 16, 32, 48, 64},
        32,
        add_noise},
       {"occlusion",
        "a grey square at a random place",
        "pixels of its side",
        {6, 10, 14, 18, 24},
        14,
        occlude},
       {"colour-shift",
        "red raised and blue lowered",
        "of 255",
        {16, 32, 48, 64, 96},
        48,
        shift_colour},
       {"jpeg", "JPEG compression", "quality of 100", {80, 50, 25, 10, 5}, 25, compress_jpeg}});
  return table;
}

}  // namespace ganselect
