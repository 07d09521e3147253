#include "models/backbones/resize_fold.h"

#include "models/backbones/convolution.h"

namespace ganselect {
namespace {

// (O, I, 3, 3) -> (O, I, 4, 4): sums over 2x2 windows of the zero-padded kernel, over `divisor`.
torch::Tensor windows(const torch::Tensor& kernel, std::int64_t divisor) {
  return torch::avg_pool2d(kernel, /*kernel_size=*/2, /*stride=*/1, /*padding=*/1,
                           /*ceil_mode=*/false, /*count_include_pad=*/true, divisor);
}

}  // namespace

torch::Tensor conv2d_of_upsampled(const torch::Tensor& x, const torch::Tensor& weight,
                                  const torch::Tensor& bias) {
  // Up-sampling is the adjoint of summing 2x2 windows, so this is the adjoint of the adjoint
  // convolution (channels swapped, kernel turned by half) followed by those sums.
  const auto kernel = windows(weight.flip({2, 3}), 1).transpose(0, 1);
  return convolution(x, kernel, bias, {.stride = 2, .padding = 1, .transposed = true});
}

torch::Tensor avg_pool_of_conv2d(const torch::Tensor& x, const torch::Tensor& weight,
                                 const torch::Tensor& bias) {
  return convolution(x, windows(weight, 4), bias, {.stride = 2, .padding = 1});
}

}  // namespace ganselect
