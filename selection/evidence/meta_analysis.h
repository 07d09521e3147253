// Network meta-analysis: one estimate of every contrast from many studies that each compare a few.
//
//   y_sa = alpha_s + theta_c(a) + gamma_(source,c) + delta_sa + e_sa
//   gamma ~ N(0, tau_g^2 / 2)  a candidate within a source (its code and habits)
//   delta ~ N(0, tau_s^2 / 2)  an arm; arms of own trials have a tau_s of their own
//   e     ~ N(0, v_sa)         the trainings' seeds, v known
// so that the contrast of two arms of one study varies by tau_g^2 + tau_s^2 between studies. This
// is the arm-based form, with fixed study levels, of the contrast model of Lu & Ades (2006) and of
// Salanti et al. (2008); the split of heterogeneity into sources and studies is that of
// Konstantopoulos (2011). Both tau^2 by restricted maximum likelihood, theta by generalized least
// squares and summing to zero; intervals by Student's t with N - p degrees of freedom and variances
// times max(1, Q / (N - p)) (Hartung & Knapp 2001; the truncation is that of Roever et al. 2015).
//
// Each connected part of the network is fitted by itself: what no chain of studies joins neither
// compares nor shares a tau. Differs from rma.mv of metafor (Viechtbauer 2010) in the scaling of
// variances alone.
#pragma once

#include <Eigen/Dense>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "results/records/summary.h"
#include "selection/evidence/arm_variances.h"
#include "selection/evidence/network.h"

namespace ganselect {

// A contrast a - b on the scale g; its level cancels.
struct EffectContrast {
  double difference = 0.0;
  double plain_error = 0.0;  // standard error before scaling
  // Absent where N = p: as many effects as observations.
  std::optional<double> standard_error;
  std::optional<Interval> interval95;    // of the mean contrast
  std::optional<Interval> prediction95;  // of a new training of each in a new source
  std::optional<double> below;           // probability that there a comes out below b
};

// A contrast split into what studies that hold both say and what all else says, by a model with one
// more effect for the former (Dias et al. 2010; symmetric in the two as of White 2015). Each absent
// where there is no such evidence.
struct SplitContrast {
  std::optional<double> direct, direct_error, indirect, indirect_error;
  std::optional<double> inconsistency_p;  // of the two being equal; Student's t as for intervals
  std::size_t studies = 0, sources = 0;   // that hold both
};

// How much studies differ beyond their seeds.
struct Heterogeneity {
  double tau_source2 = 0.0, tau_study2 = 0.0;
  std::optional<double> tau_own2;  // absent without own trials in the part
  double q = 0.0;                  // y' P y at the estimated tau
  int degrees = 0;                 // N - p
  double scale = 1.0;              // max(1, q / degrees)
  double cochran_q = 0.0;          // at tau = 0; 0 where no deviation is known
  std::optional<double> cochran_p;
  std::optional<double>
      i_squared;  // max(0, (cochran_q - degrees) / cochran_q) (Higgins & Thompson 2002)
};

// One connected part with its estimates.
class NetworkEstimate {
 public:
  const NetworkPart& part() const { return part_; }
  const Heterogeneity& heterogeneity() const { return heterogeneity_; }
  // Effects that sum to zero, in the order of part().treatments, and their plain covariance.
  const Eigen::VectorXd& theta() const { return theta_; }
  const Eigen::MatrixXd& covariance() const { return covariance_; }
  double training_variance() const { return training_variance_; }
  const std::vector<std::string>& notes() const { return notes_; }
  std::size_t observations() const { return static_cast<std::size_t>(y_.size()); }

  bool has(const std::string& treatment) const;
  // kData for a treatment that is not in this part.
  EffectContrast contrast(const std::string& a, const std::string& b) const;
  SplitContrast split(const std::string& a, const std::string& b) const;

 private:
  friend class NetworkFitter;
  Eigen::Index position(const std::string& treatment) const;
  double quantile(double p) const;

  struct Row {
    std::size_t study;  // position in part_.studies
    Eigen::Index treatment;
  };
  NetworkPart part_;
  std::vector<std::string> sources_;  // of part_.studies
  Heterogeneity heterogeneity_;
  Eigen::VectorXd theta_, y_;
  Eigen::MatrixXd covariance_, x_, v_inverse_;
  std::vector<Row> rows_;
  double training_variance_ = 0.0;
  std::vector<std::string> notes_;
};

struct NetworkFit {
  std::vector<NetworkEstimate> parts;  // as connected_parts
  std::vector<std::string> notes;      // single-armed studies, parts that nothing joins

  // The part that holds a treatment; nullptr where none does.
  const NetworkEstimate* find(const std::string& treatment) const;
  // a - b; kData where a treatment is unknown or no chain of studies joins the two, said by name.
  EffectContrast contrast(const std::string& a, const std::string& b) const;
};

NetworkFit fit_network(std::span<const NetworkStudy> studies, const MetaOptions& options = {});

}  // namespace ganselect
