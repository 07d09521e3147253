// A trained judge as one safetensors file that describes itself, and the table of those that come
// with the program.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"
#include "metrics/detectors/judge.h"
#include "metrics/detectors/judge_train.h"

namespace ganselect {

struct Judge {
  std::string name;     // "judge-cifar10"
  std::string dataset;  // data set that it was trained on
  std::vector<std::string> class_names;
  std::shared_ptr<JudgeNetwork> network;  // on the CPU, in evaluation mode
  JudgeTrainSettings settings;
  Json training;       // {"split", "count", "digest", "seconds", "precision", "threads"}
  Json evaluation;     // {"split", "count", "digest", "correct", "accuracy", "confusion"}
  std::string digest;  // SHA-256 of the file, 64 hex digits; empty before it has one
};

// Writes the file (atomically) and sets judge.digest. Matrices are stored as float16, the rest as
// float32.
void save_judge(const std::filesystem::path& path, Judge& judge);

// Reads a file of save_judge. With `expected_digest`, a file of another SHA-256 is refused before
// it is looked into. kData for a file that is missing, damaged, not a judge, or another one than
// expected.
Judge load_judge(const std::filesystem::path& path,
                 const std::optional<std::string>& expected_digest = {});

// The judge of a data set: how it is trained and, once shipped, which file it is.
struct JudgeSpec {
  std::string name;  // "judge-cifar10"; its file is name + ".safetensors"
  std::string dataset;
  std::string explanation;          // one line
  JudgeTrainSettings settings;      // those that the shipped file was trained with
  std::string sha256;               // of the shipped file
  std::vector<std::string> limits;  // sentences for the model card
};

const NamedTable<JudgeSpec>& judge_table();

// The row of a data set; kUsage with the data sets that have one.
const JudgeSpec& judge_of_dataset(const std::string& dataset);

// Where shipped judges lie: $GANSELECT_SHARE/metrics/detectors/weights, else in the tree that the
// program was built from.
std::filesystem::path judges_folder();

// A judge of the table from judges_folder(), held against its pinned digest.
Judge load_shipped_judge(const std::string& name);

}  // namespace ganselect
