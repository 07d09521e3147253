#include "harness/evaluate/baselines.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "metrics/reference.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

torch::Tensor drawn(const std::string& kind, const Dataset& data, const EvaluationPlan& plan) {
  return baseline_kinds().at(kind).draw(data, plan);
}

TEST_CASE("noise has the data's form and fills its range", "[fast]") {
  const auto images = load_dataset("embedded", {.limit = 200});
  EvaluationPlan plan;
  plan.num_samples = 50;
  const auto noise = drawn("noise", images, plan);
  CHECK(noise.sizes() == torch::IntArrayRef({50, 3, 32, 32}));
  CHECK(noise.scalar_type() == torch::kUInt8);
  // 153,600 values: mean 127.5 within 5 standard errors of 73.9 / sqrt(153600) = 0.19.
  CHECK(std::abs(noise.to(torch::kFloat64).mean().item<double>() - 127.5) < 0.95);
  CHECK(torch::equal(noise, drawn("noise", images, plan)));
  plan.seed = 7;
  CHECK_FALSE(torch::equal(noise, drawn("noise", images, plan)));

  const auto points = drawn("noise", load_dataset("ring", {.limit = 500}), plan);
  CHECK(points.sizes() == torch::IntArrayRef({50, 2}));
  CHECK(points.abs().max().item<double>() < 2.2);  // a ring of radius 2, sd 0.02
}

TEST_CASE("real baseline samples are none of the reference", "[fast]") {
  const auto data = load_dataset("embedded", {.limit = 200});
  EvaluationPlan plan;
  plan.num_samples = 80;
  const auto real = drawn("real", data, plan);
  CHECK(real.size(0) == 80);
  const auto reference = data.samples.index_select(0, reference_rows(data, 80, plan.seed));
  for (std::int64_t i = 0; i < real.size(0); ++i) {
    CHECK_FALSE((reference == real[i]).flatten(1).all(1).any().item<bool>());
  }
  plan.num_samples = 150;  // 50 are left
  CHECK(drawn("real", data, plan).size(0) == 50);
  plan.num_samples = 200;
  const auto error = thrown_by([&] { drawn("real", data, plan); });
  CHECK(error.kind == ErrorKind::kData);
  CHECK(contains(error.message, "0 of 200"));
}

TEST_CASE("real images score far better than noise", "[slow]") {
  const auto data = load_dataset("embedded", {.limit = 600});
  EvaluationPlan plan;
  plan.num_samples = 260;
  plan.metrics = {"fid", "modes"};
  const auto fid = [&](const char* kind) {
    Evaluator evaluator(data, nullptr, plan, torch::kCPU, {});
    const auto measures = evaluator.measure(baseline_samples(kind, data, plan).input);
    CHECK(measures.protocol["baseline"] == kind);
    return measures.value("fid").value();
  };
  CHECK(fid("real") < 0.1 * fid("noise"));
}

}  // namespace
}  // namespace ganselect
