#include "models/backbones/networks.h"

#include <cmath>

#include "base/error.h"
#include "models/backbones/layers.h"

namespace ganselect {

std::optional<torch::Generator> NoisyModule::exchange_noise(std::optional<torch::Generator> noise) {
  std::swap(noise_, noise);
  return noise;
}

torch::Tensor Generator::forward(const torch::Tensor& z, const Condition& condition) {
  return generate(latent_bound ? *latent_bound * torch::erf(z * M_SQRT1_2) : z, condition);
}

torch::Tensor Critic::forward(const torch::Tensor& x, const Condition& condition) {
  const auto value = score(x, condition);
  return output == CriticOutput::kNegativeRelu ? -leaky_relu(value, 0.0) : value;
}

torch::Tensor Generator::dropped(const torch::Tensor& x, double share) {
  if (share <= 0.0 || !is_training() || !noise_) return x;
  return dropout(x, share, *noise_);
}

torch::Tensor Critic::dropped(const torch::Tensor& x, double share) {
  if (share <= 0.0 || !is_training()) return x;
  if (!noise_) {
    fail(ErrorKind::kFailed, {.where = "critic with dropout",
                              .expected = "a random generator in training mode",
                              .got = "none",
                              .hint = "call set_noise first"});
  }
  return dropout(x, share, *noise_);
}

int doublings(const SampleShape& shape) {
  int count = 0;
  for (auto size = shape.height; size > 4; size /= 2) ++count;
  return count;
}

void use_channels_last(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  const auto convert = [](torch::Tensor tensor) {
    if (tensor.dim() == 4) tensor.set_data(tensor.contiguous(at::MemoryFormat::ChannelsLast));
  };
  for (const auto& parameter : module.parameters()) convert(parameter);
  for (const auto& buffer : module.buffers()) convert(buffer);
}

}  // namespace ganselect
