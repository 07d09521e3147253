// The layers every backbone is made of. They draw their first weights from an explicit generator,
// can be normalized spectrally, and report what they cost. N batch, C channels, S height and width.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/networks.h"

namespace ganselect {

enum class InitLaw {
  kNormal,         // N(0, scale)
  kUniform,        // U(-scale, scale)
  kGlorotUniform,  // U(-b, b), b = scale sqrt(6 / (fan_in + fan_out)); Glorot & Bengio 2010
  kFanInUniform,   // U(-b, b), b = scale / sqrt(fan_in), biases too
};
struct InitRule {
  InitLaw law;
  double scale;
};

// A weight with an optional bias, of which the largest singular value can be divided out.
class WeightedLayer : public torch::nn::Module {
 public:
  // The weight a forward uses. Spectral norm (Miyato et al. 2018, arXiv 1802.05957, algorithm 1)
  // views it as a matrix of weight.size(0) rows and starts each estimate of the singular value at
  // the buffer `u`, which moves by one power iteration per call in training mode and stays in
  // evaluation mode.
  torch::Tensor current_weight();

 protected:
  struct Init {
    InitRule rule;
    std::int64_t fan_in, fan_out;
    torch::Generator random;
    bool spectral_norm;
    bool bias;
  };
  WeightedLayer(at::IntArrayRef weight_shape, std::int64_t outputs, Init init);

  torch::Tensor weight_, bias_, u_;  // bias_, u_: undefined when there is none
};

struct ConvShape {
  std::int64_t in, out, kernel, stride;
  bool bias = true;
};

// Padding keeps S at stride 1 and halves it at stride 2 with a 4x4 kernel.
class ConvLayer : public WeightedLayer {
 public:
  ConvLayer(const ConvShape& shape, InitRule rule, torch::Generator random, bool spectral_norm);
  torch::Tensor forward(const torch::Tensor& x);
  // A 3x3 layer after nearest up-sampling of x to double size, and before 2x2 average pooling.
  torch::Tensor forward_upsampled(const torch::Tensor& x);
  torch::Tensor forward_pooled(const torch::Tensor& x);

 private:
  std::int64_t stride_, padding_;
};

// 4x4 transposed convolution of stride 2: (N, in, S, S) -> (N, out, 2S, 2S).
class DeconvLayer : public WeightedLayer {
 public:
  DeconvLayer(const ConvShape& shape, InitRule rule, torch::Generator random);
  torch::Tensor forward(const torch::Tensor& x);
};

class LinearLayer : public WeightedLayer {
 public:
  LinearLayer(std::int64_t in, std::int64_t out, bool bias, InitRule rule, torch::Generator random,
              bool spectral_norm);
  torch::Tensor forward(const torch::Tensor& x);
};

// Batch norm over all but dimension 1 (Ioffe & Szegedy 2015): momentum 0.1, epsilon 1e-5.
class BatchNormLayer : public torch::nn::Module {
 public:
  // gains: N(1, gain_deviation) at the start.
  BatchNormLayer(std::int64_t channels, double gain_deviation, torch::Generator random);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor weight_, bias_, running_mean_, running_var_;
};

// max(x, slope x) with 0 <= slope < 1. Its second derivative is zero, and unlike LibTorch's own
// function it says so, so that a gradient penalty's backward does not carry a gradient of zeros
// through the whole critic.
torch::Tensor leaky_relu(const torch::Tensor& x, double slope);

// 2x2 average pooling: (N, C, S, S) with S even -> (N, C, S / 2, S / 2). As of leaky_relu, its
// second derivative is not even one of zeros.
torch::Tensor average_pool(const torch::Tensor& x);

// Maxout (Goodfellow et al. 2013): (N, units * pieces) -> (N, units), the largest of each unit's
// pieces.
torch::Tensor maxout(const torch::Tensor& x, std::int64_t pieces);

// Sets a share `probability` of x to zero and scales the rest by 1 / (1 - probability).
torch::Tensor dropout(const torch::Tensor& x, double probability, torch::Generator& random);

// max(1, round(channels * width)).
std::int64_t scaled(std::int64_t channels, double width);

// Makes layers, registers them in their owner under a name and enters their cost.
class LayerMaker {
 public:
  LayerMaker(torch::nn::Module& owner, std::vector<LayerCost>& costs, InitRule rule,
             torch::Generator random, bool spectral_norm);

  void use_rule(InitRule rule) { rule_ = rule; }
  // out_size: height and width of the output.
  std::shared_ptr<ConvLayer> conv(const std::string& name, const ConvShape& shape,
                                  std::int64_t out_size, bool reads_input = false);
  // A convolution of stride 1 beside a 2x resize, run at the smaller of the two sizes: 3x3 through
  // forward_upsampled or forward_pooled, 1x1 on the other side of the resize, with which it
  // commutes. large_size: height and width at which the published form runs it.
  std::shared_ptr<ConvLayer> resized_conv(const std::string& name, const ConvShape& shape,
                                          std::int64_t large_size, bool reads_input = false);
  std::shared_ptr<DeconvLayer> deconv(const std::string& name, const ConvShape& shape,
                                      std::int64_t out_size);
  std::shared_ptr<LinearLayer> linear(const std::string& name, std::int64_t in, std::int64_t out,
                                      bool bias = true, bool reads_input = false);
  // nullptr when not wanted, see batch_norm_if.
  std::shared_ptr<BatchNormLayer> batch_norm(const std::string& name, bool wanted,
                                             std::int64_t channels, double gain_deviation = 0.0);
  // A layer of another kind, without cost.
  template <class Layer>
  std::shared_ptr<Layer> add(const std::string& name, std::shared_ptr<Layer> layer) {
    return owner_.register_module(name, std::move(layer));
  }

 private:
  torch::nn::Module& owner_;
  std::vector<LayerCost>& costs_;
  InitRule rule_;
  torch::Generator random_;
  bool spectral_norm_;
};

// x through the layer, or x itself when there is none.
torch::Tensor batch_norm_if(const std::shared_ptr<BatchNormLayer>& layer, const torch::Tensor& x);

// kFailed unless x is (N, shape): images (N, C, H, W), points (N, 2).
void require_samples(const torch::Tensor& x, const SampleShape& shape, const char* where);
// kFailed unless z is (N, latent).
void require_latent(const torch::Tensor& z, std::int64_t latent, const char* where);

}  // namespace ganselect
