#include "metrics/detectors/judge_files.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"
#include "metrics/detectors/network_file.h"

namespace ganselect {
namespace {

const NetworkFormat& judge_format() {
  static const NetworkFormat format{"ganselect-judge", "1", "not a judge's file"};
  return format;
}

}  // namespace

void save_judge(const std::filesystem::path& path, Judge& judge) {
  TensorFile file;
  for (const auto& [name, tensor] : named_network_state(*judge.network)) {
    const bool matrix = tensor.requires_grad() && tensor.dim() > 1;
    file.tensors[name] = tensor.detach().cpu().to(matrix ? torch::kFloat16 : torch::kFloat32);
  }
  file.metadata = {{"format", judge_format().name},
                   {"format_version", judge_format().version},
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
  check_network_format(file, judge_format(), where);
  judge.name = network_entry(file, judge_format(), "name", where);
  judge.dataset = network_entry(file, judge_format(), "dataset", where);
  const auto json = [&](const char* key) {
    return parse_json(network_entry(file, judge_format(), key, where), where + " " + key);
  };
  for (const auto& name : json("class_names")) judge.class_names.push_back(name.get<std::string>());
  judge.settings = settings_from_json<JudgeTrainSettings>(json("settings"), where + " settings");
  judge.training = json("training");
  judge.evaluation = json("evaluation");
  const auto architecture =
      settings_from_json<JudgeArchitecture>(json("architecture"), where + " architecture");
  judge.network = std::make_shared<JudgeNetwork>(architecture, make_generator(0));
  fill_network(*judge.network, file, where);
  judge.network->eval();
  return judge;
}

}  // namespace ganselect
