#include "selection/evidence/components.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <set>

#include "base/error.h"
#include "results/literature/arm_components.h"
#include "selection/evidence/mixed_model.h"

namespace ganselect {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Texts = std::vector<std::string>;

Texts if_stated(const std::string& text) { return text.empty() ? Texts{} : Texts{text}; }

// Its family and, where it has kin, their kind: what residual networks do says something of a
// larger one.
Texts architecture_levels(const NetworkArm& arm) {
  Texts levels = if_stated(arm.parts.architecture);
  const auto kind = architecture_kind(arm.parts.architecture);
  if (!kind.empty()) levels.push_back("any " + kind);
  return levels;
}

// Regularizers that keep a Wasserstein critic's slope bounded.
bool keeps_slope(const std::string& regularizer) {
  static const std::set<std::string> kinds = {"gradient-penalty", "spectral-norm", "dragan", "r1",
                                              "r1+r2"};
  return kinds.count(regularizer) > 0;
}

Texts wasserstein_level(const NetworkArm& arm) {
  if (arm.parts.loss != "wasserstein") return {};
  const auto& used = arm.parts.regularization;
  const bool kept = std::any_of(used.begin(), used.end(), keeps_slope);
  return {kept ? "wasserstein with a penalty" : "wasserstein without a penalty"};
}

struct Factor {
  std::string name;
  Texts (*levels)(const NetworkArm& arm);
};

// In the order in which they are shown.
const std::vector<Factor>& all_factors() {
  static const std::vector<Factor> table = {
      {"architecture", architecture_levels},
      {"loss", [](const NetworkArm& a) { return if_stated(a.parts.loss); }},
      {"regularization", [](const NetworkArm& a) { return a.parts.regularization; }},
      {"critic norm", [](const NetworkArm& a) { return if_stated(a.parts.critic_norm); }},
      {"augmentation", [](const NetworkArm& a) { return a.parts.augmentation; }},
      {"labels", [](const NetworkArm& a) { return a.parts.labels ? Texts{"labels"} : Texts{}; }},
      {"interaction", wasserstein_level}};
  return table;
}

std::vector<const Factor*> factors_of(const ComponentOptions& options) {
  std::vector<const Factor*> used;
  for (const auto& factor : all_factors()) {
    if (factor.levels == wasserstein_level && !options.wasserstein_interaction) continue;
    used.push_back(&factor);
  }
  return used;
}

}  // namespace

class ComponentFitter {
 public:
  ComponentFitter(std::span<const NetworkStudy> studies, const ComponentOptions& options) {
    out_.options_ = options;
    for (const auto& study : studies) {
      if (study.arms.size() < 2) continue;
      for (const auto& arm : study.arms) {
        arms_.push_back(&arm);
        studies_.push_back(static_cast<Index>(study_count_));
        homes_.push_back(&study);
      }
      ++study_count_;
    }
  }

  ComponentEstimate fit() {
    const auto n = static_cast<Index>(arms_.size());
    if (n <= static_cast<Index>(study_count_) + 1) {
      fail(ErrorKind::kData,
           {.where = "components",
            .expected = "studies of more arms",
            .got = std::to_string(n) + " arms in " + std::to_string(study_count_) + " studies"});
    }
    build_levels();
    for (const auto* factor : factors_of(out_.options_)) add_factor(*factor);
    factor_terms_ = model_.terms.size();
    add_groups();
    keep(out_.options_.near == nullptr ? fit_reml(model_)
                                       : fit_reml(model_, start_near(*out_.options_.near)));
    out_.options_.near = nullptr;
    return std::move(out_);
  }

 private:
  void build_levels() {
    const auto n = static_cast<Index>(arms_.size());
    auto variances = arm_variances(arms_, out_.options_.meta);
    out_.training_variance_ = variances.training;
    model_.variance = std::move(variances.of_means);
    model_.y = VectorXd(n);
    model_.x = MatrixXd::Zero(n, static_cast<Index>(study_count_));
    for (Index i = 0; i < n; ++i) {
      model_.y(i) = arms_[static_cast<std::size_t>(i)]->y;
      model_.x(i, studies_[static_cast<std::size_t>(i)]) = 1.0;
    }
    center(model_.y);
  }

  // Less the study's mean: levels of studies cancel.
  void center(VectorXd& column) const {
    for (Index s = 0; s < model_.x.cols(); ++s) {
      const auto members = model_.x.col(s);
      column -= members * (members.dot(column) / members.sum());
    }
  }

  // Whether the term tells the arms of any study apart, and is none that is there already.
  bool adds(const RandomTerm& term) const {
    bool differs = false;
    for (Index level = 0; level < term.z.cols() && !differs; ++level) {
      VectorXd column = term.z.col(level);
      center(column);
      differs = column.squaredNorm() > 1e-9;
    }
    if (!differs) return false;
    const Eigen::SparseMatrix<double> cross = term.z * term.z.transpose();
    return std::none_of(model_.terms.begin(), model_.terms.end(), [&](const RandomTerm& other) {
      const Eigen::SparseMatrix<double> theirs = other.z * other.z.transpose();
      return (cross - theirs).squaredNorm() < 1e-9;
    });
  }

  using Members = std::map<std::string, std::vector<Index>>;

  static void add_columns(const Members& members, double size, Index first,
                          std::vector<Eigen::Triplet<double>>& entries) {
    for (const auto& [level, rows] : members) {
      for (const Index row : rows)
        entries.emplace_back(static_cast<int>(row), static_cast<int>(first), size);
      ++first;
    }
  }

  // Its levels, then what they do beyond that within each source.
  void add_factor(const Factor& factor) {
    Members levels, by_source;
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      for (const auto& level : factor.levels(*arms_[i])) {
        levels[level].push_back(static_cast<Index>(i));
        by_source[level + "\n" + homes_[i]->source].push_back(static_cast<Index>(i));
      }
    }
    if (out_.options_.source_share <= 0.0) by_source.clear();
    std::vector<Eigen::Triplet<double>> entries;
    const auto width = static_cast<Index>(levels.size());
    add_columns(levels, 1.0, 0, entries);
    add_columns(by_source, std::sqrt(out_.options_.source_share), width, entries);
    RandomTerm term{factor.name, {model_.y.size(), width + static_cast<Index>(by_source.size())}};
    term.z.setFromTriplets(entries.begin(), entries.end());
    if (levels.empty() || !adds(term)) return;
    for (Index level = 0; level < width; ++level) betas_.push_back(columns_ + level);
    columns_ += term.z.cols();
    for (const auto& [level, rows] : levels) note_level(factor.name, level, rows);
    model_.terms.push_back(std::move(term));
    out_.factors_.push_back(
        {factor.name, 0.0, by_source.empty() ? 0.0 : 2.0 * out_.options_.source_share});
  }

  void note_level(const std::string& factor, const std::string& level,
                  const std::vector<Index>& rows) {
    std::set<const NetworkStudy*> studies;
    std::set<std::string> sources;
    for (const Index row : rows) {
      const auto* home = homes_[static_cast<std::size_t>(row)];
      studies.insert(home);
      sources.insert(home->source);
    }
    out_.places_.emplace(std::pair(factor, level), static_cast<Index>(out_.effects_.size()));
    ComponentEffect effect{factor, level};
    effect.arms = rows.size();
    effect.studies = studies.size();
    effect.sources = sources.size();
    out_.effects_.push_back(std::move(effect));
  }

  void add_groups() {
    std::map<std::pair<std::string, std::string>, int> groups;
    std::vector<int> source, arm;
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      const auto key = std::pair(homes_[i]->source, arms_[i]->treatment);
      source.push_back(groups.emplace(key, static_cast<int>(groups.size())).first->second);
      arm.push_back(static_cast<int>(i));
    }
    for (auto& term : {grouping_term("source", source), grouping_term("study", arm)}) {
      if (adds(term)) model_.terms.push_back(term);
    }
  }

  // Its variances; those that were 0 or not there start small.
  std::vector<double> start_near(const ComponentEstimate& near) const {
    double most = 0.0;
    for (const auto& [name, variance] : near.variances_) most = std::max(most, variance);
    const double least = std::max(0.01 * most, 1e-6);
    std::vector<double> start;
    for (const auto& term : model_.terms) {
      const auto found = near.variances_.find(term.name);
      start.push_back(found == near.variances_.end() ? least : std::max(least, found->second));
    }
    return start;
  }

  void keep(const MixedFit& fit) {
    const auto count = static_cast<Index>(out_.effects_.size());
    VectorXd all(columns_);
    Index at = 0;
    for (std::size_t k = 0; k < model_.terms.size(); ++k) {
      const double variance = fit.variances[k];
      out_.variances_[model_.terms[k].name] = variance;
      if (k < factor_terms_) {
        out_.factors_[k].tau2 = variance;
        out_.factors_[k].omega2 *= variance;
        const VectorXd u = random_effects(model_, fit, k);
        all.segment(at, u.size()) = u;
        at += u.size();
      } else {
        (k + 1 < model_.terms.size() ? out_.tau_source2_ : out_.tau_study2_) = 2.0 * variance;
      }
    }
    out_.u_ = all(betas_);
    out_.errors_ = random_effect_errors(model_, fit)(betas_, betas_);
    out_.degrees_ = fit.degrees;
    out_.scale_ = std::max(1.0, fit.q / fit.degrees);
    const double t = student_t_quantile(0.975, fit.degrees);
    for (Index i = 0; i < count; ++i) {
      auto& effect = out_.effects_[static_cast<std::size_t>(i)];
      effect.effect = out_.u_(i);
      effect.standard_error = std::sqrt(out_.scale_ * std::max(0.0, out_.errors_(i, i)));
      const double half = t * effect.standard_error;
      effect.interval95 = {effect.effect - half, effect.effect + half};
    }
  }

  std::vector<const NetworkArm*> arms_;
  std::vector<Index> studies_;
  std::vector<const NetworkStudy*> homes_;
  std::size_t study_count_ = 0, factor_terms_ = 0;
  std::vector<Index> betas_;  // of effects_ among the columns of all terms
  Index columns_ = 0;
  MixedModel model_;
  ComponentEstimate out_;
};

EffectContrast ComponentEstimate::contrast(const NetworkArm& a, const NetworkArm& b) const {
  std::map<Level, double> differs;
  for (const auto* factor : factors_of(options_)) {
    for (const auto& [arm, sign] : {std::pair(&a, 1.0), std::pair(&b, -1.0)}) {
      for (const auto& level : factor->levels(*arm)) differs[{factor->name, level}] += sign;
    }
  }
  VectorXd weights = VectorXd::Zero(u_.size());
  double unseen = 0.0, between_sources = tau_source2_;
  for (const auto& [level, weight] : differs) {
    const auto factor =
        std::find_if(factors_.begin(), factors_.end(),
                     [&name = level.first](const FactorSpread& one) { return one.factor == name; });
    if (factor == factors_.end()) continue;  // tells no arms apart
    between_sources += 0.5 * weight * weight * factor->omega2;
    const auto place = places_.find(level);
    if (place != places_.end()) {
      weights(place->second) = weight;
    } else {
      unseen += weight * weight * factor->tau2;
    }
  }
  const double variance = weights.dot(errors_ * weights) + unseen;
  EffectContrast out;
  out.difference = weights.dot(u_);
  out.plain_error = std::sqrt(std::max(0.0, variance));
  out.standard_error = std::sqrt(scale_) * out.plain_error;
  const double t = student_t_quantile(0.975, degrees_);
  out.interval95 =
      Interval{out.difference - t * *out.standard_error, out.difference + t * *out.standard_error};
  const double spread =
      std::sqrt(scale_ * variance + between_sources + tau_study2_ + 2.0 * training_variance_);
  if (spread <= 0.0) return out;
  out.prediction95 = Interval{out.difference - t * spread, out.difference + t * spread};
  out.below = boost::math::cdf(boost::math::students_t(degrees_), -out.difference / spread);
  return out;
}

ComponentEstimate fit_components(std::span<const NetworkStudy> studies,
                                 const ComponentOptions& options) {
  check_studies(studies);
  return ComponentFitter(studies, options).fit();
}

}  // namespace ganselect
