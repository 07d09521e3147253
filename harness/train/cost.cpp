#include "harness/train/cost.h"

#include "models/cost.h"

namespace ganselect {

namespace {

constexpr double kPlainCriticPasses = 3;  // real and fake for the critic, fake for the generator

}  // namespace

std::vector<std::pair<std::string, std::optional<double>>> cost_measures(const Trainer& trainer,
                                                                         const CostInput& input) {
  const auto& candidate = trainer.candidate();
  const auto update = update_cost(candidate, trainer.networks());
  const auto number = [](std::int64_t value) { return static_cast<double>(value); };
  std::optional<double> rate, images, memory;
  if (input.train_seconds > 0 && input.steps > 0) {
    rate = number(input.steps) / input.train_seconds;
    images = *rate * candidate.n_critic / candidate.n_gen * number(candidate.batch);
  }
  if (input.peak_memory_bytes) memory = number(*input.peak_memory_bytes);
  return {{"train_seconds", input.train_seconds},
          {"updates_per_second", rate},
          {"images_per_second", images},
          {"peak_memory_bytes", memory},
          {"parameters_g", number(parameter_count(*trainer.networks().generator))},
          {"parameters_d", number(parameter_count(*trainer.networks().critic))},
          {"flops_per_update", update.flops},
          {"published_flops_per_update", update.published_flops},
          {"extra_passes_per_update", update.critic_passes - kPlainCriticPasses}};
}

}  // namespace ganselect
