#pragma once
// Cost measures of one trial.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/train/trainer.h"

namespace ganselect {

// What the clock and the allocator said of a trial.
struct CostInput {
  double train_seconds = 0;  // evaluations and saving left out
  std::int64_t steps = 0;    // generator updates in that time
  std::optional<std::int64_t>
      peak_memory_bytes;  // MemoryMeter's, with the data set; absent if not taken
};

// In this order; absent where no time has passed or nothing was measured:
//   train_seconds            s, as given
//   updates_per_second       generator updates (with their n_critic critic updates) a second
//   images_per_second        real samples that critic updates see a second: updates * n_critic *
//                            batch
//   peak_memory_bytes        as given
//   parameters_g, parameters_d  trainable numbers
//   flops_per_update         convolutions and matrix products of one update, 2 per multiply-add, as
//                            executed (models/cost.h)
//   published_flops_per_update  the same of the layers as their sources write them
//   extra_passes_per_update  critic forward passes of one update beyond the 3 of a plain GAN (real,
//                            fake, generator's)
std::vector<std::pair<std::string, std::optional<double>>> cost_measures(const Trainer& trainer,
                                                                         const CostInput& input);

}  // namespace ganselect
