// FID to held-out samples minus FID to as many training samples: above 0, generated samples lie
// nearer to what was trained on.
#include <algorithm>

#include "base/seeds.h"
#include "datasets/subset.h"
#include "metrics/fid.h"
#include "metrics/requirements.h"

namespace ganselect {

MetricFamily fid_gap_metric() {
  return {.name = "fid_gap",
          .measures = {"fid_gap"},
          .missing = missing_heldout,
          .compute = [](const EvaluationInput& input, const EvaluationSettings& settings,
                        Measures& measures) {
            // FID's bias depends on the number of samples, so both references get the same.
            const int64_t n = std::min(input.real.features.size(0), input.heldout.features.size(0));
            const auto& fake = input.fake.features;
            if (n < 2 || fake.size(0) < 2)
              return measures.set_missing("fid_gap", too_few(2, n, fake.size(0)));
            measure_protocol(measures, "fid_gap") = {{"n_reference", n}, {"seed", settings.seed}};
            if (n <= fake.size(1)) {
              measures.warn("fewer_samples_than_dimensions", "fid_gap",
                            std::to_string(n) + " reference samples in " +
                                std::to_string(fake.size(1)) + " dimensions");
            }
            const auto generated = fid_statistics(fake);
            const auto drawn = [&](const torch::Tensor& features, const char* stream) {
              const SampleDraw draw{.count = n, .seed = stream_seed(settings.seed, stream)};
              const auto rows = drawn_rows(features.size(0), draw).to(features.device());
              return fid_statistics(features.index_select(0, rows));
            };
            const auto train = drawn(input.real.features, "fid gap training rows");
            const auto heldout = drawn(input.heldout.features, "fid gap held-out rows");
            measures.set("fid_gap",
                         frechet_distance(heldout, generated) - frechet_distance(train, generated));
          }};
}

}  // namespace ganselect
