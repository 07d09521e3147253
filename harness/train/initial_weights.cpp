#include "harness/train/initial_weights.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "harness/train/checkpoint.h"

namespace ganselect {

namespace {

std::filesystem::path checkpoint_of_run(const std::string& run) {
  const auto file = std::filesystem::path(run) / kCheckpointFile;
  std::error_code unseen;
  if (std::filesystem::is_regular_file(file, unseen)) return file;
  fail(ErrorKind::kData,
       {.where = "--init-from " + run,
        .expected = std::string("a trial's folder with ") + kCheckpointFile,
        .got = std::filesystem::exists(run, unseen) ? "no such file in it" : "no such folder",
        .hint = "a generator alone does not do: both networks go on"});
}

// "critic/conv0" of the parameter "conv0.weight" of the critic.
std::string layer_of(const std::string& side, const std::string& parameter) {
  return side + "/" + parameter.substr(0, parameter.rfind('.'));
}

bool is_frozen(const std::string& layer, const std::vector<std::string>& freeze) {
  return std::any_of(freeze.begin(), freeze.end(), [&](const std::string& name) {
    return layer == name || layer.starts_with(name + ".");
  });
}

void copy_tensor(const TensorFile& file, const std::string& key, const std::string& run,
                 torch::Tensor target) {
  const auto found = file.tensors.find(key);
  if (found != file.tensors.end() && found->second.sizes() == target.sizes() &&
      found->second.scalar_type() == target.scalar_type()) {
    target.copy_(found->second);
    return;
  }
  fail(ErrorKind::kUsage,
       {.where = "--init-from " + run,
        .expected = c10::str("networks as this trial's, '", key, "' of shape ", target.sizes()),
        .got = found == file.tensors.end() ? std::string("none of that name")
                                           : c10::str("shape ", found->second.sizes()),
        .hint = "point, width, image size and classes must be those of that run"});
}

void copy_network(const TensorFile& file, const std::string& prefix, const std::string& run,
                  torch::nn::Module& network) {
  for (const auto& item : network.named_parameters())
    copy_tensor(file, prefix + "/" + item.key(), run, item.value());
  for (const auto& item : network.named_buffers())
    copy_tensor(file, prefix + "/" + item.key(), run, item.value());
}

bool holds(const TensorFile& file, const std::string& prefix) {
  return std::any_of(file.tensors.begin(), file.tensors.end(),
                     [&](const auto& item) { return item.first.starts_with(prefix + "/"); });
}

}  // namespace

void pin_initial_weights(TrainSettings& settings) {
  if (settings.init_from.empty()) {
    if (settings.init_digest.empty() && settings.freeze.empty()) return;
    fail(ErrorKind::kUsage, {.where = settings.freeze.empty() ? "init_digest" : "freeze",
                             .expected = "init_from beside it",
                             .got = "none"});
  }
  const auto digest = sha256_file(checkpoint_of_run(settings.init_from));
  if (!settings.init_digest.empty() && settings.init_digest != digest) {
    fail(ErrorKind::kUsage, {.where = "--init-from " + settings.init_from,
                             .expected = "a checkpoint of SHA-256 " + settings.init_digest,
                             .got = digest});
  }
  settings.init_digest = digest;
}

void load_initial_weights(const std::string& run, Networks& networks, torch::nn::Module* average) {
  checkpoint_of_run(run);
  const auto checkpoint = load_checkpoint(run);
  const torch::NoGradGuard no_gradients;
  const auto& file = checkpoint->state;
  copy_network(file, "generator", run, *networks.generator);
  copy_network(file, "critic", run, *networks.critic);
  if (average != nullptr)
    copy_network(file, holds(file, "ema") ? "ema" : "generator", run, *average);
}

std::vector<torch::Tensor> trained_parameters(const torch::nn::Module& network,
                                              const std::string& side,
                                              const std::vector<std::string>& freeze) {
  std::vector<torch::Tensor> trained;
  for (const auto& item : network.named_parameters()) {
    if (!is_frozen(layer_of(side, item.key()), freeze)) trained.push_back(item.value());
  }
  return trained;
}

void check_frozen(const Networks& networks, const std::vector<std::string>& freeze) {
  if (freeze.empty()) return;
  std::vector<std::string> layers;
  for (const auto& [side, network] :
       {std::pair<std::string, const torch::nn::Module*>{"generator", networks.generator.get()},
        {"critic", networks.critic.get()}}) {
    for (const auto& item : network->named_parameters()) {
      const auto layer = layer_of(side, item.key());
      if (layers.empty() || layers.back() != layer) layers.push_back(layer);
    }
    if (!trained_parameters(*network, side, freeze).empty()) continue;
    fail(ErrorKind::kUsage, {.where = "--freeze",
                             .expected = "a layer of the " + side + " left to train",
                             .got = "all of them frozen"});
  }
  for (const auto& name : freeze) {
    const bool known = std::any_of(layers.begin(), layers.end(), [&](const std::string& layer) {
      return is_frozen(layer, {name});
    });
    if (known) continue;
    fail(
        ErrorKind::kUsage,
        {.where = "--freeze", .expected = "layers among " + join(layers), .got = "'" + name + "'"});
  }
}

}  // namespace ganselect
