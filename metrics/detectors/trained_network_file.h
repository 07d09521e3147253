// A trained network of this project's own as one safetensors file that describes itself: its
// weights, architecture, how it was trained, and how well it does.
//
// Trained has name, dataset, settings, training and evaluation (Json), digest, and network, a
// pointer to a module with architecture() that is made from that and a generator.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "base/error.h"
#include "base/files.h"
#include "base/settings_io.h"
#include "base/torch/described_file.h"
#include "base/torch/generators.h"
#include "metrics/detectors/network_file.h"

namespace ganselect {

// Writes the file (atomically) with what `more` adds to its metadata, and sets trained.digest.
// Matrices are stored as `matrices`, the rest as float32.
template <class Trained>
void save_trained_network(const std::filesystem::path& path, const FileFormat& format,
                          Trained& trained, torch::ScalarType matrices,
                          const std::map<std::string, std::string>& more = {}) {
  TensorFile file;
  for (const auto& [name, tensor] : named_network_state(*trained.network)) {
    const bool matrix = tensor.requires_grad() && tensor.dim() > 1;
    file.tensors[name] = tensor.detach().cpu().to(matrix ? matrices : torch::kFloat32).contiguous();
  }
  file.metadata = format_metadata(format);
  file.metadata.insert({{"name", trained.name},
                        {"dataset", trained.dataset},
                        {"architecture", settings_to_json(trained.network->architecture()).dump()},
                        {"settings", settings_to_json(trained.settings).dump()},
                        {"training", trained.training.dump()},
                        {"evaluation", trained.evaluation.dump()}});
  file.metadata.insert(more.begin(), more.end());
  const auto bytes = to_safetensors(file);
  write_file_atomically(path, bytes);
  trained.digest = sha256_hex(bytes);
}

// Reads into `trained` a file of save_trained_network, and hands it on for what else it holds. A
// file of another SHA-256 than `expected_digest` is refused before it is looked into. `what` names
// it: "judge". The network is in evaluation mode. kData.
template <class Trained>
DescribedFile load_trained_network(const std::filesystem::path& path, const FileFormat& format,
                                   const std::string& what,
                                   const std::optional<std::string>& expected_digest,
                                   Trained& trained) {
  using Network = typename decltype(trained.network)::element_type;
  using Architecture = std::remove_cvref_t<decltype(std::declval<const Network&>().architecture())>;
  const auto where = path.string();
  const auto bytes = read_file(path);
  trained.digest = sha256_hex(bytes);
  if (expected_digest && trained.digest != *expected_digest) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = "SHA-256 " + *expected_digest,
          .got = trained.digest,
          .hint = "not the " + what + " that this version was built with: restore the file"});
  }
  DescribedFile file(from_safetensors(bytes, where), format, where);
  trained.name = file.entry("name");
  trained.dataset = file.entry("dataset");
  trained.settings =
      settings_from_json<decltype(trained.settings)>(file.json("settings"), where + " settings");
  trained.training = file.json("training");
  trained.evaluation = file.json("evaluation");
  trained.network = std::make_shared<Network>(
      settings_from_json<Architecture>(file.json("architecture"), where + " architecture"),
      make_generator(0));
  fill_network(*trained.network, file.content(), where);
  trained.network->eval();
  return file;
}

}  // namespace ganselect
