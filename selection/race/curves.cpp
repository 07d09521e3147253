#include "selection/race/curves.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "base/error.h"
#include "base/statistics.h"

namespace ganselect {
namespace {

constexpr int kDoublings = 3;  // before the horizon; earlier evaluations are few

// Absent where an evaluation has no FID above 0.
std::optional<StoredCurve> curve_of(const Record& record) {
  StoredCurve curve{.candidate = record.candidate.name, .seed = record.seed};
  for (const auto& checkpoint : record.checkpoints) {
    const auto fid = checkpoint.measures.value("fid");
    if (!fid || *fid <= 0) return std::nullopt;
    curve.steps.push_back(static_cast<double>(checkpoint.step));
    curve.levels.push_back(-std::log(*fid));
  }
  if (curve.steps.size() < kLeastLooks) return std::nullopt;
  return curve;
}

// What curves must share to be laid over each other.
std::string setting_of(const Record& record, const StoredCurve& curve) {
  Json key = {record.dataset.digest, record.budget.width, curve.steps,
              record.measures.protocol.value("detector_digest", Json())};
  return key.dump();
}

std::set<std::string> candidates_of(const std::vector<StoredCurve>& curves) {
  std::set<std::string> names;
  for (const auto& curve : curves) names.insert(curve.candidate);
  return names;
}

// Names whose trials of one seed are the same to the last digit are one training.
std::vector<StoredCurve> one_name_each(const std::vector<StoredCurve>& curves) {
  std::map<std::pair<std::uint64_t, std::vector<double>>, std::string> standing;
  std::vector<StoredCurve> kept;
  for (const auto& curve : curves) {
    const auto [found, added] = standing.try_emplace({curve.seed, curve.levels}, curve.candidate);
    if (added || found->second == curve.candidate) kept.push_back(curve);
  }
  // One of a name's seeds may stand under another name: then all of them do.
  std::set<std::string> doubles;
  for (const auto& curve : curves) {
    if (standing.at({curve.seed, curve.levels}) != curve.candidate) doubles.insert(curve.candidate);
  }
  std::erase_if(kept, [&](const StoredCurve& curve) { return doubles.contains(curve.candidate); });
  return kept;
}

using Basis = Eigen::Matrix<double, Eigen::Dynamic, 3>;

Basis basis_of(const std::vector<double>& steps) {
  Basis basis(static_cast<Eigen::Index>(steps.size()), 3);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double x = std::log(steps[i] / steps.back());
    basis.row(static_cast<Eigen::Index>(i)) << 1.0, x, x * x;
  }
  return basis;
}

FittedCurve fit_one(const std::string& name, const std::vector<const StoredCurve*>& trials,
                    const Basis& basis) {
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(basis.rows());
  for (const auto* trial : trials)
    mean += Eigen::Map<const Eigen::VectorXd>(trial->levels.data(), basis.rows());
  mean /= static_cast<double>(trials.size());
  const Eigen::Vector3d c = basis.colPivHouseholderQr().solve(mean);
  return {.candidate = name, .trials = trials.size(), .coefficients = {c[0], c[1], c[2]}};
}

// What is still in a race then; the others mostly fall behind for good, which turns no order.
std::vector<double> movements_of_better_half(const CurveFit& fit, double share) {
  std::vector<std::pair<double, double>> then;  // level and movement
  for (const auto& curve : fit.curves)
    then.emplace_back(curve.at(share / 2), curve.at(share) - curve.at(share / 2));
  std::sort(then.begin(), then.end(), std::greater<>());
  std::vector<double> moved;
  for (std::size_t i = 0; i < std::max<std::size_t>(2, then.size() / 2); ++i)
    moved.push_back(then[i].second);
  return moved;
}

}  // namespace

std::vector<StoredCurve> stored_curves(std::span<const Record> records) {
  std::map<std::string, std::vector<StoredCurve>> settings;
  for (const auto& record : records) {
    if (auto curve = curve_of(record))
      settings[setting_of(record, *curve)].push_back(std::move(*curve));
  }
  std::vector<StoredCurve> most;
  std::size_t names = 0;
  for (auto& [key, curves] : settings) {
    // Named candidates before points, so that they stand for both.
    std::stable_sort(curves.begin(), curves.end(), [](const auto& a, const auto& b) {
      const auto point = [](const StoredCurve& c) {
        return c.candidate.find('/') != std::string::npos;
      };
      return std::make_tuple(point(a), a.candidate, a.seed) <
             std::make_tuple(point(b), b.candidate, b.seed);
    });
    auto kept = one_name_each(curves);
    const auto count = candidates_of(kept).size();
    if (count <= names) continue;
    names = count;
    most = std::move(kept);
  }
  return most;
}

double FittedCurve::at(double share) const {
  const double x = std::log(share);
  return coefficients[0] + x * (coefficients[1] + x * coefficients[2]);
}

CurveFit fit_curves(std::span<const StoredCurve> curves) {
  std::map<std::string, std::vector<const StoredCurve*>> by_name;
  for (const auto& curve : curves) by_name[curve.candidate].push_back(&curve);
  if (by_name.size() < 2 || curves.size() < 3) {
    fail(ErrorKind::kData, {.where = "stored curves",
                            .expected = "two candidates and three trials of " +
                                        std::to_string(kLeastLooks) + " evaluations or more",
                            .got = std::to_string(by_name.size()) + " candidates, " +
                                   std::to_string(curves.size()) + " trials",
                            .hint = "train with --evaluate-every"});
  }
  const auto& steps = curves.front().steps;
  const Basis basis = basis_of(steps);
  CurveFit fit{.horizon = steps.back(),
               .first_share = steps.front() / steps.back(),
               .trials = curves.size()};
  std::vector<double> offsets;
  for (const auto& [name, trials] : by_name) {
    fit.curves.push_back(fit_one(name, trials, basis));
    for (const auto* trial : trials) {
      std::vector<double> residuals;
      for (std::size_t i = 0; i < steps.size(); ++i)
        residuals.push_back(trial->levels[i] - fit.curves.back().at(steps[i] / fit.horizon));
      fit.look_variance +=
          statistics::variance_n_minus_1(residuals) / static_cast<double>(curves.size());
      offsets.push_back(statistics::mean(residuals));
    }
  }
  // Of two trials each, one's mean lies as far above their curve as the other's below it: one
  // degree of freedom for the two. What looks alone would make of it is taken off.
  double sum = 0;
  for (const double offset : offsets) sum += offset * offset;
  const auto degrees = static_cast<double>(curves.size() - by_name.size());
  const double by_looks = fit.look_variance / static_cast<double>(steps.size());
  if (degrees > 0) fit.trial_variance = std::max(0.0, sum / degrees - by_looks);
  return fit;
}

double CurveModel::movement(double from, double to) const {
  double sum = 0;
  double high = 1;
  for (std::size_t d = 0; d < turning.size(); ++d, high /= 2) {
    const double low = d + 1 == turning.size() ? 0.0 : high / 2;
    const double a = std::max(from, low), b = std::min(to, high);
    if (b > a && a > 0) sum += turning[d] * std::log2(b / a);
  }
  return sum;
}

CurveModel curve_model(const CurveFit& fit) {
  CurveModel model{.look_variance = fit.look_variance,
                   .trial_variance = fit.trial_variance / fit.look_variance};
  double share = 1;
  for (int d = 0; d < kDoublings && share / 2 >= fit.first_share; ++d, share /= 2) {
    const auto moved = movements_of_better_half(fit, share);
    model.turning.push_back(statistics::variance_n_minus_1(moved) / fit.look_variance);
  }
  return model;
}

double turned_pairs(const CurveFit& fit, double share) {
  std::size_t turned = 0, pairs = 0;
  for (std::size_t i = 0; i < fit.curves.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pairs) {
      const double then = fit.curves[i].at(share) - fit.curves[j].at(share);
      const double end = fit.curves[i].at(1) - fit.curves[j].at(1);
      turned += then * end < 0 ? 1 : 0;
    }
  }
  return static_cast<double>(turned) / static_cast<double>(pairs);
}

}  // namespace ganselect
