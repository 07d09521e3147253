// A trained generator as a TorchScript module that needs nothing of this program: forward(z),
// forward(z, labels), forward(z, instances), forward(z, labels, instances) or forward(z, visible),
// as it is told.
//
// z float32 (N,Z) of N(0, I), labels int64 (N), instances float32 (N,F), visible float32
// (N,1+C,H,W), mask and visible part; images (N,C,H,W) in [-1,1] or, as levels, uint8 as samples
// are stored; points (N,2). Beside it the module keeps latent_dim, num_classes and class_names
// where it is told classes, and the conditions that samples are asked for.
#pragma once

#include <torch/script.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/train/checkpoint.h"
#include "harness/train/condition_source.h"

namespace ganselect {

// The generator's forward in evaluation mode, traced; any batch size. It is run beside the
// generator before it is given back: kFailed where an image differs by more than 1e-5, or by more
// than a level. kUsage for the levels of points.
enum class ExportedValues { kUnit, kLevels };
torch::jit::Module torchscript_of(const SavedGenerator& saved,
                                  ExportedValues values = ExportedValues::kUnit);

// What its forward takes, in order: "z", then of "labels", "instances" and "visible" what it is
// told; each with `n` examples, the latents of seed 0 and conditions as samples are asked for.
struct ExportedInput {
  std::string name;
  torch::Tensor examples;
};
std::vector<ExportedInput> exported_inputs(const SavedGenerator& saved, std::int64_t n);

// "dcgan at step 800".
std::string export_origin(const SavedGenerator& saved);

// The same into a file, which appears whole.
void export_torchscript(const SavedGenerator& saved, const std::filesystem::path& file,
                        ExportedValues values = ExportedValues::kUnit);

// What an exported module keeps of its conditions (empty: it takes none); nothing for a module of
// another program.
std::optional<ConditionTable> exported_conditions(const torch::jit::Module& module);

}  // namespace ganselect
