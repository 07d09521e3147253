#include "metrics/detectors/embedding.h"

#include <torch/torch.h>

#include <cmath>

namespace ganselect {
namespace {

JudgeArchitecture body_architecture(const EmbeddingArchitecture& a) {
  return {
      .channels = a.channels, .classes = a.hidden, .image_size = a.image_size, .widths = a.widths};
}

}  // namespace

EmbeddingNetwork::EmbeddingNetwork(const EmbeddingArchitecture& architecture,
                                   torch::Generator generator)
    : architecture_(architecture),
      body_(register_module(
          "body", std::make_shared<JudgeNetwork>(body_architecture(architecture), generator))) {
  auto weight = torch::empty({architecture.projection, architecture.hidden});
  const double bound = 1.0 / std::sqrt(static_cast<double>(architecture.hidden));
  weight.uniform_(-bound, bound, generator);
  project_ = register_parameter("project", weight);
}

EmbeddingOutput EmbeddingNetwork::forward(const torch::Tensor& pixels) {
  const auto output = body_->forward(pixels);
  return {.features = output.features,
          .projections = at::mm(at::relu(output.logits), project_.t())};
}

int64_t EmbeddingNetwork::parameter_count() const {
  return judge_parameters(*body_) + project_.numel();
}

int64_t EmbeddingNetwork::flops() const {
  const auto body = body_architecture(architecture_);
  return judge_flops(body) - 2 * body.features() * body.classes;
}

}  // namespace ganselect
