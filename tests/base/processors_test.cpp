#include "base/processors.h"

#include <sched.h>

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <string>

#include "base/files.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

// The answer under made files of proc and sys.
std::int64_t with_files(const std::map<std::string, std::string>& files) {
  const test::TempDir root;
  for (const auto& [name, text] : files) write_file_atomically(root / name, text);
  return usable_processors(root.path());
}

TEST_CASE("a quota of version 1 or 2 is rounded up and never below one", "[fast]") {
  CHECK(with_files({{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "50000 100000\n"}}) ==
        1);
  const auto all = with_files({});
  CHECK(with_files({{"proc/self/cgroup", "0::/a/b\n"},
                    {"sys/fs/cgroup/cpu.max", "max 100000\n"},
                    {"sys/fs/cgroup/a/cpu.max", "100000 100000\n"}}) == 1);
  CHECK(with_files({{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "max 100000\n"}}) ==
        all);
  CHECK(with_files({{"proc/self/cgroup", "4:cpu,cpuacct:/x\n"},
                    {"sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "20000\n"},
                    {"sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n"}}) == 1);
  CHECK(with_files({{"proc/self/cgroup", "4:cpu,cpuacct:/\n"},
                    {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
                    {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}) == all);
  if (all > 1) {
    CHECK(with_files(
              {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "150000 100000\n"}}) == 2);
  }
}

TEST_CASE("affinity counts", "[fast]") {
  cpu_set_t before, one;
  REQUIRE(sched_getaffinity(0, sizeof(before), &before) == 0);
  CPU_ZERO(&one);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_SET(first, &one);
  REQUIRE(sched_setaffinity(0, sizeof(one), &one) == 0);
  CHECK(usable_processors() == 1);
  REQUIRE(sched_setaffinity(0, sizeof(before), &before) == 0);
}

}  // namespace
}  // namespace ganselect
