#include "selection/evidence/meta_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "selection/evidence/mixed_model.h"

namespace ganselect {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// A column whose part that the others do not explain is below this share adds no effect.
constexpr double kExplained = 1e-9;

double two_sided_p(double t, int degrees) {
  const boost::math::students_t law(degrees);
  return 2.0 * boost::math::cdf(boost::math::complement(law, std::abs(t)));
}

Interval around(double middle, double half) { return {middle - half, middle + half}; }

}  // namespace

// Builds and fits the model of one part.
class NetworkFitter {
 public:
  NetworkFitter(std::span<const NetworkStudy> studies, const NetworkPart& part,
                const MetaOptions& options)
      : options_(options) {
    out_.part_ = part;
    for (const std::size_t s : part.studies) part_studies_.push_back(&studies[s]);
  }

  NetworkEstimate fit() {
    gather_rows();
    set_variances();
    build_model();
    if (model_.y.size() > model_.x.cols()) {
      add_terms();
      keep(fit_reml(model_));
      cochran();
    } else {
      keep_without_spread();
    }
    name_tau();
    return std::move(out_);
  }

 private:
  void gather_rows() {
    for (std::size_t s = 0; s < part_studies_.size(); ++s) {
      out_.sources_.push_back(part_studies_[s]->source);
      for (const auto& arm : part_studies_[s]->arms) {
        out_.rows_.push_back({s, out_.position(arm.treatment)});
        arms_.push_back(&arm);
        own_.push_back(part_studies_[s]->own);
      }
    }
  }

  void set_variances() {
    auto variances = arm_variances(arms_, options_);
    variance_ = std::move(variances.of_means);
    out_.training_variance_ = variances.training;
    if (variances.note) out_.notes_.push_back(*variances.note);
  }

  // Columns: a level for each study, then an effect for each treatment but the first.
  void build_model() {
    const auto n = static_cast<Index>(arms_.size());
    const auto studies = static_cast<Index>(part_studies_.size());
    const auto effects = static_cast<Index>(out_.part_.treatments.size()) - 1;
    model_.y = VectorXd(n);
    model_.x = MatrixXd::Zero(n, studies + effects);
    model_.variance = variance_;
    for (Index i = 0; i < n; ++i) {
      const auto& row = out_.rows_[static_cast<std::size_t>(i)];
      model_.y(i) = arms_[static_cast<std::size_t>(i)]->y;
      model_.x(i, static_cast<Index>(row.study)) = 1.0;
      if (row.treatment > 0) model_.x(i, studies + row.treatment - 1) = 1.0;
    }
    // Levels differ by protocols and cancel; without them rounding is that of the contrasts.
    for (Index s = 0; s < studies; ++s) {
      const VectorXd column = model_.x.col(s);
      model_.y -= column * (column.dot(model_.y) / column.sum());
    }
  }

  void add_terms() {
    std::map<std::pair<std::string, Index>, int> groups;
    std::vector<int> source, published, own;
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      const auto& row = out_.rows_[i];
      const auto key = std::pair(part_studies_[row.study]->source, row.treatment);
      source.push_back(groups.emplace(key, static_cast<int>(groups.size())).first->second);
      published.push_back(own_[i] ? -1 : count_[0]++);
      own.push_back(own_[i] ? count_[1]++ : -1);
    }
    // One arm for each candidate of each source: then the two kinds of heterogeneity are one.
    has_source_ = groups.size() < arms_.size();
    if (has_source_) {
      model_.terms.push_back(grouping_term("source", source));
    } else {
      out_.notes_.push_back(
          "no source has a candidate twice: what differs between sources and between studies "
          "cannot be told apart, tau of studies holds both");
    }
    if (count_[0] > 0) model_.terms.push_back(grouping_term("study", published));
    if (count_[1] > 0) model_.terms.push_back(grouping_term("own", own));
  }

  void name_tau() {
    auto& h = out_.heterogeneity_;
    std::size_t next = 0;
    const auto take = [&] { return next < variances_.size() ? 2.0 * variances_[next++] : 0.0; };
    if (has_source_) h.tau_source2 = take();
    if (count_[0] > 0) h.tau_study2 = take();
    if (count_[1] > 0) h.tau_own2 = take();
  }

  void keep_effects(const VectorXd& beta, const MatrixXd& covariance) {
    const auto count = static_cast<Index>(out_.part_.treatments.size());
    const auto effects = count - 1;
    VectorXd theta = VectorXd::Zero(count);
    theta.tail(effects) = beta.tail(effects);
    out_.theta_ = theta.array() - theta.mean();
    MatrixXd full = MatrixXd::Zero(count, count);
    full.bottomRightCorner(effects, effects) = covariance.bottomRightCorner(effects, effects);
    const MatrixXd centering = MatrixXd::Identity(count, count) -
                               MatrixXd::Constant(count, count, 1.0 / static_cast<double>(count));
    out_.covariance_ = centering * full * centering;
    out_.x_ = model_.x;
    out_.y_ = model_.y;
  }

  void keep(const MixedFit& fit) {
    keep_effects(fit.beta, fit.covariance);
    out_.v_inverse_ = fit.v_inverse;
    variances_ = fit.variances;
    auto& h = out_.heterogeneity_;
    h.q = fit.q;
    h.degrees = fit.degrees;
    h.scale = std::max(1.0, fit.q / fit.degrees);
  }

  // The fit passes through every observation, whatever the variances are.
  void keep_without_spread() {
    MixedModel plain = model_;
    if ((plain.variance.array() <= 0.0).any()) plain.variance.setOnes();
    const MixedFit fit = fit_at(plain, {});
    keep_effects(fit.beta, fit.covariance);
    out_.v_inverse_ = fit.v_inverse;
    count_ = {};
    out_.notes_.push_back(fmt::format(
        "{} values for as many effects and levels: neither heterogeneity nor intervals can be had",
        model_.y.size()));
  }

  void cochran() {
    if ((model_.variance.array() <= 0.0).any()) return;
    MixedModel plain = model_;
    plain.terms.clear();
    auto& h = out_.heterogeneity_;
    h.cochran_q = fit_at(plain, {}).q;
    const boost::math::chi_squared law(h.degrees);
    h.cochran_p = boost::math::cdf(boost::math::complement(law, h.cochran_q));
    h.i_squared = h.cochran_q > 0.0 ? std::max(0.0, 1.0 - h.degrees / h.cochran_q) : 0.0;
  }

  const MetaOptions& options_;
  std::vector<const NetworkStudy*> part_studies_;
  std::vector<const NetworkArm*> arms_;
  std::vector<bool> own_;
  VectorXd variance_;
  MixedModel model_;
  std::vector<double> variances_;
  bool has_source_ = false;
  std::array<int, 2> count_ = {};  // arms published, own
  NetworkEstimate out_;
};

Index NetworkEstimate::position(const std::string& treatment) const {
  const auto found = std::lower_bound(part_.treatments.begin(), part_.treatments.end(), treatment);
  if (found == part_.treatments.end() || *found != treatment) {
    const auto nearest = nearest_name(treatment, part_.treatments);
    fail(ErrorKind::kData, {.where = "network of studies",
                            .expected = "a candidate among " + treatments_text(part_),
                            .got = "'" + treatment + "'",
                            .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
  }
  return found - part_.treatments.begin();
}

bool NetworkEstimate::has(const std::string& treatment) const {
  return std::binary_search(part_.treatments.begin(), part_.treatments.end(), treatment);
}

double NetworkEstimate::quantile(double p) const {
  return student_t_quantile(p, heterogeneity_.degrees);
}

EffectContrast NetworkEstimate::contrast(const std::string& a, const std::string& b) const {
  const Index i = position(a), j = position(b);
  EffectContrast out;
  out.difference = theta_(i) - theta_(j);
  const double variance =
      i == j ? 0.0 : covariance_(i, i) + covariance_(j, j) - 2.0 * covariance_(i, j);
  out.plain_error = std::sqrt(std::max(0.0, variance));
  const auto& h = heterogeneity_;
  if (h.degrees < 1) return out;
  out.standard_error = std::sqrt(h.scale) * out.plain_error;
  out.interval95 = around(out.difference, quantile(0.975) * *out.standard_error);
  if (i == j) return out;
  const double spread =
      std::sqrt(h.scale * variance + h.tau_source2 + h.tau_study2 + 2.0 * training_variance_);
  if (spread <= 0.0) return out;
  out.prediction95 = around(out.difference, quantile(0.975) * spread);
  out.below = boost::math::cdf(boost::math::students_t(h.degrees), -out.difference / spread);
  return out;
}

SplitContrast NetworkEstimate::split(const std::string& a, const std::string& b) const {
  const Index i = position(a), j = position(b);
  SplitContrast out;
  std::vector<std::array<bool, 2>> holds(part_.studies.size());
  for (const auto& row : rows_) {
    if (row.treatment == i) holds[row.study][0] = true;
    if (row.treatment == j) holds[row.study][1] = true;
  }
  std::set<std::string> sources;
  for (std::size_t s = 0; s < holds.size(); ++s) {
    if (i == j || !(holds[s][0] && holds[s][1])) continue;
    ++out.studies;
    sources.insert(sources_[s]);
  }
  out.sources = sources.size();
  if (i == j) return out;
  const auto& h = heterogeneity_;
  const double both = theta_(i) - theta_(j);
  const double both_variance = covariance_(i, i) + covariance_(j, j) - 2.0 * covariance_(i, j);
  if (out.studies == 0) {
    out.indirect = both;
    if (h.degrees >= 1) out.indirect_error = std::sqrt(h.scale * both_variance);
    return out;
  }
  // One more effect w of a - b in the studies that hold both.
  VectorXd z = VectorXd::Zero(y_.size());
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (!(holds[rows_[r].study][0] && holds[rows_[r].study][1])) continue;
    if (rows_[r].treatment == i) z(static_cast<Index>(r)) = 0.5;
    if (rows_[r].treatment == j) z(static_cast<Index>(r)) = -0.5;
  }
  const MatrixXd vx = v_inverse_ * x_;
  const MatrixXd information = x_.transpose() * vx;
  const Eigen::LDLT<MatrixXd> root(information);
  const VectorXd lean = root.solve(vx.transpose() * z);  // z explained by x
  const VectorXd rest = z - x_ * lean;
  const VectorXd weighted = v_inverse_ * rest;
  const double left = rest.dot(weighted);
  if (left <= kExplained * z.dot(v_inverse_ * z)) {
    out.direct = both;
    if (h.degrees >= 1) out.direct_error = std::sqrt(h.scale * both_variance);
    return out;
  }
  const double w = weighted.dot(y_) / left, w_variance = 1.0 / left;
  // The contrast without w is beta less lean * w; c picks i - j out of beta.
  const auto c_of = [&](const VectorXd& beta) {
    const auto offset = static_cast<Index>(part_.studies.size()) - 1;
    return (i > 0 ? beta(offset + i) : 0.0) - (j > 0 ? beta(offset + j) : 0.0);
  };
  const double slope = c_of(lean);
  out.indirect = both - slope * w;
  out.direct = *out.indirect + w;
  if (h.degrees < 2) return out;
  const double scale = h.scale;
  out.indirect_error = std::sqrt(scale * (both_variance + slope * slope * w_variance));
  out.direct_error =
      std::sqrt(scale * (both_variance + (1.0 - slope) * (1.0 - slope) * w_variance));
  out.inconsistency_p = two_sided_p(w / std::sqrt(scale * w_variance), h.degrees - 1);
  return out;
}

const NetworkEstimate* NetworkFit::find(const std::string& treatment) const {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const NetworkEstimate& part) { return part.has(treatment); });
  return found == parts.end() ? nullptr : &*found;
}

EffectContrast NetworkFit::contrast(const std::string& a, const std::string& b) const {
  for (const auto* name : {&a, &b}) {
    if (find(*name) != nullptr) continue;
    std::vector<std::string> names;
    for (const auto& part : parts)
      names.insert(names.end(), part.part().treatments.begin(), part.part().treatments.end());
    const auto nearest = nearest_name(*name, names);
    fail(ErrorKind::kData, {.where = "network of studies",
                            .expected = "a candidate that a study compares with another",
                            .got = "'" + *name + "'",
                            .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
  }
  const auto *first = find(a), *second = find(b);
  if (first != second) {
    fail(ErrorKind::kData,
         {.where = "network of studies",
          .expected = fmt::format("a chain of studies that joins {} and {}", a, b),
          .got = fmt::format("two networks: {}; and {}", treatments_text(first->part()),
                             treatments_text(second->part())),
          .hint = "the two cannot be compared by these studies"});
  }
  return first->contrast(a, b);
}

NetworkFit fit_network(std::span<const NetworkStudy> studies, const MetaOptions& options) {
  check_studies(studies);
  NetworkFit fit;
  const auto parts = connected_parts(studies);
  std::size_t joined = 0;
  for (const auto& part : parts) {
    fit.parts.push_back(NetworkFitter(studies, part, options).fit());
    joined += part.studies.size();
  }
  if (joined < studies.size())
    fit.notes.push_back(fmt::format("{} of {} studies compare fewer than two candidates",
                                    studies.size() - joined, studies.size()));
  if (parts.size() > 1) {
    std::vector<std::string> names;
    for (const auto& part : parts) names.push_back(treatments_text(part));
    fit.notes.push_back(fmt::format("no chain of studies joins these {} networks: {}", parts.size(),
                                    join(names, "; ")));
  }
  return fit;
}

}  // namespace ganselect
