#include "harness/evaluate/images_seen.h"

#include "base/error.h"

namespace ganselect {

std::int64_t images_seen(const Json& candidate, std::int64_t steps, std::int64_t batch) {
  const auto critic = candidate.find("n_critic");
  if (critic == candidate.end() || !critic->is_number_integer()) {
    fail(ErrorKind::kFailed,
         {.where = "images seen", .expected = "a candidate with n_critic", .got = "none"});
  }
  const auto generator = candidate.value("n_gen", std::int64_t{1});
  // Updates of the critic come in whole rounds of n_gen generator updates; an open one counts.
  const auto rounds = (steps + generator - 1) / generator;
  return rounds * critic->get<std::int64_t>() * batch;
}

}  // namespace ganselect
