// Statistics over training seeds, in float64: mean, standard deviation (N-1), Student-t intervals
// and differences between two candidates. Nothing is stated below two values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/records/record.h"

namespace ganselect {

/// Two-sided interval; low <= high.
struct Interval {
  double low = 0.0;
  double high = 0.0;
};

/// Quantile of Student's t with `degrees_of_freedom` > 0 (fractions allowed) at 0 < p < 1.
double student_t_quantile(double p, double degrees_of_freedom);

/// A measure over the seeds of one configuration.
struct SeedSummary {
  std::size_t n = 0;                   ///< values that exist
  std::size_t trials = 0;              ///< trials looked at, with a value or not
  std::optional<double> mean;          ///< absent for n = 0
  std::optional<double> sd;            ///< N-1 in the denominator; absent for n < 2
  std::optional<Interval> interval95;  ///< of the mean, Student t; absent for n < 2
  std::string note;                    ///< why something is absent: "one seed: no interval", ...
};

/// Summary of plain values. All values must be finite.
SeedSummary summarize(std::span<const double> values);

/// Summary of one measure over records of one configuration; those without a value are counted in
/// `trials` and their reason stands in `note`. Throws Error kProtocol as require_one_protocol.
SeedSummary summarize(std::span<const Record* const> records, const std::string& measure);

/// Mean difference between two configurations, first minus second.
struct Difference {
  std::size_t n_first = 0;  ///< values of the first
  std::size_t n_second = 0;
  std::size_t pairs = 0;  ///< seeds in common; 0 for the unpaired method
  double mean = 0.0;
  std::optional<Interval> interval95;  ///< absent where there are fewer than two values a side
  std::string method;                  ///< "paired by seed" or "Welch"
  std::string note;                    ///< why the interval is absent; else empty
};

/// A value and the training seed it comes from.
struct SeedValue {
  std::uint64_t seed = 0;
  double value = 0.0;
};

/// Paired by seed when both sides hold the same set of distinct seeds, else Welch's interval with
/// the Welch-Satterthwaite degrees of freedom. Nothing when either side is empty.
std::optional<Difference> difference(std::span<const SeedValue> first,
                                     std::span<const SeedValue> second);

/// The same for one measure of two configurations' records. Throws Error kProtocol when the two
/// were measured by different protocols.
std::optional<Difference> difference(std::span<const Record* const> first,
                                     std::span<const Record* const> second,
                                     const std::string& measure);

/// The records' existing values of `measure` with their seeds, in the records' order.
std::vector<SeedValue> seed_values(std::span<const Record* const> records,
                                   const std::string& measure);

}  // namespace ganselect
