#include "harness/sweep/concurrency.h"

#include <algorithm>
#include <cmath>

namespace ganselect {
namespace {

constexpr double kKeptFree = 0.1;  // of the device's memory

}  // namespace

std::int64_t trials_in_memory(const DeviceMemory& memory, std::int64_t running) {
  const double each = memory.reserved_bytes / static_cast<double>(running);
  if (!(each > 0)) return kMostTrialsAtOnce;
  const double usable = std::max(0.0, memory.free_bytes - kKeptFree * memory.total_bytes);
  // Capped first: more trials than a count can hold may fit.
  const double more = std::min(std::floor(usable / each), static_cast<double>(kMostTrialsAtOnce));
  return std::min(running + static_cast<std::int64_t>(more), kMostTrialsAtOnce);
}

ConcurrencyStep next_concurrency(const std::vector<ThroughputSample>& measured, std::int64_t most) {
  if (measured.empty()) return {.jobs = 1, .settled = most <= 1};
  // Fewer trials win a near tie: a larger count must gain to become the best.
  auto ordered = measured;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.jobs < b.jobs; });
  ThroughputSample best = ordered.front();
  for (const auto& sample : ordered) {
    if (sample.throughput > best.throughput * (1 + kLeastGain)) best = sample;
  }
  // The smallest count above the best that was tried and gained nothing.
  std::int64_t beyond = 0;
  for (const auto& sample : ordered) {
    if (sample.jobs > best.jobs && beyond == 0) beyond = sample.jobs;
  }
  if (best.jobs >= most) return {.jobs = most, .settled = true};
  if (beyond == 0) return {.jobs = std::min(2 * best.jobs, most)};
  const std::int64_t middle = (best.jobs + beyond) / 2;
  if (middle == best.jobs) return {.jobs = best.jobs, .settled = true};
  return {.jobs = middle};
}

}  // namespace ganselect
