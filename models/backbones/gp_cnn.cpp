// The convolutional pair that Gulrajani et al. 2017 (arXiv 1704.00028) train on CIFAR-10 in their
// published code (gan_cifar.py): 5x5 kernels of stride 2, 128 channels nearest to the image.
// Weights uniform: He's gain on convolutions, Glorot's on linear layers (tflib/ops). Batch norm in
// the critic, where there is any, in all layers but the first, as in the code's other modes.
#include <vector>

#include "models/backbones/architectures.h"
#include "models/backbones/conditional_layers.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kGpLatent = 128;
constexpr std::int64_t kGpFirst = 128;  // channels nearest to the image
constexpr std::int64_t kGpMost = 1024;  // no layer is wider, as at 64x64
constexpr std::int64_t kGpKernel = 5;
constexpr double kGpSlope = 0.2;
const InitRule kGpConvInit{InitLaw::kStridedGlorotUniform, std::sqrt(2.0)};
constexpr InitRule kGpLinearInit{InitLaw::kStridedGlorotUniform, 1.0};

// z (N, 128) -> (N, 512, 4, 4) -> (N, 256, 8, 8) -> (N, 128, 16, 16) -> (N, C, 32, 32); one more
// stage, 1024 at 4x4, for 64x64.
class GpCnnGenerator : public Generator {
 public:
  explicit GpCnnGenerator(const BackboneSettings& settings) : told_(settings.conditioning) {
    latent_dim = kGpLatent;
    LayerMaker make(*this, costs, kGpLinearInit, settings);
    const int stages = doublings(settings.shape);
    const auto channels_at = [](int stages_left) {
      return std::min(kGpFirst << (stages_left - 1), kGpMost);
    };
    Channels in = scaled(channels_at(stages), settings.width);
    first_channels_ = in;
    project_ = make.linear("project", latent_dim, in * 16, true, true, settings.batch_norm);
    // Over the batch of each unit, not of each channel: the code normalizes before it reshapes.
    norms_.push_back(generator_norm(make, "norm0", settings, in * 16));
    make.use_rule(kGpConvInit);
    for (int stage = 1; stage <= stages; ++stage) {
      const bool last = stage == stages;
      const auto out = last ? Channels(settings.shape.channels)
                            : scaled(channels_at(stages - stage), settings.width);
      const auto id = std::to_string(stage);
      deconvs_.push_back(make.deconv("deconv" + id,
                                     {.in = in,
                                      .out = out,
                                      .kernel = kGpKernel,
                                      .stride = 2,
                                      .normalized = settings.batch_norm && !last},
                                     2 << stage, 4 << stage));
      if (!last) norms_.push_back(generator_norm(make, "norm" + id, settings, out));
      in = out;
    }
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
    require_latent(z, latent_dim, "gp-cnn generator");
    const auto code = condition_code(condition, told_, z, "gp-cnn generator");
    auto h = leaky_relu(norms_[0].forward(project_->forward(z), code), 0.0)
                 .view({-1, first_channels_, 4, 4});
    for (std::size_t i = 0; i < deconvs_.size(); ++i) {
      h = deconvs_[i]->forward(h);
      if (i + 1 < deconvs_.size()) h = leaky_relu(norms_[i + 1].forward(h, code), 0.0);
    }
    return torch::tanh(h);
  }

 private:
  Conditioning told_;
  std::int64_t first_channels_ = 0;
  std::shared_ptr<LinearLayer> project_;
  std::vector<std::shared_ptr<DeconvLayer>> deconvs_;
  std::vector<GeneratorNorm> norms_;
};

// x (N, C, 32, 32) -> 128 at 16x16 -> 256 at 8x8 -> 512 at 4x4 -> (N,); one more, 1024, for 64x64.
class GpCnnCritic : public Critic {
 public:
  explicit GpCnnCritic(const BackboneSettings& settings)
      : shape_(settings.shape), told_(settings.conditioning) {
    LayerMaker make(*this, costs, kGpConvInit, settings);
    Channels in = shape_.channels;
    auto size = shape_.height;
    auto width = kGpFirst;
    for (int stage = 0; size > 4; ++stage) {
      const auto out = scaled(std::min(width, kGpMost), settings.width);
      const auto id = std::to_string(stage);
      size /= 2;
      convs_.push_back(make.conv("conv" + id,
                                 {.in = in,
                                  .out = out,
                                  .kernel = kGpKernel,
                                  .stride = 2,
                                  .normalized = settings.batch_norm && stage > 0},
                                 size,
                                 /*reads_input=*/stage == 0));
      norms_.push_back(make.batch_norm("norm" + id, settings.batch_norm && stage > 0, out));
      in = out;
      width *= 2;
    }
    make.use_rule(kGpLinearInit);
    const auto features = in * size * size;
    if (told_.width() > 0) embed_ = make.linear("embed", told_.width(), features, false);
    out_ = make.score(features);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition& condition) override {
    require_samples(x, shape_, "gp-cnn critic");
    const auto code = condition_code(condition, told_, x, "gp-cnn critic");
    auto h = x;
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      h = leaky_relu(batch_norm_if(norms_[i], convs_[i]->forward(h)), kGpSlope);
    }
    return projection_score(*out_, embed_.get(), h.flatten(1), code);
  }

 private:
  SampleShape shape_;
  Conditioning told_;
  std::vector<std::shared_ptr<ConvLayer>> convs_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
  std::shared_ptr<LinearLayer> embed_, out_;
};

}  // namespace

ArchitectureSpec gp_cnn_architecture() {
  return {.name = "gp-cnn",
          .source = "Gulrajani et al. 2017, arXiv 1704.00028 (published code, gan_cifar.py)",
          .generator =
              "z 128 -> 4x4x512 -> 5x5 stride-2 deconvolutions 256, 128 -> channels, batch norm "
              "and ReLU, tanh at the end",
          .critic = "5x5 stride-2 convolutions 128, 256, 512, LeakyReLU 0.2 -> 1",
          .first_weights =
              "uniform: He's gain on convolutions, Glorot's on linear layers, by both fans",
          .batch_norm_g = true,
          .conditionings = {"projection", "clusters", "instances", "instances-labels"},
          .make_generator = made<Generator, GpCnnGenerator>,
          .make_critic = made<Critic, GpCnnCritic>};
}

}  // namespace ganselect
