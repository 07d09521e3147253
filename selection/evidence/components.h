// Component network meta-analysis: what a point of the search space does is the sum of what it is
// made of.
//
//   y_sa = alpha_s + sum of the components of the arm + gamma_(source,c) + delta_sa + e_sa
//   a component of factor f ~ N(0, tau_f^2)
// after the additive model of Ruecker, Petropoulou & Schwarzer (2020), "Network meta-analysis of
// multicomponent interventions". Theirs has fixed components; here each factor's levels are drawn
// from a law whose variance is estimated by restricted maximum likelihood, which is ridge
// regression with a penalty for each factor that the data choose: rare levels are drawn towards no
// effect, and no level has to be a reference. Architectures have two levels, their family and the
// kind that it shares with its kin. What a named candidate is beyond its parts is not asked: that
// is the network's (meta_analysis.h), and an effect of its own would take from its parts what they
// foretell of others. Everything that has the same components shares them across data sets, so that
// what no chain of candidates joins may be joined by components.
#pragma once

#include <Eigen/Dense>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "results/records/summary.h"
#include "selection/evidence/meta_analysis.h"
#include "selection/evidence/network.h"

namespace ganselect {

class ComponentEstimate;

struct ComponentOptions {
  MetaOptions meta;
  // A level of their own for Wasserstein critics that nothing keeps smooth, and those with a
  // penalty.
  bool wasserstein_interaction = true;
  // r: what one source alone shows of a component is believed by 1 / (1 + r). It is set and not
  // estimated, since most components vary within few sources.
  double source_share = 1.0;
  // A fit of nearly the same studies, from whose variances the search starts; nullptr: from afar.
  const ComponentEstimate* near = nullptr;
};

// One level of one factor: on the scale g, against the mean of all levels.
struct ComponentEffect {
  std::string
      factor;  // "architecture", "loss", "regularization", "critic norm", "augmentation", ...
  std::string level;
  double effect = 0.0, standard_error = 0.0;
  Interval interval95;
  std::size_t arms = 0, studies = 0, sources = 0;
};

struct FactorSpread {
  std::string factor;
  double tau2 = 0.0;    // of its levels
  double omega2 = 0.0;  // of the contrast of two levels between sources: 2 r tau2
};

class ComponentEstimate {
 public:
  const std::vector<ComponentEffect>& effects() const { return effects_; }
  const std::vector<FactorSpread>& factors() const { return factors_; }
  double tau_source2() const { return tau_source2_; }
  double tau_study2() const { return tau_study2_; }
  int degrees() const { return degrees_; }
  double scale() const { return scale_; }

  // a - b for two points that may never have been run: levels that were not seen have effect 0 and
  // their factor's whole variance.
  EffectContrast contrast(const NetworkArm& a, const NetworkArm& b) const;

 private:
  friend class ComponentFitter;
  // (factor, level) by their place among the effects.
  using Level = std::pair<std::string, std::string>;

  ComponentOptions options_;
  std::map<std::string, double> variances_;  // of all terms, by name
  std::vector<ComponentEffect> effects_;
  std::vector<FactorSpread> factors_;
  std::map<Level, Eigen::Index> places_;
  Eigen::VectorXd u_;
  Eigen::MatrixXd errors_;  // of u - E[u|y]
  double tau_source2_ = 0.0, tau_study2_ = 0.0, scale_ = 1.0, training_variance_ = 0.0;
  int degrees_ = 0;
};

// kData where the studies leave no degree of freedom.
ComponentEstimate fit_components(std::span<const NetworkStudy> studies,
                                 const ComponentOptions& options = {});

}  // namespace ganselect
