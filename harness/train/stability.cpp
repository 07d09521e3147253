#include "harness/train/stability.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/collapse.h"
#include "base/statistics.h"
#include "base/text.h"

namespace ganselect {

namespace {

// FID at the rows that hold one.
struct FidPoint {
  double step, seconds, fid;
};

std::vector<FidPoint> fid_points(const std::vector<CurveRow>& rows) {
  std::vector<FidPoint> points;
  for (const auto& row : rows) {
    if (const auto fid = row.measure("fid")) {
      points.push_back({static_cast<double>(row.step), row.seconds, *fid});
    }
  }
  return points;
}

// The last third, rounded up.
template <class T>
std::vector<T> last_third(const std::vector<T>& values) {
  const auto keep = static_cast<std::ptrdiff_t>((values.size() + 2) / 3);
  return {values.end() - keep, values.end()};
}

std::vector<double> column_values(const std::vector<CurveRow>& rows,
                                  std::optional<double> CurveRow::*field) {
  std::vector<double> values;
  for (const auto& row : rows) {
    if (row.*field) values.push_back(*(row.*field));
  }
  return values;
}

std::optional<double> mean_of(const std::vector<double>& values) {
  return values.empty() ? std::nullopt : std::optional(statistics::mean(values));
}

// Standard deviation (n-1) of neighbouring differences; nothing below two differences.
std::optional<double> oscillation_of(const std::vector<double>& values) {
  if (values.size() < 3) return std::nullopt;
  std::vector<double> steps;
  for (std::size_t i = 1; i < values.size(); ++i) steps.push_back(values[i] - values[i - 1]);
  return std::sqrt(statistics::variance_n_minus_1(steps));
}

std::optional<double> quantile_of(std::vector<double> values, double share) {
  if (values.empty()) return std::nullopt;
  return statistics::quantile(std::move(values), share);
}

std::optional<double> collapsed_of(const std::vector<CurveRow>& rows) {
  std::vector<double> fids, modes;
  for (const auto& point : fid_points(rows)) fids.push_back(point.fid);
  for (const auto& row : rows) {
    if (const auto count = row.measure("modes")) modes.push_back(*count);
  }
  const auto collapsed = fell_apart(fids, modes);
  return collapsed ? std::optional(*collapsed ? 1.0 : 0.0) : std::nullopt;
}

// Trapezoid area under FID over steps, divided by the steps spanned.
std::optional<double> fid_area_of(const std::vector<FidPoint>& points) {
  if (points.size() < 2) return std::nullopt;
  double area = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    area += 0.5 * (points[i].fid + points[i - 1].fid) * (points[i].step - points[i - 1].step);
  }
  return area / (points.back().step - points.front().step);
}

// Share of vanished steps over all steps: each row's share weighs as many steps as it covers.
std::optional<double> vanishing_share_of(const std::vector<CurveRow>& rows) {
  double vanished = 0, counted = 0;
  std::int64_t before = 0;
  for (const auto& row : rows) {
    const auto covered = static_cast<double>(row.step - before);
    if (row.vanishing_share) {
      vanished += *row.vanishing_share * covered;
      counted += covered;
    }
    before = row.step;
  }
  if (counted == 0) return std::nullopt;
  return vanished / counted;
}

// Collects the measures with the reason for each missing one.
class StabilityList {
 public:
  void add(std::string name, std::optional<double> value, std::string reason_if_missing) {
    list_.push_back({.name = std::move(name),
                     .value = value,
                     .reason = value ? std::string() : std::move(reason_if_missing)});
  }
  std::vector<StabilityMeasure> take() { return std::move(list_); }

 private:
  std::vector<StabilityMeasure> list_;
};

void add_fid_measures(StabilityList& list, const std::vector<FidPoint>& points,
                      const StabilitySettings& settings) {
  std::optional<double> best, last;
  for (const auto& point : points) best = best ? std::min(*best, point.fid) : point.fid;
  if (!points.empty()) last = points.back().fid;
  list.add("fid_best", best, "no evaluation with a FID");
  list.add("fid_last", last, "no evaluation with a FID");
  list.add("fid_area", fid_area_of(points), "fewer than 2 evaluations with a FID");
  for (const double level : settings.fid_levels) {
    const auto hit = std::find_if(points.begin(), points.end(),
                                  [&](const FidPoint& point) { return point.fid <= level; });
    const bool reached = hit != points.end();
    const std::string why = "no evaluation with a FID of " + shortest(level) + " or less";
    list.add("steps_to_fid_" + shortest(level), reached ? std::optional(hit->step) : std::nullopt,
             why);
    list.add("seconds_to_fid_" + shortest(level),
             reached ? std::optional(hit->seconds) : std::nullopt, why);
  }
}

void add_norm_measures(StabilityList& list, const std::vector<CurveRow>& rows) {
  const auto norms_g = column_values(rows, &CurveRow::grad_norm_g);
  const auto norms_d = column_values(rows, &CurveRow::grad_norm_d);
  const std::string why = "no row with a finite gradient norm";
  list.add("grad_norm_g_median", quantile_of(norms_g, 0.5), why);
  list.add("grad_norm_g_p99", quantile_of(norms_g, 0.99), why);
  list.add("vanishing_share", vanishing_share_of(rows), why);
  list.add("grad_norm_d_median", quantile_of(norms_d, 0.5), why);
  list.add("grad_norm_d_p99", quantile_of(norms_d, 0.99), why);
}

}  // namespace

std::vector<StabilityMeasure> stability_measures(const std::vector<CurveRow>& rows,
                                                 const StabilitySettings& settings) {
  StabilityList list;
  std::optional<double> diverged;
  for (const auto& row : rows) {
    if (row.non_finite_step && !diverged) diverged = static_cast<double>(*row.non_finite_step);
  }
  const auto points = fid_points(rows);
  list.add("diverged_at_step", diverged, "did not diverge");
  list.add("collapsed", collapsed_of(rows), "fewer than 2 evaluations");
  add_fid_measures(list, points, settings);
  std::vector<double> fids;
  for (const auto& point : points) fids.push_back(point.fid);
  list.add("oscillation_loss", oscillation_of(column_values(last_third(rows), &CurveRow::loss_d)),
           "fewer than 3 rows in the last third of the curve");
  list.add("oscillation_fid", oscillation_of(last_third(fids)),
           "fewer than 3 evaluations in the last third of the curve");
  add_norm_measures(list, rows);
  const auto end = last_third(rows);
  const std::string why = "not measured in the last third of the curve";
  list.add("critic_accuracy_real", mean_of(column_values(end, &CurveRow::critic_accuracy_real)),
           why);
  list.add("critic_accuracy_fake", mean_of(column_values(end, &CurveRow::critic_accuracy_fake)),
           why);
  list.add("critic_accuracy_heldout",
           mean_of(column_values(end, &CurveRow::critic_accuracy_heldout)),
           "no held-out samples were given");
  return list.take();
}

}  // namespace ganselect
