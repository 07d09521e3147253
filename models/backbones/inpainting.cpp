#include "models/backbones/inpainting.h"

#include <algorithm>
#include <vector>

#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kFillLatent = 100;
constexpr std::int64_t kFillFirst = 64;   // channels nearest to the image
constexpr std::int64_t kFillMost = 1024;  // no layer is wider
constexpr double kFillSlope = 0.2;
constexpr double kFillDeviation = 0.02;
constexpr InitRule kFillInit{InitLaw::kNormal, kFillDeviation};

Channels fill_channels(int stage, double width) {
  return scaled(std::min(kFillFirst << stage, kFillMost), width);
}

// 4x4 convolutions of stride 2, LeakyReLU, batch norm but in the first: 64, 128, ... channels.
class Halvings {
 public:
  void add(LayerMaker& make, const std::string& name, const Channels& in, const Channels& out,
           std::int64_t out_size, bool batch_norm) {
    const bool first = convs_.empty();
    convs_.push_back(make.conv(name + std::to_string(convs_.size()),
                               {.in = in,
                                .out = out,
                                .kernel = 4,
                                .stride = 2,
                                .bias = !batch_norm,
                                .normalized = batch_norm && !first},
                               out_size, /*reads_input=*/first));
    norms_.push_back(make.batch_norm(name + "_norm" + std::to_string(norms_.size()),
                                     batch_norm && !first, out, kFillDeviation));
  }
  // What each layer gives, the largest first.
  std::vector<torch::Tensor> forward(const torch::Tensor& x) const {
    std::vector<torch::Tensor> maps;
    auto h = x;
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      h = leaky_relu(batch_norm_if(norms_[i], convs_[i]->forward(h)), kFillSlope);
      maps.push_back(h);
    }
    return maps;
  }

 private:
  std::vector<std::shared_ptr<ConvLayer>> convs_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
};

// (1 + C, 32, 32) -> 64 at 16x16 -> 128 at 8x8 -> 256 at 4x4; z (N, 100) -> (512, 4, 4), joined
// with the last of these -> 256 at 8x8, joined -> 128 at 16x16, joined -> 64 at 32x32, joined with
// mask and visible part -> 3x3 convolution, (N, C, 32, 32). For larger images stages are added, as
// in DCGAN.
class InpaintingGenerator : public Generator {
 public:
  explicit InpaintingGenerator(const BackboneSettings& settings)
      : told_(settings.conditioning), shape_(settings.shape) {
    latent_dim = kFillLatent;
    LayerMaker make(*this, costs, kFillInit, settings);
    const bool norm = settings.batch_norm;
    const int stages = doublings(shape_);
    const std::int64_t seen = 1 + told_.visible;
    Channels in = seen;
    for (int stage = 0; stage < stages; ++stage) {
      const auto out = fill_channels(stage, settings.width);
      encoder_.add(make, "encode", in, out, shape_.height >> (stage + 1), norm);
      in = out;
    }
    const auto joined = in;  // the encoder's at 4x4
    in = fill_channels(stages, settings.width);
    first_channels_ = in;
    project_ = make.linear("project", latent_dim, in * 16, !norm, true, norm);
    norms_.push_back(make.batch_norm("norm0", norm, first_channels_, kFillDeviation));
    in = in + joined;
    for (int stage = 1; stage <= stages; ++stage) {
      const auto out = fill_channels(stages - stage, settings.width);
      const auto id = std::to_string(stage);
      deconvs_.push_back(make.deconv(
          "deconv" + id,
          {.in = in, .out = out, .kernel = 4, .stride = 2, .bias = !norm, .normalized = norm},
          2 << stage, 4 << stage));
      norms_.push_back(make.batch_norm("norm" + id, norm, out, kFillDeviation));
      in = stage == stages ? out + seen : out + fill_channels(stages - stage - 1, settings.width);
    }
    image_ = make.conv("image", {.in = in, .out = shape_.channels, .kernel = 3, .stride = 1},
                       shape_.height);
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
    require_latent(z, latent_dim, "inpainting generator");
    const auto like = z.new_empty({z.size(0), shape_.channels, shape_.height, shape_.width});
    const auto seen = visible_part(condition, told_, like, "inpainting generator");
    const auto maps = encoder_.forward(seen);
    auto h = project_->forward(z).view({-1, first_channels_, 4, 4});
    for (std::size_t i = 0; i < deconvs_.size(); ++i) {
      h = leaky_relu(batch_norm_if(norms_[i], h), 0.0);
      h = deconvs_[i]->forward(torch::cat({h, maps[maps.size() - 1 - i]}, 1));
    }
    h = leaky_relu(batch_norm_if(norms_.back(), h), 0.0);
    const auto made = torch::tanh(image_->forward(torch::cat({h, seen}, 1)));
    const auto mask = seen.slice(1, 0, 1);
    return seen.slice(1, 1) + (1 - mask) * made;
  }

 private:
  Conditioning told_;
  SampleShape shape_;
  std::int64_t first_channels_ = 0;
  Halvings encoder_;
  std::shared_ptr<LinearLayer> project_;
  std::vector<std::shared_ptr<DeconvLayer>> deconvs_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
  std::shared_ptr<ConvLayer> image_;
};

// x (N, C, 32, 32) with mask and visible part, (N, 1 + 2 C, 32, 32) -> DCGAN's critic -> (N,)
class InpaintingCritic : public Critic {
 public:
  explicit InpaintingCritic(const BackboneSettings& settings)
      : shape_(settings.shape), told_(settings.conditioning) {
    LayerMaker make(*this, costs, kFillInit, settings);
    Channels in = shape_.channels + told_.pack * (1 + told_.visible);
    auto size = shape_.height;
    for (int stage = 0; size > 2; ++stage) {
      const auto out = fill_channels(stage, settings.width);
      size /= 2;
      halvings_.add(make, "conv", in, out, size, settings.batch_norm);
      in = out;
    }
    out_ = make.score(in * size * size, !settings.batch_norm);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition& condition) override {
    require_samples(x, shape_, "inpainting critic");
    const auto seen = visible_part(condition, told_, x, "inpainting critic");
    return out_->forward(halvings_.forward(torch::cat({x, seen}, 1)).back().flatten(1)).squeeze(1);
  }

 private:
  SampleShape shape_;
  Conditioning told_;
  Halvings halvings_;
  std::shared_ptr<LinearLayer> out_;
};

}  // namespace

std::shared_ptr<Generator> make_inpainting_generator(const BackboneSettings& settings) {
  return std::make_shared<InpaintingGenerator>(settings);
}
std::shared_ptr<Critic> make_inpainting_critic(const BackboneSettings& settings) {
  return std::make_shared<InpaintingCritic>(settings);
}

}  // namespace ganselect
