#pragma once
// The training curve of one trial: rows in memory and as CSV. Knows nothing of torch or files'
// places.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ganselect {

// One row of curve.csv: means over the steps since the row before. A value is absent where it was
// not measured or was not finite.
struct CurveRow {
  std::int64_t step = 0;                  // generator updates done
  double seconds = 0;                     // training time so far, evaluations and saving left out
  std::optional<double> loss_d;           // critic loss with its penalties
  std::optional<double> loss_g;           // generator loss
  std::optional<double> grad_norm_d;      // Euclidean norm of the critic's gradient
  std::optional<double> grad_norm_g;      // Euclidean norm of the generator's gradient
  std::optional<double> vanishing_share;  // share of steps with grad_norm_g < kVanishingNorm
  std::optional<double>
      critic_accuracy_real;  // share of real samples scored above the middle, [0, 1]
  std::optional<double> critic_accuracy_fake;  // share of generated samples scored below it, [0, 1]
  std::optional<double> critic_accuracy_heldout;  // as real, on samples never trained on, [0, 1]
  std::optional<double> sample_diversity;  // mean pair distance of samples over that of data, >= 0
  std::optional<std::int64_t> non_finite_step;  // first step whose loss or gradient was not finite
  std::vector<std::pair<std::string, double>> measures;  // of an evaluation at this step, by name

  // The measure's value, or nothing if this row has none of that name.
  std::optional<double> measure(std::string_view name) const;
  bool operator==(const CurveRow&) const = default;
};

// A generator gradient below this norm counts as vanished: Adam's epsilon of 1e-8 then damps the
// step of a typical weight among 1e6 of them.
inline constexpr double kVanishingNorm = 1e-5;

// The columns of curve.csv that the row has, by name, in their order; without step, seconds and
// measures.
std::vector<std::pair<std::string, double>> curve_values(const CurveRow& row);

// CSV with one header line; measure columns are the names met, in order of first appearance;
// numbers in the shortest form that reads back to the same double; absent values are empty cells.
std::string curve_to_csv(const std::vector<CurveRow>& rows);

// The reverse. `where` names the file in errors. Throws kData for a missing column, a cell that is
// not a number, a short line, or steps that do not increase.
std::vector<CurveRow> curve_from_csv(std::string_view text, const std::string& where);

// Drops the rows after `step`, as a resumed trial repeats them.
void truncate_curve(std::vector<CurveRow>& rows, std::int64_t step);

}  // namespace ganselect
