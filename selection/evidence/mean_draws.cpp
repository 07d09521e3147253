#include "selection/evidence/mean_draws.h"

#include <cmath>

namespace ganselect {

MeanDraws::MeanDraws(const SeedRows& rows, const SharedSpread& shared)
    : rows_(rows.size()),
      degrees_(static_cast<double>(rows.size() - 1) + shared.score.degrees),
      means_(column_means(rows)) {
  parts_ = centred(rows);
  parts_.insert(parts_.end(), shared.parts.begin(), shared.parts.end());
  if (parts_.size() > means_.size() + 1) parts_ = scatter_factor(parts_);
}

std::vector<double> MeanDraws::draw(DrawStream& stream) const {
  std::vector<double> drawn = means_;
  if (rows_ < 2) return drawn;
  std::vector<double> shift(means_.size(), 0.0);
  for (const auto& part : parts_) {
    const double multiplier = stream.normal();
    for (std::size_t j = 0; j < part.size(); ++j) shift[j] += multiplier * part[j];
  }
  // The sum's variance is s^2 times its degrees, the mean's s^2 / n; chi-squared makes a normal
  // draw one of t.
  const double scale = std::sqrt(1.0 / (static_cast<double>(rows_) * stream.chi_squared(degrees_)));
  for (std::size_t j = 0; j < drawn.size(); ++j) drawn[j] += scale * shift[j];
  return drawn;
}

}  // namespace ganselect
