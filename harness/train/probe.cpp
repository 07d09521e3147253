#include "harness/train/probe.h"

#include <ATen/ops/pdist.h>

#include <cmath>
#include <utility>

#include "harness/train/autocast.h"
#include "harness/train/kept_state.h"
#include "harness/train/meter.h"
#include "models/packing.h"

namespace ganselect {

namespace {

std::optional<double> finite_item(const torch::Tensor& scalar) {
  const double value = scalar.item<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

torch::Tensor mean_pair_distance(const torch::Tensor& samples) {
  return at::pdist(samples.detach().to(torch::kFloat32).flatten(1)).mean();
}

Probe::Probe(const CandidateSpec& candidate, const Dataset& train, const Dataset* held_out,
             std::int64_t batch, torch::Device device, torch::Generator noise)
    : noise_(std::move(noise)), batch_(batch), pack_(pack_of(candidate)) {
  const auto source_of = [&](const Dataset& data) {
    return make_condition_source(candidate, data, device, {.data = noise_, .condition = noise_});
  };
  train_ = source_of(train);
  if (held_out != nullptr) held_out_ = source_of(*held_out);
  data_distance_ = mean_pair_distance(train_->next(batch_).samples).item<double>();
}

void Probe::read(Networks& networks, const torch::Generator& training_noise,
                 const Precision& precision, CurveRow& row) {
  torch::NoGradGuard no_grad;
  const KeptState generator_state(*networks.generator), critic_state(*networks.critic);
  const auto device = noise_.device();
  const Autocast autocast(device.type(), precision.autocast);
  const auto latents = torch::randn({batch_, networks.generator->latent_dim}, noise_,
                                    torch::TensorOptions().device(device));
  const auto asked = train_->conditions(batch_);
  networks.generator->set_noise(noise_);
  const auto fake = networks.generator->forward(latents, asked).to(torch::kFloat32);
  networks.generator->set_noise(training_noise);
  // Data of one value only has no spread to compare with.
  if (data_distance_ > 0) {
    row.sample_diversity = finite_item(mean_pair_distance(fake) / data_distance_);
  }
  if (!held_out_) return;
  networks.critic->set_noise(noise_);
  const auto scored = [&](const ConditionedBatch& batch) {
    return networks.critic->forward(packed(batch.samples, pack_), batch.condition)
        .to(torch::kFloat32);
  };
  const auto accuracy =
      critic_accuracy({.real = scored(train_->next(batch_)), .fake = scored({fake, asked})});
  const auto held_out = scored(held_out_->next(batch_));
  row.critic_accuracy_heldout =
      finite_item((held_out > accuracy.middle).to(torch::kFloat32).mean());
  networks.critic->set_noise(training_noise);
}

}  // namespace ganselect
