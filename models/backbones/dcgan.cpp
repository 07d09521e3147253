// DCGAN of Radford, Metz & Chintala 2016 (arXiv 1511.06434), and without batch norm the plain
// convolutional pair `conv-deconv`. Weights N(0, 0.02), batch norm gains N(1, 0.02) as in the
// authors' code; with batch norm no layer has a bias, as there. A condition is joined to what every
// layer reads, as in their conditional code for MNIST: to vectors as it is, to images as constant
// maps.
#include <algorithm>
#include <vector>

#include "models/backbones/architectures.h"
#include "models/backbones/inpainting.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kDcganLatent = 100;
constexpr std::int64_t kDcganFirst = 64;   // channels nearest to the image
constexpr std::int64_t kDcganMost = 1024;  // no layer is wider
constexpr double kDcganSlope = 0.2;
constexpr double kDcganDeviation = 0.02;
constexpr InitRule kDcganInit{InitLaw::kNormal, kDcganDeviation};

// z (N, 100) -> (N, 512, 4, 4) -> (N, 256, 8, 8) -> (N, 128, 16, 16) -> (N, C, 32, 32); 1024 at 4x4
// for 64x64, and for larger images 1024 as often as needed.
class DcganGenerator : public Generator {
 public:
  explicit DcganGenerator(const BackboneSettings& settings) : told_(settings.conditioning) {
    latent_dim = kDcganLatent;
    LayerMaker make(*this, costs, kDcganInit, settings);
    const bool norm = settings.batch_norm;
    const int stages = doublings(settings.shape);
    const auto channels_at = [](int stages_left) {
      return std::min(kDcganFirst << stages_left, kDcganMost);
    };
    Channels in = scaled(channels_at(stages), settings.width);
    first_channels_ = in;
    // Batch norm subtracts the mean, so a bias before it would do nothing.
    project_ = make.linear("project", latent_dim + told_.width(), in * 16, !norm, true, norm);
    norms_.push_back(make.batch_norm("norm0", norm, first_channels_, kDcganDeviation));
    for (int stage = 1; stage <= stages; ++stage) {
      const bool last = stage == stages;
      const auto out = last ? Channels(settings.shape.channels)
                            : scaled(channels_at(stages - stage), settings.width);
      const auto id = std::to_string(stage);
      deconvs_.push_back(make.deconv("deconv" + id,
                                     {.in = in + told_.width(),
                                      .out = out,
                                      .kernel = 4,
                                      .stride = 2,
                                      .bias = !norm,
                                      .normalized = norm && !last},
                                     2 << stage, 4 << stage));
      norms_.push_back(make.batch_norm("norm" + id, norm && !last, out, kDcganDeviation));
      in = out;
    }
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
    require_latent(z, latent_dim, "dcgan generator");
    const auto code = condition_code(condition, told_, z, "dcgan generator");
    auto h = project_->forward(join_code(z, code)).view({-1, first_channels_, 4, 4});
    for (std::size_t i = 0; i < deconvs_.size(); ++i) {
      h = leaky_relu(batch_norm_if(norms_[i], h), 0.0);
      h = deconvs_[i]->forward(join_code(h, code));
    }
    return torch::tanh(h);
  }

 private:
  Conditioning told_;
  std::int64_t first_channels_ = 0;
  std::shared_ptr<LinearLayer> project_;
  std::vector<std::shared_ptr<DeconvLayer>> deconvs_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
};

// x (N, C, 32, 32) -> 64 at 16x16 -> 128 at 8x8 -> 256 at 4x4 -> 512 at 2x2 -> (N,); one more,
// 1024, for 64x64.
class DcganCritic : public Critic {
 public:
  explicit DcganCritic(const BackboneSettings& settings)
      : shape_(settings.shape), told_(settings.conditioning) {
    LayerMaker make(*this, costs, kDcganInit, settings);
    Channels in = shape_.channels;
    auto size = shape_.height;
    auto width = kDcganFirst;
    for (int stage = 0; size > 2; ++stage) {
      const bool norm = settings.batch_norm && stage > 0;
      const auto out = scaled(std::min(width, kDcganMost), settings.width);
      const auto id = std::to_string(stage);
      size /= 2;
      convs_.push_back(make.conv("conv" + id,
                                 {.in = in + told_.width(),
                                  .out = out,
                                  .kernel = 4,
                                  .stride = 2,
                                  .bias = !settings.batch_norm,
                                  .normalized = norm},
                                 size,
                                 /*reads_input=*/stage == 0));
      norms_.push_back(make.batch_norm("norm" + id, norm, out, kDcganDeviation));
      in = out;
      width *= 2;
    }
    out_ = make.score(in * size * size + told_.width(), !settings.batch_norm);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition& condition) override {
    require_samples(x, shape_, "dcgan critic");
    const auto code = condition_code(condition, told_, x, "dcgan critic");
    auto h = x;
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      h = convs_[i]->forward(join_code(h, code));
      h = leaky_relu(batch_norm_if(norms_[i], h), kDcganSlope);
    }
    return out_->forward(join_code(h.flatten(1), code)).squeeze(1);
  }

 private:
  SampleShape shape_;
  Conditioning told_;
  std::vector<std::shared_ptr<ConvLayer>> convs_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
  std::shared_ptr<LinearLayer> out_;
};

std::shared_ptr<Generator> make_dcgan_generator(const BackboneSettings& settings) {
  if (settings.conditioning.visible > 0) return make_inpainting_generator(settings);
  return std::make_shared<DcganGenerator>(settings);
}
std::shared_ptr<Critic> make_dcgan_critic(const BackboneSettings& settings) {
  if (settings.conditioning.visible > 0) return make_inpainting_critic(settings);
  return std::make_shared<DcganCritic>(settings);
}

}  // namespace

ArchitectureSpec conv_deconv_architecture() {
  return {.name = "conv-deconv",
          .source = "Radford et al. 2016, arXiv 1511.06434, without batch norm",
          .generator = "dcgan's without batch norm, ReLU",
          .critic = "dcgan's without batch norm, LeakyReLU 0.2",
          .first_weights = "N(0, 0.02)",
          .batch_norm_allowed = false,
          .conditionings = {"labels"},
          .make_generator = made<Generator, DcganGenerator>,
          .make_critic = made<Critic, DcganCritic>};
}

ArchitectureSpec dcgan_architecture() {
  return {.name = "dcgan",
          .source = "Radford et al. 2016, arXiv 1511.06434",
          .generator =
              "z 100 -> 4x4x512 -> 4x4 stride-2 deconvolutions 256, 128 -> channels, batch "
              "norm and ReLU, tanh at the end",
          .critic =
              "4x4 stride-2 convolutions 64, 128, 256, 512 -> 1, batch norm but in the first, "
              "LeakyReLU 0.2",
          .first_weights = "N(0, 0.02)",
          .batch_norm_g = true,
          .batch_norm_d = true,
          .conditionings = {"labels", "visible"},
          .make_generator = make_dcgan_generator,
          .make_critic = make_dcgan_critic};
}

}  // namespace ganselect
