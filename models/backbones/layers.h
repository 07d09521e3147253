// The layers every backbone is made of. They draw their first weights from an explicit generator,
// can be normalized spectrally, and report what they cost. N batch, C channels, S height and width.
#pragma once

#include <torch/torch.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/backbones/architectures.h"
#include "models/backbones/networks.h"

namespace ganselect {

enum class InitLaw {
  kNormal,         // N(0, scale)
  kUniform,        // U(-scale, scale)
  kGlorotUniform,  // U(-b, b), b = scale sqrt(6 / (fan_in + fan_out)); Glorot & Bengio 2010
  // The same with the fan of the strided side divided by stride^2, as each of its places meets that
  // many fewer weights (improved_wgan_training, tflib/ops); scale sqrt(2) is He et al. 2015's.
  kStridedGlorotUniform,
  kFanInUniform,  // U(-b, b), b = scale / sqrt(fan_in), biases too; LibTorch's own default
};
// The law holds at width 1. At another width the deviation is the one of width 1 times
// sqrt(fan-in there / fan-in here), so that signals keep their size; where batch norm follows or
// the weight is normalized spectrally they do by themselves, and the deviation stays, as it is what
// a step of Adam is measured by.
struct InitRule {
  InitLaw law;
  double scale;
};
// LibTorch's default for linear and convolution layers: kaiming_uniform(a = sqrt(5)).
inline constexpr InitRule kTorchInit{InitLaw::kFanInUniform, 1.0};

// How many channels or units a place has, and how many at width 1.
struct Channels {
  Channels(std::int64_t count) : built(count), published(count) {}  // NOLINT: the same at any width
  Channels(std::int64_t built_count, std::int64_t published_count)
      : built(built_count), published(published_count) {}
  operator std::int64_t() const { return built; }  // NOLINT

  std::int64_t built, published;
};
template <std::integral T>
Channels operator*(const Channels& a, T factor) {
  return {a.built * factor, a.published * factor};
}
template <std::integral T>
Channels operator+(const Channels& a, T more) {
  return {a.built + more, a.published + more};
}
inline Channels operator+(const Channels& a, const Channels& b) {
  return {a.built + b.built, a.published + b.published};
}

// max(1, round(channels * width)), of so many channels at width 1.
Channels scaled(std::int64_t channels, double width);

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
    double fan_in, fan_out;  // at width 1
    double gain;             // sqrt(fan-in at width 1 / fan-in as built)
    torch::Generator random;
    bool spectral_norm;
    bool bias;
  };
  WeightedLayer(at::IntArrayRef weight_shape, std::int64_t outputs, Init init);

  torch::Tensor weight_, bias_, u_;  // bias_, u_: undefined when there is none
};

struct ConvShape {
  Channels in, out;
  std::int64_t kernel, stride;
  bool bias = true;
  std::optional<std::int64_t> padding = std::nullopt;  // none: (kernel - 1) / 2
  bool normalized = false;                             // batch norm follows
};

// The default padding keeps S at stride 1 with an odd kernel and halves it at stride 2.
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

// Transposed convolution (N, in, s, s) -> (N, out, S, S): at the default padding S = stride s.
class DeconvLayer : public WeightedLayer {
 public:
  // out_size: S, which stride, padding and kernel leave open by less than a stride.
  DeconvLayer(const ConvShape& shape, std::int64_t in_size, std::int64_t out_size, InitRule rule,
              torch::Generator random);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::int64_t stride_, padding_, output_padding_;
};

class LinearLayer : public WeightedLayer {
 public:
  // normalized: batch norm follows.
  LinearLayer(const Channels& in, const Channels& out, bool bias, InitRule rule,
              torch::Generator random, bool spectral_norm, bool normalized = false);
  torch::Tensor forward(const torch::Tensor& x);
};

// Batch norm over all but dimension 1 (Ioffe & Szegedy 2015): momentum 0.1, epsilon 1e-5.
class BatchNormLayer : public torch::nn::Module {
 public:
  // Gains are N(1, gain_deviation) at the start.
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

// Overlapping max pooling: (N, C, S, S) -> (N, C, T, T) with T = ceil((S - size) / stride) + 1. As
// of leaky_relu, its second derivative is not even one of zeros.
torch::Tensor max_pool(const torch::Tensor& x, std::int64_t size, std::int64_t stride);

// Maxout over channels (Goodfellow et al. 2013): (N, units * pieces, S, S) -> (N, units, S, S).
torch::Tensor maxout_maps(const torch::Tensor& x, std::int64_t pieces);

// Sets a share `probability` of x to zero and scales the rest by 1 / (1 - probability).
torch::Tensor dropout(const torch::Tensor& x, double probability, torch::Generator& random);

// Makes layers, registers them in their owner under a name and enters their cost.
class LayerMaker {
 public:
  // `rule` is the source's for convolutions and linear layers alike. A critic under a gradient
  // penalty and without spectral norm takes Gulrajani et al. 2017's in its place, since the penalty
  // wants a gradient of norm 1, which small first weights are far from: He's for convolutions,
  // Glorot's for linear layers, each on uniform numbers.
  LayerMaker(torch::nn::Module& owner, std::vector<LayerCost>& costs, InitRule rule,
             const BackboneSettings& settings);

  void use_rule(InitRule rule);
  // out_size: height and width of the output.
  std::shared_ptr<ConvLayer> conv(const std::string& name, const ConvShape& shape,
                                  std::int64_t out_size, bool reads_input = false);
  // A convolution of stride 1 beside a 2x resize, run at the smaller of the two sizes: 3x3 through
  // forward_upsampled or forward_pooled, 1x1 on the other side of the resize, with which it
  // commutes. large_size: height and width at which the published form runs it.
  std::shared_ptr<ConvLayer> resized_conv(const std::string& name, const ConvShape& shape,
                                          std::int64_t large_size, bool reads_input = false);
  std::shared_ptr<DeconvLayer> deconv(const std::string& name, const ConvShape& shape,
                                      std::int64_t in_size, std::int64_t out_size);
  std::shared_ptr<LinearLayer> linear(const std::string& name, const Channels& in,
                                      const Channels& out, bool bias = true,
                                      bool reads_input = false, bool normalized = false);
  // The layer that gives the critic's score, which the settings may leave without spectral norm.
  std::shared_ptr<LinearLayer> score(const Channels& in, bool bias = true);
  // nullptr when not wanted, see batch_norm_if.
  std::shared_ptr<BatchNormLayer> batch_norm(const std::string& name, bool wanted,
                                             std::int64_t channels, double gain_deviation = 0.0);
  // A layer of another kind, without cost.
  template <class Layer>
  std::shared_ptr<Layer> add(const std::string& name, std::shared_ptr<Layer> layer) {
    return owner_.register_module(name, std::move(layer));
  }

 private:
  std::shared_ptr<LinearLayer> add_linear(const std::string& name, const Channels& in,
                                          const Channels& out, bool bias, bool spectral_norm,
                                          bool normalized);

  torch::nn::Module& owner_;
  std::vector<LayerCost>& costs_;
  InitRule conv_rule_, linear_rule_;
  const BackboneSettings& settings_;
};

// x through the layer, or x itself when there is none.
torch::Tensor batch_norm_if(const std::shared_ptr<BatchNormLayer>& layer, const torch::Tensor& x);

// kFailed unless x is (N, shape): images (N, C, H, W), points (N, 2).
void require_samples(const torch::Tensor& x, const SampleShape& shape, const char* where);
// kFailed unless z is (N, latent).
void require_latent(const torch::Tensor& z, std::int64_t latent, const char* where);

}  // namespace ganselect
