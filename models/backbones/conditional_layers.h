// Layers that are told a condition. N batch, C channels, E width of the condition's code
// (models/backbones/conditioning.h).
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>

#include "models/backbones/architectures.h"
#include "models/backbones/layers.h"

namespace ganselect {

// Batch norm whose gains and biases depend on the condition (Dumoulin et al. 2017, arXiv
// 1610.07629; de Vries et al. 2017, arXiv 1707.00683): y = (1 + G^T e) * norm(x) + B^T e with the
// code e. For one-hot codes: a row of gains and one of biases for each class, starting at 1 and 0,
// as in Miyato & Koyama 2018. Rows beyond the first `classes` belong to instance features, whose
// first weights are N(0, 0.02). Statistics are those of the whole batch, whatever the conditions.
class ConditionalBatchNormLayer : public torch::nn::Module {
 public:
  ConditionalBatchNormLayer(std::int64_t channels, const Conditioning& conditioning,
                            torch::Generator random);
  // x (N, C, ...), code (N, E).
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& code);

 private:
  torch::Tensor gains_, biases_;  // (E, C)
  torch::Tensor running_mean_, running_var_;
};

// The batch norm of a place in a generator: told the condition, plain, or none.
struct GeneratorNorm {
  std::shared_ptr<BatchNormLayer> plain;
  std::shared_ptr<ConditionalBatchNormLayer> told;

  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& code) const {
    return told ? told->forward(x, code) : batch_norm_if(plain, x);
  }
};

// The norm that the settings ask for: none without batch norm, told where there is a condition.
GeneratorNorm generator_norm(LayerMaker& make, const std::string& name,
                             const BackboneSettings& settings, std::int64_t channels);

// out(features) + <embed(code), features> (Miyato & Koyama 2018, equation 3): features (N, D) ->
// (N,). embed: nullptr without a condition.
torch::Tensor projection_score(LinearLayer& out, LinearLayer* embed, const torch::Tensor& features,
                               const torch::Tensor& code);

}  // namespace ganselect
