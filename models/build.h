// The networks of a candidate, built with their first weights.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/shape.h"
#include "models/backbones/conditioning.h"
#include "models/backbones/networks.h"
#include "models/candidates.h"

namespace ganselect {

// Sides of the square images that networks can be built for, in pixels. Networks published for 32
// take a stage more for each doubling, no layer wider than at 64.
const std::vector<std::int64_t>& image_sizes();

struct BuildSettings {
  SampleShape shape;  // square images of a side of image_sizes(), or points
  double width =
      1.0;  // factor on every hidden channel count (1 as published), at least one channel is kept
  // What the data offer; a candidate takes what its own conditioning needs of it.
  Conditioning conditioning;
};

struct Networks {
  std::shared_ptr<Generator> generator;
  std::shared_ptr<Critic> critic;
};

// kUsage for a shape or width that cannot be built, a candidate of images on points or the other
// way round, and labels or instances that the candidate needs and the settings do not offer.
void require_buildable(const CandidateSpec& candidate, const BuildSettings& settings);

// Both on the CPU, float32, in training mode. The weights depend on the candidate, the settings and
// the seed (its streams "init-generator" and "init-critic") and on nothing else: not on the global
// generator, nor on other threads. Errors as of require_buildable.
Networks build_networks(const CandidateSpec& candidate, const BuildSettings& settings,
                        std::uint64_t seed);
std::shared_ptr<Generator> build_generator(const CandidateSpec& candidate,
                                           const BuildSettings& settings, std::uint64_t seed);
std::shared_ptr<Critic> build_critic(const CandidateSpec& candidate, const BuildSettings& settings,
                                     std::uint64_t seed);

}  // namespace ganselect
