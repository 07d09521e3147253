#include "metrics/detectors/embedding_views.h"

#include <torch/torch.h>

#include <cmath>
#include <numbers>
#include <utility>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr double kColourChance = 0.8;  // of the images whose colours change
const double kLargestLogAspect = std::log(4.0 / 3.0);

// Luminance and the two chroma axes of the YIQ space (FCC 1953), a row each.
torch::Tensor yiq_rows() {
  return torch::tensor({{0.299, 0.587, 0.114}, {0.596, -0.274, -0.322}, {0.211, -0.523, 0.312}},
                       torch::kFloat32);
}

// Draws for one batch of n images.
class ViewDraws {
 public:
  ViewDraws(int64_t n, torch::Generator generator) : n_(n), generator_(std::move(generator)) {}
  // float32 (n), uniform in [low,high).
  torch::Tensor uniform(double low, double high) {
    return torch::empty({n_}, torch::kFloat32).uniform_(low, high, generator_);
  }
  // Factor uniform in [1-reach,1+reach] for a share of the images, else 1.
  torch::Tensor chance(double share) { return uniform(0, 1) < share; }

 private:
  int64_t n_;
  torch::Generator generator_;
};

torch::Tensor crop_and_mirror(const torch::Tensor& images, const ViewSettings& s,
                              ViewDraws& draws) {
  if (s.least_area >= 1 && !s.mirror) return images;
  const auto n = images.size(0);
  const auto area = draws.uniform(s.least_area, 1.0).sqrt();
  const auto aspect = draws.uniform(-kLargestLogAspect / 2, kLargestLogAspect / 2).exp();
  const bool crops = s.least_area < 1;
  const auto one = torch::ones({n});
  const auto width = crops ? (area * aspect).clamp_max(1.0) : one;
  const auto height = crops ? (area / aspect).clamp_max(1.0) : one;
  const auto x = draws.uniform(-1, 1) * (1 - width);
  const auto y = draws.uniform(-1, 1) * (1 - height);
  const auto sign = s.mirror ? torch::where(draws.chance(0.5), -one, one) : one;
  const auto zero = torch::zeros({n});
  const auto maps = torch::stack({width * sign, zero, x, zero, height, y}, 1).view({n, 2, 3});
  const auto grid = at::affine_grid_generator(maps, images.sizes(), /*align_corners=*/false);
  constexpr int64_t kBilinear = 0, kReflection = 2;
  return at::grid_sampler_2d(images, grid, kBilinear, kReflection, /*align_corners=*/false);
}

// (n,3,3): saturation, then a turn of the hue, of each image's colours; luminance stays.
torch::Tensor colour_maps(const torch::Tensor& saturation, const torch::Tensor& angle) {
  const auto n = saturation.size(0);
  const auto yiq = yiq_rows();
  const auto cosine = saturation * angle.cos(), sine = saturation * angle.sin();
  const auto zero = torch::zeros({n}), one = torch::ones({n});
  const auto turn =
      torch::stack({one, zero, zero, zero, cosine, -sine, zero, sine, cosine}, 1).view({n, 3, 3});
  return at::matmul(at::matmul(at::linalg_inv(yiq), turn), yiq);
}

torch::Tensor recolour(const torch::Tensor& images, const ViewSettings& s, ViewDraws& draws) {
  if (s.jitter <= 0 && s.grey <= 0) return images;
  const auto n = images.size(0), channels = images.size(1);
  const bool colour = channels == 3;
  const auto changed = draws.chance(kColourChance);
  const auto one = torch::ones({n});
  const auto factor = [&] {
    const auto drawn = draws.uniform(1 - 0.8 * s.jitter, 1 + 0.8 * s.jitter);
    return s.jitter > 0 ? torch::where(changed, drawn, one) : one;
  };
  const auto brightness = factor().view({n, 1, 1, 1}), contrast = factor().view({n, 1, 1, 1});
  auto saturation = factor();
  const auto reach = 2 * std::numbers::pi * 0.2 * s.jitter;
  const auto angle =
      reach > 0 ? torch::where(changed, draws.uniform(-reach, reach), 0 * one) : torch::zeros({n});
  saturation = torch::where(draws.chance(s.grey), 0 * one, saturation);
  auto x = images;
  if (colour) {
    x = at::matmul(colour_maps(saturation, angle), x.flatten(2)).view(images.sizes());
  }
  const auto luminance = colour ? yiq_rows()[0].view({1, 3, 1, 1}) : torch::ones({1}) / channels;
  const auto level = (x * luminance).sum(1, true).mean({2, 3}, true);
  return ((x - level) * contrast + level).mul_(brightness).clamp_(0, 255);
}

}  // namespace

torch::Tensor random_view(const torch::Tensor& pixels, const ViewSettings& settings,
                          torch::Generator generator) {
  torch::NoGradGuard no_grad;
  ViewDraws draws(pixels.size(0), std::move(generator));
  const auto images = pixels.to(torch::kFloat32).contiguous();
  return recolour(crop_and_mirror(images, settings, draws), settings, draws);
}

ViewBatches::ViewBatches(const Dataset& data, const ViewSettings& settings,
                         torch::Generator generator)
    : images_(data.samples), settings_(settings), generator_(std::move(generator)) {
  if (data.shape.points || data.size() == 0) {
    fail(ErrorKind::kData,
         {.where = "embedding training", .expected = "images", .got = "data set " + data.name});
  }
  start_epoch();
}

void ViewBatches::start_epoch() {
  order_ = torch::randperm(size(), generator_, torch::kInt64);
  position_ = 0;
}

std::optional<torch::Tensor> ViewBatches::next(int64_t n) {
  if (position_ + n > size()) return std::nullopt;
  const auto chosen = images_.index_select(0, order_.slice(0, position_, position_ + n));
  position_ += n;
  const auto first = random_view(chosen, settings_, generator_);
  return torch::cat({first, random_view(chosen, settings_, generator_)});
}

}  // namespace ganselect
