#include "datasets/points.h"

#include <algorithm>

#include "datasets/random.h"

namespace ganselect {
namespace {

constexpr int64_t kTrainPoints = 50000, kTestPoints = 10000;

}  // namespace

Dataset draw_points(const GaussianMixture& mixture, int64_t count, std::uint64_t stream) {
  const auto centres = mixture.centres.contiguous();
  const auto* centre = centres.data_ptr<double>();
  Dataset data;
  data.samples = torch::empty({count, 2}, torch::kFloat32);
  data.labels = torch::empty({count}, torch::kInt64);
  auto* point = data.samples.data_ptr<float>();
  auto* label = data.labels.data_ptr<int64_t>();
  for (int64_t n = 0; n < count; ++n) {
    SampleRandom random(stream, static_cast<std::uint64_t>(n));
    const auto k = random.below(centres.size(0));
    label[n] = k;
    for (int64_t d = 0; d < 2; ++d) {
      point[2 * n + d] =
          static_cast<float>(centre[2 * k + d] + mixture.standard_deviation * random.normal());
    }
  }
  for (int64_t k = 0; k < centres.size(0); ++k)
    data.class_names.push_back("mode " + std::to_string(k));
  data.mixture = mixture;
  return data;
}

Dataset load_points(const std::string& name, const GaussianMixture& mixture,
                    const LoadSettings& settings) {
  const auto whole = settings.split == "train" ? kTrainPoints : kTestPoints;
  return draw_points(mixture, std::min(whole, settings.limit.value_or(whole)),
                     stream_seed(settings.seed, name + " " + settings.split));
}

}  // namespace ganselect
