#include "metrics/parzen.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/torch/generators.h"
#include "metrics/measure.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

torch::Tensor rows_of(const Json& json) {
  std::vector<torch::Tensor> rows;
  for (const auto& row : json)
    rows.push_back(torch::tensor(row.get<std::vector<double>>(), torch::kFloat64));
  return torch::stack(rows);
}

TEST_CASE("the window's log-likelihood is that of its formula, point by point", "[fast][parzen]") {
  const auto windows = torch::randn({5, 3}, make_generator(1), torch::kFloat64);
  const auto points = torch::randn({4, 3}, make_generator(2), torch::kFloat64) * 2;
  const std::vector<double> deviations = {0.3, 1.7};
  const auto found = parzen_log_likelihoods(windows, points, deviations);
  REQUIRE(found.sizes() == at::IntArrayRef({4, 2}));
  CHECK(found.scalar_type() == torch::kFloat64);
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t d = 0; d < 2; ++d) {
      const double s = deviations[static_cast<std::size_t>(d)];
      double density = 0;
      for (std::int64_t j = 0; j < 5; ++j) {
        double square = 0;
        for (std::int64_t k = 0; k < 3; ++k) {
          const double apart = (points[i][k] - windows[j][k]).item<double>();
          square += apart * apart;
        }
        density +=
            std::exp(-square / (2 * s * s)) / std::pow(2 * std::numbers::pi * s * s, 1.5) / 5;
      }
      CHECK_THAT(found[i][d].item<double>(), WithinAbs(std::log(density), 1e-10));
    }
  }
}

TEST_CASE("far from every window the log-likelihood stays a number", "[fast][parzen]") {
  const auto windows = torch::zeros({3, 784}, torch::kFloat64);
  const auto found = parzen_log_likelihoods(windows, torch::ones({1, 784}), {0.1});
  // -784/(2 0.01) - 784 log(0.1 sqrt(2 pi)), one and the same window three times.
  CHECK_THAT(found.item<double>(),
             WithinAbs(-39200 - 784 * std::log(0.1 * std::sqrt(2 * std::numbers::pi)), 1e-6));
}

TEST_CASE("log-likelihoods are those of scikit-learn", "[fast][parzen]") {
  // tests/golden/parzen_golden.py: sklearn.neighbors.KernelDensity, kernel gaussian.
  const auto golden = read_json_file(std::string(GANSELECT_TEST_DIR) + "/golden/parzen.json");
  REQUIRE(golden.at("cases").size() == 3);
  for (const auto& one : golden.at("cases")) {
    const auto deviation = one.at("deviation").get<double>();
    const auto found =
        parzen_log_likelihoods(rows_of(one.at("windows")), rows_of(one.at("points")), {deviation});
    const auto expected = one.at("log_likelihoods").get<std::vector<double>>();
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK_THAT(found[static_cast<std::int64_t>(i)].item<double>(),
                 WithinAbs(expected[i], 1e-8 * (1 + std::abs(expected[i]))));
  }
}

TEST_CASE("the grid of deviations is even in its logarithms", "[fast][parzen]") {
  const auto grid = parzen_grid(3, 0.1, 10);
  REQUIRE(grid.size() == 3);
  CHECK_THAT(grid[0], WithinAbs(0.1, 1e-15));
  CHECK_THAT(grid[1], WithinAbs(1.0, 1e-12));
  CHECK_THAT(grid[2], WithinAbs(10.0, 1e-12));
  CHECK(parzen_grid(1, 0.2, 5) == std::vector<double>{0.2});
}

TEST_CASE("the deviation is chosen by images that the figure is not computed from",
          "[fast][parzen]") {
  auto random = make_generator(5);
  // Grey levels of N(128, 40): the best window about few of them is wide, about many narrower.
  const auto levels = [&](std::int64_t n) {
    return (torch::randn({n, 1, 2, 2}, random) * 40 + 128).clamp(0, 255).to(torch::kUInt8);
  };
  EvaluationInput input;
  input.fake.features = torch::zeros({200, 1});
  input.density = DensityImages{.fake = levels(200), .heldout = levels(150)};
  EvaluationSettings settings{.metrics = {"parzen"}};
  settings.options = {{"parzen.validation", 50}};
  const auto measures = measure_samples(input, settings);
  const auto& protocol = measures.protocol.at("measures").at("parzen_log_likelihood");
  CHECK(protocol.at("validated_on") == 50);
  CHECK(protocol.at("tested_on") == 100);
  CHECK(protocol.at("windows") == 200);
  CHECK(protocol.at("dimensions") == 4);
  const double deviation = measures.value("parzen_deviation").value();
  const double found = measures.value("parzen_log_likelihood").value();
  // Of all deviations tried the one chosen is within a standard error or two of the best on the
  // tested images too, and the figure is theirs.
  CHECK(deviation > 0.1 - 1e-12);
  CHECK(found > -2.0);
  CHECK(found < 3.0);
  CHECK(measures.value("parzen_standard_error").value() > 0);
  settings.options["parzen.validation"] = 149;
  const auto few = measure_samples(input, settings);
  CHECK_FALSE(few.value("parzen_log_likelihood"));
  CHECK(few.reason.at("parzen_log_likelihood") ==
        "needs 151 held-out images, of which 149 choose the deviation; there are 150");
  EvaluationInput without;
  without.fake.features = torch::zeros({200, 1});
  CHECK(measure_samples(without, settings).reason.at("parzen_deviation") ==
        "needs generated and held-out images");
}

TEST_CASE("windows and points of other dimensions are refused", "[fast][parzen]") {
  const auto refused = [](const torch::Tensor& w, const torch::Tensor& x, double s) {
    return test::thrown_by([&] { parzen_log_likelihoods(w, x, {s}); }).kind == ErrorKind::kData;
  };
  CHECK(refused(torch::zeros({2, 3}), torch::zeros({2, 4}), 1));
  CHECK(refused(torch::zeros({0, 3}), torch::zeros({2, 3}), 1));
  CHECK(refused(torch::zeros({2, 3}), torch::zeros({2, 3}), 0));
}

}  // namespace
}  // namespace ganselect
