#include "metrics/judge_files.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"

namespace ganselect {
namespace {

constexpr const char* kJudgeFormat = "ganselect-judge";
constexpr int kJudgeFormatVersion = 1;

std::vector<std::pair<std::string, torch::Tensor>> named_judge_state(const JudgeNetwork& network) {
  std::vector<std::pair<std::string, torch::Tensor>> state;
  for (const auto& item : network.named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : network.named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

const std::string& judge_entry(const TensorFile& file, const std::string& key,
                               const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  fail(ErrorKind::kData, {.where = where,
                          .expected = "metadata '" + key + "'",
                          .got = "none",
                          .hint = "not a judge's file"});
}

void check_judge_format(const TensorFile& file, const std::string& where) {
  const auto& format = judge_entry(file, "format", where);
  const auto& version = judge_entry(file, "format_version", where);
  if (format == kJudgeFormat && version == std::to_string(kJudgeFormatVersion)) return;
  fail(ErrorKind::kData,
       {.where = where,
        .expected = std::string(kJudgeFormat) + " version " + std::to_string(kJudgeFormatVersion),
        .got = format + " version " + version});
}

void fill_judge(JudgeNetwork& network, const TensorFile& file, const std::string& where) {
  torch::NoGradGuard no_grad;
  const auto state = named_judge_state(network);
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

void save_judge(const std::filesystem::path& path, Judge& judge) {
  TensorFile file;
  for (const auto& [name, tensor] : named_judge_state(*judge.network)) {
    const bool matrix = tensor.requires_grad() && tensor.dim() > 1;
    file.tensors[name] = tensor.detach().cpu().to(matrix ? torch::kFloat16 : torch::kFloat32);
  }
  file.metadata = {{"format", kJudgeFormat},
                   {"format_version", std::to_string(kJudgeFormatVersion)},
                   {"name", judge.name},
                   {"dataset", judge.dataset},
                   {"class_names", Json(judge.class_names).dump()},
                   {"architecture", settings_to_json(judge.network->architecture()).dump()},
                   {"settings", settings_to_json(judge.settings).dump()},
                   {"training", judge.training.dump()},
                   {"evaluation", judge.evaluation.dump()}};
  const auto bytes = to_safetensors(file);
  write_file_atomically(path, bytes);
  judge.digest = sha256_hex(bytes);
}

Judge load_judge(const std::filesystem::path& path,
                 const std::optional<std::string>& expected_digest) {
  const auto where = path.string();
  const auto bytes = read_file(path);
  Judge judge;
  judge.digest = sha256_hex(bytes);
  if (expected_digest && judge.digest != *expected_digest) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = "SHA-256 " + *expected_digest,
          .got = judge.digest,
          .hint = "not the judge that this version was built with: restore the file"});
  }
  const auto file = from_safetensors(bytes, where);
  check_judge_format(file, where);
  judge.name = judge_entry(file, "name", where);
  judge.dataset = judge_entry(file, "dataset", where);
  const auto json = [&](const char* key) {
    return parse_json(judge_entry(file, key, where), where + " " + key);
  };
  for (const auto& name : json("class_names")) judge.class_names.push_back(name.get<std::string>());
  judge.settings = settings_from_json<JudgeTrainSettings>(json("settings"), where + " settings");
  judge.training = json("training");
  judge.evaluation = json("evaluation");
  const auto architecture =
      settings_from_json<JudgeArchitecture>(json("architecture"), where + " architecture");
  judge.network = std::make_shared<JudgeNetwork>(architecture, make_generator(0));
  fill_judge(*judge.network, file, where);
  judge.network->eval();
  return judge;
}

}  // namespace ganselect
