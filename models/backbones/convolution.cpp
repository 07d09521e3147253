#include "models/backbones/convolution.h"

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <array>
#include <optional>

namespace ganselect {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
using Mask = std::array<bool, 3>;  // x, weight, bias

// None where it is undefined: LibTorch's functions take no undefined inputs.
std::optional<torch::Tensor> defined(const torch::Tensor& bias) {
  return bias.defined() ? std::optional(bias) : std::nullopt;
}

torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight,
                       const std::optional<torch::Tensor>& bias, const ConvolutionGeometry& g) {
  const std::array<std::int64_t, 2> stride{g.stride, g.stride}, padding{g.padding, g.padding},
      dilation{g.dilation, g.dilation}, output_padding{g.output_padding, g.output_padding};
  return at::convolution(x, weight, bias, stride, padding, dilation, g.transposed, output_padding,
                         g.groups);
}

// LibTorch's own gradients, of those in `mask`; x and weight give their shapes where their values
// are not needed.
variable_list gradients(const torch::Tensor& out, const torch::Tensor& x,
                        const torch::Tensor& weight, const ConvolutionGeometry& g, Mask mask) {
  const std::array<std::int64_t, 2> stride{g.stride, g.stride}, padding{g.padding, g.padding},
      dilation{g.dilation, g.dilation}, output_padding{g.output_padding, g.output_padding};
  const std::array<std::int64_t, 1> bias_sizes{out.size(1)};
  const auto [of_x, of_weight, of_bias] =
      at::convolution_backward(out, x, weight, at::IntArrayRef(bias_sizes), stride, padding,
                               dilation, g.transposed, output_padding, g.groups, mask);
  return {of_x, of_weight, of_bias};
}

struct Geometry {
  static void keep(AutogradContext* context, const ConvolutionGeometry& g) {
    context->saved_data["geometry"] = std::vector<std::int64_t>{
        g.stride, g.padding, g.dilation, g.groups, g.transposed ? 1 : 0, g.output_padding};
  }
  static ConvolutionGeometry kept(AutogradContext* context) {
    const auto g = context->saved_data["geometry"].toIntVector();
    return {.stride = g[0],
            .padding = g[1],
            .dilation = g[2],
            .groups = g[3],
            .transposed = g[4] != 0,
            .output_padding = g[5]};
  }
};

struct Convolution : torch::autograd::Function<Convolution> {
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight,
                          const std::optional<Variable>& bias,
                          const ConvolutionGeometry& geometry) {
    context->save_for_backward({x, weight});
    context->saved_data["bias"] = bias.has_value();
    Geometry::keep(context, geometry);
    return convolve(x, weight, bias, geometry);
  }
  static variable_list backward(AutogradContext* context, variable_list out);
};

// For x; `like` has its shape.
struct DataGradient : torch::autograd::Function<DataGradient> {
  static Variable forward(AutogradContext* context, const Variable& out, const Variable& weight,
                          const torch::Tensor& like, const ConvolutionGeometry& geometry) {
    context->save_for_backward({out, weight});
    Geometry::keep(context, geometry);
    return gradients(out, like, weight, geometry, {true, false, false})[0];
  }
  static variable_list backward(AutogradContext* context, variable_list of_x);
};

// For the weight; `like` has its shape.
struct WeightGradient : torch::autograd::Function<WeightGradient> {
  static Variable forward(AutogradContext* context, const Variable& out, const Variable& x,
                          const torch::Tensor& like, const ConvolutionGeometry& geometry) {
    context->save_for_backward({out, x});
    Geometry::keep(context, geometry);
    return gradients(out, x, like, geometry, {false, true, false})[1];
  }
  static variable_list backward(AutogradContext* context, variable_list of_weight);
};

// The three as functions; each is recorded for a further derivative only where one is asked for.
Variable data_gradient(const Variable& out, const Variable& weight, const Variable& like,
                       const ConvolutionGeometry& g) {
  return DataGradient::apply(out, weight, like.detach(), g);
}
Variable weight_gradient(const Variable& out, const Variable& x, const Variable& like,
                         const ConvolutionGeometry& g) {
  return WeightGradient::apply(out, x, like.detach(), g);
}
Variable convolution_without_bias(const Variable& x, const Variable& weight,
                                  const ConvolutionGeometry& g) {
  return Convolution::apply(x, weight, std::optional<Variable>(), g);
}

variable_list Convolution::backward(AutogradContext* context, variable_list out) {
  const auto saved = context->get_saved_variables();
  const auto &x = saved[0], &weight = saved[1];
  const auto g = Geometry::kept(context);
  const Mask mask{context->needs_input_grad(0), context->needs_input_grad(1),
                  context->saved_data["bias"].toBool() && context->needs_input_grad(2)};
  if (!at::GradMode::is_enabled()) {  // the last derivative: all in one
    auto all = gradients(out[0], x, weight, g, mask);
    all.emplace_back();
    return all;
  }
  return {mask[0] ? data_gradient(out[0], weight, x, g) : Variable(),
          mask[1] ? weight_gradient(out[0], x, weight, g) : Variable(),
          mask[2] ? out[0].sum({0, 2, 3}) : Variable(), Variable()};
}

variable_list DataGradient::backward(AutogradContext* context, variable_list of_x) {
  const auto saved = context->get_saved_variables();
  const auto &out = saved[0], &weight = saved[1];
  const auto g = Geometry::kept(context);
  return {context->needs_input_grad(0) ? convolution_without_bias(of_x[0], weight, g) : Variable(),
          context->needs_input_grad(1) ? weight_gradient(out, of_x[0], weight, g) : Variable(),
          Variable(), Variable()};
}

variable_list WeightGradient::backward(AutogradContext* context, variable_list of_weight) {
  const auto saved = context->get_saved_variables();
  const auto &out = saved[0], &x = saved[1];
  const auto g = Geometry::kept(context);
  return {context->needs_input_grad(0) ? convolution_without_bias(x, of_weight[0], g) : Variable(),
          context->needs_input_grad(1) ? data_gradient(out, of_weight[0], x, g) : Variable(),
          Variable(), Variable()};
}

}  // namespace

torch::Tensor convolution_of_gradients(const torch::Tensor& x, const torch::Tensor& weight,
                                       const torch::Tensor& bias,
                                       const ConvolutionGeometry& geometry) {
  const auto device = x.device().type();
  if (!at::autocast::is_autocast_enabled(device))
    return Convolution::apply(x, weight, defined(bias), geometry);
  // Cast before, so that what is saved for the gradients has one type.
  const auto type = at::autocast::get_autocast_dtype(device);
  const auto cast = [&](const torch::Tensor& t) {
    return t.defined() ? at::autocast::cached_cast(type, t, device) : t;
  };
  return Convolution::apply(cast(x), cast(weight), defined(cast(bias)), geometry);
}

torch::Tensor convolution(const torch::Tensor& x, const torch::Tensor& weight,
                          const torch::Tensor& bias, const ConvolutionGeometry& geometry) {
  if (!x.is_cpu()) return convolution_of_gradients(x, weight, bias, geometry);
  const auto& g = geometry;
  // By the names that autocast knows.
  return g.transposed ? torch::conv_transpose2d(x, weight, bias, g.stride, g.padding,
                                                g.output_padding, g.groups, g.dilation)
                      : torch::conv2d(x, weight, bias, g.stride, g.padding, g.dilation, g.groups);
}

}  // namespace ganselect
