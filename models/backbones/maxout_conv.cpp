// The convolutional pair of Goodfellow et al. 2014 (arXiv 1406.2661), as the authors' published
// configuration for CIFAR-10 describes it (adversarial, cifar10_convolutional.yaml): a generator of
// two fully connected layers and one deconvolution, a discriminator of maxout convolutions with
// overlapping max pooling. Weights U(-0.05, 0.05) and U(-0.005, 0.005). The source's images have
// their contrast normalized and its generator's output is unbounded; here tanh ends it, as images
// are in [-1, 1].
#include <vector>

#include "models/backbones/architectures.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kMcLatent = 100;
constexpr std::int64_t kMcUnits = 8000;       // of both hidden layers of the generator
constexpr std::int64_t kMcGridChannels = 80;  // 8000 units as 80 channels of 10x10
constexpr std::int64_t kMcDeconvKernel = 5, kMcDeconvStride = 3;
constexpr std::int64_t kMcPieces = 2;  // of the convolutions
constexpr std::int64_t kMcTopUnits = 500, kMcTopPieces = 5;
constexpr InitRule kMcGeneratorInit{InitLaw::kUniform, 0.05};
constexpr InitRule kMcCriticInit{InitLaw::kUniform, 0.005};

// z (N, 100) -> 8000 ReLU -> 8000 sigmoid, seen as (N, 80, 10, 10) -> (N, C, 32, 32); at 64x64 the
// grid is 20x20 and the last hidden layer as much larger.
class MaxoutConvGenerator : public Generator {
 public:
  explicit MaxoutConvGenerator(const BackboneSettings& settings) {
    latent_dim = kMcLatent;
    LayerMaker make(*this, costs, kMcGeneratorInit, settings);
    const auto size = settings.shape.height;
    grid_ = (size - kMcDeconvKernel) / kMcDeconvStride + 1;
    const auto units = scaled(kMcUnits, settings.width);
    const auto channels = scaled(kMcGridChannels, settings.width);
    channels_ = channels;
    hidden1_ = make.linear("hidden1", latent_dim, units, true, /*reads_input=*/true);
    norm1_ = make.batch_norm("norm1", settings.batch_norm, units);
    hidden2_ = make.linear("hidden2", units, channels * grid_ * grid_);
    norm2_ = make.batch_norm("norm2", settings.batch_norm, channels * grid_ * grid_);
    image_ = make.deconv("image",
                         {.in = channels,
                          .out = settings.shape.channels,
                          .kernel = kMcDeconvKernel,
                          .stride = kMcDeconvStride,
                          .padding = 0},
                         grid_, size);
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition&) override {
    require_latent(z, latent_dim, "maxout-conv generator");
    auto h = leaky_relu(batch_norm_if(norm1_, hidden1_->forward(z)), 0.0);
    h = torch::sigmoid(batch_norm_if(norm2_, hidden2_->forward(h)));
    return torch::tanh(image_->forward(h.view({-1, channels_, grid_, grid_})));
  }

 private:
  std::int64_t grid_ = 0, channels_ = 0;
  std::shared_ptr<LinearLayer> hidden1_, hidden2_;
  std::shared_ptr<BatchNormLayer> norm1_, norm2_;
  std::shared_ptr<DeconvLayer> image_;
};

struct MaxoutConvStage {
  std::int64_t channels, kernel, padding, pool;  // pooled over pool x pool places at stride 2
};
constexpr MaxoutConvStage kMcStages[] = {{32, 8, 4, 4}, {32, 8, 3, 4}, {192, 5, 3, 2}};
constexpr std::int64_t kMcPoolStride = 2;

// x (N, C, 32, 32) -> 32 at 16x16 -> 32 at 7x7 -> 192 at 5x5 -> maxout 500x5 -> (N,)
class MaxoutConvCritic : public Critic {
 public:
  explicit MaxoutConvCritic(const BackboneSettings& settings)
      : shape_(settings.shape), dropout_(settings.dropout), input_dropout_(settings.input_dropout) {
    LayerMaker make(*this, costs, kMcCriticInit, settings);
    Channels in = shape_.channels;
    auto size = shape_.height;
    for (const auto& stage : kMcStages) {
      const auto out = scaled(stage.channels, settings.width);
      const auto id = std::to_string(convs_.size());
      size += 2 * stage.padding - stage.kernel + 1;
      convs_.push_back(make.conv("conv" + id,
                                 {.in = in,
                                  .out = out * kMcPieces,
                                  .kernel = stage.kernel,
                                  .stride = 1,
                                  .padding = stage.padding},
                                 size, /*reads_input=*/convs_.empty()));
      norms_.push_back(make.batch_norm("norm" + id, settings.batch_norm && convs_.size() > 1, out));
      size = (size - stage.pool + kMcPoolStride - 1) / kMcPoolStride + 1;
      in = out;
    }
    const auto units = scaled(kMcTopUnits, settings.width);
    top_ = make.linear("top", in * size * size, units * kMcTopPieces);
    norm_ = make.batch_norm("norm", settings.batch_norm, units);
    out_ = make.score(units);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition&) override {
    require_samples(x, shape_, "maxout-conv critic");
    auto h = dropped(x, input_dropout_);
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      h = max_pool(maxout_maps(convs_[i]->forward(h), kMcPieces), kMcStages[i].pool, kMcPoolStride);
      h = dropped(batch_norm_if(norms_[i], h), dropout_);
    }
    h = maxout(top_->forward(h.flatten(1)), kMcTopPieces);
    return out_->forward(dropped(batch_norm_if(norm_, h), dropout_)).squeeze(1);
  }

 private:
  SampleShape shape_;
  double dropout_, input_dropout_;
  std::vector<std::shared_ptr<ConvLayer>> convs_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
  std::shared_ptr<LinearLayer> top_, out_;
  std::shared_ptr<BatchNormLayer> norm_;
};

}  // namespace

ArchitectureSpec maxout_conv_architecture() {
  return {.name = "maxout-conv",
          .source = "Goodfellow et al. 2014, arXiv 1406.2661 (published code)",
          .generator =
              "z 100 -> 8000 ReLU -> 8000 sigmoid = 80x10x10 -> 5x5 stride-3 deconvolution -> "
              "channels, tanh",
          .critic =
              "dropout 0.2 -> maxout convolutions of 2 pieces 32 (8x8), 32 (8x8), 192 (5x5), each "
              "with overlapping max pooling -> maxout 500 units of 5 pieces -> 1, dropout 0.5 "
              "after each",
          .first_weights = "U(-0.05, 0.05) in the generator, U(-0.005, 0.005) in the critic",
          .dropout_d = 0.5,
          .input_dropout_d = 0.2,
          .make_generator = made<Generator, MaxoutConvGenerator>,
          .make_critic = made<Critic, MaxoutConvCritic>};
}

}  // namespace ganselect
