#include "models/backbones/mlp.h"

#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kMlpLatent = 64;
constexpr std::int64_t kMlpUnits = 128;
constexpr double kMlpSlope = 0.2;
// Biases start apart too: with all of them zero every kink of the critic would run through the
// origin.
constexpr InitRule kMlpInit = kTorchInit;

// z (N, 64) -> 128 -> 128 -> (N, 2)
class MlpGenerator : public Generator {
 public:
  explicit MlpGenerator(const BackboneSettings& settings) : told_(settings.conditioning) {
    latent_dim = kMlpLatent;
    LayerMaker make(*this, costs, kMlpInit, settings);
    const auto units = scaled(kMlpUnits, settings.width);
    hidden1_ =
        make.linear("hidden1", latent_dim + told_.width(), units, true, /*reads_input=*/true);
    norm1_ = make.batch_norm("norm1", settings.batch_norm, units);
    hidden2_ = make.linear("hidden2", units + told_.width(), units);
    norm2_ = make.batch_norm("norm2", settings.batch_norm, units);
    out_ = make.linear("out", units + told_.width(), settings.shape.size());
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
    require_latent(z, latent_dim, "mlp generator");
    const auto code = condition_code(condition, told_, z, "mlp generator");
    auto h = leaky_relu(batch_norm_if(norm1_, hidden1_->forward(join_code(z, code))), kMlpSlope);
    h = leaky_relu(batch_norm_if(norm2_, hidden2_->forward(join_code(h, code))), kMlpSlope);
    return out_->forward(join_code(h, code));
  }

 private:
  Conditioning told_;
  std::shared_ptr<LinearLayer> hidden1_, hidden2_, out_;
  std::shared_ptr<BatchNormLayer> norm1_, norm2_;
};

// x (N, 2) -> 128 -> 128 -> (N,)
class MlpCritic : public Critic {
 public:
  explicit MlpCritic(const BackboneSettings& settings)
      : shape_(settings.shape), told_(settings.conditioning), dropout_(settings.dropout) {
    LayerMaker make(*this, costs, kMlpInit, settings);
    const auto units = scaled(kMlpUnits, settings.width);
    hidden1_ =
        make.linear("hidden1", shape_.size() + told_.width(), units, true, /*reads_input=*/true);
    hidden2_ = make.linear("hidden2", units + told_.width(), units);
    norm2_ = make.batch_norm("norm2", settings.batch_norm, units);
    out_ = make.score(units + told_.width());
  }

  torch::Tensor score(const torch::Tensor& x, const Condition& condition) override {
    require_samples(x, shape_, "mlp critic");
    const auto code = condition_code(condition, told_, x, "mlp critic");
    auto h = dropped(leaky_relu(hidden1_->forward(join_code(x, code)), kMlpSlope), dropout_);
    h = leaky_relu(batch_norm_if(norm2_, hidden2_->forward(join_code(h, code))), kMlpSlope);
    return out_->forward(join_code(dropped(h, dropout_), code)).squeeze(1);
  }

 private:
  SampleShape shape_;
  Conditioning told_;
  double dropout_;
  std::shared_ptr<LinearLayer> hidden1_, hidden2_, out_;
  std::shared_ptr<BatchNormLayer> norm2_;
};

}  // namespace

std::shared_ptr<Generator> make_mlp_generator(const BackboneSettings& settings) {
  return std::make_shared<MlpGenerator>(settings);
}
std::shared_ptr<Critic> make_mlp_critic(const BackboneSettings& settings) {
  return std::make_shared<MlpCritic>(settings);
}

}  // namespace ganselect
