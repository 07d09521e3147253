#include "metrics/parzen.h"

#include <torch/torch.h>

#include <cmath>
#include <numbers>
#include <string>

#include "base/error.h"
#include "base/seeds.h"
#include "datasets/subset.h"
#include "metrics/measure.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

constexpr int64_t kPointsAtATime = 128;  // times 10,000 windows: 10 MiB

const std::vector<std::string>& parzen_measures() {
  static const std::vector<std::string> names = {"parzen_log_likelihood", "parzen_standard_error",
                                                 "parzen_deviation"};
  return names;
}

// Grey levels as numbers of [0, 1], as in the papers.
torch::Tensor unit_pixels(const torch::Tensor& images) {
  return images.flatten(1).to(torch::kFloat64) / 255;
}

// The deviation is chosen by images that the result is not computed from, both held out.
void compute_parzen(const EvaluationInput& input, const EvaluationSettings& settings,
                    Measures& measures) {
  const auto option = [&](const char* name) {
    return metric_option(settings, std::string("parzen.") + name);
  };
  const auto& images = *input.density;
  const auto validation = static_cast<int64_t>(option("validation"));
  const int64_t all = images.heldout.size(0);
  if (all < validation + 2) {
    return set_all_missing(measures, parzen_measures(),
                           "needs " + std::to_string(validation + 2) +
                               " held-out images, of which " + std::to_string(validation) +
                               " choose the deviation; there are " + std::to_string(all));
  }
  const SampleDraw draw{.count = validation,
                        .seed = stream_seed(settings.seed, "parzen validation rows")};
  const auto chosen = drawn_rows(all, draw);
  const auto others =
      torch::ones({all}, torch::kBool).index_fill_(0, chosen, false).nonzero().squeeze(1);
  const auto windows = unit_pixels(images.fake);
  const auto rows = [&](const torch::Tensor& at) {
    return unit_pixels(images.heldout.index_select(0, at.to(images.heldout.device())));
  };
  const auto grid =
      parzen_grid(static_cast<int64_t>(option("deviations")), option("lowest"), option("highest"));
  const auto means = parzen_log_likelihoods(windows, rows(chosen), grid).mean(0);
  const auto best = static_cast<std::size_t>(means.argmax().item<int64_t>());
  const auto found = parzen_log_likelihoods(windows, rows(others), {grid[best]}).squeeze(1);
  const auto n = static_cast<double>(found.size(0));
  for (const auto& name : parzen_measures()) {
    measure_protocol(measures, name) = {{"windows", windows.size(0)},
                                        {"dimensions", windows.size(1)},
                                        {"tested_on", found.size(0)},
                                        {"validated_on", validation},
                                        {"deviations", grid}};
  }
  measures.set("parzen_log_likelihood", found.mean().item<double>());
  measures.set("parzen_standard_error",
               found.std(0, /*unbiased=*/false).item<double>() / std::sqrt(n));
  measures.set("parzen_deviation", grid[best]);
  if (grid.size() > 2 && (best == 0 || best + 1 == grid.size())) {
    measures.warn("parzen_at_edge", "parzen_log_likelihood",
                  "the chosen deviation is the last of those tried on one side: a better one may "
                  "lie beyond (parzen.lowest, parzen.highest)");
  }
}

}  // namespace

torch::Tensor parzen_log_likelihoods(const torch::Tensor& windows, const torch::Tensor& points,
                                     const std::vector<double>& deviations) {
  bool positive = !deviations.empty();
  for (const double s : deviations) positive = positive && s > 0 && std::isfinite(s);
  if (windows.dim() != 2 || points.dim() != 2 || windows.size(0) < 1 ||
      windows.size(1) != points.size(1) || !positive) {
    fail(ErrorKind::kData, {.where = "Parzen window",
                            .expected = "windows (M,D), points (n,D) and deviations above 0",
                            .got = c10::str(windows.sizes(), ", ", points.sizes(), " and ",
                                            deviations.size(), " deviations")});
  }
  // About the windows' mean, so that distances keep their digits.
  const auto centre = windows.to(torch::kFloat64).mean(0, /*keepdim=*/true);
  const auto w = windows.to(torch::kFloat64) - centre, x = points.to(torch::kFloat64) - centre;
  const auto norms = w.square().sum(1);
  const double count = std::log(static_cast<double>(w.size(0)));
  const auto dimensions = static_cast<double>(w.size(1));
  std::vector<torch::Tensor> parts;
  for (int64_t i = 0; i < x.size(0); i += kPointsAtATime) {
    const auto part = x.slice(0, i, i + kPointsAtATime);
    const auto squared = torch::addmm(norms, part, w.t(), 1, -2)
                             .add_(part.square().sum(1, /*keepdim=*/true))
                             .clamp_min_(0);
    std::vector<torch::Tensor> columns;
    for (const double s : deviations) {
      const double scale = dimensions * std::log(s * std::sqrt(2 * std::numbers::pi));
      columns.push_back((squared * (-0.5 / (s * s))).logsumexp(1) - (count + scale));
    }
    parts.push_back(torch::stack(columns, 1));
  }
  return parts.empty() ? x.new_empty({0, static_cast<int64_t>(deviations.size())})
                       : torch::cat(parts);
}

std::vector<double> parzen_grid(std::int64_t count, double lowest, double highest) {
  std::vector<double> grid;
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 0.0;
    grid.push_back(lowest * std::pow(highest / lowest, share));
  }
  return grid;
}

MetricFamily parzen_metric() {
  return {
      .name = "parzen",
      .measures = parzen_measures(),
      .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
        if (input.density) return std::nullopt;
        return "needs generated and held-out images";
      },
      .compute = compute_parzen,
      .needs_features = false,
      .reads_images = true,
      .options = {{"deviations", 10, "deviations of the window that are tried", whole_at_least(1)},
                  {"lowest", 0.1, "the smallest of them, grey levels being 0 to 1", above(0)},
                  {"highest", 1.0, "the largest of them", above(0)},
                  {"validation", 1000, "held-out images that choose among them",
                   whole_at_least(2)}},
      .standard = false};
}

}  // namespace ganselect
