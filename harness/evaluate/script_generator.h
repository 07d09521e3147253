// Generators of other programs as TorchScript files: latents (N,Z) or (N,Z,1,1) float32 in, with
// labels (N) int64 where they take two arguments; images (N,C,H,W) in [-1,1] or uint8 out.
#pragma once

#include <torch/script.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "datasets/sample_stream.h"
#include "harness/train/sampler.h"

namespace ganselect {

struct ScriptGenerator {
  std::string name;  // the file
  torch::jit::Module module;
  std::int64_t latent_dim = 0;
  bool four_axes = false;    // latents (N,Z,1,1)
  std::int64_t classes = 0;  // that its labels tell apart; 0: it takes none
  // Of a module that `ganselect export` wrote: what its samples are asked for, as the run's own.
  std::optional<ConditionTable> exported;
  std::string digest;  // SHA-256 of the file

  // What the module gives for latents (N,Z) and what it is told of each: one tensor. kData with
  // LibTorch's first line when it fails.
  torch::Tensor images(const torch::Tensor& latents, const Condition& condition = {});
};

// What a caller knows of a generator; 0: unknown.
struct ScriptSettings {
  std::int64_t latent_dim = 0;  // else the module's int attribute latent_dim or z_dim, else tried
  std::int64_t classes = 0;     // else its int attribute num_classes or n_classes
};
// Runs the module once to find the form of its latents. kData for a file that is no TorchScript
// module, for one that no usual number of latents suits, and for labels of unknown number.
ScriptGenerator load_script_generator(const std::filesystem::path& file,
                                      const ScriptSettings& settings);

// Sample i is made of latent i of draw_latents(seed) and, with classes, label i % classes, or of an
// exported module the condition that its run would be asked for; in evaluation mode or, with mode
// batch, with the module in training mode, which an exported one has not (kUsage); settings.batch
// at a time. Floating images go through to_uint8. kData
// for images that are not finite, of another number or shape than (N, 1, 3 or 4, H, W), or mostly
// outside of [-1,1] (points (N,2) are taken as they are); a warning where some are outside, or
// where none is below 0. LibTorch's own generator is seeded before every batch, so that noise
// inside the module is the same each time.
std::unique_ptr<SampleStream> stream_script_samples(ScriptGenerator& generator,
                                                    const SampleSettings& settings);

}  // namespace ganselect
