// The variational bounds of f-GAN between two known Gaussians, and the conjugates by their
// definition.
#include "models/divergences.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <map>

#include "models/losses.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using torch::Tensor;

struct Gaussian {
  double mean, deviation;
};
// P for the data, Q for the generator. Equal deviations give Pearson's chi^2 a closed form.
constexpr Gaussian kData{0.3, 1.0};
constexpr Gaussian kModel{-0.4, 1.0};

// `count` points of equal probability: the midpoints of the quantiles. A mean over them is an
// integral.
Tensor quantiles(const Gaussian& law, std::int64_t count) {
  const auto share = (torch::arange(count, torch::kFloat64) + 0.5) / static_cast<double>(count);
  return law.mean + law.deviation * std::sqrt(2.0) * torch::erfinv(2 * share - 1);
}

Tensor log_density(const Gaussian& law, const Tensor& x) {
  return -((x - law.mean) / law.deviation).square() / 2 -
         std::log(law.deviation * std::sqrt(2 * M_PI));
}

Tensor log_ratio(const Tensor& x) { return log_density(kData, x) - log_density(kModel, x); }

// The Jensen-Shannon divergence has no closed form: a fine sum of its definition over the line.
double jensen_shannon() {
  const auto x = torch::linspace(-14.0, 14.0, 400001, torch::kFloat64);
  const auto p = log_density(kData, x), q = log_density(kModel, x);
  const auto middle = torch::logaddexp(p, q) - std::log(2.0);
  const auto integrand = 0.5 * (p.exp() * (p - middle) + q.exp() * (q - middle));
  return torch::trapezoid(integrand, x).item<double>();
}

std::map<std::string, double> closed_forms() {
  const double shift = (kData.mean - kModel.mean) * (kData.mean - kModel.mean);
  const double js = jensen_shannon();
  return {{"kl", shift / 2},
          {"reverse-kl", shift / 2},
          {"pearson", std::exp(shift) - 1},
          {"squared-hellinger", 2 - 2 * std::exp(-shift / 8)},
          {"jensen-shannon", 2 * js},
          {"gan", 2 * js - 2 * std::log(2.0)}};
}

double bound(const DivergenceSpec& divergence, const Tensor& real_scores,
             const Tensor& fake_scores) {
  const LossContext context{.divergence = &divergence};
  return -critic_loss(losses().at("f-divergence"), {.real = real_scores, .fake = fake_scores},
                      context)
              .item<double>();
}

constexpr std::int64_t kPoints = 1000000;
// Error of the midpoint quantiles: the tails of e^{2r}, of Pearson's bound, are the worst.
constexpr double kQuadrature = 5e-4;

TEST_CASE("the bound at the optimal critic is the divergence itself", "[fast][loss]") {
  const auto forms = closed_forms();
  const auto real = log_ratio(quantiles(kData, kPoints));
  const auto fake = log_ratio(quantiles(kModel, kPoints));
  for (const auto& row : divergences()) {
    INFO(row.name);
    CHECK_THAT(bound(row, row.score_of_log_ratio(real), row.score_of_log_ratio(fake)),
               WithinAbs(forms.at(row.name), kQuadrature));
  }
}

TEST_CASE("no other critic's bound exceeds the divergence", "[fast][loss]") {
  const auto forms = closed_forms();
  const auto x_real = quantiles(kData, kPoints), x_fake = quantiles(kModel, kPoints);
  const std::vector<Tensor (*)(const Tensor&)> departures{
      [](const Tensor& x) { return 0.3 * x; }, [](const Tensor& x) { return -0.5 * x; },
      [](const Tensor& x) { return 0.4 * torch::sin(2 * x); },
      [](const Tensor& x) { return torch::full_like(x, 0.25); },
      [](const Tensor& x) { return -0.2 * torch::tanh(x - 1); }};
  for (const auto& row : divergences()) {
    for (std::size_t i = 0; i < departures.size(); ++i) {
      INFO(row.name << ", departure " << i);
      const auto score = [&](const Tensor& x) {
        return row.score_of_log_ratio(log_ratio(x)) + departures[i](x);
      };
      const double value = bound(row, score(x_real), score(x_fake));
      CHECK(value <
            forms.at(row.name) - 1e-3);  // strictly: each departs by more than the quadrature errs
    }
  }
}

TEST_CASE("the stable composition is the conjugate of the activation", "[fast][loss]") {
  const auto v = torch::linspace(-6.0, 6.0, 241, torch::kFloat64);
  for (const auto& row : divergences()) {
    INFO(row.name);
    const auto composed = row.conjugate(row.activation(v));
    CHECK(torch::allclose(row.conjugate_of_activation(v), composed, 1e-9, 1e-9));
  }
}

TEST_CASE("activations rise, so that a higher score always means more real", "[fast][loss]") {
  const auto v = torch::linspace(-8.0, 8.0, 321, torch::kFloat64);
  for (const auto& row : divergences()) {
    INFO(row.name);
    CHECK(row.activation(v).diff().gt(0).all().item<bool>());
    CHECK(row.score_of_log_ratio(v).diff().gt(0).all().item<bool>());
  }
}

TEST_CASE("the optimal score maximizes the bound point by point", "[fast][loss]") {
  // At a point with density ratio e^r, e^r g(v) - f*(g(v)) is largest at the optimal score.
  const auto r = torch::linspace(-2.0, 2.0, 41, torch::kFloat64);
  for (const auto& row : divergences()) {
    INFO(row.name);
    const auto v = row.score_of_log_ratio(r).detach().requires_grad_(true);
    const auto gain = (r.exp() * row.activation(v) - row.conjugate_of_activation(v)).sum();
    const auto slope = torch::autograd::grad({gain}, {v})[0];
    CHECK(slope.abs().max().item<double>() < 1e-12);
  }
}

TEST_CASE("scores of 80 either way give finite values and gradients in float32", "[fast][loss]") {
  for (const auto& row : divergences()) {
    INFO(row.name);
    const auto v = torch::tensor({-80.0F, -20.5F, 0.0F, 20.5F, 80.0F}).requires_grad_(true);
    for (const auto function : {row.activation, row.conjugate_of_activation}) {
      const auto value = function(v);
      CHECK(value.isfinite().all().item<bool>());
      CHECK(torch::autograd::grad({value.sum()}, {v})[0].isfinite().all().item<bool>());
    }
  }
}

}  // namespace
}  // namespace ganselect
