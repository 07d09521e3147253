#include "harness/race/eyes.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/seeds.h"
#include "base/statistics.h"
#include "base/torch/generators.h"
#include "datasets/table.h"
#include "harness/evaluate/evaluation.h"
#include "harness/validate/image_damage.h"
#include "metrics/fid.h"
#include "metrics/ndb.h"
#include "metrics/numerics/moments.h"
#include "results/report/defect_cards.h"

namespace ganselect {
namespace {

constexpr std::int64_t kLeastImages = 16;  // of a half
constexpr std::int64_t kClusters = 8;
constexpr std::int64_t kThumbnail = 8;       // side of what is clustered
constexpr std::int64_t kRepeatedShare = 20;  // one in so many is kept and repeated

// Real images in two halves, drawn anew for each split.
class EyeImages {
 public:
  EyeImages(const Dataset& data, const EyeSettings& settings)
      : half_(std::min<std::int64_t>(settings.images, data.size() / 2)) {
    if (half_ < kLeastImages) {
      fail(ErrorKind::kData, {.where = "eyes for " + data.name,
                              .expected = std::to_string(2 * kLeastImages) + " images or more",
                              .got = std::to_string(data.size())});
    }
    auto random = make_stream(settings.seed, "eyes rows");
    const auto order = torch::randperm(data.size(), random, torch::kLong);
    images_ = data.samples.index_select(0, order.slice(0, 0, 2 * half_));
  }
  const torch::Tensor& all() const { return images_; }
  torch::Tensor second() const { return images_.slice(0, half_); }
  std::int64_t half() const { return half_; }

 private:
  std::int64_t half_;
  torch::Tensor images_;
};

torch::Tensor random_pixels(const torch::Tensor& like, std::uint64_t seed) {
  auto random = make_stream(seed, "eyes noise");
  return torch::randint(0, 256, like.sizes(), random, torch::kUInt8);
}

// Images of the half of the clusters that lies nearest to one of them, repeated up to as many as
// there were.
torch::Tensor half_of_clusters(const torch::Tensor& images, std::uint64_t seed) {
  namespace F = torch::nn::functional;
  const auto small =
      F::adaptive_avg_pool2d(images.to(torch::kFloat32),
                             F::AdaptiveAvgPool2dFuncOptions({kThumbnail, kThumbnail}))
          .flatten(1)
          .to(torch::kFloat64);
  const auto centres =
      kmeans_centres(small, std::min(kClusters, small.size(0)), stream_seed(seed, "eyes clusters"));
  const auto cluster = torch::cdist(small, centres).argmin(1);
  // Neighbours, as what a generator misses lies together.
  const auto near = torch::cdist(centres.slice(0, 0, 1), centres).squeeze(0).argsort();
  const auto stay = near.slice(0, 0, std::max<std::int64_t>(1, centres.size(0) / 2));
  const auto kept = cluster.unsqueeze(1).eq(stay.unsqueeze(0)).any(1).nonzero().squeeze(1);
  const auto rows = kept.size(0) > 0 ? kept : torch::zeros({1}, torch::kLong);
  return images.index_select(
      0, rows.index_select(0, torch::arange(images.size(0)).remainder(rows.size(0))));
}

torch::Tensor few_repeated(const torch::Tensor& images, std::uint64_t) {
  const auto kept = std::max<std::int64_t>(2, images.size(0) / kRepeatedShare);
  return images.index_select(0, torch::arange(images.size(0)).remainder(kept));
}

struct Planted {
  std::string name;
  torch::Tensor (*plant)(const torch::Tensor& images, std::uint64_t seed);
};

torch::Tensor damaged(const char* name, const torch::Tensor& images, std::uint64_t seed) {
  const auto& damage = image_damages().at(name);
  return damage.apply(images, damage.card_level, seed);
}

const NamedTable<Planted>& planted_damages() {
  static const NamedTable<Planted> table(
      "planted damage",
      {{"blur", [](const torch::Tensor& images,
                   std::uint64_t seed) { return damaged("blur", images, seed); }},
       {"noise", [](const torch::Tensor& images,
                    std::uint64_t seed) { return damaged("noise", images, seed); }},
       {"dropped clusters", half_of_clusters},
       {"copies", few_repeated}});
  return table;
}

torch::Tensor features_of(Detector& detector, const torch::Tensor& images) {
  return detect_all(detector, images).features.cpu();
}

double distance(const torch::Tensor& real, const torch::Tensor& other) {
  return frechet_distance(fid_statistics(real), fid_statistics(other));
}

CleanSpread clean_spread(const torch::Tensor& features, std::int64_t half,
                         const EyeSettings& settings) {
  std::vector<double> values;
  auto random = make_stream(settings.seed, "eyes splits");
  for (std::int64_t s = 0; s < settings.splits; ++s) {
    const auto order = torch::randperm(features.size(0), random, torch::kLong);
    values.push_back(distance(features.index_select(0, order.slice(0, 0, half)),
                              features.index_select(0, order.slice(0, half))));
  }
  return {.mean = statistics::mean(values),
          .sd = std::sqrt(statistics::variance_n_minus_1(values)),
          .minimum = *std::min_element(values.begin(), values.end()),
          .maximum = *std::max_element(values.begin(), values.end())};
}

std::vector<std::string> eyes_to_try(const std::string& asked, const Dataset& data) {
  if (asked != "auto") return {asked};
  std::vector<std::string> names = {default_detector(data)};
  if (data.shape.points) return names;
  for (const char* name : {"efficientnet-lite0", "judge-cifar10", "simclr-cifar10"}) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }
  return names;
}

RaceEye try_named(const std::string& name, const Dataset& data, torch::Device device,
                  const EyeSettings& settings, bool must) {
  try {
    return try_eye(*load_detector(name, device), data, settings);
  } catch (const Error& e) {
    // Weights that are not here or images that it cannot take are no matter of the race.
    if (must) throw;
    return {.detector = name, .reason = e.what(), .sees = {}, .blind = {}};
  }
}

}  // namespace

RaceEye try_eye(Detector& detector, const Dataset& data, const EyeSettings& settings) {
  const EyeImages images(data, settings);
  const auto features = features_of(detector, images.all());
  const auto real = features.slice(0, 0, images.half());
  const auto clean = clean_spread(features, images.half(), settings);
  const auto second = images.second();
  RaceEye eye{.detector = detector.name(),
              .usable = true,
              .reason = "",
              .real = clean.mean,
              .real_sd = clean.sd,
              .noise = distance(real, features_of(detector, random_pixels(second, settings.seed))),
              .sees = {},
              .blind = {}};
  if (*eye.noise <= clean.maximum) {
    eye.usable = false;
    eye.reason =
        fmt::format("it prefers noise to real images: fid {:.3g} of noise, {:.3g} of real ones",
                    *eye.noise, clean.mean);
    return eye;
  }
  for (const auto& damage : planted_damages()) {
    const double value = distance(real, features_of(detector, damage.plant(second, settings.seed)));
    (defect_seen(value, clean, "lower", settings.threshold) ? eye.sees : eye.blind)
        .push_back(damage.name);
  }
  return eye;
}

ChosenEyes choose_eyes(const std::string& asked, const Dataset& data, torch::Device device,
                       const EyeSettings& settings) {
  ChosenEyes chosen;
  const RaceEye* best = nullptr;
  const auto names = eyes_to_try(asked, data);
  chosen.eyes.reserve(names.size());
  for (const auto& name : names) {
    if (data.shape.points) {
      chosen.detector = name;
      return chosen;
    }
    chosen.eyes.push_back(try_named(name, data, device, settings, asked != "auto"));
    auto& eye = chosen.eyes.back();
    if (eye.usable) eye.detector = name;  // a file by its path
    if (eye.usable && (best == nullptr || eye.sees.size() > best->sees.size())) best = &eye;
  }
  if (best == nullptr) {
    const auto& first = chosen.eyes.front();
    fail(ErrorKind::kData, {.where = "detector " + first.detector,
                            .expected = "one that tells real images from noise",
                            .got = first.reason,
                            .hint = "name another by --detector"});
  }
  chosen.detector = best->detector;
  const auto* spec = dataset_table().find(data.name);
  chosen.own_classes = spec != nullptr && spec->detector == chosen.detector;
  return chosen;
}

}  // namespace ganselect
