// The residual pairs of Gulrajani et al. 2017 (arXiv 1704.00028) and, after it, of Miyato et al.
// 2018 (arXiv 1802.05957), table 4. Weights Glorot uniform: gain sqrt(2) on the residual path, 1 on
// shortcuts and ends, as in both authors' code. What stands beside a resize runs at the smaller of
// its two sizes, the same function for less work: shortcuts of 1x1 commute with it, 3x3
// convolutions take it into their kernel (models/backbones/resize_fold.h). Conditioned by
// projection (Miyato & Koyama 2018, arXiv 1802.05637): batch norm of each class in the generator,
// score w.phi(x) + <V e, phi(x)> in the critic, with the code e and V without bias, spectrally
// normalized where the critic is.
#include <cmath>
#include <vector>

#include "models/backbones/architectures.h"
#include "models/backbones/conditional_layers.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kResnetLatent = 128;
constexpr std::int64_t kResnetCriticChannels = 128;
// What sets the two pairs apart.
struct ResnetForm {
  std::int64_t generator_channels;
  bool mean_pooling;  // over places before the score; else their sum
  bool score_bias;
};
constexpr ResnetForm kMiyatoForm{256, false, false};
constexpr ResnetForm kGulrajaniForm{128, true, true};
const InitRule kResnetPath{InitLaw::kGlorotUniform, std::sqrt(2.0)};
constexpr InitRule kResnetEnd{InitLaw::kGlorotUniform, 1.0};

torch::Tensor resnet_up(const torch::Tensor& x) {
  return torch::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2});
}
torch::Tensor resnet_relu(const torch::Tensor& x) { return leaky_relu(x, 0.0); }

struct ResidualPath {
  std::shared_ptr<ConvLayer> conv1, conv2, shortcut;  // shortcut: nullptr for the identity
  std::shared_ptr<BatchNormLayer> norm1, norm2;
};
struct GeneratorPath {
  std::shared_ptr<ConvLayer> conv1, conv2, shortcut;
  GeneratorNorm norm1, norm2;
};

// z (N, 128) -> (N, W, 4, 4) -> a block and a doubling at a time -> (N, W, S, S) -> (N, C, S, S)
class ResnetGenerator : public Generator {
 public:
  ResnetGenerator(const BackboneSettings& settings, const ResnetForm& form)
      : told_(settings.conditioning) {
    latent_dim = kResnetLatent;
    LayerMaker make(*this, costs, kResnetEnd, settings);
    const auto channels = scaled(form.generator_channels, settings.width);
    channels_ = channels;
    project_ = make.linear("project", latent_dim, channels * 16, true, true);
    const ConvShape path{.in = channels, .out = channels, .kernel = 3, .stride = 1};
    const ConvShape point{.in = channels, .out = channels, .kernel = 1, .stride = 1};
    std::int64_t size = 4;
    for (int stage = 1; stage <= doublings(settings.shape); ++stage) {
      const auto id = "block" + std::to_string(stage) + "_";
      GeneratorPath block;
      block.norm1 = generator_norm(make, id + "norm1", settings, channels);
      make.use_rule(kResnetEnd);
      size *= 2;
      block.shortcut = make.resized_conv(id + "shortcut", point, size);
      make.use_rule(kResnetPath);
      block.conv1 = make.resized_conv(id + "conv1", path, size);
      block.norm2 = generator_norm(make, id + "norm2", settings, channels);
      block.conv2 = make.conv(id + "conv2", path, size);
      blocks_.push_back(block);
    }
    norm_ = generator_norm(make, "norm", settings, channels);
    make.use_rule(kResnetEnd);
    image_ = make.conv(
        "image", {.in = channels, .out = settings.shape.channels, .kernel = 3, .stride = 1}, size);
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
    require_latent(z, latent_dim, "resnet generator");
    const auto code = condition_code(condition, told_, z, "resnet generator");
    auto x = project_->forward(z).view({-1, channels_, 4, 4});
    for (const auto& block : blocks_) {
      auto h = block.conv1->forward_upsampled(resnet_relu(block.norm1.forward(x, code)));
      h = resnet_relu(block.norm2.forward(h, code));
      x = block.conv2->forward(h) + resnet_up(block.shortcut->forward(x));
    }
    return torch::tanh(image_->forward(resnet_relu(norm_.forward(x, code))));
  }

 private:
  Conditioning told_;
  std::int64_t channels_ = 0;
  std::shared_ptr<LinearLayer> project_;
  std::vector<GeneratorPath> blocks_;
  GeneratorNorm norm_;
  std::shared_ptr<ConvLayer> image_;
};

// x (N, C, 32, 32) -> halved to 16 -> halved to 8 -> two blocks at 8x8 -> pooled over places ->
// (N,); one more halving block for 64x64.
class ResnetCritic : public Critic {
 public:
  ResnetCritic(const BackboneSettings& settings, const ResnetForm& form)
      : shape_(settings.shape), told_(settings.conditioning), mean_pooling_(form.mean_pooling) {
    LayerMaker make(*this, costs, kResnetEnd, settings);
    const auto channels = scaled(kResnetCriticChannels, settings.width);
    halvings_ = static_cast<std::size_t>(doublings(shape_)) - 1;
    auto size = shape_.height;
    for (std::size_t i = 0; i < halvings_ + 2; ++i) {
      const auto id = "block" + std::to_string(i) + "_";
      const bool first = i == 0;
      const bool halves = i < halvings_;
      const auto in = first ? Channels(shape_.channels) : channels;
      ResidualPath block;
      // No batch norm on the image itself, nor after the first convolution.
      block.norm1 = make.batch_norm(id + "norm1", settings.batch_norm && !first, in);
      make.use_rule(kResnetPath);
      block.conv1 = make.conv(id + "conv1", {.in = in, .out = channels, .kernel = 3, .stride = 1},
                              size, /*reads_input=*/first);
      block.norm2 = make.batch_norm(id + "norm2", settings.batch_norm && !first, channels);
      const ConvShape path{.in = channels, .out = channels, .kernel = 3, .stride = 1};
      if (halves) {
        block.conv2 = make.resized_conv(id + "conv2", path, size);
        make.use_rule(kResnetEnd);
        const ConvShape point{.in = in, .out = channels, .kernel = 1, .stride = 1};
        // The first one follows the pooling as published.
        block.shortcut = first ? make.conv(id + "shortcut", point, size / 2, /*reads_input=*/true)
                               : make.resized_conv(id + "shortcut", point, size);
        size /= 2;
      } else {
        block.conv2 = make.conv(id + "conv2", path, size);
      }
      blocks_.push_back(block);
    }
    norm_ = make.batch_norm("norm", settings.batch_norm, channels);
    make.use_rule(kResnetEnd);
    if (told_.width() > 0) embed_ = make.linear("embed", told_.width(), channels, false);
    out_ = make.score(channels, form.score_bias);
  }

  torch::Tensor score(const torch::Tensor& input, const Condition& condition) override {
    require_samples(input, shape_, "resnet critic");
    const auto code = condition_code(condition, told_, input, "resnet critic");
    auto x = input;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const auto& block = blocks_[i];
      // The first block reads the image, which must not be rectified.
      auto h = i == 0 ? x : resnet_relu(batch_norm_if(block.norm1, x));
      h = resnet_relu(batch_norm_if(block.norm2, block.conv1->forward(h)));
      if (i < halvings_) {
        x = block.conv2->forward_pooled(h) + block.shortcut->forward(average_pool(x));
      } else {
        x = block.conv2->forward(h) + x;
      }
    }
    const auto places = resnet_relu(batch_norm_if(norm_, x));
    const auto features = mean_pooling_ ? places.mean({2, 3}) : places.sum({2, 3});
    return projection_score(*out_, embed_.get(), features, code);
  }

 private:
  SampleShape shape_;
  Conditioning told_;
  bool mean_pooling_;
  std::size_t halvings_ = 0;
  std::vector<ResidualPath> blocks_;
  std::shared_ptr<BatchNormLayer> norm_;
  std::shared_ptr<LinearLayer> embed_, out_;
};

std::shared_ptr<Generator> make_resnet_generator(const BackboneSettings& settings) {
  return std::make_shared<ResnetGenerator>(settings, kMiyatoForm);
}
std::shared_ptr<Critic> make_resnet_critic(const BackboneSettings& settings) {
  return std::make_shared<ResnetCritic>(settings, kMiyatoForm);
}
std::shared_ptr<Generator> make_gp_resnet_generator(const BackboneSettings& settings) {
  return std::make_shared<ResnetGenerator>(settings, kGulrajaniForm);
}
std::shared_ptr<Critic> make_gp_resnet_critic(const BackboneSettings& settings) {
  return std::make_shared<ResnetCritic>(settings, kGulrajaniForm);
}

}  // namespace

ArchitectureSpec resnet_architecture() {
  return {.name = "resnet",
          .source = "Miyato et al. 2018, arXiv 1802.05957, table 4",
          .generator =
              "z 128 -> 4x4x256, three up-sampling residual blocks of 256, batch norm and "
              "ReLU -> 3x3 convolution, tanh",
          .critic = "residual blocks of 128 (down, down, same, same), sum over places -> 1",
          .first_weights = "Glorot uniform, gain sqrt(2) on the residual path",
          .pooling = "sum",
          .batch_norm_g = true,
          .conditionings = {"projection", "clusters", "instances", "instances-labels"},
          .optimizer = OptimizerSpec{.lr = 2e-4, .beta1 = 0.0, .beta2 = 0.9},
          .n_critic = 5,
          .make_generator = make_resnet_generator,
          .make_critic = make_resnet_critic};
}

ArchitectureSpec gp_resnet_architecture() {
  return {.name = "gp-resnet",
          .source = "Gulrajani et al. 2017, arXiv 1704.00028 (published code, gan_cifar_resnet.py)",
          .generator =
              "z 128 -> 4x4x128, three up-sampling residual blocks of 128, batch norm and "
              "ReLU -> 3x3 convolution, tanh",
          .critic = "residual blocks of 128 (down, down, same, same), mean over places -> 1",
          .first_weights = "Glorot uniform, gain sqrt(2) on the residual path",
          .pooling = "mean",
          .batch_norm_g = true,
          .conditionings = {"projection", "clusters", "instances", "instances-labels"},
          .optimizer = OptimizerSpec{.lr = 2e-4, .beta1 = 0.0, .beta2 = 0.9},
          .n_critic = 5,
          .make_generator = make_gp_resnet_generator,
          .make_critic = make_gp_resnet_critic};
}

}  // namespace ganselect
