#include "models/backbones/fc_conditional.h"

#include <cmath>

#include "models/backbones/layers.h"

namespace ganselect {
namespace {

constexpr std::int64_t kCgLatent = 100;
constexpr std::int64_t kCgLatentUnits = 200, kCgCodeUnits = 1000, kCgJointUnits = 1200;
constexpr std::int64_t kCgSampleMaxout = 240, kCgSamplePieces = 5;
constexpr std::int64_t kCgCodeMaxout = 50, kCgCodePieces = 5;
constexpr std::int64_t kCgJointMaxout = 240, kCgJointPieces = 4;
constexpr double kCgGeneratorDropout = 0.5;
constexpr InitRule kCgGeneratorInit{InitLaw::kUniform, 0.05};
constexpr InitRule kCgCriticInit{InitLaw::kUniform, 0.005};

torch::Tensor cg_relu(const torch::Tensor& x) { return leaky_relu(x, 0.0); }

// The source's z is uniform in the unit cube, which the normal distribution's own distribution
// function makes of N(0, I).
torch::Tensor uniform_from_normal(const torch::Tensor& z) {
  return 0.5 * (1.0 + torch::erf(z * M_SQRT1_2));
}

// z (N, 100) -> 200, code (N, E) -> 1000, joined -> 1200 -> (N, C, H, W)
class ConditionalFcGenerator : public Generator {
 public:
  explicit ConditionalFcGenerator(const BackboneSettings& settings)
      : shape_(settings.shape), told_(settings.conditioning) {
    latent_dim = kCgLatent;
    LayerMaker make(*this, costs, kCgGeneratorInit, settings);
    const auto of_latent = scaled(kCgLatentUnits, settings.width);
    const auto of_code = scaled(kCgCodeUnits, settings.width);
    const auto joint = scaled(kCgJointUnits, settings.width);
    latent_ = make.linear("latent", latent_dim, of_latent, true, /*reads_input=*/true);
    code_ = make.linear("code", told_.width(), of_code, true, /*reads_input=*/true);
    joint_ = make.linear("joint", of_latent + of_code, joint);
    norm_ = make.batch_norm("norm", settings.batch_norm, joint);
    out_ = make.linear("out", joint, shape_.size());
  }

  torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
    require_latent(z, latent_dim, "conditional fc generator");
    const auto code = condition_code(condition, told_, z, "conditional fc generator");
    const auto hidden = [&](const torch::Tensor& h) {
      return dropped(cg_relu(h), kCgGeneratorDropout);
    };
    const auto parts = torch::cat(
        {hidden(latent_->forward(uniform_from_normal(z))), hidden(code_->forward(code))}, 1);
    const auto joint = hidden(batch_norm_if(norm_, joint_->forward(parts)));
    return (2.0 * torch::sigmoid(out_->forward(joint)) - 1.0)
        .view({-1, shape_.channels, shape_.height, shape_.width});
  }

 private:
  SampleShape shape_;
  Conditioning told_;
  std::shared_ptr<LinearLayer> latent_, code_, joint_, out_;
  std::shared_ptr<BatchNormLayer> norm_;
};

// x (N, C, H, W) -> maxout 240x5, code (N, E) -> maxout 50x5, joined -> maxout 240x4 -> (N,)
class ConditionalFcCritic : public Critic {
 public:
  explicit ConditionalFcCritic(const BackboneSettings& settings)
      : shape_(settings.shape), told_(settings.conditioning), dropout_(settings.dropout) {
    LayerMaker make(*this, costs, kCgCriticInit, settings);
    const auto of_sample = scaled(kCgSampleMaxout, settings.width);
    const auto of_code = scaled(kCgCodeMaxout, settings.width);
    const auto joint = scaled(kCgJointMaxout, settings.width);
    sample_ = make.linear("sample", shape_.size(), of_sample * kCgSamplePieces, true, true);
    code_ = make.linear("code", told_.width(), of_code * kCgCodePieces, true, true);
    joint_ = make.linear("joint", of_sample + of_code, joint * kCgJointPieces);
    norm_ = make.batch_norm("norm", settings.batch_norm, joint);
    out_ = make.score(joint);
  }

  torch::Tensor score(const torch::Tensor& x, const Condition& condition) override {
    require_samples(x, shape_, "conditional fc critic");
    const auto code = condition_code(condition, told_, x, "conditional fc critic");
    const auto hidden = [&](const torch::Tensor& h, std::int64_t pieces) {
      return dropped(maxout(h, pieces), dropout_);
    };
    const auto parts = torch::cat({hidden(sample_->forward(x.flatten(1)), kCgSamplePieces),
                                   hidden(code_->forward(code), kCgCodePieces)},
                                  1);
    const auto joint = batch_norm_if(norm_, maxout(joint_->forward(parts), kCgJointPieces));
    return out_->forward(dropped(joint, dropout_)).squeeze(1);
  }

 private:
  SampleShape shape_;
  Conditioning told_;
  double dropout_;
  std::shared_ptr<LinearLayer> sample_, code_, joint_, out_;
  std::shared_ptr<BatchNormLayer> norm_;
};

}  // namespace

std::shared_ptr<Generator> make_conditional_fc_generator(const BackboneSettings& settings) {
  return std::make_shared<ConditionalFcGenerator>(settings);
}
std::shared_ptr<Critic> make_conditional_fc_critic(const BackboneSettings& settings) {
  return std::make_shared<ConditionalFcCritic>(settings);
}

}  // namespace ganselect
