#include "harness/tags/tag_trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/torch/generators.h"
#include "harness/train/optimizers.h"
#include "models/losses.h"

namespace ganselect {
namespace {

constexpr std::int64_t kTagReportSteps = 100;

// Every (image, word) with a word that the vocabulary has.
struct TagPairs {
  torch::Tensor image, word;  // int64 (P)
};

TagPairs make_pairs(const TaggedFeatures& data, const WordVectors& words) {
  std::vector<std::int64_t> image, word;
  for (std::size_t i = 0; i < data.tags.size(); ++i) {
    for (const auto& tag : data.tags[i]) {
      const auto row = words.rows.find(tag);
      if (row == words.rows.end()) continue;
      image.push_back(static_cast<std::int64_t>(i));
      word.push_back(row->second);
    }
  }
  if (image.empty()) {
    fail(ErrorKind::kData, {.where = "tags",
                            .expected = "tags that the corpus knows",
                            .got = "none among " + std::to_string(data.tags.size()) + " images"});
  }
  return {.image = torch::tensor(image), .word = torch::tensor(word)};
}

// Directions alone count when words are looked up by cosine, so all words get one length, with
// entries of about 1.
torch::Tensor word_targets(const WordVectors& words) {
  const auto unit = words.vectors / words.vectors.norm(2, {1}, true).clamp_min(1e-12);
  return unit * std::sqrt(static_cast<double>(words.vectors.size(1)));
}

OptimizerSpec tag_optimizer(const TagSettings& settings) {
  return {.kind = OptimizerKind::kAdam, .lr = settings.lr, .beta1 = settings.beta1};
}

std::vector<torch::Tensor> copies(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> result;
  for (const auto& tensor : tensors) result.push_back(tensor.detach().clone());
  return result;
}

// The two networks, their optimizers and streams; one call a step.
class TagTraining {
 public:
  TagTraining(const TagModel& model, const TaggedFeatures& data)
      : settings_(model.settings),
        loss_(losses().at(settings_.loss)),
        generator_(model.generator),
        critic_(std::make_shared<TagCritic>(tag_network_settings(model),
                                            make_stream(settings_.seed, "tags/init-critic"))),
        optimizer_g_(make_optimizer(tag_optimizer(settings_), generator_->parameters())),
        average_(copies(generator_->parameters())),
        optimizer_d_(make_optimizer(tag_optimizer(settings_), critic_->parameters())),
        features_(normalized_features(model, data.features)),
        targets_(word_targets(model.words)),
        pairs_(make_pairs(data, model.words)),
        batches_(make_stream(settings_.seed, "tags/data")),
        noise_(make_stream(settings_.seed, "tags/latent")),
        drops_(make_stream(settings_.seed, "tags/dropout")) {}

  void step() {
    update_critic();
    update_generator();
    update_average();
  }

  // What is kept: the average in place of the last step's weights.
  void keep_average() {
    const torch::NoGradGuard no_grad;
    auto weights = generator_->parameters();
    if (settings_.ema_decay > 0) at::_foreach_copy_(weights, average_);
  }

  TagProgress progress(std::int64_t step) const {
    return {.step = step,
            .steps = settings_.steps,
            .loss_d = loss_d_.item<double>(),
            .loss_g = loss_g_.item<double>()};
  }

 private:
  struct Batch {
    torch::Tensor features, words;
  };

  void update_critic() {
    const auto real = next_batch();
    const bool penalized = settings_.gamma > 0;
    auto words = real.words.detach().requires_grad_(penalized);
    auto fake = generate(real.features).detach().requires_grad_(penalized);
    const CriticScores scores{.real = critic_->forward(words, real.features, drops_),
                              .fake = critic_->forward(fake, real.features, drops_)};
    loss_d_ = critic_loss(loss_, scores, {});
    if (penalized) {
      const auto slopes = torch::autograd::grad({scores.real.sum() + scores.fake.sum()},
                                                {words, fake}, {}, true, /*create_graph=*/true);
      for (const auto& slope : slopes) {
        loss_d_ = loss_d_ + 0.5 * settings_.gamma * slope.square().sum(1).mean();
      }
    }
    optimizer_d_->step(gradients_of(loss_d_, optimizer_d_->parameters()));
  }

  void update_generator() {
    const auto batch = next_batch();
    CriticScores scores;
    if (loss_.generator_needs_real) {
      const torch::NoGradGuard no_grad;
      scores.real = critic_->forward(batch.words, batch.features, drops_);
    }
    scores.fake = critic_->forward(generate(batch.features), batch.features, drops_);
    loss_g_ = generator_loss(loss_, scores, {});
    optimizer_g_->step(gradients_of(loss_g_, optimizer_g_->parameters()));
  }

  void update_average() {
    if (settings_.ema_decay == 0) return;
    const torch::NoGradGuard no_grad;
    ++averaged_;
    // A young average must not remember the random start.
    const double warm = static_cast<double>(averaged_) / (10.0 + static_cast<double>(averaged_));
    at::_foreach_lerp_(average_, generator_->parameters(),
                       1.0 - std::min(settings_.ema_decay, warm));
  }

  Batch next_batch() {
    const auto chosen = torch::randint(pairs_.image.size(0), {settings_.batch}, batches_,
                                       torch::TensorOptions().dtype(torch::kInt64));
    return {.features = features_.index_select(0, pairs_.image.index_select(0, chosen)),
            .words = targets_.index_select(0, pairs_.word.index_select(0, chosen))};
  }

  torch::Tensor generate(const torch::Tensor& features) {
    const auto z = torch::randn({features.size(0), TagGenerator::kNoise}, noise_);
    return generator_->forward(z, features, drops_);
  }

  TagSettings settings_;
  const LossSpec& loss_;
  std::shared_ptr<TagGenerator> generator_;
  std::shared_ptr<TagCritic> critic_;
  std::unique_ptr<Optimizer> optimizer_g_;
  std::vector<torch::Tensor> average_;
  std::unique_ptr<Optimizer> optimizer_d_;
  std::int64_t averaged_ = 0;
  torch::Tensor features_, targets_, loss_d_, loss_g_;
  TagPairs pairs_;
  torch::Generator batches_, noise_, drops_;
};

void run_training(const TagModel& model, const TaggedFeatures& data,
                  const std::function<void(const TagProgress&)>& progress) {
  TagTraining training(model, data);
  const auto steps = model.settings.steps;
  for (std::int64_t step = 1; step <= steps; ++step) {
    training.step();
    if (step % kTagReportSteps != 0 && step != steps) continue;
    throw_if_interrupted("a tag model is not kept half trained");
    const auto at = training.progress(step);
    if (!std::isfinite(at.loss_d) || !std::isfinite(at.loss_g)) {
      fail(ErrorKind::kFailed, {.where = "tag training",
                                .expected = "finite losses",
                                .got = "infinity or NaN by step " + std::to_string(step)});
    }
    if (progress) progress(at);
  }
  training.keep_average();
}

}  // namespace

std::vector<std::string> tag_losses() {
  std::vector<std::string> names;
  for (const auto& loss : losses()) {
    if (!loss.needs_divergence && !loss.needs_margin && !loss.needs_bound)
      names.push_back(loss.name);
  }
  return names;
}

TagModel train_tags(const TaggedFeatures& data, const std::vector<std::vector<std::string>>& corpus,
                    const TagSettings& settings,
                    const std::function<void(const TagProgress&)>& progress) {
  if (data.features.dim() != 2 || data.features.size(0) < 2 ||
      data.features.size(0) != static_cast<std::int64_t>(data.tags.size())) {
    fail(ErrorKind::kData, {.where = "tags",
                            .expected = "features (N,F) and tags of N images, N >= 2",
                            .got = c10::str(data.features.sizes(), " and ", data.tags.size())});
  }
  TagModel model;
  model.settings = settings_from_json<TagSettings>(settings_to_json(settings), "tags");
  at::set_num_threads(static_cast<int>(model.settings.threads));
  model.words = train_word_vectors(corpus, model.settings.words);
  model.mean = data.features.to(torch::kFloat64).mean(0).to(torch::kFloat32);
  model.deviation = data.features.to(torch::kFloat64).std(0).clamp_min(1e-6).to(torch::kFloat32);
  model.generator = std::make_shared<TagGenerator>(
      tag_network_settings(model), make_stream(settings.seed, "tags/init-generator"));
  run_training(model, data, progress);
  model.generator->eval();
  return model;
}

}  // namespace ganselect
