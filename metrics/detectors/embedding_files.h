// A trained embedding as one safetensors file that describes itself, and the table of those that
// come with the program.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"
#include "metrics/detectors/embedding.h"
#include "metrics/detectors/embedding_train.h"

namespace ganselect {

struct Embedding {
  std::string name;                           // "simclr-cifar10"
  std::string dataset;                        // data set that it was trained on
  std::shared_ptr<EmbeddingNetwork> network;  // on the CPU, in evaluation mode
  EmbeddingTrainSettings settings;
  Json training;       // {"split", "count", "digest", "epochs_done", "seconds", "threads"}
  Json evaluation;     // {"split", "count", "digest", "k", "correct", "accuracy"}
  std::string digest;  // SHA-256 of the file, 64 hex digits; empty before it has one
};

// Writes the file (atomically, float32) and sets embedding.digest.
void save_embedding(const std::filesystem::path& path, Embedding& embedding);

// Reads a file of save_embedding. With `expected_digest`, a file of another SHA-256 is refused
// before it is looked into. kData for a file that is missing, damaged, not an embedding, or another
// one than expected.
Embedding load_embedding(const std::filesystem::path& path,
                         const std::optional<std::string>& expected_digest = {});

// The embedding of a data set: how it is trained and, once shipped, which file it is.
struct EmbeddingSpec {
  std::string name;                   // "simclr-cifar10"; its file is name + ".safetensors"
  std::string dataset;                // data set that it is trained on
  std::string explanation;            // one line
  EmbeddingTrainSettings settings;    // those that the shipped file was trained with
  std::optional<std::string> sha256;  // of the shipped file; none: not shipped, trained by the user
  std::vector<std::string> limits;    // sentences for the model card
};

const NamedTable<EmbeddingSpec>& embedding_table();

// The row of a data set; kUsage with the data sets that have one.
const EmbeddingSpec& embedding_of_dataset(const std::string& dataset);

// Where shipped embeddings lie: $GANSELECT_SHARE/metrics/detectors/weights, else in the tree that
// the program was built from.
std::filesystem::path embeddings_folder();

// An embedding of the table from embeddings_folder(), held against its pinned digest. kData for one
// that is not shipped, with the command that trains it.
Embedding load_shipped_embedding(const std::string& name);

}  // namespace ganselect
