#include "results/records/summary.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/statistics.h"
#include "base/text.h"
#include "results/records/compare.h"

namespace ganselect {
namespace {

constexpr double kUpperTail = 0.975;  // two-sided 95%
constexpr const char* kOneSeed = "one seed: no interval";

Interval t_interval(double centre, double standard_error, double degrees_of_freedom) {
  if (standard_error == 0.0) return {centre, centre};
  const double half = student_t_quantile(kUpperTail, degrees_of_freedom) * standard_error;
  return {centre - half, centre + half};
}

std::vector<double> values_only(std::span<const SeedValue> pairs) {
  std::vector<double> values;
  for (const auto& pair : pairs) values.push_back(pair.value);
  return values;
}

// Sorted by seed; nothing when a seed is there twice, since then pairs are not defined.
std::optional<std::vector<SeedValue>> by_distinct_seed(std::span<const SeedValue> values) {
  std::vector<SeedValue> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const SeedValue& a, const SeedValue& b) { return a.seed < b.seed; });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].seed == sorted[i - 1].seed) return std::nullopt;
  }
  return sorted;
}

// First minus second, seed by seed; nothing unless both hold the same distinct seeds.
std::optional<std::vector<double>> paired_differences(std::span<const SeedValue> first,
                                                      std::span<const SeedValue> second) {
  const auto a = by_distinct_seed(first);
  const auto b = by_distinct_seed(second);
  if (!a || !b || a->size() != b->size()) return std::nullopt;
  std::vector<double> differences;
  for (std::size_t i = 0; i < a->size(); ++i) {
    if ((*a)[i].seed != (*b)[i].seed) return std::nullopt;
    differences.push_back((*a)[i].value - (*b)[i].value);
  }
  return differences;
}

// Welch 1947: unequal variances; degrees of freedom by Satterthwaite's formula.
Interval welch_interval(std::span<const double> first, std::span<const double> second) {
  const auto n_first = static_cast<double>(first.size());
  const auto n_second = static_cast<double>(second.size());
  const double a = statistics::variance_n_minus_1(first) / n_first;
  const double b = statistics::variance_n_minus_1(second) / n_second;
  const double centre = statistics::mean(first) - statistics::mean(second);
  if (a + b == 0.0) return {centre, centre};
  const double dof = (a + b) * (a + b) / (a * a / (n_first - 1) + b * b / (n_second - 1));
  return t_interval(centre, std::sqrt(a + b), dof);
}

}  // namespace

double student_t_quantile(double p, double degrees_of_freedom) {
  if (!(p > 0.0 && p < 1.0) || !(degrees_of_freedom > 0.0)) {
    fail(ErrorKind::kFailed, {.where = "student_t_quantile",
                              .expected = "0 < p < 1 and positive degrees of freedom",
                              .got = "p " + shortest(p) + ", " + shortest(degrees_of_freedom)});
  }
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), p);
}

SeedSummary summarize(std::span<const double> values) {
  SeedSummary summary;
  summary.n = values.size();
  summary.trials = values.size();
  if (values.empty()) {
    summary.note = "not measured";
    return summary;
  }
  summary.mean = statistics::mean(values);
  if (values.size() < 2) {
    summary.note = kOneSeed;
    return summary;
  }
  const double variance = statistics::variance_n_minus_1(values);
  const auto n = static_cast<double>(values.size());
  summary.sd = std::sqrt(variance);
  summary.interval95 = t_interval(*summary.mean, std::sqrt(variance / n), n - 1);
  return summary;
}

std::vector<SeedValue> seed_values(std::span<const Record* const> records,
                                   const std::string& measure) {
  std::vector<SeedValue> values;
  for (const Record* record : records) {
    if (const auto value = record->measure(measure)) values.push_back({record->seed, *value});
  }
  return values;
}

SeedSummary summarize(std::span<const Record* const> records, const std::string& measure) {
  require_one_protocol(records, {measure});
  // Sorted, so that rounding does not depend on the order of the records.
  std::vector<double> values = values_only(seed_values(records, measure));
  std::sort(values.begin(), values.end());
  SeedSummary summary = summarize(values);
  summary.trials = records.size();
  std::set<std::string> reasons;
  for (const Record* record : records) {
    if (!record->measure(measure)) reasons.insert(record->missing_reason(measure));
  }
  if (reasons.empty()) return summary;
  const std::string why = join(std::vector<std::string>(reasons.begin(), reasons.end()), "; ");
  if (summary.n == 0) {
    summary.note = why;
    return summary;
  }
  if (!summary.note.empty()) summary.note += "; ";
  summary.note += std::to_string(summary.trials - summary.n) + " of " +
                  std::to_string(summary.trials) + " trials without a value: " + why;
  return summary;
}

std::optional<Difference> difference(std::span<const SeedValue> first,
                                     std::span<const SeedValue> second) {
  if (first.empty() || second.empty()) return std::nullopt;
  Difference result;
  result.n_first = first.size();
  result.n_second = second.size();
  if (const auto pairs = paired_differences(first, second)) {
    const SeedSummary summary = summarize(*pairs);
    result.pairs = pairs->size();
    result.mean = *summary.mean;
    result.interval95 = summary.interval95;
    result.method = "paired by seed";
    result.note = summary.note;
    return result;
  }
  std::vector<double> a = values_only(first);
  std::vector<double> b = values_only(second);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  result.mean = statistics::mean(a) - statistics::mean(b);
  result.method = "Welch";
  if (a.size() >= 2 && b.size() >= 2) {
    result.interval95 = welch_interval(a, b);
  } else {
    result.note = kOneSeed;
  }
  return result;
}

std::optional<Difference> difference(std::span<const Record* const> first,
                                     std::span<const Record* const> second,
                                     const std::string& measure) {
  std::vector<const Record*> all(first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  require_one_protocol(all, {measure});
  return difference(seed_values(first, measure), seed_values(second, measure));
}

}  // namespace ganselect
