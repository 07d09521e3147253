// Linear mixed models by restricted maximum likelihood, dense, for up to a thousand observations:
//   y = X beta + sum_k Z_k u_k + e,   u_k ~ N(0, s_k I),   e ~ N(0, diag(v)), v known.
// Shapes: N observations, P fixed effects, K random terms, q_k levels of term k.
// Does not know what a study or a candidate is; meta_analysis.h and components.h do.
#pragma once

#include <Eigen/Dense>
#include <Eigen/SparseCore>
#include <string>
#include <vector>

namespace ganselect {

// Effects drawn anew for each level: one variance for all of them.
struct RandomTerm {
  std::string name;
  Eigen::SparseMatrix<double> z;  // (N,q)
};

// The term in which observation i belongs to level `levels[i]`; a negative level: to none.
RandomTerm grouping_term(std::string name, const std::vector<int>& levels);

struct MixedModel {
  Eigen::VectorXd y;         // (N)
  Eigen::MatrixXd x;         // (N,P), of full column rank, P <= N
  Eigen::VectorXd variance;  // (N), known variances of e, each at least 0
  std::vector<RandomTerm> terms;
};

// Generalized least squares at given variances.
struct MixedFit {
  std::vector<double> variances;  // (K) s_k, each at least 0
  Eigen::VectorXd beta;           // (P)
  Eigen::MatrixXd covariance;     // (P,P) (X' V^-1 X)^-1
  Eigen::MatrixXd v_inverse;      // (N,N)
  Eigen::VectorXd p_y;            // (N) P y = V^-1 (y - X beta)
  double q = 0.0;                 // y' P y, the weighted sum of squared residuals
  int degrees = 0;                // N - P
  double log_likelihood = 0.0;    // restricted, without its constants
  int iterations = 0;             // of the search for s; 0 where s was given
};

// beta = (X' V^-1 X)^-1 X' V^-1 y with V = diag(v) + sum_k s_k Z_k Z_k'. kFailed where V or X' V^-1
// X is singular.
MixedFit fit_at(const MixedModel& model, const std::vector<double>& variances);

// s by restricted maximum likelihood (Patterson & Thompson 1971): maximizes
//   -1/2 (log|V| + log|X' V^-1 X| + y' P y)
// by Newton's method with the observed information where it is positive definite and the expected
// one elsewhere (Fisher scoring), both halving steps that do not climb. A variance of 0 stays there
// while the likelihood falls with it. Searched from several starts, the highest end counts. Needs N
// > P, and terms of which no two are the same; kFailed where no start converges.
MixedFit fit_reml(const MixedModel& model);
// The same from one start (K), each above 0, that is near the end.
MixedFit fit_reml(const MixedModel& model, const std::vector<double>& start);

// Expected values of the random effects of term k given y: s_k Z_k' P y, (q_k)
// (Henderson 1975; Robinson 1991, "That BLUP is a good thing").
Eigen::VectorXd random_effects(const MixedModel& model, const MixedFit& fit, std::size_t term);

// Cov(u - E[u|y]) of all terms side by side, (sum q)^2, at the fit's variances:
// G - G Z' P Z G with G = diag(s_k).
Eigen::MatrixXd random_effect_errors(const MixedModel& model, const MixedFit& fit);

}  // namespace ganselect
