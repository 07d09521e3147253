#include "models/build.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "base/torch/generators.h"
#include "models/backbones/architectures.h"
#include "models/backbones/mlp.h"
#include "models/packing.h"

namespace ganselect {
namespace {

// As much of what the data offer as the candidate is told.
Conditioning taken_conditioning(const CandidateSpec& candidate, const BuildSettings& settings) {
  const auto& told = conditionings().at(candidate.conditioning);
  const auto& offered = settings.conditioning;
  return {.classes = told.needs_labels || told.needs_clusters ? offered.classes : 0,
          .instance_features = told.needs_instances ? offered.instance_features : 0,
          .visible = told.needs_visible ? settings.shape.channels : 0};
}

BackboneSettings backbone_settings(const CandidateSpec& candidate, const BuildSettings& settings,
                                   bool batch_norm, torch::Generator random) {
  return {.shape = settings.shape,
          .width = settings.width,
          .batch_norm = batch_norm,
          .torch_linear_init = candidate.torch_linear_init,
          .conditioning = taken_conditioning(candidate, settings),
          .path = conditionings().at(candidate.conditioning).path,
          .random = std::move(random)};
}

}  // namespace

const std::vector<std::int64_t>& image_sizes() {
  static const std::vector<std::int64_t> sizes = {32, 64, 128, 256};
  return sizes;
}

void require_buildable(const CandidateSpec& candidate, const BuildSettings& settings) {
  const auto& shape = settings.shape;
  const auto& sizes = image_sizes();
  const bool square = shape.height == shape.width &&
                      std::find(sizes.begin(), sizes.end(), shape.height) != sizes.end();
  std::vector<std::string> names;
  for (const auto size : sizes) names.push_back(std::to_string(size));
  if (!shape.points && (!square || shape.channels < 1)) {
    fail(ErrorKind::kUsage,
         {.where = "networks of " + candidate.name,
          .expected = "square images of " + join(names) + " pixels, or 2-d points",
          .got = to_string(shape),
          .hint = "--image-size brings images of a folder to one of them"});
  }
  if (shape.points && augmentation_of(candidate)) {
    fail(ErrorKind::kUsage, {.where = "networks of " + candidate.name,
                             .expected = "images, which diffaugment alters",
                             .got = to_string(shape),
                             .hint = "leave +diffaugment out for point sets"});
  }
  if (shape.points && candidate.needs_visible) {
    fail(ErrorKind::kUsage, {.where = "networks of " + candidate.name,
                             .expected = "images, a part of which is shown",
                             .got = to_string(shape)});
  }
  if (!shape.points && architectures().at(candidate.architecture).points_only) {
    fail(ErrorKind::kUsage, {.where = "networks of " + candidate.name,
                             .expected = "2-d points",
                             .got = to_string(shape),
                             .hint = "fc is the fully connected backbone of images"});
  }
  if (!(settings.width > 0.0 && settings.width <= 16.0)) {
    fail(ErrorKind::kUsage, {.where = "width",
                             .expected = "a factor above 0, at most 16",
                             .got = std::to_string(settings.width),
                             .hint = "1 is the published size"});
  }
  const auto& told = conditionings().at(candidate.conditioning);
  const bool lacks_labels =
      (told.needs_labels || told.needs_clusters) && settings.conditioning.classes < 1;
  const bool lacks_instances = told.needs_instances && settings.conditioning.instance_features < 1;
  if (lacks_labels || lacks_instances) {
    fail(ErrorKind::kUsage, {.where = "networks of " + candidate.name,
                             .expected = !lacks_labels         ? "instance features"
                                         : told.needs_clusters ? "data with clusters"
                                                               : "data with class labels",
                             .got = "none",
                             .hint = "unconditional candidates need neither"});
  }
}

std::shared_ptr<Generator> build_generator(const CandidateSpec& candidate,
                                           const BuildSettings& settings, std::uint64_t seed) {
  require_buildable(candidate, settings);
  const auto& architecture = architectures().at(candidate.architecture);
  const auto backbone = backbone_settings(candidate, settings, candidate.batch_norm_g,
                                          make_stream(seed, "init-generator"));
  const bool stand_in = settings.shape.points && !architecture.points_only;
  const auto generator = (stand_in ? make_mlp_generator : architecture.make_generator)(backbone);
  generator->latent_bound = candidate.latent_bound;
  return generator;
}

std::shared_ptr<Critic> build_critic(const CandidateSpec& candidate, const BuildSettings& settings,
                                     std::uint64_t seed) {
  require_buildable(candidate, settings);
  const auto& architecture = architectures().at(candidate.architecture);
  auto backbone = backbone_settings(candidate, settings, candidate.batch_norm_d,
                                    make_stream(seed, "init-critic"));
  backbone.dropout = architecture.dropout_d;
  backbone.input_dropout = candidate.input_dropout;
  backbone.spectral_norm_last = candidate.spectral_norm_last;
  for (const auto& name : candidate.regularization) {
    const auto& row = penalties().at(name);
    backbone.spectral_norm |= row.spectral_norm;
    backbone.gradient_penalty |= row.gradient_penalty;
  }
  backbone.shape = packed_shape(settings.shape, pack_of(candidate));
  backbone.conditioning.pack = pack_of(candidate);
  const bool stand_in = settings.shape.points && !architecture.points_only;
  const auto critic = (stand_in ? make_mlp_critic : architecture.make_critic)(backbone);
  critic->output = candidate.critic_output;
  return critic;
}

Networks build_networks(const CandidateSpec& candidate, const BuildSettings& settings,
                        std::uint64_t seed) {
  return {build_generator(candidate, settings, seed), build_critic(candidate, settings, seed)};
}

}  // namespace ganselect
