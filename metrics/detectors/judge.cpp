#include "metrics/detectors/judge.h"

#include <torch/torch.h>

#include <cmath>
#include <string>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr double kJudgeNormMomentum = 0.1;
constexpr double kJudgeNormEpsilon = 1e-5;
// Added to the whitening eigenvalues (images have unit deviation): flat directions are not blown
// up.
constexpr double kWhiteningEpsilon = 5e-4;
// Patches of this many images are plenty for a 12x12 covariance.
constexpr int64_t kWhiteningImages = 5000;

void check_architecture(const JudgeArchitecture& a) {
  const bool positive = a.channels >= 1 && a.classes >= 2 && a.patch >= 1 && !a.widths.empty();
  const auto blocks = static_cast<int64_t>(a.widths.size());
  const bool fits = positive && blocks < 16 && a.image_size - a.patch + 1 >= (int64_t{1} << blocks);
  bool widths = true;
  for (const auto width : a.widths) widths = widths && width >= 1;
  if (positive && fits && widths) return;
  fail(ErrorKind::kUsage,
       {.where = "judge architecture",
        .expected = "positive sizes and an image that every block can halve",
        .got = std::to_string(a.image_size) + " pixels, " + std::to_string(blocks) + " blocks, " +
               std::to_string(a.classes) + " classes"});
}

torch::Tensor fan_in_uniform(at::IntArrayRef shape, const torch::Generator& generator) {
  auto weight = torch::empty(shape, torch::kFloat32);
  const double bound = 1.0 / std::sqrt(static_cast<double>(weight.numel() / shape[0]));
  weight.uniform_(-bound, bound, generator);
  return shape.size() == 4 ? weight.contiguous(at::MemoryFormat::ChannelsLast) : weight;
}

}  // namespace

JudgeNetwork::JudgeNetwork(const JudgeArchitecture& architecture, torch::Generator generator)
    : architecture_(architecture) {
  check_architecture(architecture_);
  const auto& a = architecture_;
  mean_ = register_buffer("mean", torch::zeros({a.channels}));
  deviation_ = register_buffer("deviation", torch::ones({a.channels}));
  whitening_ = register_buffer(
      "whitening",
      fan_in_uniform({a.whitening_filters(), a.channels, a.patch, a.patch}, generator));
  int64_t in = a.whitening_filters();
  for (std::size_t b = 0; b < a.widths.size(); ++b) {
    const std::string name = "block" + std::to_string(b + 1);
    const int64_t out = a.widths[b];
    Block block;
    block.first = register_parameter(name + "_conv1", fan_in_uniform({out, in, 3, 3}, generator));
    block.first_norm = make_norm(name + "_norm1", out);
    block.second = register_parameter(name + "_conv2", fan_in_uniform({out, out, 3, 3}, generator));
    block.second_norm = make_norm(name + "_norm2", out);
    blocks_.push_back(block);
    in = out;
  }
  classifier_ = register_parameter("classifier", fan_in_uniform({a.classes, in}, generator));
}

JudgeNetwork::Norm JudgeNetwork::make_norm(const std::string& name, int64_t width) {
  return {.scale = register_parameter(name + "_scale", torch::ones({width})),
          .shift = register_parameter(name + "_shift", torch::zeros({width})),
          .mean = register_buffer(name + "_mean", torch::zeros({width})),
          .variance = register_buffer(name + "_variance", torch::ones({width}))};
}

torch::Tensor JudgeNetwork::apply_norm(const torch::Tensor& x, const Norm& norm) const {
  return at::batch_norm(x, norm.scale, norm.shift, norm.mean, norm.variance, is_training(),
                        kJudgeNormMomentum, kJudgeNormEpsilon, /*cudnn_enabled=*/true);
}

JudgeOutput JudgeNetwork::forward(const torch::Tensor& pixels) {
  const auto& a = architecture_;
  if (pixels.dim() != 4 || pixels.size(1) != a.channels || pixels.size(2) != a.image_size ||
      pixels.size(3) != a.image_size) {
    fail(ErrorKind::kUsage,
         {.where = "judge",
          .expected = "images (N," + std::to_string(a.channels) + "," +
                      std::to_string(a.image_size) + "," + std::to_string(a.image_size) + ")",
          .got = c10::str(pixels.sizes())});
  }
  auto x = pixels.to(torch::kFloat32).contiguous(at::MemoryFormat::ChannelsLast);
  x = (x - mean_.view({1, -1, 1, 1})) / deviation_.view({1, -1, 1, 1});
  x = at::gelu(at::conv2d(x, whitening_));
  for (const auto& block : blocks_) {
    x = at::max_pool2d(at::conv2d(x, block.first, {}, 1, 1), 2);
    x = at::gelu(apply_norm(x, block.first_norm));
    x = x + at::gelu(apply_norm(at::conv2d(x, block.second, {}, 1, 1), block.second_norm));
  }
  const auto features = x.to(torch::kFloat32).mean({2, 3});
  return {.features = features, .logits = at::mm(features, classifier_.t()).to(torch::kFloat32)};
}

void JudgeNetwork::fit_input(const torch::Tensor& images) {
  torch::NoGradGuard no_grad;
  const auto& a = architecture_;
  const auto sample = images.slice(0, 0, kWhiteningImages).to(torch::kFloat64);
  const auto mean = sample.mean({0, 2, 3});
  // A constant channel keeps deviation 1 pixel step instead of dividing by nothing.
  const auto deviation = sample.std({0, 2, 3}, /*unbiased=*/false).clamp_min(1.0);
  mean_.copy_(mean);
  deviation_.copy_(deviation);
  const auto normal = (sample - mean.view({1, -1, 1, 1})) / deviation.view({1, -1, 1, 1});
  const int64_t size = a.channels * a.patch * a.patch;
  const auto patches = normal.unfold(2, a.patch, 1)
                           .unfold(3, a.patch, 1)
                           .permute({0, 2, 3, 1, 4, 5})
                           .reshape({-1, size});
  const auto centred = patches - patches.mean(0);
  const auto covariance = centred.t().mm(centred) / static_cast<double>(centred.size(0));
  const auto [values, vectors] = at::linalg_eigh(covariance);
  auto filters = (vectors / (values + kWhiteningEpsilon).sqrt()).t();  // one filter a row
  // An eigenvector's sign is arbitrary: its largest entry is made positive.
  const auto largest = filters.gather(1, filters.abs().argmax(1, true));
  filters = filters * largest.sign();
  const auto both = torch::cat({filters, -filters}).reshape({-1, a.channels, a.patch, a.patch});
  whitening_.copy_(both);
}

void JudgeNetwork::round_to_storage() {
  torch::NoGradGuard no_grad;
  for (auto& parameter : parameters()) {
    if (parameter.dim() > 1) parameter.copy_(parameter.to(torch::kFloat16).to(torch::kFloat32));
  }
}

int64_t judge_parameters(const JudgeNetwork& network) {
  const auto& a = network.architecture();
  int64_t count = a.whitening_filters() * a.channels * a.patch * a.patch;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

int64_t judge_flops(const JudgeArchitecture& a) {
  int64_t side = a.image_size - a.patch + 1;
  int64_t in = a.whitening_filters();
  int64_t multiply_adds = side * side * in * a.channels * a.patch * a.patch;
  for (const auto out : a.widths) {
    multiply_adds += side * side * 9 * in * out;
    side /= 2;
    multiply_adds += side * side * 9 * out * out;
    in = out;
  }
  return 2 * (multiply_adds + in * a.classes);
}

}  // namespace ganselect
