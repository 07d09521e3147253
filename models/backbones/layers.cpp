#include "models/backbones/layers.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/autocast_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "models/backbones/convolution.h"
#include "models/backbones/resize_fold.h"

namespace ganselect {
namespace {

// Keeps a norm away from a division by zero.
constexpr double kNormEpsilon = 1e-12;

// Half the width of a uniform law at width 1; fans at width 1.
double uniform_bound(const InitRule& rule, double fan_in, double fan_out) {
  switch (rule.law) {
    case InitLaw::kGlorotUniform:
    case InitLaw::kStridedGlorotUniform:
      return rule.scale * std::sqrt(6.0 / (fan_in + fan_out));
    case InitLaw::kFanInUniform:
      return rule.scale / std::sqrt(fan_in);
    default:
      return rule.scale;
  }
}

void draw_uniform(torch::Tensor& tensor, double bound, torch::Generator& random) {
  tensor.uniform_(-bound, bound, random);
}

// scale_free: the layer's output does not depend on its weights' scale.
double size_gain(const Channels& in, bool scale_free) {
  if (scale_free) return 1.0;
  return std::sqrt(static_cast<double>(in.published) / static_cast<double>(in.built));
}

// Weights that meet one number of a layer's side, at width 1.
double fan_of(const Channels& channels, std::int64_t kernel, double positions = 1.0) {
  return static_cast<double>(channels.published * kernel * kernel) / positions;
}
// The places of a strided side that share a place of the other.
double shared_places(const InitRule& rule, std::int64_t stride) {
  return rule.law == InitLaw::kStridedGlorotUniform ? static_cast<double>(stride * stride) : 1.0;
}

torch::Tensor unit_vector(const torch::Tensor& v) { return v / v.norm().clamp_min(kNormEpsilon); }

// Draws as LibTorch's own sampler does where it has no other library for it: a number keeps its
// place where the low 53 bits of the generator's next 64 are below the share. In a loop of its own
// that takes three fifths of the time, and by one rule on every processor.
void draw_kept(torch::Tensor& kept, double share, const torch::Generator& random) {
  constexpr std::uint64_t kUnit = 1ULL << 53;
  const auto below = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(kUnit)));
  auto* generator = at::check_generator<at::CPUGeneratorImpl>(random);
  const std::scoped_lock lock(generator->mutex_);
  auto engine = generator->engine();
  float* const to = kept.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < kept.numel(); ++i) {
    const std::uint64_t high = engine(), low = engine();
    to[i] = static_cast<float>(((high << 32 | low) & (kUnit - 1)) < below);
  }
  generator->set_engine(engine);
}

// Singular values do not depend on the order of the columns, so channels-last memory is viewed as
// it lies.
torch::Tensor as_matrix(const torch::Tensor& weight) {
  if (weight.dim() == 4 && !weight.is_contiguous()) {
    return weight.permute({0, 2, 3, 1}).flatten(1);
  }
  return weight.flatten(1);
}

// The saved output tells on which side of the kink each value lay.
class PiecewiseLinear : public torch::autograd::Function<PiecewiseLinear> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               double slope) {
    auto y = at::leaky_relu(x, slope);
    context->saved_data["slope"] = slope;
    context->save_for_backward({y});
    // What no gradient reaches stays without one: a double backward visits this node by way of the
    // next layer's input, and zeros made up here would be sent through all layers before it.
    context->set_materialize_grads(false);
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    if (!gradients[0].defined()) return {torch::Tensor(), torch::Tensor()};
    const auto y = context->get_saved_variables()[0].detach();
    const double slope = context->saved_data["slope"].toDouble();
    return {at::leaky_relu_backward(gradients[0], y, slope, /*self_is_result=*/true),
            torch::Tensor()};
  }
};

// Its backward knows the places of the maxima from x's values alone, through which no gradient
// goes.
class MaxPool : public torch::autograd::Function<MaxPool> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               std::int64_t size, std::int64_t stride) {
    auto [y, places] = at::max_pool2d_with_indices(x, size, stride, 0, 1, /*ceil_mode=*/true);
    context->saved_data["size"] = size;
    context->saved_data["stride"] = stride;
    context->save_for_backward({x.detach(), places});
    context->set_materialize_grads(false);
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    if (!gradients[0].defined()) return {torch::Tensor(), torch::Tensor(), torch::Tensor()};
    const auto saved = context->get_saved_variables();
    return {at::max_pool2d_with_indices_backward(
                gradients[0], saved[0].detach(), context->saved_data["size"].toInt(),
                context->saved_data["stride"].toInt(), 0, 1, /*ceil_mode=*/true, saved[1]),
            torch::Tensor(), torch::Tensor()};
  }
};

// LibTorch's own has a second derivative of zeros, as leaky_relu's.
class AveragePool : public torch::autograd::Function<AveragePool> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x) {
    context->set_materialize_grads(false);
    return at::avg_pool2d(x, 2);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 torch::autograd::variable_list gradients) {
    const auto& gradient = gradients[0];
    if (!gradient.defined()) return {torch::Tensor()};
    return {at::upsample_nearest2d(gradient * 0.25, {gradient.size(2) * 2, gradient.size(3) * 2})};
  }
};

std::vector<std::int64_t> conv_weight_shape(std::int64_t first, std::int64_t second,
                                            std::int64_t kernel) {
  return {first, second, kernel, kernel};
}
std::int64_t padding_of(const ConvShape& shape) {
  return shape.padding.value_or((shape.kernel - 1) / 2);
}

}  // namespace

WeightedLayer::WeightedLayer(at::IntArrayRef weight_shape, std::int64_t outputs, Init init) {
  auto weight = torch::empty(weight_shape);
  const double bound = uniform_bound(init.rule, init.fan_in, init.fan_out);
  if (init.rule.law == InitLaw::kNormal) {
    weight.normal_(0.0, init.rule.scale * init.gain, init.random);
  } else {
    draw_uniform(weight, bound * init.gain, init.random);
  }
  weight_ = register_parameter("weight", weight);
  if (init.bias) {
    auto bias = torch::zeros({outputs});
    if (init.rule.law == InitLaw::kFanInUniform) draw_uniform(bias, bound, init.random);
    bias_ = register_parameter("bias", bias);
  }
  if (init.spectral_norm) {
    auto u = torch::empty({weight_.size(0)});
    u.normal_(0.0, 1.0, init.random);
    u_ = register_buffer("u", unit_vector(u));
  }
}

torch::Tensor WeightedLayer::current_weight() {
  if (!u_.defined()) return weight_;
  // Mixed precision must not reach the singular value: half a digit of it scales the whole critic.
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  const auto matrix = as_matrix(weight_);
  torch::Tensor u, v;
  {
    const torch::NoGradGuard no_grad;
    v = unit_vector(torch::mv(matrix.t(), u_));
  }
  const auto product = torch::mv(matrix, v);  // of which both u and the singular value are made
  {
    const torch::NoGradGuard no_grad;
    if (is_training()) {
      // A new tensor for each call: the graph of an earlier call of this step still holds its own
      // u.
      u = unit_vector(product);
      u_.copy_(u);
    } else {
      u = u_.clone();
    }
  }
  return weight_ / torch::dot(u, product);
}

ConvLayer::ConvLayer(const ConvShape& shape, InitRule rule, torch::Generator random,
                     bool spectral_norm)
    : WeightedLayer(conv_weight_shape(shape.out, shape.in, shape.kernel), shape.out,
                    {.rule = rule,
                     .fan_in = fan_of(shape.in, shape.kernel),
                     .fan_out = fan_of(shape.out, shape.kernel, shared_places(rule, shape.stride)),
                     .gain = size_gain(shape.in, shape.normalized || spectral_norm),
                     .random = std::move(random),
                     .spectral_norm = spectral_norm,
                     .bias = shape.bias}),
      stride_(shape.stride),
      padding_(padding_of(shape)) {}

torch::Tensor ConvLayer::forward(const torch::Tensor& x) {
  return convolution(x, current_weight(), bias_, {.stride = stride_, .padding = padding_});
}

torch::Tensor ConvLayer::forward_upsampled(const torch::Tensor& x) {
  return conv2d_of_upsampled(x, current_weight(), bias_);
}

torch::Tensor ConvLayer::forward_pooled(const torch::Tensor& x) {
  return avg_pool_of_conv2d(x, current_weight(), bias_);
}

DeconvLayer::DeconvLayer(const ConvShape& shape, std::int64_t in_size, std::int64_t out_size,
                         InitRule rule, torch::Generator random)
    : WeightedLayer(conv_weight_shape(shape.in, shape.out, shape.kernel), shape.out,
                    {.rule = rule,
                     .fan_in = fan_of(shape.in, shape.kernel, shared_places(rule, shape.stride)),
                     .fan_out = fan_of(shape.out, shape.kernel),
                     .gain = size_gain(shape.in, shape.normalized),
                     .random = std::move(random),
                     .spectral_norm = false,
                     .bias = shape.bias}),
      stride_(shape.stride),
      padding_(padding_of(shape)),
      output_padding_(out_size - ((in_size - 1) * stride_ + shape.kernel - 2 * padding_)) {}

torch::Tensor DeconvLayer::forward(const torch::Tensor& x) {
  return convolution(x, current_weight(), bias_,
                     {.stride = stride_,
                      .padding = padding_,
                      .transposed = true,
                      .output_padding = output_padding_});
}

LinearLayer::LinearLayer(const Channels& in, const Channels& out, bool bias, InitRule rule,
                         torch::Generator random, bool spectral_norm, bool normalized)
    : WeightedLayer({out, in}, out,
                    {.rule = rule,
                     .fan_in = fan_of(in, 1),
                     .fan_out = fan_of(out, 1),
                     .gain = size_gain(in, normalized || spectral_norm),
                     .random = std::move(random),
                     .spectral_norm = spectral_norm,
                     .bias = bias}) {}

torch::Tensor LinearLayer::forward(const torch::Tensor& x) {
  return torch::linear(x, current_weight(), bias_);
}

BatchNormLayer::BatchNormLayer(std::int64_t channels, double gain_deviation,
                               torch::Generator random) {
  auto gains = torch::ones({channels});
  if (gain_deviation > 0.0) gains.normal_(1.0, gain_deviation, random);
  weight_ = register_parameter("weight", gains);
  bias_ = register_parameter("bias", torch::zeros({channels}));
  running_mean_ = register_buffer("running_mean", torch::zeros({channels}));
  running_var_ = register_buffer("running_var", torch::ones({channels}));
}

torch::Tensor BatchNormLayer::forward(const torch::Tensor& x) {
  return torch::batch_norm(x, weight_, bias_, running_mean_, running_var_, is_training(),
                           /*momentum=*/0.1, /*eps=*/1e-5, /*cudnn_enabled=*/true);
}

torch::Tensor leaky_relu(const torch::Tensor& x, double slope) {
  return PiecewiseLinear::apply(x, slope);
}

torch::Tensor average_pool(const torch::Tensor& x) { return AveragePool::apply(x); }

torch::Tensor max_pool(const torch::Tensor& x, std::int64_t size, std::int64_t stride) {
  return MaxPool::apply(x, size, stride);
}

torch::Tensor dropout(const torch::Tensor& x, double probability, torch::Generator& random) {
  auto kept = torch::empty_like(x);
  if (x.is_cpu() && x.scalar_type() == torch::kFloat32) {
    draw_kept(kept, 1.0 - probability, random);
  } else {
    kept.bernoulli_(1.0 - probability, random);
  }
  return x * kept.div_(1.0 - probability);
}

Channels scaled(std::int64_t channels, double width) {
  return {std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * width)), channels};
}

LayerMaker::LayerMaker(torch::nn::Module& owner, std::vector<LayerCost>& costs, InitRule rule,
                       const BackboneSettings& settings)
    : owner_(owner), costs_(costs), conv_rule_(rule), linear_rule_(rule), settings_(settings) {
  use_rule(rule);
}

void LayerMaker::use_rule(InitRule rule) {
  // Laws of the fan alone need no other under a penalty: they are such laws themselves.
  const bool fixed = rule.law == InitLaw::kNormal || rule.law == InitLaw::kUniform;
  const bool penalized = settings_.gradient_penalty && !settings_.spectral_norm && fixed;
  conv_rule_ = penalized ? InitRule{InitLaw::kStridedGlorotUniform, std::sqrt(2.0)} : rule;
  linear_rule_ = penalized ? InitRule{InitLaw::kStridedGlorotUniform, 1.0} : rule;
  if (settings_.torch_linear_init) linear_rule_ = kTorchInit;
}

std::shared_ptr<ConvLayer> LayerMaker::conv(const std::string& name, const ConvShape& shape,
                                            std::int64_t out_size, bool reads_input) {
  const auto taps = shape.in * shape.out * shape.kernel * shape.kernel;
  costs_.push_back({name, taps * out_size * out_size, reads_input});
  return owner_.register_module(
      name,
      std::make_shared<ConvLayer>(shape, conv_rule_, settings_.random, settings_.spectral_norm));
}

std::shared_ptr<ConvLayer> LayerMaker::resized_conv(const std::string& name, const ConvShape& shape,
                                                    std::int64_t large_size, bool reads_input) {
  const auto layer = conv(name, shape, large_size, reads_input);
  auto& cost = costs_.back();
  cost.published_macs = cost.macs;
  const std::int64_t executed_taps = shape.kernel == 3 ? 16 : 1;
  cost.macs = shape.in * shape.out * executed_taps * large_size * large_size / 4;
  return layer;
}

std::shared_ptr<DeconvLayer> LayerMaker::deconv(const std::string& name, const ConvShape& shape,
                                                std::int64_t in_size, std::int64_t out_size) {
  const auto taps = shape.in * shape.out * shape.kernel * shape.kernel;
  costs_.push_back({name, taps * in_size * in_size, false});
  return owner_.register_module(
      name, std::make_shared<DeconvLayer>(shape, in_size, out_size, conv_rule_, settings_.random));
}

std::shared_ptr<LinearLayer> LayerMaker::add_linear(const std::string& name, const Channels& in,
                                                    const Channels& out, bool bias,
                                                    bool spectral_norm, bool normalized) {
  return owner_.register_module(
      name, std::make_shared<LinearLayer>(in, out, bias, linear_rule_, settings_.random,
                                          spectral_norm, normalized));
}

std::shared_ptr<LinearLayer> LayerMaker::linear(const std::string& name, const Channels& in,
                                                const Channels& out, bool bias, bool reads_input,
                                                bool normalized) {
  costs_.push_back({name, in * out, reads_input});
  return add_linear(name, in, out, bias, settings_.spectral_norm, normalized);
}

std::shared_ptr<LinearLayer> LayerMaker::score(const Channels& in, bool bias) {
  costs_.push_back({"out", in, false});
  return add_linear("out", in, 1, bias, settings_.spectral_norm && settings_.spectral_norm_last,
                    /*normalized=*/false);
}

std::shared_ptr<BatchNormLayer> LayerMaker::batch_norm(const std::string& name, bool wanted,
                                                       std::int64_t channels,
                                                       double gain_deviation) {
  if (!wanted) return nullptr;
  return owner_.register_module(
      name, std::make_shared<BatchNormLayer>(channels, gain_deviation, settings_.random));
}

torch::Tensor batch_norm_if(const std::shared_ptr<BatchNormLayer>& layer, const torch::Tensor& x) {
  return layer ? layer->forward(x) : x;
}

void require_samples(const torch::Tensor& x, const SampleShape& shape, const char* where) {
  const bool fits = shape.points ? x.dim() == 2 && x.size(1) == shape.channels
                                 : x.dim() == 4 && x.size(1) == shape.channels &&
                                       x.size(2) == shape.height && x.size(3) == shape.width;
  if (fits) return;
  fail(ErrorKind::kFailed, {.where = where,
                            .expected = "a batch of " + to_string(shape),
                            .got = "shape " + c10::str(x.sizes()),
                            .hint = ""});
}

void require_latent(const torch::Tensor& z, std::int64_t latent, const char* where) {
  if (z.dim() == 2 && z.size(1) == latent) return;
  fail(ErrorKind::kFailed, {.where = where,
                            .expected = "latent vectors (N, " + std::to_string(latent) + ")",
                            .got = "shape " + c10::str(z.sizes()),
                            .hint = ""});
}

}  // namespace ganselect
