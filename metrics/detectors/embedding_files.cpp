#include "metrics/detectors/embedding_files.h"

#include <torch/torch.h>

#include "metrics/detectors/trained_network_file.h"

namespace ganselect {
namespace {

const FileFormat& embedding_format() {
  static const FileFormat format{"ganselect-embedding", "1", "not an embedding's file"};
  return format;
}

}  // namespace

void save_embedding(const std::filesystem::path& path, Embedding& embedding) {
  save_trained_network(path, embedding_format(), embedding, torch::kFloat32);
}

Embedding load_embedding(const std::filesystem::path& path,
                         const std::optional<std::string>& expected_digest) {
  Embedding embedding;
  load_trained_network(path, embedding_format(), "embedding", expected_digest, embedding);
  return embedding;
}

}  // namespace ganselect
