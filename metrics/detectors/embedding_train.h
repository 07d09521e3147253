// Training a self-supervised embedding (metrics/detectors/embedding.h), and its figure of quality.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/settings_io.h"
#include "datasets/dataset.h"
#include "metrics/detectors/embedding.h"
#include "metrics/detectors/embedding_views.h"

namespace ganselect {

// AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) in place of the paper's LARS, which is for
// batches of thousands; the rate rises in a line from 0 over the warm-up share and falls in a line
// to 0. The settings that the shipped embeddings were trained with are in embedding_table.cpp.
struct EmbeddingTrainSettings {
  std::uint64_t seed = 0;
  int64_t epochs = 1;
  int64_t batch = 128;  // images a step; each has one other view and 2 * batch - 2 to differ from
  double peak_rate = 2e-3;
  double warm_up = 0.1;  // share of the steps
  double weight_decay = 1e-4;
  double temperature = 0.2;  // of NT-Xent
  ViewSettings views;
  std::vector<int64_t> widths{8, 32, 128};
  int64_t hidden = 128, projection = 64;  // of the projection head
  int64_t hold_out = 0;  // of the training split, so many last images are kept for testing
  std::string device = "cpu";
};

// After each epoch. Seconds count from the start of training.
struct EmbeddingEpoch {
  int64_t epoch = 0, epochs = 0;  // 1 .. epochs
  double seconds = 0;
  double rate = 0;  // at the epoch's end
  double loss = 0;  // mean over the epoch
};

// Called after each epoch with the network, in evaluation mode.
using EmbeddingProgress = std::function<void(const EmbeddingEpoch&, EmbeddingNetwork& network)>;

// Trains on uint8 images, whose labels are not looked at; returns the network on the CPU, in
// evaluation mode. The same settings, data, processor and number of threads give the same network.
// kUsage for settings out of range, kData for a set without two images, kFailed when the loss is
// not finite, kInterrupted between two steps after a signal.
std::shared_ptr<EmbeddingNetwork> train_embedding(const EmbeddingTrainSettings& settings,
                                                  const Dataset& train,
                                                  const EmbeddingProgress& progress = {});

// Features of uint8 images in batches, evaluation mode: float32 (N,D) on the CPU.
torch::Tensor embed_images(EmbeddingNetwork& network, const torch::Tensor& images,
                           int64_t batch = 256);

struct NeighborAccuracy {
  int64_t k = 0, count = 0, correct = 0;
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(count); }
};

// k-NN classification, the usual figure of an embedding's quality (Wu et al. 2018,
// arXiv:1805.01978, with equal weights): each test row gets the class that most of its k nearest
// training rows by cosine similarity have; of equally frequent ones the lowest.
// features: floating (N,D) and (M,D); labels: int64 (N) and (M). kData where they do not fit.
NeighborAccuracy neighbor_accuracy(const torch::Tensor& train_features,
                                   const torch::Tensor& train_labels,
                                   const torch::Tensor& test_features,
                                   const torch::Tensor& test_labels, int64_t k);

template <class V>
void describe(V& v, EmbeddingTrainSettings& s) {
  v.field("seed", s.seed, "of weights, order and views");
  v.field("epochs", s.epochs, "passes over the training images", at_least(1));
  v.field("batch", s.batch, "images a step", at_least(2));
  v.field("peak_rate", s.peak_rate, "learning rate at the top of its cycle", above(0));
  v.field("warm_up", s.warm_up, "share of the steps in which the rate rises", between(0, 1));
  v.field("weight_decay", s.weight_decay, "on matrices, decoupled", at_least(0));
  v.field("temperature", s.temperature, "of NT-Xent", above(0));
  v.field("views", s.views, "random changes of the images");
  v.field("widths", s.widths, "output channels of each block", at_least(1));
  v.field("hidden", s.hidden, "width of the projection head", at_least(2));
  v.field("projection", s.projection, "dimensions that the loss sees", at_least(1));
  v.field("hold_out", s.hold_out, "last training images kept for testing", at_least(0));
  v.field("device", s.device, "cpu, cuda, cuda:N or auto");
}

}  // namespace ganselect
