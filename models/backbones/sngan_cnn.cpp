// The convolutional pair of Miyato et al. 2018 (arXiv 1802.05957), table 3. Weights N(0, 0.02) as
// in the authors' code. Conditioned by projection, as resnet.
#include <algorithm>
#include <vector>

#include "models/backbones/architectures.h"
#include "models/backbones/conditional_layers.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kSnganLatent = 128;
constexpr std::int64_t kSnganFirst = 64;   // channels nearest to the image
constexpr std::int64_t kSnganMost = 1024;  // no layer is wider, as at 64x64

std::int64_t sngan_channels(int doublings) {
  return std::min(kSnganFirst << doublings, kSnganMost);
}

constexpr double kSnganSlope = 0.1;
constexpr InitRule kSnganInit{InitLaw::kNormal, 0.02};

// z (N, 128) -> (N, 512, 4, 4) -> (N, 256, 8, 8) -> (N, 128, 16, 16) -> (N, 64, 32, 32) -> (N, C,
// 32, 32); 1024 at 4x4 for 64x64. No batch norm after the projection, as in the table.
class SnganGenerator : public Generator {
 public:
  explicit SnganGenerator(const BackboneSettings& settings) : told_(settings.conditioning) {
    latent_dim = kSnganLatent;
    LayerMaker make(*this, costs, kSnganInit, settings);
    const bool norm = settings.batch_norm;
    const int stages = doublings(settings.shape);
    Channels in = scaled(sngan_channels(stages), settings.width);
    first_channels_ = in;
    project_ = make.linear("project", latent_dim, in * 16, true, true);
    for (int stage = 1; stage <= stages; ++stage) {
      const auto out = scaled(sngan_channels(stages - stage), settings.width);
      const auto id = std::to_string(stage);
      deconvs_.push_back(make.deconv(
          "deconv" + id,
          {.in = in, .out = out, .kernel = 4, .stride = 2, .bias = !norm, .normalized = norm},
          2 << stage, 4 << stage));
      norms_.push_back(generator_norm(make, "norm" + id, settings, out));
      in = out;
    }
    image_ =
        make.conv("image", {.in = in, .out = settings.shape.channels, .kernel = 3, .stride = 1},
                  settings.shape.height);
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
    require_latent(z, latent_dim, "sngan-cnn generator");
    const auto code = condition_code(condition, told_, z, "sngan-cnn generator");
    auto h = project_->forward(z).view({-1, first_channels_, 4, 4});
    for (std::size_t i = 0; i < deconvs_.size(); ++i) {
      h = leaky_relu(norms_[i].forward(deconvs_[i]->forward(h), code), 0.0);
    }
    return torch::tanh(image_->forward(h));
  }

 private:
  Conditioning told_;
  std::int64_t first_channels_ = 0;
  std::shared_ptr<LinearLayer> project_;
  std::vector<std::shared_ptr<DeconvLayer>> deconvs_;
  std::vector<GeneratorNorm> norms_;
  std::shared_ptr<ConvLayer> image_;
};

// x (N, C, 32, 32) -> 3x3 64, 4x4s2 64, 3x3 128, 4x4s2 128, 3x3 256, 4x4s2 256, 3x3 512 at 4x4 ->
// (N,); 64x64 goes on with 4x4s2 512, 3x3 1024.
class SnganCritic : public Critic {
 public:
  explicit SnganCritic(const BackboneSettings& settings)
      : shape_(settings.shape), told_(settings.conditioning) {
    LayerMaker make(*this, costs, kSnganInit, settings);
    const int stages = doublings(shape_);
    Channels in = shape_.channels;
    auto size = shape_.height;
    for (int stage = 0; stage <= stages; ++stage) {
      const auto out = scaled(sngan_channels(stage), settings.width);
      add(make, {.in = in, .out = out, .kernel = 3, .stride = 1}, size, settings.batch_norm);
      if (stage < stages) {
        size /= 2;
        add(make, {.in = out, .out = out, .kernel = 4, .stride = 2}, size, settings.batch_norm);
      }
      in = out;
    }
    const auto features = in * size * size;
    if (told_.width() > 0) embed_ = make.linear("embed", told_.width(), features, false);
    out_ = make.score(features);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition& condition) override {
    require_samples(x, shape_, "sngan-cnn critic");
    const auto code = condition_code(condition, told_, x, "sngan-cnn critic");
    auto h = x;
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      h = leaky_relu(batch_norm_if(norms_[i], convs_[i]->forward(h)), kSnganSlope);
    }
    return projection_score(*out_, embed_.get(), h.flatten(1), code);
  }

 private:
  void add(LayerMaker& make, ConvShape conv, std::int64_t out_size, bool batch_norm) {
    const bool first = convs_.empty();
    const auto id = std::to_string(convs_.size());
    conv.bias = first || !batch_norm;
    conv.normalized = batch_norm && !first;
    convs_.push_back(make.conv("conv" + id, conv, out_size, /*reads_input=*/first));
    norms_.push_back(make.batch_norm("norm" + id, batch_norm && !first, conv.out));
  }

  SampleShape shape_;
  Conditioning told_;
  std::vector<std::shared_ptr<ConvLayer>> convs_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
  std::shared_ptr<LinearLayer> embed_, out_;
};

}  // namespace

ArchitectureSpec sngan_cnn_architecture() {
  return {.name = "sngan-cnn",
          .source = "Miyato et al. 2018, arXiv 1802.05957, table 3",
          .generator =
              "z 128 -> 4x4x512 -> 4x4 stride-2 deconvolutions 256, 128, 64, batch norm and "
              "ReLU -> 3x3 convolution, tanh",
          .critic =
              "3x3 64, 4x4s2 64, 3x3 128, 4x4s2 128, 3x3 256, 4x4s2 256, 3x3 512, LeakyReLU "
              "0.1 -> 1",
          .first_weights = "N(0, 0.02)",
          .batch_norm_g = true,
          .conditionings = {"projection", "clusters", "instances", "instances-labels"},
          .make_generator = made<Generator, SnganGenerator>,
          .make_critic = made<Critic, SnganCritic>};
}

}  // namespace ganselect
