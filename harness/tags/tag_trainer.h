// Multimodal tag generation (Mirza & Osindero 2014, arXiv 1411.1784, section 4.2): a conditional
// GAN that writes word vectors for an image, and the words nearest to many of them.
//
// Shapes: N images, F features, E numbers of a word vector, V words.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/settings_io.h"
#include "harness/tags/word_vectors.h"
#include "models/tag_networks.h"

namespace ganselect {

struct TagSettings {
  std::uint64_t seed = 0;
  std::int64_t steps = 12000;  // generator updates, one critic update each
  std::int64_t batch = 100;    // pairs of image and word, as published
  double width = 1.0;          // factor on the hidden layers; 1: as published
  // The source trains the non-saturating loss by gradient descent with dropout 0.5. On tags of five
  // attributes that generator soon writes one word for an image whatever its noise; the
  // relativistic loss with penalties on both sides (Huang et al. 2024, arXiv 2501.05441) and Adam
  // keep all five.
  std::string loss = "relativistic";  // a row of losses() that needs neither divergence nor margin
  double gamma = 20.0;  // (gamma/2) E ||gradient by the word||^2, real and generated words; 0: none
  double dropout = 0.0;  // share of hidden outputs dropped in both networks; 0.5 as published
  double lr = 3e-4, beta1 = 0.0;  // Adam
  // The words are those of the moving average of the generator, which wavers less than any one step
  // (Yazici et al. 2019, arXiv 1806.04498). 0: the last step's.
  double ema_decay = 0.999;
  std::int64_t threads = 1;  // inside one operation; more cost more than they bring at these sizes
  SkipGramSettings words;
};

// Rows of losses() that a tag model can be trained with.
std::vector<std::string> tag_losses();

// How words are read off the generator; as published.
struct TagReading {
  std::int64_t draws = 100;   // word vectors an image
  std::int64_t nearest = 20;  // vocabulary words nearest to each
  std::int64_t kept = 10;     // commonest of them all
  std::uint64_t seed = 2020;  // of the draws
};

template <class V>
void describe(V& v, TagSettings& s) {
  v.field("seed", s.seed, "of weights, batches and noise");
  v.field("steps", s.steps, "generator updates", at_least(1));
  v.field("batch", s.batch, "pairs of image and word a step", at_least(2));
  v.field("width", s.width, "factor on the hidden layers", between(0.001, 16));
  v.field("loss", s.loss, "what critic and generator minimize", one_of(tag_losses()));
  v.field("gamma", s.gamma, "weight of the zero-centred gradient penalty", at_least(0));
  v.field("dropout", s.dropout, "share of hidden outputs dropped", between(0, 0.99));
  v.field("lr", s.lr, "learning rate", above(0));
  v.field("beta1", s.beta1, "Adam's beta1", between(0, 0.999999));
  v.field("ema_decay", s.ema_decay, "decay of the generator's moving average; 0: none",
          between(0, 0.999999));
  v.field("threads", s.threads, "CPU threads inside one operation", at_least(1));
  v.field("words", s.words, "word vectors");
}
template <class V>
void describe(V& v, TagReading& s) {
  v.field("draws", s.draws, "word vectors an image", at_least(1));
  v.field("nearest", s.nearest, "nearest words to each", at_least(1));
  v.field("kept", s.kept, "commonest words kept", at_least(1));
  v.field("seed", s.seed, "of the draws");
}

// Images with the tags that were given to them.
struct TaggedFeatures {
  torch::Tensor features;                      // float32 (N,F)
  std::vector<std::vector<std::string>> tags;  // N
};

struct TagModel {
  TagSettings settings;
  WordVectors words;
  torch::Tensor mean, deviation;  // of the training features, float32 (F)
  std::shared_ptr<TagGenerator> generator;
  Json source = Json::object();  // where features, tags and corpus come from
};

struct TagProgress {
  std::int64_t step = 0, steps = 0;
  double loss_d = 0, loss_g = 0;
};

// Learns words from the corpus, then generator and critic from the pairs of image and word; images
// without a known word are left out, an image with several counts once a word. Deterministic for
// one thread. kData when no pair is left or features and tags differ in number; kFailed for a loss
// that is not finite.
TagModel train_tags(const TaggedFeatures& data, const std::vector<std::vector<std::string>>& corpus,
                    const TagSettings& settings,
                    const std::function<void(const TagProgress&)>& progress = {});

// Features as the networks read them, and the networks' sizes.
torch::Tensor normalized_features(const TagModel& model, const torch::Tensor& features);
TagNetworkSettings tag_network_settings(const TagModel& model);

// float32 (draws,E) word vectors for one image's features (F); the same for the same seed and row.
torch::Tensor draw_tag_vectors(const TagModel& model, const torch::Tensor& features,
                               std::int64_t draws, std::uint64_t seed);

// The words for each image of features (N,F), commonest first.
std::vector<std::vector<std::string>> suggest_tags(const TagModel& model,
                                                   const torch::Tensor& features,
                                                   const TagReading& reading);

// Self-describing: settings, words and source stand in the file's metadata.
void save_tag_model(const std::filesystem::path& file, const TagModel& model);
TagModel load_tag_model(const std::filesystem::path& file);

}  // namespace ganselect
