#include "models/layers.h"

#include <ATen/autocast_mode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "models/resize_fold.h"

namespace ganselect {
namespace {

// Keeps a norm away from a division by zero.
constexpr double kNormEpsilon = 1e-12;

void draw_weights(torch::Tensor& tensor, const InitRule& rule, std::int64_t fan_in,
                  std::int64_t fan_out, torch::Generator& random) {
  const auto uniform = [&](double bound) { tensor.uniform_(-bound, bound, random); };
  switch (rule.law) {
    case InitLaw::kNormal:
      tensor.normal_(0.0, rule.scale, random);
      return;
    case InitLaw::kUniform:
      return uniform(rule.scale);
    case InitLaw::kGlorotUniform:
      return uniform(rule.scale * std::sqrt(6.0 / static_cast<double>(fan_in + fan_out)));
    case InitLaw::kFanInUniform:
      return uniform(rule.scale / std::sqrt(static_cast<double>(fan_in)));
  }
}

torch::Tensor unit_vector(const torch::Tensor& v) { return v / v.norm().clamp_min(kNormEpsilon); }

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

}  // namespace

WeightedLayer::WeightedLayer(at::IntArrayRef weight_shape, std::int64_t outputs, Init init) {
  auto weight = torch::empty(weight_shape);
  draw_weights(weight, init.rule, init.fan_in, init.fan_out, init.random);
  weight_ = register_parameter("weight", weight);
  if (init.bias) {
    auto bias = torch::zeros({outputs});
    if (init.rule.law == InitLaw::kFanInUniform) {
      draw_weights(bias, init.rule, init.fan_in, init.fan_out, init.random);
    }
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
    if (is_training()) {
      // A new tensor for each call: the graph of an earlier call of this step still holds its own
      // u.
      u = unit_vector(torch::mv(matrix, v));
      u_.copy_(u);
    } else {
      u = u_.clone();
    }
  }
  return weight_ / torch::dot(u, torch::mv(matrix, v));
}

ConvLayer::ConvLayer(const ConvShape& shape, InitRule rule, torch::Generator random,
                     bool spectral_norm)
    : WeightedLayer(conv_weight_shape(shape.out, shape.in, shape.kernel), shape.out,
                    {.rule = rule,
                     .fan_in = shape.in * shape.kernel * shape.kernel,
                     .fan_out = shape.out * shape.kernel * shape.kernel,
                     .random = std::move(random),
                     .spectral_norm = spectral_norm,
                     .bias = shape.bias}),
      stride_(shape.stride),
      padding_((shape.kernel - 1) / 2) {}

torch::Tensor ConvLayer::forward(const torch::Tensor& x) {
  return torch::conv2d(x, current_weight(), bias_, stride_, padding_);
}

torch::Tensor ConvLayer::forward_upsampled(const torch::Tensor& x) {
  return conv2d_of_upsampled(x, current_weight(), bias_);
}

torch::Tensor ConvLayer::forward_pooled(const torch::Tensor& x) {
  return avg_pool_of_conv2d(x, current_weight(), bias_);
}

DeconvLayer::DeconvLayer(const ConvShape& shape, InitRule rule, torch::Generator random)
    : WeightedLayer(conv_weight_shape(shape.in, shape.out, shape.kernel), shape.out,
                    {.rule = rule,
                     .fan_in = shape.in * shape.kernel * shape.kernel,
                     .fan_out = shape.out * shape.kernel * shape.kernel,
                     .random = std::move(random),
                     .spectral_norm = false,
                     .bias = shape.bias}) {}

torch::Tensor DeconvLayer::forward(const torch::Tensor& x) {
  return torch::conv_transpose2d(x, current_weight(), bias_, /*stride=*/2, /*padding=*/1);
}

LinearLayer::LinearLayer(std::int64_t in, std::int64_t out, bool bias, InitRule rule,
                         torch::Generator random, bool spectral_norm)
    : WeightedLayer({out, in}, out,
                    {.rule = rule,
                     .fan_in = in,
                     .fan_out = out,
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

torch::Tensor maxout(const torch::Tensor& x, std::int64_t pieces) {
  return std::get<0>(x.view({x.size(0), -1, pieces}).max(2));
}

torch::Tensor dropout(const torch::Tensor& x, double probability, torch::Generator& random) {
  const auto kept = torch::empty_like(x).bernoulli_(1.0 - probability, random);
  return x * kept.div_(1.0 - probability);
}

std::int64_t scaled(std::int64_t channels, double width) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * width));
}

LayerMaker::LayerMaker(torch::nn::Module& owner, std::vector<LayerCost>& costs, InitRule rule,
                       torch::Generator random, bool spectral_norm)
    : owner_(owner),
      costs_(costs),
      rule_(rule),
      random_(std::move(random)),
      spectral_norm_(spectral_norm) {}

std::shared_ptr<ConvLayer> LayerMaker::conv(const std::string& name, const ConvShape& shape,
                                            std::int64_t out_size, bool reads_input) {
  const auto taps = shape.in * shape.out * shape.kernel * shape.kernel;
  costs_.push_back({name, taps * out_size * out_size, reads_input});
  return owner_.register_module(name,
                                std::make_shared<ConvLayer>(shape, rule_, random_, spectral_norm_));
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
                                                std::int64_t out_size) {
  // Each input position touches kernel^2 outputs, and there are a quarter as many inputs as
  // outputs.
  const auto taps = shape.in * shape.out * shape.kernel * shape.kernel;
  costs_.push_back({name, taps * out_size * out_size / 4, false});
  return owner_.register_module(name, std::make_shared<DeconvLayer>(shape, rule_, random_));
}

std::shared_ptr<LinearLayer> LayerMaker::linear(const std::string& name, std::int64_t in,
                                                std::int64_t out, bool bias, bool reads_input) {
  costs_.push_back({name, in * out, reads_input});
  return owner_.register_module(
      name, std::make_shared<LinearLayer>(in, out, bias, rule_, random_, spectral_norm_));
}

std::shared_ptr<BatchNormLayer> LayerMaker::batch_norm(const std::string& name, bool wanted,
                                                       std::int64_t channels,
                                                       double gain_deviation) {
  if (!wanted) return nullptr;
  return owner_.register_module(
      name, std::make_shared<BatchNormLayer>(channels, gain_deviation, random_));
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
