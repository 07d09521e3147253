// Fully connected backbone of Goodfellow et al. 2014 (arXiv 1406.2661): rectifiers in the
// generator, maxout and dropout in the discriminator. The first weights are those of the authors'
// published configuration, U(-0.05, 0.05) and U(-0.005, 0.005).
#include "models/backbones/architectures.h"
#include "models/backbones/fc_conditional.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kFcLatent = 100;
constexpr std::int64_t kFcGeneratorUnits = 1200;
constexpr std::int64_t kFcCriticUnits = 240;
constexpr std::int64_t kFcPieces = 5;
constexpr InitRule kFcGeneratorInit{InitLaw::kUniform, 0.05};
constexpr InitRule kFcCriticInit{InitLaw::kUniform, 0.005};

// z (N, 100) -> 1200 -> 1200 -> (N, C, H, W)
class FcGenerator : public Generator {
 public:
  explicit FcGenerator(const BackboneSettings& settings) : shape_(settings.shape) {
    latent_dim = kFcLatent;
    LayerMaker make(*this, costs, kFcGeneratorInit, settings);
    const auto units = scaled(kFcGeneratorUnits, settings.width);
    hidden1_ = make.linear("hidden1", latent_dim, units, true, /*reads_input=*/true);
    norm1_ = make.batch_norm("norm1", settings.batch_norm, units);
    hidden2_ = make.linear("hidden2", units, units);
    norm2_ = make.batch_norm("norm2", settings.batch_norm, units);
    out_ = make.linear("out", units, shape_.size());
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition&) override {
    require_latent(z, latent_dim, "fc generator");
    auto h = leaky_relu(batch_norm_if(norm1_, hidden1_->forward(z)), 0.0);
    h = leaky_relu(batch_norm_if(norm2_, hidden2_->forward(h)), 0.0);
    return torch::tanh(out_->forward(h)).view({-1, shape_.channels, shape_.height, shape_.width});
  }

 private:
  SampleShape shape_;
  std::shared_ptr<LinearLayer> hidden1_, hidden2_, out_;
  std::shared_ptr<BatchNormLayer> norm1_, norm2_;
};

// x (N, C, H, W) -> maxout 240x5 -> maxout 240x5 -> (N,)
class FcCritic : public Critic {
 public:
  explicit FcCritic(const BackboneSettings& settings)
      : shape_(settings.shape), dropout_(settings.dropout), input_dropout_(settings.input_dropout) {
    LayerMaker make(*this, costs, kFcCriticInit, settings);
    const auto units = scaled(kFcCriticUnits, settings.width);
    hidden1_ = make.linear("hidden1", shape_.size(), units * kFcPieces, true, true);
    hidden2_ = make.linear("hidden2", units, units * kFcPieces);
    norm2_ = make.batch_norm("norm2", settings.batch_norm, units);
    out_ = make.score(units);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition&) override {
    require_samples(x, shape_, "fc critic");
    auto h = dropped(x.flatten(1), input_dropout_);
    h = dropped(maxout(hidden1_->forward(h), kFcPieces), dropout_);
    h = dropped(batch_norm_if(norm2_, maxout(hidden2_->forward(h), kFcPieces)), dropout_);
    return out_->forward(h).squeeze(1);
  }

 private:
  SampleShape shape_;
  double dropout_, input_dropout_;
  std::shared_ptr<LinearLayer> hidden1_, hidden2_, out_;
  std::shared_ptr<BatchNormLayer> norm2_;
};

std::shared_ptr<Generator> make_fc_generator(const BackboneSettings& settings) {
  if (settings.conditioning.width() > 0) return make_conditional_fc_generator(settings);
  return std::make_shared<FcGenerator>(settings);
}
std::shared_ptr<Critic> make_fc_critic(const BackboneSettings& settings) {
  if (settings.conditioning.width() > 0) return make_conditional_fc_critic(settings);
  return std::make_shared<FcCritic>(settings);
}

}  // namespace

ArchitectureSpec fc_architecture() {
  return {
      .name = "fc",
      .source = "Goodfellow et al. 2014, arXiv 1406.2661",
      .generator = "z 100 -> 1200 ReLU -> 1200 ReLU -> pixels, tanh",
      .critic = "dropout 0.2 -> maxout 240 units of 5 pieces, twice, dropout 0.5 after each -> 1",
      .first_weights = "U(-0.05, 0.05) in the generator, U(-0.005, 0.005) in the critic",
      .told_generator =
          "z 100 uniform -> 200 ReLU, label -> 1000 ReLU, joined -> 1200 ReLU -> "
          "pixels, sigmoid; dropout 0.5 after each (Mirza & Osindero 2014)",
      .told_critic =
          "image -> maxout 240 units of 5 pieces, label -> maxout 50 units of 5 pieces, "
          "joined -> maxout 240 units of 4 pieces, dropout 0.5 after each -> 1 (Mirza "
          "& Osindero 2014)",
      .conditionings = {"labels"},
      .dropout_d = 0.5,
      .input_dropout_d = 0.2,
      .latent_bound = std::sqrt(3.0),
      .make_generator = make_fc_generator,
      .make_critic = make_fc_critic};
}

}  // namespace ganselect
