#include "harness/sweep/job_pool.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"

namespace ganselect {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLook{20};  // between two looks at the clock

class JobPool {
 public:
  JobPool(std::size_t count, const std::function<void(std::size_t)>& run,
          const PoolSettings& settings)
      : count_(count), run_(run), settings_(settings), target_(settings.jobs) {
    settled_ = settings_.most <= settings_.jobs || !settings_.work_done;
    if (!settled_) target_ = next_concurrency({}, settings_.most).jobs;
  }

  PoolResult work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      while (active_ < target_ && next_ < count_ && !stop_asked()) start();
      if (active_ == 0) break;
      changed_.wait_for(lock, kLook);
      join_ended();
      if (!settled_) measure();
    }
    return {.jobs = target_, .measured = measured_};
  }

 private:
  struct Job {
    std::thread thread;
    bool ended = false;
  };

  bool stop_asked() const { return settings_.stop && settings_.stop(); }

  void start() {
    auto& job = jobs_.emplace_back();
    ++active_;
    began_.reset();
    changed_at_ = Clock::now();
    job.thread = std::thread([this, &job, index = next_++] {
      run_(index);
      const std::scoped_lock ending(mutex_);
      job.ended = true;
      --active_;
      changed_.notify_one();
    });
  }

  void join_ended() {
    for (auto job = jobs_.begin(); job != jobs_.end();) {
      if (!job->ended) {
        ++job;
        continue;
      }
      job->thread.join();
      job = jobs_.erase(job);
      began_.reset();
      changed_at_ = Clock::now();
    }
  }

  double since(Clock::time_point start) const {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  // One measurement after another, each while the count stands still.
  void measure() {
    if (active_ != target_) {
      // With nothing left to start, larger counts cannot be tried any more.
      if (next_ == count_ && active_ < target_) settled_ = true;
      return;
    }
    if (!began_) {
      if (since(changed_at_) < settings_.settle_seconds) return;
      began_ = Clock::now();
      work_then_ = settings_.work_done();
      return;
    }
    if (since(*began_) < settings_.window_seconds) return;
    measured_.push_back({target_, (settings_.work_done() - work_then_) / since(*began_)});
    log_info("{} at once: {:.3g} operations a second", target_, measured_.back().throughput);
    take_step();
  }

  void take_step() {
    const auto most =
        settings_.fit ? std::min(settings_.most, settings_.fit(active_)) : settings_.most;
    const auto step = next_concurrency(measured_, std::max(most, std::int64_t{1}));
    target_ = step.jobs;
    settled_ = step.settled;
    began_.reset();
    changed_at_ = Clock::now();
  }

  std::size_t count_;
  const std::function<void(std::size_t)>& run_;
  const PoolSettings& settings_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Job> jobs_;
  std::size_t next_ = 0;
  std::int64_t active_ = 0, target_;
  bool settled_ = true;
  std::vector<ThroughputSample> measured_;
  std::optional<Clock::time_point> began_;  // of the measurement under way
  Clock::time_point changed_at_ = Clock::now();
  double work_then_ = 0;
};

}  // namespace

PoolResult run_pool(std::size_t count, const std::function<void(std::size_t)>& run,
                    const PoolSettings& settings) {
  return JobPool(count, run, settings).work();
}

}  // namespace ganselect
