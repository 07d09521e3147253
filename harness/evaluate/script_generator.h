// Generators of other programs as TorchScript files: latents (N,Z) float32 in, images (N,C,H,W) in
// [-1,1] or uint8 out.
#pragma once

#include <torch/script.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "datasets/sample_stream.h"
#include "harness/train/sampler.h"

namespace ganselect {

struct ScriptGenerator {
  std::string name;  // the file
  torch::jit::Module module;
  std::int64_t latent_dim = 0;
  std::string digest;  // SHA-256 of the file

  // What the module gives, one tensor; kData with LibTorch's first line when it fails.
  torch::Tensor images(const torch::Tensor& latents);
};

// `latent_dim` 0: the module's int attribute latent_dim or z_dim, else 128. kData for a file that
// is no TorchScript module.
ScriptGenerator load_script_generator(const std::filesystem::path& file, std::int64_t latent_dim);

// Sample i is made of latent i of draw_latents(seed), in evaluation mode or, with mode batch, with
// the module in training mode; settings.batch at a time. Floating images go through to_uint8. kData
// for images that are not finite, of another number or shape than (N, 1 or 3, H, W), or mostly
// outside of [-1,1]; a warning where some are outside, or where none is below 0.
std::unique_ptr<SampleStream> stream_script_samples(ScriptGenerator& generator,
                                                    const SampleSettings& settings);

}  // namespace ganselect
