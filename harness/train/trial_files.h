#pragma once
// The files of a trial's folder other than the networks: settings.json, curve.csv, samples.png.
#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/json.h"
#include "datasets/dataset.h"
#include "harness/train/curve.h"
#include "harness/train/settings.h"

namespace ganselect {

inline constexpr const char* kSettingsFile = "settings.json";
inline constexpr const char* kCurveFile = "curve.csv";
inline constexpr const char* kSamplesFile = "samples.png";
// Made of the data before training, and kept in the trial's folder.
inline constexpr const char* kNeighborsFile = "neighbors.safetensors";
inline constexpr const char* kPartitionFile = "partition.safetensors";

// What settings.json holds: every setting, `extra` beside them, and under "data" what identifies
// both sets.
Json trial_settings_json(const TrainSettings& settings, const Json& extra, const Dataset& train,
                         const Dataset* held_out);

// Throws kUsage where the folder holds files, but none of a trial: they are not ours to replace.
void refuse_foreign_folder(const std::filesystem::path& folder);

// Writes FOLDER/settings.json, or, where it is already there, checks that it says the same: kUsage
// naming the first key that differs with both values; kData if it cannot be read. More `steps` than
// it says are no difference: the trial is trained on, the file says so from now on, and the former
// steps are given back; kData for a trial that ended and left no checkpoint to go on from.
std::optional<std::int64_t> claim_folder(const std::filesystem::path& folder, const Json& settings);

// Whole file, atomically.
void save_curve(const std::filesystem::path& folder, const std::vector<CurveRow>& rows);

// Rows up to `step`; kData if the file is missing or damaged.
std::vector<CurveRow> load_curve(const std::filesystem::path& folder, std::int64_t step);

// Images (N,C,H,W) uint8 as a grid of so many columns; points (N,2) as dark dots over light dots of
// the data.
void save_samples_picture(const std::filesystem::path& folder, const torch::Tensor& samples,
                          std::int64_t columns, const Dataset& train);

}  // namespace ganselect
