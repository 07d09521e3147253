#include "metrics/detectors/embedding_train.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/torch/device.h"
#include "base/torch/generators.h"
#include "metrics/detectors/ntxent.h"
#include "metrics/numerics/cosine_neighbors.h"

namespace ganselect {
namespace {

// Line from 0 to 1 over the warm-up, then line to 0; `at` in [0,1].
double rate_share(double at, double warm_up) {
  if (at < warm_up) return at / warm_up;
  return warm_up >= 1.0 ? 1.0 : (1.0 - at) / (1.0 - warm_up);
}

EmbeddingArchitecture embedding_architecture(const EmbeddingTrainSettings& s,
                                             const Dataset& train) {
  return {.channels = train.shape.channels,
          .image_size = train.shape.height,
          .widths = s.widths,
          .hidden = s.hidden,
          .projection = s.projection};
}

torch::optim::AdamW make_embedding_optimizer(const EmbeddingNetwork& network,
                                             const EmbeddingTrainSettings& s) {
  std::vector<torch::Tensor> weights, norms;
  for (const auto& parameter : network.parameters())
    (parameter.dim() > 1 ? weights : norms).push_back(parameter);
  const auto options = [&](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions(s.peak_rate).weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(weights, options(s.weight_decay));
  groups.emplace_back(norms, options(0.0));
  return torch::optim::AdamW(std::move(groups), *options(0.0));
}

// One run of train_embedding.
class EmbeddingTraining {
 public:
  EmbeddingTraining(const EmbeddingTrainSettings& settings, const Dataset& train)
      : settings_(settings),
        device_(parse_device(settings.device)),
        batches_(train, settings.views, make_stream(settings.seed, "embedding/views")),
        network_(std::make_shared<EmbeddingNetwork>(embedding_architecture(settings, train),
                                                    make_stream(settings.seed, "embedding/init"))),
        optimizer_(make_embedding_optimizer(*network_, settings)) {
    settings_.batch = std::min(settings_.batch, batches_.size());
    steps_ = settings_.epochs * (batches_.size() / settings_.batch);
    network_->fit_input(train.samples);
    network_->to(device_);
  }

  EmbeddingEpoch epoch(int64_t number) {
    network_->train();
    batches_.start_epoch();
    auto loss = torch::zeros({}, torch::TensorOptions(device_).dtype(torch::kFloat64));
    int64_t count = 0;
    while (const auto views = batches_.next(settings_.batch)) {
      throw_if_interrupted("the embedding's last finished epoch is kept if it was saved");
      loss += step(*views);
      ++count;
    }
    const double mean_loss = loss.item<double>() / static_cast<double>(count);
    if (!std::isfinite(mean_loss)) {
      fail(ErrorKind::kFailed, {.where = "embedding training, epoch " + std::to_string(number),
                                .expected = "a finite loss",
                                .got = std::to_string(mean_loss),
                                .hint = "lower the learning rate"});
    }
    network_->eval();
    return {.epoch = number, .epochs = settings_.epochs, .rate = rate(), .loss = mean_loss};
  }

  std::shared_ptr<EmbeddingNetwork> network() { return network_; }

 private:
  double rate() const {
    return settings_.peak_rate *
           rate_share(static_cast<double>(done_) / static_cast<double>(steps_), settings_.warm_up);
  }

  torch::Tensor step(const torch::Tensor& views) {
    for (auto& group : optimizer_.param_groups()) group.options().set_lr(rate());
    const auto projections = network_->forward(views.to(device_)).projections;
    const auto n = settings_.batch;
    const auto loss =
        ntxent_loss(projections.slice(0, 0, n), projections.slice(0, n), settings_.temperature);
    optimizer_.zero_grad();
    loss.backward();
    optimizer_.step();
    ++done_;
    return loss.detach();
  }

  EmbeddingTrainSettings settings_;
  torch::Device device_;
  ViewBatches batches_;
  std::shared_ptr<EmbeddingNetwork> network_;
  torch::optim::AdamW optimizer_;
  int64_t steps_ = 0, done_ = 0;
};

}  // namespace

std::shared_ptr<EmbeddingNetwork> train_embedding(const EmbeddingTrainSettings& settings,
                                                  const Dataset& train,
                                                  const EmbeddingProgress& progress) {
  const auto checked =
      settings_from_json<EmbeddingTrainSettings>(settings_to_json(settings), "embedding training");
  if (train.size() < 2) {
    fail(ErrorKind::kData, {.where = "embedding training",
                            .expected = "at least two images",
                            .got = std::to_string(train.size())});
  }
  EmbeddingTraining training(checked, train);
  const auto start = std::chrono::steady_clock::now();
  for (int64_t number = 1; number <= checked.epochs; ++number) {
    auto epoch = training.epoch(number);
    epoch.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (progress) progress(epoch, *training.network());
  }
  auto network = training.network();
  network->to(torch::kCPU);
  return network;
}

torch::Tensor embed_images(EmbeddingNetwork& network, const torch::Tensor& images, int64_t batch) {
  torch::NoGradGuard no_grad;
  network.eval();
  const auto device = network.parameters().front().device();
  std::vector<torch::Tensor> parts;
  for (int64_t at = 0; at < images.size(0); at += batch)
    parts.push_back(network.forward(images.slice(0, at, at + batch).to(device)).features.cpu());
  return torch::cat(parts);
}

NeighborAccuracy neighbor_accuracy(const torch::Tensor& train_features,
                                   const torch::Tensor& train_labels,
                                   const torch::Tensor& test_features,
                                   const torch::Tensor& test_labels, int64_t k) {
  if (!train_labels.defined() || !test_labels.defined() ||
      train_labels.size(0) != train_features.size(0) ||
      test_labels.size(0) != test_features.size(0)) {
    fail(ErrorKind::kData,
         {.where = "k-NN accuracy",
          .expected = "a label for every row",
          .got = train_labels.defined() && test_labels.defined()
                     ? c10::str(train_labels.sizes(), " and ", test_labels.sizes(), " labels")
                     : std::string("none")});
  }
  const auto found = cosine_neighbors(test_features, train_features, k);
  const auto classes = train_labels.max().item<int64_t>() + 1;
  const auto votes =
      torch::one_hot(train_labels.index_select(0, found.indices.flatten().to(torch::kInt64)),
                     classes)
          .view({test_features.size(0), k, classes})
          .sum(1);
  // Of equally frequent classes the lowest: argmax leaves the choice among equals open.
  const auto ranked = votes * classes + torch::arange(classes - 1, -1, -1, torch::kInt64);
  return {.k = k,
          .count = test_labels.size(0),
          .correct = ranked.argmax(1).eq(test_labels).sum().item<int64_t>()};
}

}  // namespace ganselect
