// Every loss against tests/golden/loss_oracle.json, which an independent script made
// (tests/golden/loss_oracle.md).
#include <torch/torch.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "base/json.h"
#include "models/losses.h"

namespace ganselect {
namespace {

const Json& oracle() {
  static const Json document = read_json_file(GANSELECT_TEST_DIR "/golden/loss_oracle.json");
  return document;
}

torch::Tensor oracle_tensor(const Json& numbers) {
  return torch::tensor(numbers.get<std::vector<double>>(), torch::kFloat64);
}

LossContext oracle_context(const Json& vector) {
  LossContext context;
  const auto& given = vector.at("parameters");
  auto& p = context.parameters;
  p.least_squares_a = given.value("least_squares_a", p.least_squares_a);
  p.least_squares_b = given.value("least_squares_b", p.least_squares_b);
  p.least_squares_c = given.value("least_squares_c", p.least_squares_c);
  p.gls_slope = given.value("gls_slope", p.gls_slope);
  p.exact_f_generator = given.value("exact_f_generator", false);
  if (given.contains("loss_sensitive_gamma"))
    p.loss_sensitive_gamma = given.at("loss_sensitive_gamma");
  if (!vector.at("divergence").is_null()) {
    context.divergence = &divergences().at(vector.at("divergence").get<std::string>());
  }
  if (!vector.at("margin").is_null()) context.margin = oracle_tensor(vector.at("margin"));
  return context;
}

// Largest difference, relative above 1 and absolute below; infinite for a number that is not
// finite.
double worst_difference(const torch::Tensor& got, const torch::Tensor& expected) {
  if (!got.isfinite().all().item<bool>()) return INFINITY;
  return ((got - expected).abs() / expected.abs().clamp_min(1.0)).max().item<double>();
}

torch::Tensor gradient_or_zero(const torch::Tensor& scores) {
  return scores.grad().defined() ? scores.grad() : torch::zeros_like(scores);
}

using LossCall = torch::Tensor (*)(const LossSpec&, const CriticScores&, const LossContext&);

void check_side(const Json& vector, const char* side, LossCall call) {
  INFO(vector.at("loss") << " " << vector.at("divergence") << " " << vector.at("case") << " "
                         << vector.at("parameters") << " " << side);
  const auto& expected = vector.at(side);
  const double tolerance = oracle().at("tolerance").get<double>();
  CriticScores scores{.real = oracle_tensor(vector.at("real")).requires_grad_(true),
                      .fake = oracle_tensor(vector.at("fake")).requires_grad_(true)};
  const auto loss =
      call(losses().at(vector.at("loss").get<std::string>()), scores, oracle_context(vector));
  loss.backward();
  CHECK(worst_difference(loss.detach(), torch::tensor(expected.at("loss").get<double>(),
                                                      torch::kFloat64)) <= tolerance);
  CHECK(worst_difference(gradient_or_zero(scores.real),
                         oracle_tensor(expected.at("gradient_real"))) <= tolerance);
  CHECK(worst_difference(gradient_or_zero(scores.fake),
                         oracle_tensor(expected.at("gradient_fake"))) <= tolerance);
}

TEST_CASE("critic losses and their gradients match the oracle vectors", "[fast][loss]") {
  for (const auto& vector : oracle().at("vectors")) check_side(vector, "critic", critic_loss);
}

TEST_CASE("generator losses and their gradients match the oracle vectors", "[fast][loss]") {
  for (const auto& vector : oracle().at("vectors")) check_side(vector, "generator", generator_loss);
}

TEST_CASE("every loss and divergence has at least three oracle vectors, of unequal sides",
          "[fast][loss]") {
  std::map<std::string, int> seen;
  for (const auto& vector : oracle().at("vectors")) {
    CHECK(vector.at("real") != vector.at("fake"));
    ++seen[vector.at("loss").get<std::string>()];
    if (!vector.at("divergence").is_null()) ++seen[vector.at("divergence").get<std::string>()];
  }
  const auto check = [&](const std::string& name) {
    INFO(name << " needs its formula in scripts/loss_oracle.py");
    CHECK(seen[name] >= 3);
  };
  for (const auto& loss : losses()) check(loss.name);
  for (const auto& divergence : divergences()) check(divergence.name);
}

}  // namespace
}  // namespace ganselect
