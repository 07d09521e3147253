#include "metrics/detectors/embedding_files.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"
#include "metrics/detectors/network_file.h"

namespace ganselect {
namespace {

const NetworkFormat& embedding_format() {
  static const NetworkFormat format{"ganselect-embedding", "1", "not an embedding's file"};
  return format;
}

}  // namespace

void save_embedding(const std::filesystem::path& path, Embedding& embedding) {
  TensorFile file;
  for (const auto& [name, tensor] : named_network_state(*embedding.network))
    file.tensors[name] = tensor.detach().cpu().contiguous();
  file.metadata = {{"format", embedding_format().name},
                   {"format_version", embedding_format().version},
                   {"name", embedding.name},
                   {"dataset", embedding.dataset},
                   {"architecture", settings_to_json(embedding.network->architecture()).dump()},
                   {"settings", settings_to_json(embedding.settings).dump()},
                   {"training", embedding.training.dump()},
                   {"evaluation", embedding.evaluation.dump()}};
  const auto bytes = to_safetensors(file);
  write_file_atomically(path, bytes);
  embedding.digest = sha256_hex(bytes);
}

Embedding load_embedding(const std::filesystem::path& path,
                         const std::optional<std::string>& expected_digest) {
  const auto where = path.string();
  const auto bytes = read_file(path);
  Embedding embedding;
  embedding.digest = sha256_hex(bytes);
  if (expected_digest && embedding.digest != *expected_digest) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = "SHA-256 " + *expected_digest,
          .got = embedding.digest,
          .hint = "not the embedding that this version was built with: restore the file"});
  }
  const auto file = from_safetensors(bytes, where);
  check_network_format(file, embedding_format(), where);
  embedding.name = network_entry(file, embedding_format(), "name", where);
  embedding.dataset = network_entry(file, embedding_format(), "dataset", where);
  const auto json = [&](const char* key) {
    return parse_json(network_entry(file, embedding_format(), key, where), where + " " + key);
  };
  embedding.settings =
      settings_from_json<EmbeddingTrainSettings>(json("settings"), where + " settings");
  embedding.training = json("training");
  embedding.evaluation = json("evaluation");
  const auto architecture =
      settings_from_json<EmbeddingArchitecture>(json("architecture"), where + " architecture");
  embedding.network = std::make_shared<EmbeddingNetwork>(architecture, make_generator(0));
  fill_network(*embedding.network, file, where);
  embedding.network->eval();
  return embedding;
}

}  // namespace ganselect
