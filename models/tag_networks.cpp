#include "models/tag_networks.h"

#include <utility>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr std::int64_t kTagNoiseUnits = 500, kTagImageUnits = 2000;
constexpr std::int64_t kTagCriticWordUnits = 500, kTagCriticImageUnits = 1200;
constexpr std::int64_t kTagJointUnits = 1000, kTagJointPieces = 3;
constexpr InitRule kTagInit{InitLaw::kGlorotUniform, 1.0};

void require_pairs(const torch::Tensor& first, std::int64_t first_width,
                   const torch::Tensor& second, const char* where) {
  if (first.dim() == 2 && second.dim() == 2 && first.size(1) == first_width &&
      first.size(0) == second.size(0)) {
    return;
  }
  fail(ErrorKind::kFailed,
       {.where = where,
        .expected = "(N," + std::to_string(first_width) + ") and features of as many rows",
        .got = c10::str(first.sizes(), " and ", second.sizes())});
}

torch::Tensor relu_layer(LinearLayer& layer, const torch::Tensor& x) {
  return leaky_relu(layer.forward(x), 0.0);
}

}  // namespace

TagGenerator::TagGenerator(const TagNetworkSettings& settings, torch::Generator random)
    : dropout_(settings.dropout) {
  const BackboneSettings plain{.random = std::move(random)};
  LayerMaker make(*this, costs_, kTagInit, plain);
  const auto noise_units = scaled(kTagNoiseUnits, settings.width);
  const auto image_units = scaled(kTagImageUnits, settings.width);
  noise_ = make.linear("noise", kNoise, noise_units, true, true);
  image_ = make.linear("image", settings.features, image_units, true, true);
  out_ = make.linear("out", noise_units + image_units, settings.dimensions);
}

torch::Tensor TagGenerator::forward(const torch::Tensor& noise, const torch::Tensor& features,
                                    torch::Generator& drops) {
  require_pairs(noise, kNoise, features, "tag generator");
  auto h = torch::cat({relu_layer(*noise_, noise), relu_layer(*image_, features)}, 1);
  if (is_training() && dropout_ > 0) h = dropout(h, dropout_, drops);
  return out_->forward(h);
}

TagCritic::TagCritic(const TagNetworkSettings& settings, torch::Generator random)
    : dropout_(settings.dropout) {
  const BackboneSettings plain{.random = std::move(random)};
  LayerMaker make(*this, costs_, kTagInit, plain);
  const auto word_units = scaled(kTagCriticWordUnits, settings.width);
  const auto image_units = scaled(kTagCriticImageUnits, settings.width);
  const auto joint_units = scaled(kTagJointUnits, settings.width);
  word_ = make.linear("word", settings.dimensions, word_units, true, true);
  image_ = make.linear("image", settings.features, image_units, true, true);
  joint_ = make.linear("joint", word_units + image_units, joint_units * kTagJointPieces);
  out_ = make.linear("out", joint_units, 1);
}

torch::Tensor TagCritic::forward(const torch::Tensor& word, const torch::Tensor& features,
                                 torch::Generator& drops) {
  require_pairs(word, word.dim() == 2 ? word.size(1) : 0, features, "tag critic");
  const bool drop = is_training() && dropout_ > 0;
  auto h = torch::cat({relu_layer(*word_, word), relu_layer(*image_, features)}, 1);
  if (drop) h = dropout(h, dropout_, drops);
  h = maxout(joint_->forward(h), kTagJointPieces);
  if (drop) h = dropout(h, dropout_, drops);
  return out_->forward(h).squeeze(1);
}

}  // namespace ganselect
