// What a trainer knows of a generator and a critic.
// N images of a batch, C channels, H height, W width, Z latent numbers.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "models/backbones/conditioning.h"

namespace ganselect {

// Work of one convolution or matrix product on one sample, forward.
struct LayerCost {
  std::string name;
  std::int64_t macs;  // multiply-adds, as executed
  bool reads_input;  // true: its input is data or latent, so no gradient flows into that by default
  // Where a cheaper form computes the same function: multiply-adds of the published one.
  std::optional<std::int64_t> published_macs = std::nullopt;
};

// A network that may drop a share of its numbers in training mode.
struct NoisyModule : torch::nn::Module {
  // Where dropout masks are drawn from. A handle, not a copy: the caller keeps its own to save the
  // state. Must be of the network's device.
  void set_noise(const torch::Generator& noise) { noise_ = noise; }
  // The handle that was set, if any; afterwards there is `noise`.
  std::optional<torch::Generator> exchange_noise(std::optional<torch::Generator> noise);

 protected:
  std::optional<torch::Generator> noise_;
};

// z (N, Z) float32 from N(0, I) -> samples in the training range: images (N, C, H, W) in [-1, 1],
// or points (N, 2). Batch norm uses batch statistics in training mode and running ones in
// evaluation mode. Dropout, where there is any, acts in training mode and only while a noise is
// set. A conditional generator needs a condition of N rows (kFailed without one).
struct Generator : NoisyModule {
  torch::Tensor forward(const torch::Tensor& z, const Condition& condition = {});

  std::int64_t latent_dim = 0;
  // b: the latents are those of U(-b, b), which the normal distribution's own distribution function
  // makes of z. Nothing: z itself.
  std::optional<double> latent_bound;
  std::vector<LayerCost> costs;

 protected:
  virtual torch::Tensor generate(const torch::Tensor& latents, const Condition& condition) = 0;
  torch::Tensor dropped(const torch::Tensor& x, double share);
};

// What stands between a critic's network and its score.
enum class CriticOutput {
  kLinear,        // C(x) = the network's output
  kNegativeRelu,  // C(x) = -max(0, output), so that the loss L = -C of a loss-sensitive GAN is >= 0
};

// x: images (N, C, H, W) or points (N, 2) -> (N,) raw scores, no squashing at the end. A critic of
// packs of m samples (models/packing.h) takes (N, m C, H, W) or (N, 2 m), and a condition of N m
// rows.
// In training mode a forward draws dropout masks from the generator given by set_noise (kFailed
// without one, for critics that have dropout) and takes one power iteration of every spectrally
// normalized weight; in evaluation mode nothing of the critic changes. Batch norm sees one call as
// one batch: give real and fake samples in separate calls.
struct Critic : NoisyModule {
  torch::Tensor forward(const torch::Tensor& x, const Condition& condition = {});

  CriticOutput output = CriticOutput::kLinear;
  std::vector<LayerCost> costs;

 protected:
  virtual torch::Tensor score(const torch::Tensor& x, const Condition& condition) = 0;
  // x with a share of its numbers dropped, in training mode; share 0: x itself.
  torch::Tensor dropped(const torch::Tensor& x, double share);
};

// Puts every 4-d parameter and buffer into channels-last memory, in which convolutions run faster;
// values are unchanged.
void use_channels_last(torch::nn::Module& module);

// Doublings from 4x4 to the image: 3 for 32x32, 4 for 64x64.
int doublings(const SampleShape& shape);

}  // namespace ganselect
