#include "metrics/detectors/judge_files.h"

#include <torch/torch.h>

#include "metrics/detectors/trained_network_file.h"

namespace ganselect {
namespace {

const FileFormat& judge_format() {
  static const FileFormat format{"ganselect-judge", "1", "not a judge's file"};
  return format;
}

}  // namespace

void save_judge(const std::filesystem::path& path, Judge& judge) {
  save_trained_network(path, judge_format(), judge, torch::kFloat16,
                       {{"class_names", Json(judge.class_names).dump()}});
}

Judge load_judge(const std::filesystem::path& path,
                 const std::optional<std::string>& expected_digest) {
  Judge judge;
  const auto file = load_trained_network(path, judge_format(), "judge", expected_digest, judge);
  for (const auto& name : file.json("class_names"))
    judge.class_names.push_back(name.get<std::string>());
  return judge;
}

}  // namespace ganselect
