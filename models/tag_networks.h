// The two networks of multimodal tag generation, Mirza & Osindero 2014 (arXiv 1411.1784), section
// 4.2: a word vector generated for an image.
//
// Shapes: N pairs, F image features, E numbers of a word vector.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "models/backbones/layers.h"

namespace ganselect {

struct TagNetworkSettings {
  std::int64_t features = 0;    // F
  std::int64_t dimensions = 0;  // E
  double width = 1.0;           // factor on every hidden layer; 1: as published
  double dropout = 0.5;         // of hidden layers of both networks, in training mode
};

// noise (N,100) -> 500 ReLU; features (N,F) -> 2000 ReLU; joined -> linear word vector (N,E).
class TagGenerator : public torch::nn::Module {
 public:
  TagGenerator(const TagNetworkSettings& settings, torch::Generator random);
  // `drops` draws the dropout masks; unused in evaluation mode.
  torch::Tensor forward(const torch::Tensor& noise, const torch::Tensor& features,
                        torch::Generator& drops);
  static constexpr std::int64_t kNoise = 100;

 private:
  double dropout_;
  std::vector<LayerCost> costs_;
  std::shared_ptr<LinearLayer> noise_, image_, out_;
};

// word (N,E) -> 500 ReLU; features (N,F) -> 1200 ReLU; joined -> maxout 1000 units of 3 pieces ->
// raw score (N,).
class TagCritic : public torch::nn::Module {
 public:
  TagCritic(const TagNetworkSettings& settings, torch::Generator random);
  torch::Tensor forward(const torch::Tensor& word, const torch::Tensor& features,
                        torch::Generator& drops);

 private:
  double dropout_;
  std::vector<LayerCost> costs_;
  std::shared_ptr<LinearLayer> word_, image_, joint_, out_;
};

}  // namespace ganselect
