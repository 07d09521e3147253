// What a race has before it starts: its data, its eyes, its contenders, its rungs.
#pragma once

#include <memory>

#include "harness/evaluate/evaluation.h"
#include "harness/race/race.h"
#include "harness/sweep/trial_job.h"

namespace ganselect {

// Seconds since a race began, those of earlier runs included.
class RaceClock {
 public:
  explicit RaceClock(double used_before = 0);
  double used() const;

 private:
  double before_;
  double started_;
};

// What trials are trained and measured on.
struct RaceGround {
  RaceSettings settings;
  TrialData data;
  std::vector<std::string> notes;  // of the data
  TrainSettings train;             // what all trials share
  RaceLanes lanes;
  std::unique_ptr<Evaluator> evaluator;  // by the detector that decides

  TrainSettings settings_of(const std::string& point, std::uint64_t seed, std::int64_t steps) const;
};

// Loads and checks the data; no evaluator yet. kData for fewer than 2 images, or all alike.
RaceGround race_ground(const RaceSettings& settings);

// Makes the evaluator of a planned race.
void open_eyes(RaceGround& ground, const RaceState& state);

// Eyes, contenders, costs and rungs. `clock` counts what planning takes.
RacePlan make_plan(RaceGround& ground, const RaceClock& clock);

// What is asked, for the state and to tell races apart.
Json race_identity(const RaceGround& ground);

}  // namespace ganselect
