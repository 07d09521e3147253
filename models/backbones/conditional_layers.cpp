#include "models/backbones/conditional_layers.h"

namespace ganselect {
namespace {

constexpr double kInstanceDeviation = 0.02;

torch::Tensor first_rows_of_code(std::int64_t channels, const Conditioning& conditioning,
                                 torch::Generator& random) {
  auto weights = torch::zeros({conditioning.width(), channels});
  if (conditioning.instance_features > 0) {
    weights.narrow(0, conditioning.classes, conditioning.instance_features)
        .normal_(0.0, kInstanceDeviation, random);
  }
  return weights;
}

}  // namespace

ConditionalBatchNormLayer::ConditionalBatchNormLayer(std::int64_t channels,
                                                     const Conditioning& conditioning,
                                                     torch::Generator random) {
  gains_ = register_parameter("gains", first_rows_of_code(channels, conditioning, random));
  biases_ = register_parameter("biases", first_rows_of_code(channels, conditioning, random));
  running_mean_ = register_buffer("running_mean", torch::zeros({channels}));
  running_var_ = register_buffer("running_var", torch::ones({channels}));
}

torch::Tensor ConditionalBatchNormLayer::forward(const torch::Tensor& x,
                                                 const torch::Tensor& code) {
  const auto normalized = torch::batch_norm(x, {}, {}, running_mean_, running_var_, is_training(),
                                            /*momentum=*/0.1, /*eps=*/1e-5, /*cudnn_enabled=*/true);
  auto sizes = std::vector<std::int64_t>(static_cast<std::size_t>(x.dim()), 1);
  sizes[0] = -1;  // of any batch, also where a trace is replayed
  sizes[1] = x.size(1);
  const auto gain = (1.0 + torch::matmul(code, gains_)).view(sizes);
  const auto bias = torch::matmul(code, biases_).view(sizes);
  return normalized * gain + bias;
}

GeneratorNorm generator_norm(LayerMaker& make, const std::string& name,
                             const BackboneSettings& settings, std::int64_t channels) {
  GeneratorNorm norm;
  if (!settings.batch_norm) return norm;
  if (settings.path != ConditionPath::kProjection || settings.conditioning.width() == 0) {
    norm.plain = make.batch_norm(name, true, channels);
    return norm;
  }
  norm.told = make.add(name, std::make_shared<ConditionalBatchNormLayer>(
                                 channels, settings.conditioning, settings.random));
  return norm;
}

torch::Tensor projection_score(LinearLayer& out, LinearLayer* embed, const torch::Tensor& features,
                               const torch::Tensor& code) {
  const auto score = out.forward(features).squeeze(1);
  return embed == nullptr ? score : score + (embed->forward(code) * features).sum(1);
}

}  // namespace ganselect
