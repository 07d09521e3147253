#include "metrics/embedding_files.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"

namespace ganselect {
namespace {

constexpr const char* kEmbeddingFormat = "ganselect-embedding";
constexpr const char* kEmbeddingFormatVersion = "1";

std::vector<std::pair<std::string, torch::Tensor>> named_embedding_state(
    const EmbeddingNetwork& network) {
  std::vector<std::pair<std::string, torch::Tensor>> state;
  for (const auto& item : network.named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : network.named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

const std::string& embedding_entry(const TensorFile& file, const std::string& key,
                                   const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  fail(ErrorKind::kData, {.where = where,
                          .expected = "metadata '" + key + "'",
                          .got = "none",
                          .hint = "not an embedding's file"});
}

void check_embedding_format(const TensorFile& file, const std::string& where) {
  const auto& format = embedding_entry(file, "format", where);
  const auto& version = embedding_entry(file, "format_version", where);
  if (format == kEmbeddingFormat && version == kEmbeddingFormatVersion) return;
  fail(ErrorKind::kData,
       {.where = where,
        .expected = std::string(kEmbeddingFormat) + " version " + kEmbeddingFormatVersion,
        .got = format + " version " + version});
}

void fill_embedding(EmbeddingNetwork& network, const TensorFile& file, const std::string& where) {
  torch::NoGradGuard no_grad;
  const auto state = named_embedding_state(network);
  for (const auto& [name, tensor] : state) {
    const auto found = file.tensors.find(name);
    const bool there = found != file.tensors.end();
    if (!there || found->second.sizes() != tensor.sizes() || !found->second.is_floating_point()) {
      fail(ErrorKind::kData,
           {.where = where + " tensor '" + name + "'",
            .expected = "floating point " + c10::str(tensor.sizes()),
            .got = there ? c10::str(found->second.dtype(), " ", found->second.sizes()) : "none"});
    }
    auto target = tensor;
    target.copy_(found->second);
  }
  if (file.tensors.size() != state.size()) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = std::to_string(state.size()) + " tensors",
                            .got = std::to_string(file.tensors.size())});
  }
}

}  // namespace

void save_embedding(const std::filesystem::path& path, Embedding& embedding) {
  TensorFile file;
  for (const auto& [name, tensor] : named_embedding_state(*embedding.network))
    file.tensors[name] = tensor.detach().cpu().contiguous();
  file.metadata = {{"format", kEmbeddingFormat},
                   {"format_version", kEmbeddingFormatVersion},
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
  check_embedding_format(file, where);
  embedding.name = embedding_entry(file, "name", where);
  embedding.dataset = embedding_entry(file, "dataset", where);
  const auto json = [&](const char* key) {
    return parse_json(embedding_entry(file, key, where), where + " " + key);
  };
  embedding.settings =
      settings_from_json<EmbeddingTrainSettings>(json("settings"), where + " settings");
  embedding.training = json("training");
  embedding.evaluation = json("evaluation");
  const auto architecture =
      settings_from_json<EmbeddingArchitecture>(json("architecture"), where + " architecture");
  embedding.network = std::make_shared<EmbeddingNetwork>(architecture, make_generator(0));
  fill_embedding(*embedding.network, file, where);
  embedding.network->eval();
  return embedding;
}

}  // namespace ganselect
