// Where `evaluate` takes samples from: a trained run, a TorchScript generator, a folder of
// pictures, an .npz or .npy file of samples, or what others computed from theirs: features (.npy)
// and statistics (.npz).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "harness/evaluate/evaluation.h"
#include "harness/train/checkpoint.h"

namespace ganselect {

struct SampleSourceSettings {
  std::string run;        // a trial's folder or its generator.safetensors
  std::string generator;  // a TorchScript file: latents (N, Z) float32 in, images (N,C,H,W) in
                          // [-1,1] or uint8 out
  std::string samples;    // a folder of pictures; an .npz of samples, or with mu and sigma (mean
                          // and cov); an .npy of samples, or of features (N,D)
  std::int64_t latent_dim =
      0;  // Z of a TorchScript generator; 0: its attribute latent_dim or z_dim, else 128
  std::int64_t count =
      10000;  // how many to draw; of a folder or file as many by chance, all when there are fewer
  std::uint64_t seed = 2020;           // of the latents
  std::string mode = "eval";           // batch norm while sampling, for a run or a generator
  std::int64_t batch = 256;            // samples a forward pass of a run; in mode batch always 256
  torch::Device device = torch::kCPU;  // that a run's generator draws on
  // What the samples are compared with: how its images are read, its channels (none: points) and
  // how many classes it has.
  SampleReading reading;
  std::int64_t classes = 0;
};

struct SourcedSamples {
  SampleInput input;
  std::string description;               // "dcgan at step 3000"
  std::vector<std::string> warnings;     // about the input itself, worded as Dataset::warnings
  std::vector<std::string> class_names;  // of input.labels, in the source's own order
  std::shared_ptr<void> owner;           // keeps what the input refers to
};

// The generator of a trial's folder, or of the file itself. Throws as load_generator.
SavedGenerator load_run(const std::string& run);

// Exactly one of run, generator and samples must be named (kUsage). Nothing is drawn or decoded
// yet: a broken sample shows itself when the stream comes to it. `points` tells an (N,2) array of
// points from features. `run`: settings.run as load_run gave it, where that was done already.
SourcedSamples source_samples(const SampleSourceSettings& settings, bool points,
                              std::shared_ptr<SavedGenerator> run = nullptr);

// Brings the samples' labels to the numbering of the data set's classes: by name where every name
// of the samples is one of the data's, else by number, else they are dropped with a warning.
void match_classes(const Dataset& data, SourcedSamples& sourced);

}  // namespace ganselect
