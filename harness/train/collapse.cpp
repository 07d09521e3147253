#include "harness/train/collapse.h"

#include <fmt/format.h>

#include <algorithm>

namespace ganselect {

namespace {

constexpr int kRowsToCollapse = 2;     // one row alone may be a bad batch
constexpr double kMostVanished = 0.5;  // share of a row's steps

bool is_saturated(const CurveRow& row) {
  return row.critic_accuracy_real.value_or(0) >= kSaturatedAccuracy &&
         row.critic_accuracy_fake.value_or(0) >= kSaturatedAccuracy &&
         row.vanishing_share.value_or(0) >= kMostVanished;
}

}  // namespace

std::optional<CollapseFinding> find_collapse(const std::vector<CurveRow>& rows) {
  double best = 0;
  int alike = 0, saturated = 0;
  for (const auto& row : rows) {
    const double diversity = row.sample_diversity.value_or(best);
    best = std::max(best, diversity);
    alike = best >= kHealthyDiversity && diversity < kCollapsedDiversity ? alike + 1 : 0;
    saturated = is_saturated(row) ? saturated + 1 : 0;
    if (alike >= kRowsToCollapse) {
      return CollapseFinding{
          row.step,
          fmt::format("samples are alike: pair distance {:.2g} of the data's, after {:.2g}",
                      diversity, best)};
    }
    if (saturated >= kRowsToCollapse) {
      return CollapseFinding{
          row.step,
          "the critic is saturated: it tells all samples apart and the generator's "
          "gradient has vanished"};
    }
  }
  return std::nullopt;
}

}  // namespace ganselect
