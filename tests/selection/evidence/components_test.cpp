#include "selection/evidence/components.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <map>

#include "base/error.h"
#include "selection/evidence/bootstrap.h"
#include "selection/evidence/mixed_model.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

const std::map<std::string, double> kArchitectures = {
    {"dcgan", 0.6}, {"resnet", -0.1}, {"big", -0.7}};
const std::map<std::string, double> kLosses = {
    {"hinge", -0.2}, {"wasserstein", 0.5}, {"least-squares", 0.1}};

NetworkArm made_of(const std::string& architecture, const std::string& loss) {
  NetworkArm arm{architecture + "/" + loss};
  arm.y = kArchitectures.at(architecture) + kLosses.at(loss);
  arm.variance = 0.0004;
  arm.parts.architecture = architecture;
  arm.parts.loss = loss;
  return arm;
}

// Studies of three of the nine points; "big/wasserstein" is never run.
std::vector<NetworkStudy> additive_studies(double noise) {
  const std::vector<std::pair<std::string, std::string>> points = {
      {"dcgan", "hinge"},  {"dcgan", "wasserstein"},  {"dcgan", "least-squares"},
      {"resnet", "hinge"}, {"resnet", "wasserstein"}, {"resnet", "least-squares"},
      {"big", "hinge"},    {"big", "least-squares"}};
  DrawStream stream(3);
  std::vector<NetworkStudy> studies;
  for (int s = 0; s < 16; ++s) {
    NetworkStudy study{"s" + std::to_string(s), "source-" + std::to_string(s % 5), false, {}};
    for (int a = 0; a < 3; ++a) {
      const auto& [architecture, loss] =
          points[static_cast<std::size_t>(s + 3 * a) % points.size()];
      auto arm = made_of(architecture, loss);
      arm.y += 0.9 * s + noise * stream.normal();
      study.arms.push_back(arm);
    }
    studies.push_back(study);
  }
  return studies;
}

// The truth has no habits of sources, and Wasserstein critics of one kind only, so that loss and
// interaction would be the same thing twice.
ComponentOptions same_everywhere() {
  ComponentOptions options;
  options.source_share = 0.0;
  options.wasserstein_interaction = false;
  return options;
}

TEST_CASE("A point that nobody ran is foretold by the sum of its components",
          "[fast][components]") {
  const auto estimate = fit_components(additive_studies(0.02), same_everywhere());
  const auto contrast = estimate.contrast(made_of("big", "wasserstein"), made_of("dcgan", "hinge"));
  const double truth = (-0.7 + 0.5) - (0.6 - 0.2);
  // Some 40 arms with deviations of 0.02: the contrast is known to about 0.015, and shrinks by
  // less.
  CHECK_THAT(contrast.difference, WithinAbs(truth, 0.05));
  CHECK(contrast.interval95->low < truth);
  CHECK(truth < contrast.interval95->high);
  CHECK(contrast.prediction95->high - contrast.prediction95->low >=
        contrast.interval95->high - contrast.interval95->low);
  CHECK(contrast.below.value() > 0.99);
  double big = 0.0, dcgan = 0.0;
  for (const auto& effect : estimate.effects()) {
    if (effect.level == "big") big = effect.effect;
    // Its own and its kind's, which no other of these architectures is of.
    if (effect.level == "dcgan" || effect.level == "any plain convolutions") dcgan += effect.effect;
  }
  CHECK_THAT(dcgan - big, WithinAbs(1.3, 0.08));
}

TEST_CASE("A component that no study has leaves its factor's whole spread open",
          "[fast][components]") {
  const auto estimate = fit_components(additive_studies(0.02), same_everywhere());
  auto unseen = made_of("resnet", "hinge");
  const auto known = estimate.contrast(unseen, made_of("dcgan", "hinge"));
  unseen.treatment = "new";
  unseen.parts.loss = "new loss";
  const auto open = estimate.contrast(unseen, made_of("dcgan", "hinge"));
  double spread = 0.0;
  for (const auto& factor : estimate.factors()) {
    if (factor.factor == "loss") spread = std::sqrt(factor.tau2);
  }
  // Of three levels' effects -0.2, 0.5 and 0.1: a deviation of 0.35.
  CHECK_THAT(spread, WithinRel(0.35, 0.3));
  CHECK(open.plain_error > spread);
  CHECK(known.plain_error < 0.2 * spread);
}

TEST_CASE("Whether a Wasserstein critic is kept smooth is a component of its own",
          "[fast][components]") {
  auto studies = additive_studies(0.02);
  for (auto& study : studies) {
    for (std::size_t a = 0; a < study.arms.size(); ++a) {
      auto& arm = study.arms[a];
      if (arm.parts.loss != "wasserstein") continue;
      // Half of them with a penalty, which takes away what the loss costs and more.
      if ((study.arms.size() + a + study.id.size()) % 2 == 0) continue;
      arm.treatment += "/gradient-penalty";
      arm.parts.regularization = {"gradient-penalty"};
      arm.y -= 0.8;
    }
  }
  const auto estimate = fit_components(studies);
  bool with = false, without = false;
  for (const auto& effect : estimate.effects()) {
    with = with || effect.level == "wasserstein with a penalty";
    without = without || effect.level == "wasserstein without a penalty";
  }
  CHECK(with);
  CHECK(without);
  ComponentOptions plain;
  plain.wasserstein_interaction = false;
  const auto additive = fit_components(studies, plain);
  for (const auto& effect : additive.effects()) CHECK(effect.factor != "interaction");
}

TEST_CASE("Components from studies that leave no freedom are refused", "[fast][components]") {
  const std::vector<NetworkStudy> one = {
      {"s", "x", false, {made_of("dcgan", "hinge"), made_of("resnet", "hinge")}}};
  CHECK_THROWS_MATCHES(fit_components(one), Error,
                       MessageMatches(ContainsSubstring("2 arms in 1 studies")));
}

TEST_CASE("Variances of a balanced design are those of the analysis of variance",
          "[fast][components]") {
  // Three groups of two: between and within mean squares by hand.
  MixedModel model;
  model.y = Eigen::VectorXd(6);
  model.y << 1.0, 2.0, 4.0, 4.6, 9.0, 7.0;
  model.x = Eigen::MatrixXd::Ones(6, 1);
  model.variance = Eigen::VectorXd::Zero(6);
  model.terms = {grouping_term("group", {0, 0, 1, 1, 2, 2}),
                 grouping_term("single", {0, 1, 2, 3, 4, 5})};
  const auto fit = fit_reml(model);
  const double within = (0.5 + 0.18 + 2.0) / 3.0;  // mean square, 3 degrees
  // Means 1.5, 4.3, 8 around 4.6.
  const double between = 2.0 * (3.1 * 3.1 + 0.3 * 0.3 + 3.4 * 3.4) / 2.0;
  CHECK_THAT(fit.variances[1], WithinRel(within, 1e-8));
  CHECK_THAT(fit.variances[0], WithinRel((between - within) / 2.0, 1e-8));
  CHECK_THAT(fit.beta(0), WithinAbs(4.6, 1e-12));
  // The expected group effect is the group's deviation, drawn in by the reliability of its mean.
  const auto effects = random_effects(model, fit, 0);
  const double reliability = fit.variances[0] / (fit.variances[0] + within / 2.0);
  CHECK_THAT(effects(0), WithinAbs(-3.1 * reliability, 1e-8));
  CHECK_THAT(effects(2), WithinAbs(3.4 * reliability, 1e-8));
}

TEST_CASE("A variance that the data deny is exactly 0", "[fast][components]") {
  MixedModel model;
  model.y = Eigen::VectorXd(4);
  // Group means are equal: nothing between the groups.
  model.y << 1.0, 3.0, 3.0, 1.0;
  model.x = Eigen::MatrixXd::Ones(4, 1);
  model.variance = Eigen::VectorXd::Constant(4, 0.1);
  model.terms = {grouping_term("group", {0, 0, 1, 1}), grouping_term("single", {0, 1, 2, 3})};
  const auto fit = fit_reml(model);
  CHECK(fit.variances[0] == 0.0);
  // Four values around their mean: 4 / 3, less what was known.
  CHECK_THAT(fit.variances[1], WithinRel(4.0 / 3.0 - 0.1, 1e-8));
  model.x = Eigen::MatrixXd::Identity(4, 4);
  CHECK_THROWS_MATCHES(fit_reml(model), Error,
                       MessageMatches(ContainsSubstring("more observations than fixed effects")));
}

}  // namespace
}  // namespace ganselect
