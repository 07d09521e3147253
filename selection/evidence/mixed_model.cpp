#include "selection/evidence/mixed_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"

namespace ganselect {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMostIterations = 200;
constexpr int kMostHalvings = 40;
// Relative to a variance: its REML estimate is then known to about the square of this.
constexpr double kConverged = 1e-9;
// A step that promises less is the last one: the likelihood's own rounding hides what it gains.
constexpr double kNoGain = 1e-12;
// A variance below this share of y's own is 0.
constexpr double kNothing = 1e-12;

constexpr Eigen::Index kSmall = 48;  // rows of a block that is inverted at once

// A lower triangle's inverse in its place, by halves: of (A 0; B C) it is (A^-1 0; -C^-1 B A^-1
// C^-1). A third of what solving for the identity takes.
void invert_lower(Eigen::Ref<MatrixXd> lower) {
  const auto n = lower.rows(), half = n / 2;
  if (n <= kSmall) {
    const MatrixXd inverse = lower.triangularView<Eigen::Lower>().solve(MatrixXd::Identity(n, n));
    lower.triangularView<Eigen::Lower>() = inverse;
    return;
  }
  auto a = lower.topLeftCorner(half, half);
  auto b = lower.bottomLeftCorner(n - half, half);
  auto c = lower.bottomRightCorner(n - half, n - half);
  c.triangularView<Eigen::Lower>().solveInPlace(b);
  a.triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(b);
  b = -b;
  invert_lower(a);
  invert_lower(c);
}

// L' L's lower triangle in the place of L, by halves: of (A 0; B C) it is (A'A + B'B ; C'B C'C).
void square_lower(Eigen::Ref<MatrixXd> lower) {
  const auto n = lower.rows(), half = n / 2;
  if (n <= kSmall) {
    const MatrixXd whole = lower.triangularView<Eigen::Lower>();
    lower.triangularView<Eigen::Lower>() = whole.transpose() * whole;
    return;
  }
  auto a = lower.topLeftCorner(half, half);
  auto b = lower.bottomLeftCorner(n - half, half);
  auto c = lower.bottomRightCorner(n - half, n - half);
  square_lower(a);
  a.selfadjointView<Eigen::Lower>().rankUpdate(b.transpose());
  b = c.triangularView<Eigen::Lower>().transpose() * MatrixXd(b);
  square_lower(c);
}

// V^-1 of V = L L'.
MatrixXd inverse_of(const Eigen::LLT<MatrixXd>& root) {
  MatrixXd lower = root.matrixLLT();
  invert_lower(lower);
  square_lower(lower);
  return lower.selfadjointView<Eigen::Lower>();
}

// X is nearly all zeros: each arm is of one study.
MatrixXd times_x(const MatrixXd& v_inverse, const MixedModel& model) {
  return v_inverse * Eigen::SparseMatrix<double>(model.x.sparseView());
}

// Everything at given variances but P, which only the search needs; nothing where V is singular.
std::optional<MixedFit> solve(const MixedModel& model, const std::vector<double>& variances) {
  MatrixXd v = model.variance.asDiagonal();
  for (std::size_t k = 0; k < variances.size(); ++k) {
    if (variances[k] == 0.0) continue;
    const auto& z = model.terms[k].z;
    v += variances[k] * Eigen::SparseMatrix<double>(z * z.transpose());
  }
  const Eigen::LLT<MatrixXd> root(v);
  if (root.info() != Eigen::Success) return std::nullopt;
  const auto n = model.y.size(), p = model.x.cols();
  MixedFit fit;
  fit.variances = variances;
  fit.v_inverse = inverse_of(root);
  const MatrixXd vx = times_x(fit.v_inverse, model);
  const Eigen::LLT<MatrixXd> information(model.x.transpose() * vx);
  if (information.info() != Eigen::Success) return std::nullopt;
  fit.covariance = information.solve(MatrixXd::Identity(p, p));
  fit.beta = information.solve(vx.transpose() * model.y);
  fit.p_y = fit.v_inverse * (model.y - model.x * fit.beta);
  fit.q = model.y.dot(fit.p_y);
  fit.degrees = static_cast<int>(n - p);
  const double log_v = 2.0 * MatrixXd(root.matrixL()).diagonal().array().log().sum();
  const double log_x = 2.0 * MatrixXd(information.matrixL()).diagonal().array().log().sum();
  fit.log_likelihood = -0.5 * (log_v + log_x + fit.q);
  if (!std::isfinite(fit.log_likelihood)) return std::nullopt;
  return fit;
}

// P = V^-1 - V^-1 X (X' V^-1 X)^-1 X' V^-1.
MatrixXd projection(const MixedModel& model, const MixedFit& fit) {
  const MatrixXd root = fit.covariance.llt().matrixL();
  MatrixXd lower = fit.v_inverse;
  lower.selfadjointView<Eigen::Lower>().rankUpdate(times_x(fit.v_inverse, model) * root, -1.0);
  return lower.selfadjointView<Eigen::Lower>();
}

// First derivatives of the restricted likelihood by s, and minus the second ones: observed and
// expected (Harville 1977, equations 3.6 to 3.8, with dV/ds_k = Z_k Z_k').
struct Slopes {
  VectorXd score;               // (K)
  MatrixXd observed, expected;  // (K,K)
};

Slopes slopes(const MixedModel& model, const MixedFit& fit) {
  const auto terms = model.terms.size();
  const auto count = static_cast<Eigen::Index>(terms);
  const MatrixXd p = projection(model, fit);
  Slopes out{VectorXd(count), MatrixXd(count, count), MatrixXd(count, count)};
  std::vector<MatrixXd> pz(terms);
  std::vector<VectorXd> zpy(terms);
  for (std::size_t k = 0; k < terms; ++k) {
    pz[k] = p * model.terms[k].z;
    zpy[k] = model.terms[k].z.transpose() * fit.p_y;
  }
  for (std::size_t k = 0; k < terms; ++k) {
    const auto row = static_cast<Eigen::Index>(k);
    for (std::size_t l = 0; l <= k; ++l) {
      const auto column = static_cast<Eigen::Index>(l);
      const MatrixXd cross = model.terms[k].z.transpose() * pz[l];  // Z_k' P Z_l
      if (k == l) out.score(row) = -0.5 * (cross.trace() - zpy[k].squaredNorm());
      const double squares = 0.5 * cross.squaredNorm();
      out.expected(row, column) = out.expected(column, row) = squares;
      out.observed(row, column) = out.observed(column, row) = zpy[k].dot(cross * zpy[l]) - squares;
    }
  }
  return out;
}

// The Newton step among the free variances, the others staying; damped, since two terms may be
// nearly one.
VectorXd step_of(const Slopes& at, const std::vector<bool>& free) {
  std::vector<Eigen::Index> rows;
  for (std::size_t k = 0; k < free.size(); ++k) {
    if (free[k]) rows.push_back(static_cast<Eigen::Index>(k));
  }
  VectorXd step = VectorXd::Zero(at.score.size());
  if (rows.empty()) return step;
  const VectorXd score = at.score(rows);
  for (const MatrixXd* all : {&at.observed, &at.expected}) {
    MatrixXd information = (*all)(rows, rows);
    if (all == &at.expected) {
      information.diagonal() *= 1.0 + 1e-9;
      information.diagonal().array() += std::numeric_limits<double>::min();
    }
    const Eigen::LLT<MatrixXd> root(information);
    if (root.info() != Eigen::Success) continue;
    const VectorXd free_step = root.solve(score);
    step(rows) = free_step;
    return step;
  }
  step(rows) = score;
  return step;
}

// Step within the variances of at least 0: one that stands at 0 and would fall is held there.
VectorXd feasible_step(const Slopes& at, const std::vector<double>& s) {
  std::vector<bool> free(s.size());
  for (std::size_t k = 0; k < s.size(); ++k)
    free[k] = s[k] > 0.0 || at.score(static_cast<Eigen::Index>(k)) > 0.0;
  for (;;) {
    const VectorXd step = step_of(at, free);
    bool held = false;
    for (std::size_t k = 0; k < s.size(); ++k) {
      if (!free[k] || s[k] > 0.0 || step(static_cast<Eigen::Index>(k)) >= 0.0) continue;
      free[k] = false;
      held = true;
    }
    if (!held) return step;
  }
}

std::vector<double> moved(const std::vector<double>& s, const VectorXd& step, double length,
                          double nothing) {
  std::vector<double> out(s.size());
  for (std::size_t k = 0; k < s.size(); ++k) {
    out[k] = s[k] + length * step(static_cast<Eigen::Index>(k));
    if (out[k] < nothing) out[k] = 0.0;
  }
  return out;
}

double furthest(const std::vector<double>& from, const std::vector<double>& to, double nothing) {
  double most = 0.0;
  for (std::size_t k = 0; k < from.size(); ++k)
    most = std::max(most, std::abs(to[k] - from[k]) / (std::max(to[k], from[k]) + nothing));
  return most;
}

// Climbs from `start`; nothing where V is singular there or the search does not end.
std::optional<MixedFit> climb(const MixedModel& model, const std::vector<double>& start,
                              double nothing) {
  auto here = solve(model, start);
  if (!here) return std::nullopt;
  for (int round = 1; round <= kMostIterations; ++round) {
    const Slopes at = slopes(model, *here);
    const VectorXd step = feasible_step(at, here->variances);
    std::optional<MixedFit> next;
    if (at.score.dot(step) < kNoGain * (1.0 + std::abs(here->log_likelihood))) {
      next = solve(model, moved(here->variances, step, 1.0, nothing));
      if (!next) next = std::move(here);
      next->iterations = round;
      return next;
    }
    double length = 1.0;
    for (int halving = 0; halving < kMostHalvings; ++halving, length *= 0.5) {
      next = solve(model, moved(here->variances, step, length, nothing));
      if (next && next->log_likelihood >= here->log_likelihood) break;
      next.reset();
    }
    // No step climbs: the top, to the precision of the likelihood itself.
    if (!next) {
      here->iterations = round;
      return here;
    }
    const double change = furthest(here->variances, next->variances, nothing);
    here = std::move(next);
    here->iterations = round;
    if (change < kConverged) return here;
  }
  return std::nullopt;
}

void check_freedom(const MixedModel& model) {
  const auto n = model.y.size(), p = model.x.cols();
  if (n > p) return;
  fail(ErrorKind::kFailed, {.where = "restricted likelihood",
                            .expected = "more observations than fixed effects",
                            .got = std::to_string(n) + " and " + std::to_string(p)});
}

// Of the variances. Observations without any spread still have a scale, that of what is known.
double scale_of(const MixedModel& model) {
  check_freedom(model);
  const VectorXd residual = model.y - model.x * model.x.colPivHouseholderQr().solve(model.y);
  return residual.squaredNorm() / static_cast<double>(model.y.size() - model.x.cols()) +
         model.variance.mean() + std::numeric_limits<double>::min();
}

MixedFit highest(const MixedModel& model, const std::vector<std::vector<double>>& starts) {
  const double nothing = kNothing * scale_of(model);
  std::vector<std::optional<MixedFit>> ends(starts.size());
  parallel_for(
      starts.size(), [&](std::size_t i) { ends[i] = climb(model, starts[i], nothing); },
      Calls::kLong);
  std::optional<MixedFit> best;
  for (auto& end : ends) {
    if (end && (!best || end->log_likelihood > best->log_likelihood)) best = std::move(end);
  }
  if (best) return std::move(*best);
  fail(ErrorKind::kFailed, {.where = "restricted likelihood",
                            .expected = "a maximum within 200 steps",
                            .got = "none from any start"});
}

}  // namespace

RandomTerm grouping_term(std::string name, const std::vector<int>& levels) {
  const int most = levels.empty() ? -1 : *std::max_element(levels.begin(), levels.end());
  std::vector<Eigen::Triplet<double>> ones;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i] >= 0) ones.emplace_back(static_cast<int>(i), levels[i], 1.0);
  }
  RandomTerm term{std::move(name), {static_cast<Eigen::Index>(levels.size()), most + 1}};
  term.z.setFromTriplets(ones.begin(), ones.end());
  return term;
}

MixedFit fit_at(const MixedModel& model, const std::vector<double>& variances) {
  auto fit = solve(model, variances);
  if (!fit) {
    fail(ErrorKind::kFailed, {.where = "mixed model",
                              .expected = "variances and effects that can be told apart",
                              .got = "a singular matrix"});
  }
  return std::move(*fit);
}

MixedFit fit_reml(const MixedModel& model) {
  if (model.terms.empty()) {
    check_freedom(model);
    return fit_at(model, {});
  }
  const double share = scale_of(model) / static_cast<double>(model.terms.size());
  std::vector<std::vector<double>> starts;
  for (const double size : {1.0, 0.05}) starts.emplace_back(model.terms.size(), size * share);
  return highest(model, starts);
}

MixedFit fit_reml(const MixedModel& model, const std::vector<double>& start) {
  return highest(model, {start});
}

VectorXd random_effects(const MixedModel& model, const MixedFit& fit, std::size_t term) {
  return fit.variances[term] * (model.terms[term].z.transpose() * fit.p_y);
}

MatrixXd random_effect_errors(const MixedModel& model, const MixedFit& fit) {
  Eigen::Index levels = 0;
  for (const auto& term : model.terms) levels += term.z.cols();
  MatrixXd zg(model.y.size(), levels);
  VectorXd g(levels);
  Eigen::Index column = 0;
  for (std::size_t k = 0; k < model.terms.size(); ++k) {
    const auto width = model.terms[k].z.cols();
    zg.middleCols(column, width) = fit.variances[k] * MatrixXd(model.terms[k].z);
    g.segment(column, width).setConstant(fit.variances[k]);
    column += width;
  }
  MatrixXd errors = -(zg.transpose() * projection(model, fit) * zg);
  errors.diagonal() += g;
  return errors;
}

}  // namespace ganselect
