// From a data set's name to an embedding on disk: weights, training curve and model card.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "metrics/detectors/embedding_files.h"
#include "metrics/detectors/embedding_train.h"
#include "metrics/detectors/judge_train.h"

namespace ganselect {

// Neighbours that vote in an embedding's figure of quality.
inline constexpr int64_t kQualityNeighbors = 20;

struct EmbeddingRequest {
  std::string dataset;              // one that embedding_table() has
  EmbeddingTrainSettings settings;  // start from embedding_of_dataset(dataset).settings
  std::filesystem::path data_dir;   // as LoadSettings has it
  std::filesystem::path out;        // folder; gets NAME.safetensors, NAME.csv and NAME.md
};

// After each epoch, with the k-NN accuracy on the test images, in [0,1].
using EmbeddingReport = std::function<void(const EmbeddingEpoch&, double test_accuracy)>;

// Trains, tests and writes. The weights file is rewritten after each epoch, so that a training that
// is cut off leaves the last epoch's network.
Embedding make_embedding(const EmbeddingRequest& request, const EmbeddingReport& report = {});

// The k-NN accuracy on `test` by the labels of `train`, as metadata and card state it: {"split",
// "count", "digest", "k", "correct", "accuracy"}.
Json embedding_evaluation(EmbeddingNetwork& network, const Dataset& train, const Dataset& test);

// The model card, Markdown.
std::string embedding_card(const Embedding& embedding);

}  // namespace ganselect
