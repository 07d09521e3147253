#include "metrics/reconstruction.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/torch/generators.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

// Mean over pixels of the squared difference, pixels scaled from [-1,1] to [0,1]: (N).
torch::Tensor pixel_errors(const torch::Tensor& made, const torch::Tensor& wanted) {
  if (made.sizes() != wanted.sizes()) {
    fail(ErrorKind::kData, {.where = "reconstruction_error",
                            .expected = "generated images of shape " + c10::str(wanted.sizes()),
                            .got = c10::str(made.sizes())});
  }
  return ((made - wanted) / 2).square().flatten(1).mean(1);
}

// The least error met on the way of Adam from `start`, float64 (N).
torch::Tensor descend(const torch::Tensor& images, const DifferentiableGenerator& generator,
                      const torch::Tensor& start, const ReconstructionSettings& settings) {
  auto z = start.clone().set_requires_grad(true);
  torch::optim::Adam optimizer({z}, torch::optim::AdamOptions(settings.learning_rate));
  auto best =
      torch::full({images.size(0)}, std::numeric_limits<double>::infinity(), torch::kFloat64);
  for (int64_t step = 0; step <= settings.steps; ++step) {
    const auto errors = pixel_errors(generator(z), images);
    best = torch::minimum(best, errors.detach().to(torch::kCPU, torch::kFloat64));
    if (step == settings.steps) break;
    // Gradients for z only: the generator's own parameters are left alone.
    z.mutable_grad() = torch::autograd::grad({errors.sum()}, {z})[0];
    optimizer.step();
  }
  return best;
}

void compute_reconstruction(const EvaluationInput& input, const EvaluationSettings& settings,
                            Measures& measures) {
  const auto& asked = settings.reconstruction;
  const auto errors = reconstruction_errors(input.heldout_images, input.generator, input.latent_dim,
                                            asked, settings.seed);
  measure_protocol(measures, "reconstruction_error") = {{"images", errors.size(0)},
                                                        {"steps", asked.steps},
                                                        {"learning_rate", asked.learning_rate},
                                                        {"restarts", asked.restarts},
                                                        {"seed", settings.seed}};
  measures.set("reconstruction_error", errors.mean().item<double>());
}

}  // namespace

torch::Tensor reconstruction_errors(const torch::Tensor& images,
                                    const DifferentiableGenerator& generator, int64_t latent_dim,
                                    const ReconstructionSettings& settings, std::uint64_t seed) {
  if (settings.steps < 0 || settings.restarts < 1 || settings.batch_size < 1 ||
      settings.max_images < 1 || latent_dim < 1 || !(settings.learning_rate > 0)) {
    fail(ErrorKind::kUsage, {.where = "reconstruction settings",
                             .expected = "steps >= 0, a positive learning rate, the rest >= 1",
                             .got = "a value out of range"});
  }
  const int64_t n = std::min(images.size(0), settings.max_images);
  // All starting points at once, so that they do not depend on the batch size.
  const auto starts = torch::randn({settings.restarts, n, latent_dim},
                                   make_stream(seed, "reconstruction"), torch::kFloat32);
  std::vector<torch::Tensor> parts;
  for (int64_t start = 0; start < n; start += settings.batch_size) {
    const int64_t end = std::min(start + settings.batch_size, n);
    const auto wanted = images.slice(0, start, end);
    torch::Tensor best;
    for (int64_t restart = 0; restart < settings.restarts; ++restart) {
      const auto z = starts[restart].slice(0, start, end).to(wanted.device());
      const auto errors = descend(wanted, generator, z, settings);
      best = best.defined() ? torch::minimum(best, errors) : errors;
    }
    parts.push_back(best);
  }
  return torch::cat(parts);
}

MetricFamily reconstruction_metric() {
  return {
      .name = "reconstruction",
      .measures = {"reconstruction_error"},
      .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
        if (input.generator && input.heldout_images.defined() && input.heldout_images.size(0) > 0)
          return std::nullopt;
        return "needs the generator and held-out images";
      },
      .compute = compute_reconstruction,
      .needs_features = false};
}

}  // namespace ganselect
