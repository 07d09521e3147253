// From a data set's name to a judge on disk: weights, training curve and model card.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "metrics/detectors/judge_files.h"
#include "metrics/detectors/judge_train.h"

namespace ganselect {

struct JudgeRequest {
  std::string dataset;             // one that judge_table() has
  JudgeTrainSettings settings;     // start from judge_of_dataset(dataset).settings
  std::filesystem::path data_dir;  // as LoadSettings has it
  std::filesystem::path out;       // folder; gets NAME.safetensors, NAME.csv and NAME.md
};

// After each epoch, with the accuracy of the averaged network on the test images, in [0,1].
using JudgeReport = std::function<void(const JudgeEpoch&, double test_accuracy)>;

// The images a judge learns from and those it is tested on: the set's own test split, or the last
// settings.hold_out training images. kData when the files are missing.
JudgeSplit load_judge_data(const std::string& dataset, const JudgeTrainSettings& settings,
                           const std::filesystem::path& data_dir);

// Trains, tests and writes. The weights file is rewritten after each epoch, so that a training that
// is cut off leaves the last epoch's network; its metadata tell how many epochs it has seen
// ("epochs_done").
Judge make_judge(const JudgeRequest& request, const JudgeReport& report = {});

// Tests a judge on a labelled set and states the outcome as its metadata and card do:
// {"split", "count", "digest", "correct", "accuracy", "confusion"}.
Json judge_evaluation(JudgeNetwork& network, const Dataset& test);

// The model card, Markdown: purpose, figures with counts and intervals, confusion matrix, training
// command, limits.
std::string judge_card(const Judge& judge);

}  // namespace ganselect
