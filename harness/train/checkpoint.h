#pragma once
// Files that a trial writes its networks to: checkpoint.safetensors holds all that resuming needs;
// generator.safetensors holds one generator and, in its metadata, how to build it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/shape.h"
#include "base/torch/safetensors.h"
#include "harness/train/settings.h"
#include "harness/train/trainer.h"
#include "models/backbones/networks.h"

namespace ganselect {

inline constexpr const char* kCheckpointFile = "checkpoint.safetensors";
inline constexpr const char* kPreviousCheckpointFile = "checkpoint.previous.safetensors";
inline constexpr const char* kGeneratorFile = "generator.safetensors";

// A trainer's state and what the trial keeps beside it.
struct Checkpoint {
  TensorFile state;             // Trainer::state
  double seconds = 0;           // training time so far
  Json trial = Json::object();  // see trial.cpp
};

// Writes FOLDER/checkpoint.safetensors and keeps the one before as checkpoint.previous.safetensors;
// at every moment one of them is whole. kFailed if the folder cannot be written.
void save_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint);

// The newest whole checkpoint in the folder; nothing if there is none at all. A damaged newest one
// is passed over with a warning; kData if files are there and all are damaged.
std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& folder);

// Removes the previous checkpoint, which a finished trial no longer needs.
void drop_previous_checkpoint(const std::filesystem::path& folder);

// A generator that needs nothing but its file: no data set, no flags.
struct SavedGenerator {
  TrainSettings settings;
  CandidateSpec candidate;
  SampleShape shape;
  std::int64_t step = 0;
  std::string weights;                   // "ema": the moving average; "raw": as trained
  ConditionTable conditions;             // empty: unconditional
  std::shared_ptr<Generator> generator;  // on the CPU, in evaluation mode, without gradients
  std::string digest;                    // SHA-256 of the file
};

// Writes the trainer's evaluated generator atomically. kFailed if it cannot be written.
void save_generator(const std::filesystem::path& file, Trainer& trainer);

// kData naming the file if it is missing, cut short, or not a generator that this program wrote.
SavedGenerator load_generator(const std::filesystem::path& file);

}  // namespace ganselect
