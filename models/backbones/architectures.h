// The table of architectures (backbones). Adding one is a file with its row and its two makers, and
// a line in models/backbones/backbones.inc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/named_table.h"
#include "models/backbones/conditioning.h"
#include "models/backbones/networks.h"
#include "models/backbones/optimizer_spec.h"

namespace ganselect {

struct BackboneSettings {
  SampleShape shape;
  double width = 1.0;
  bool batch_norm = false;
  bool torch_linear_init = false;             // linear layers start as LibTorch's own
  bool spectral_norm = false;                 // critics only
  bool spectral_norm_last = true;             // of the layer that gives the score, too
  bool gradient_penalty = false;              // critics only: trained under one
  double dropout = 0.0;                       // critics only: share of the hidden outputs dropped
  double input_dropout = 0.0;                 // critics only: share of the samples' numbers
  Conditioning conditioning;                  // what the network is told; all zero: nothing
  ConditionPath path = ConditionPath::kNone;  // how
  torch::Generator random;                    // first weights are drawn from it
};

using GeneratorMaker = std::shared_ptr<Generator> (*)(const BackboneSettings&);
using CriticMaker = std::shared_ptr<Critic> (*)(const BackboneSettings&);

// A maker of networks of one class: made<Generator, DcganGenerator>.
template <class Kind, class Network>
std::shared_ptr<Kind> made(const BackboneSettings& settings) {
  return std::make_shared<Network>(settings);
}

struct ArchitectureSpec {
  std::string name;
  std::string source;
  std::string generator;  // layers in words, at 32x32
  std::string critic;
  std::string first_weights;           // their law at width 1, in words
  std::optional<std::string> pooling;  // over places before the score: "sum" or "mean"
  // The same where a condition changes more than the widths of what layers read; else empty.
  std::string told_generator, told_critic;
  bool batch_norm_g = false, batch_norm_d = false;  // its own switches
  bool batch_norm_allowed = true;
  std::vector<std::string> conditionings;  // rows of conditionings() it can be told by, beside none
  double dropout_d = 0.0;
  double input_dropout_d = 0.0;
  bool points_only = false;                // point sets take it, and not the usual perceptrons
  std::optional<double> latent_bound;      // where its source's latents are uniform
  std::optional<OptimizerSpec> optimizer;  // where its source has one of its own
  int n_critic = 1;
  std::int64_t batch = 64;
  GeneratorMaker make_generator = nullptr;
  CriticMaker make_critic = nullptr;
};

const NamedTable<ArchitectureSpec>& architectures();

}  // namespace ganselect
