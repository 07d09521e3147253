#include "harness/evaluate/baselines.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/seeds.h"
#include "base/torch/generators.h"
#include "datasets/sample_stream.h"
#include "datasets/subset.h"
#include "metrics/reference.h"

namespace ganselect {
namespace {

// Every value uniform in its range; of points, in the box that the data span.
torch::Tensor draw_noise(const Dataset& data, const EvaluationPlan& plan) {
  auto random = make_stream(plan.seed, "noise baseline");
  const auto n = plan.num_samples;
  if (!data.shape.points) {
    return torch::randint(0, 256, {n, data.shape.channels, data.shape.height, data.shape.width},
                          random, torch::kUInt8);
  }
  const auto low = std::get<0>(data.samples.min(0)), high = std::get<0>(data.samples.max(0));
  return low + torch::rand({n, 2}, random) * (high - low);
}

// Training samples that are not among those compared with.
torch::Tensor draw_real(const Dataset& data, const EvaluationPlan& plan) {
  const auto asked = plan.reference_samples > 0 ? plan.reference_samples : plan.num_samples;
  const auto reference = reference_rows(data, std::min(asked, data.size()), plan.seed);
  auto left = torch::ones({data.size()}, torch::kBool);
  left.index_fill_(0, reference, false);
  const auto rows = left.nonzero().squeeze(1);
  if (rows.size(0) < 2) {
    fail(ErrorKind::kData, {.where = "baseline real",
                            .expected = "training samples beyond those compared with",
                            .got = fmt::format("{} of {}", rows.size(0), data.size()),
                            .hint = "--num-samples of at most half of them"});
  }
  const auto drawn = drawn_rows(rows.size(0), {.count = std::min(plan.num_samples, rows.size(0)),
                                               .seed = stream_seed(plan.seed, "real baseline")});
  return data.samples.index_select(0, rows.index_select(0, drawn));
}

}  // namespace

const NamedTable<BaselineKind>& baseline_kinds() {
  static const NamedTable<BaselineKind> table(
      "baseline", {{"noise", "uniform noise: what a generator must be better than", draw_noise},
                   {"real", "other training samples: the best that can be had", draw_real}});
  return table;
}

SourcedSamples baseline_samples(const std::string& kind, const Dataset& data,
                                const EvaluationPlan& plan) {
  const auto& row = baseline_kinds().at(kind);
  SourcedSamples out;
  out.input.samples = stream_tensor(row.draw(data, plan));
  out.input.protocol = {{"baseline", kind}, {"mode", "none"}, {"weights", "none"}};
  out.description = "baseline " + kind;
  return out;
}

}  // namespace ganselect
