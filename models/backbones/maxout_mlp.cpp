// The perceptrons that Lin et al. 2018 (PacGAN, arXiv 1712.04086) train on points, as their
// published code describes them (synthetic_data_experiments, 2DRing_GAN&PacGAN). Weights
// N(0, 0.02), biases 0. Images are refused: there is no such form of it.
#include <vector>

#include "models/backbones/architectures.h"
#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kMmLatent = 2;
constexpr std::int64_t kMmGeneratorUnits = 400, kMmGeneratorLayers = 4;
constexpr std::int64_t kMmCriticUnits = 200, kMmCriticLayers = 3, kMmPieces = 5;
constexpr InitRule kMmInit{InitLaw::kNormal, 0.02};

// z (N, 2) -> 400, four times, batch norm and ReLU -> (N, 2)
class MaxoutMlpGenerator : public Generator {
 public:
  explicit MaxoutMlpGenerator(const BackboneSettings& settings) {
    latent_dim = kMmLatent;
    LayerMaker make(*this, costs, kMmInit, settings);
    Channels in = latent_dim;
    for (int i = 0; i < kMmGeneratorLayers; ++i) {
      const auto units = scaled(kMmGeneratorUnits, settings.width);
      const auto id = std::to_string(i);
      // Batch norm subtracts the mean, so a bias before it would do nothing.
      hidden_.push_back(
          make.linear("hidden" + id, in, units, !settings.batch_norm, i == 0, settings.batch_norm));
      norms_.push_back(make.batch_norm("norm" + id, settings.batch_norm, units));
      in = units;
    }
    out_ = make.linear("out", in, settings.shape.size());
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition&) override {
    require_latent(z, latent_dim, "maxout-mlp generator");
    auto h = z;
    for (std::size_t i = 0; i < hidden_.size(); ++i) {
      h = leaky_relu(batch_norm_if(norms_[i], hidden_[i]->forward(h)), 0.0);
    }
    return out_->forward(h);
  }

 private:
  std::vector<std::shared_ptr<LinearLayer>> hidden_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
  std::shared_ptr<LinearLayer> out_;
};

// x (N, 2 m), m points seen at once -> maxout 200x5, three times -> (N,)
class MaxoutMlpCritic : public Critic {
 public:
  explicit MaxoutMlpCritic(const BackboneSettings& settings) : shape_(settings.shape) {
    LayerMaker make(*this, costs, kMmInit, settings);
    Channels in = shape_.size();
    for (int i = 0; i < kMmCriticLayers; ++i) {
      const auto units = scaled(kMmCriticUnits, settings.width);
      const auto id = std::to_string(i);
      hidden_.push_back(make.linear("hidden" + id, in, units * kMmPieces, true, i == 0));
      norms_.push_back(make.batch_norm("norm" + id, settings.batch_norm && i > 0, units));
      in = units;
    }
    out_ = make.score(in);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition&) override {
    require_samples(x, shape_, "maxout-mlp critic");
    auto h = x;
    for (std::size_t i = 0; i < hidden_.size(); ++i) {
      h = batch_norm_if(norms_[i], maxout(hidden_[i]->forward(h), kMmPieces));
    }
    return out_->forward(h).squeeze(1);
  }

 private:
  SampleShape shape_;
  std::vector<std::shared_ptr<LinearLayer>> hidden_;
  std::vector<std::shared_ptr<BatchNormLayer>> norms_;
  std::shared_ptr<LinearLayer> out_;
};

}  // namespace

ArchitectureSpec maxout_mlp_architecture() {
  return {.name = "maxout-mlp",
          .source = "Lin et al. 2018, arXiv 1712.04086 (published code, 2DRing)",
          .generator = "z 2 -> 400, four times, batch norm and ReLU -> 2; points alone",
          .critic = "maxout 200 units of 5 pieces, three times -> 1",
          .first_weights = "N(0, 0.02)",
          .batch_norm_g = true,
          .points_only = true,
          .optimizer = OptimizerSpec{.lr = 1e-4, .beta1 = 0.8, .beta2 = 0.999},
          .batch = 100,
          .make_generator = made<Generator, MaxoutMlpGenerator>,
          .make_critic = made<Critic, MaxoutMlpCritic>};
}

}  // namespace ganselect
