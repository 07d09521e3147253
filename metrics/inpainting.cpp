#include "metrics/inpainting.h"

#include <torch/torch.h>

#include <cmath>
#include <string>

#include "base/error.h"
#include "metrics/measure.h"
#include "metrics/requirements.h"

namespace ganselect {
namespace {

void compute_inpainting(const EvaluationInput& input, const EvaluationSettings&,
                        Measures& measures) {
  const auto& given = *input.fillings;
  const auto errors = filling_errors(given);
  const auto set = [&](const char* name, double value) {
    measure_protocol(measures, name) = {{"images", given.images.size(0)},
                                        {"fillings_each", given.fillings.size(1)}};
    measures.set(name, value);
  };
  set("visible_error", errors.visible);
  set("hidden_error", errors.hidden);
  set("filling_diversity", errors.diversity);
}

}  // namespace

FillingErrors filling_errors(const Fillings& given) {
  const auto &images = given.images, &masks = given.masks, &fillings = given.fillings;
  const bool fits = images.dim() == 4 && masks.dim() == 4 && fillings.dim() == 5 &&
                    masks.size(1) == 1 && masks.size(0) == images.size(0) &&
                    masks.sizes().slice(2) == images.sizes().slice(2) &&
                    fillings.size(0) == images.size(0) && fillings.size(1) >= 2 &&
                    fillings.sizes().slice(2) == images.sizes().slice(1);
  if (!fits) {
    fail(ErrorKind::kData,
         {.where = "fillings",
          .expected = "images (M,C,H,W), masks (M,1,H,W) and two or more fillings (M,K,C,H,W)",
          .got = c10::str(images.sizes(), ", ", masks.sizes(), " and ", fillings.sizes())});
  }
  const auto x = images.to(torch::kFloat64).unsqueeze(1) / 255;
  const auto y = fillings.to(torch::kFloat64) / 255;
  const auto seen = masks.to(torch::kFloat64).unsqueeze(1).expand_as(y);
  const auto hidden = 1 - seen;
  const double seen_count = seen.sum().item<double>(), hidden_count = hidden.sum().item<double>();
  if (!(seen_count > 0) || !(hidden_count > 0)) {
    fail(ErrorKind::kData, {.where = "fillings",
                            .expected = "masks that show a part and hide a part",
                            .got = seen_count > 0 ? "nothing hidden" : "nothing shown"});
  }
  const auto apart = (y - x).abs();
  // The mean over pairs of fillings of (a - b)^2 is twice the variance with K - 1.
  const auto variance = y.var(1, /*unbiased=*/true, /*keepdim=*/true);
  const auto hidden_once = hidden.slice(1, 0, 1);
  return {.visible = (apart * seen).sum().item<double>() / seen_count,
          .hidden = (apart * hidden).sum().item<double>() / hidden_count,
          .diversity = std::sqrt(2 * (variance * hidden_once).sum().item<double>() /
                                 hidden_once.sum().item<double>())};
}

MetricFamily inpainting_metric() {
  return {.name = "inpainting",
          .measures = {"visible_error", "hidden_error", "filling_diversity"},
          .missing = [](const EvaluationInput& input) -> std::optional<std::string> {
            if (input.fillings) return std::nullopt;
            return "needs fillings of images of which a part was hidden";
          },
          .compute = compute_inpainting,
          .needs_features = false,
          .standard = false};
}

}  // namespace ganselect
