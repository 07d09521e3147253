#include "base/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "base/first_line.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr double kNoQuota = std::numeric_limits<double>::infinity();

std::int64_t processors_by_affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

// "QUOTA PERIOD" in microseconds, or "max PERIOD".
double quota_of_v2(const fs::path& folder) {
  const auto line = first_line(folder / "cpu.max");
  double quota = 0, period = 0;
  std::istringstream numbers(line.value_or(""));
  return numbers >> quota >> period && quota > 0 && period > 0 ? quota / period : kNoQuota;
}

double quota_of_v1(const fs::path& folder) {
  const auto number = [&](const char* name) {
    std::istringstream text(first_line(folder / name).value_or(""));
    double value = 0;
    return text >> value ? value : 0.0;
  };
  const double quota = number("cpu.cfs_quota_us"), period = number("cpu.cfs_period_us");
  return quota > 0 && period > 0 ? quota / period : kNoQuota;
}

// The least quota of a group and all above it; inside a container its own group is the mount's
// root, whatever proc calls it.
double least_quota(const fs::path& mount, const std::string& group,
                   double (*quota)(const fs::path&)) {
  double least = quota(mount);
  for (fs::path at = fs::path(group).relative_path(); !at.empty(); at = at.parent_path())
    least = std::min(least, quota(mount / at));
  return least;
}

double quota_of_groups(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  const auto mounts = root / "sys/fs/cgroup";
  double least = kNoQuota;
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const auto group = line.substr(second + 1);
    if (controllers == ",,") {
      least = std::min(least, least_quota(mounts, group, quota_of_v2));
    } else if (controllers.find(",cpu,") != std::string::npos) {
      for (const char* mount : {"cpu", "cpu,cpuacct"})
        least = std::min(least, least_quota(mounts / mount, group, quota_of_v1));
    }
  }
  return least;
}

}  // namespace

std::int64_t usable_processors(const fs::path& root) {
  const auto allowed = processors_by_affinity();
  const double quota = quota_of_groups(root);
  if (!(quota < static_cast<double>(allowed))) return allowed;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(quota - 1e-9)));
}

}  // namespace ganselect
