// A self-supervised embedding: a small residual network that learns, without labels, to give two
// views of one image like features and views of different images unlike ones (SimCLR; Chen et al.
// 2020, arXiv:2002.05709).
//
// Shapes: N images, C channels, H rows, W columns, D features, P projection dimensions.
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/settings_io.h"
#include "metrics/detectors/judge.h"

namespace ganselect {

// Everything that fixes the layers. The default is simclr-cifar10.
struct EmbeddingArchitecture {
  int64_t channels = 3;                     // of the images
  int64_t image_size = 32;                  // H = W
  std::vector<int64_t> widths{8, 32, 128};  // output channels of each block; the last is D
  int64_t hidden = 128;                     // of the projection head
  int64_t projection = 64;                  // P

  int64_t features() const { return widths.back(); }
};

struct EmbeddingOutput {
  torch::Tensor features;     // float32 (N,D): what the embedding is used for
  torch::Tensor projections;  // float32 (N,P): what the loss sees
};

// The judge's body (metrics/detectors/judge.h) with the projection head of the paper's section 2:
// linear to `hidden`, ReLU, linear to P, without biases.
class EmbeddingNetwork : public torch::nn::Module {
 public:
  // Parameters drawn from `generator` (CPU), as the judge draws its own. kUsage when the sizes do
  // not fit together.
  EmbeddingNetwork(const EmbeddingArchitecture& architecture, torch::Generator generator);

  // `pixels`: (N,C,H,W), uint8 or floating 0..255, on the network's device. kUsage for another
  // shape. In evaluation mode a row depends on its own image alone, up to float32 rounding.
  EmbeddingOutput forward(const torch::Tensor& pixels);

  // Normalization and whitening filters from training images, as JudgeNetwork::fit_input.
  void fit_input(const torch::Tensor& images) { body_->fit_input(images); }

  const EmbeddingArchitecture& architecture() const { return architecture_; }
  // Trained numbers, and floating point operations of one image's features.
  int64_t parameter_count() const;
  int64_t flops() const;

 private:
  EmbeddingArchitecture architecture_;
  std::shared_ptr<JudgeNetwork> body_;  // its linear layer is the head's first one
  torch::Tensor project_;               // (P,hidden)
};

template <class V>
void describe(V& v, EmbeddingArchitecture& a) {
  v.field("channels", a.channels, "of the images", at_least(1));
  v.field("image_size", a.image_size, "rows and columns", at_least(1));
  v.field("widths", a.widths, "output channels of each block", at_least(1));
  v.field("hidden", a.hidden, "of the projection head", at_least(2));
  v.field("projection", a.projection, "dimensions that the loss sees", at_least(1));
}

}  // namespace ganselect
