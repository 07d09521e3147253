#include "harness/train/probe.h"

#include <ATen/ops/pdist.h>

#include <cmath>
#include <utility>

#include "harness/train/autocast.h"
#include "harness/train/kept_state.h"
#include "harness/train/meter.h"

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

Probe::Probe(const Dataset& train, const Dataset* held_out, std::int64_t batch,
             torch::Device device, torch::Generator noise)
    : noise_(std::move(noise)), batch_(batch), train_(train, device, noise_) {
  if (held_out != nullptr) held_out_.emplace(*held_out, device, noise_);
  data_distance_ = mean_pair_distance(train_.next(batch_).samples).item<double>();
}

void Probe::read(Networks& networks, const torch::Generator& training_noise,
                 const Precision& precision, CurveRow& row) {
  torch::NoGradGuard no_grad;
  const KeptState generator_state(*networks.generator), critic_state(*networks.critic);
  const auto device = noise_.device();
  const Autocast autocast(device.type(), precision.autocast);
  const auto latents = torch::randn({batch_, networks.generator->latent_dim}, noise_,
                                    torch::TensorOptions().device(device));
  const auto fake = networks.generator->forward(latents).to(torch::kFloat32);
  // Data of one value only has no spread to compare with.
  if (data_distance_ > 0) {
    row.sample_diversity = finite_item(mean_pair_distance(fake) / data_distance_);
  }
  if (!held_out_) return;
  networks.critic->set_noise(noise_);
  const auto scored = [&](const torch::Tensor& samples) {
    return networks.critic->forward(samples).to(torch::kFloat32);
  };
  const auto accuracy =
      critic_accuracy({.real = scored(train_.next(batch_).samples), .fake = scored(fake)});
  const auto held_out = scored(held_out_->next(batch_).samples);
  row.critic_accuracy_heldout =
      finite_item((held_out > accuracy.middle).to(torch::kFloat32).mean());
  networks.critic->set_noise(training_noise);
}

}  // namespace ganselect
