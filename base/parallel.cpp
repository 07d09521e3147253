#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "base/processors.h"

namespace ganselect {
namespace {

constexpr std::size_t kMostThreads = 16;
constexpr std::size_t kFewShort = 64;
// Short calls that a thread takes at once, so that they do not fight for the counter.
constexpr std::size_t kTaken = 16;

}  // namespace

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body, Calls calls) {
  const std::size_t taken = calls == Calls::kLong ? 1 : kTaken;
  const std::size_t few = calls == Calls::kLong ? 2 : kFewShort;
  std::atomic<std::size_t> next{0};
  std::mutex lock;
  std::size_t failed_at = std::numeric_limits<std::size_t>::max();
  std::exception_ptr failure;
  const auto call = [&](std::size_t i) {
    try {
      body(i);
    } catch (...) {
      const std::lock_guard guard(lock);
      if (i < failed_at) {
        failed_at = i;
        failure = std::current_exception();
      }
    }
  };
  const auto work = [&] {
    for (std::size_t first = next.fetch_add(taken); first < count; first = next.fetch_add(taken)) {
      for (std::size_t i = first; i < std::min(count, first + taken); ++i) call(i);
    }
  };
  const std::size_t cores =
      std::clamp<std::size_t>(static_cast<std::size_t>(usable_processors()), 1, kMostThreads);
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(cores, count) && count >= few; ++i)
      helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ganselect
