// The best GAN for one's own images, within a budget: contenders train on the same seeds and the
// same data in the same order, are looked at at the same updates, and leave as they fall behind
// (selection/race); the winner is trained on with what is left.
// A race lies in one folder and is taken up there wherever it was cut off:
//   race.json     what is planned and what every look showed (selection/race/state.h)
//   clock.json    seconds used so far, which a budget counts
//   trials/       a folder each contender and seed, as `train` leaves it
//   rungs/STEP/   records and sample grids of what the trials were at the ends of earlier rungs
//   winner        a link to the winner's trial, for `sample` and `evaluate`
//   race.html     the report page
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/train/capture/step_runner.h"
#include "selection/race/state.h"

namespace ganselect {

inline constexpr const char* kRaceFile = "race.json";
inline constexpr const char* kRacePage = "race.html";
inline constexpr const char* kRaceWinner = "winner";

struct RaceSettings {
  std::string dataset;  // by name, as load_dataset takes it
  std::string wish = "high quality and diversity";
  std::optional<double> budget_seconds;
  std::vector<std::int64_t> rungs;      // ends in updates; empty: what the budget holds
  std::vector<std::string> contenders;  // empty: asked for
  std::string detector = "auto";
  std::string device = "auto";
  std::optional<double> width;       // of networks; none: a quarter on a CPU, else as published
  std::int64_t most_contenders = 8;  // where they are asked for
  std::int64_t seeds = 1;            // trials of each contender
  std::int64_t looks = 4;            // a rung
  std::int64_t samples = 0;          // measured at a look; 0: by the budget
  std::int64_t limit = 0;            // training images used; 0: all
  std::uint64_t seed = 0;            // of the first trial of each
  std::int64_t jobs = 0;             // trials at once; 0: as many as cores, one on a GPU
  StepOptions steps;
  std::filesystem::path out;
  std::filesystem::path data_dir;
  std::filesystem::path results;               // records that contenders are asked of
  std::optional<std::filesystem::path> cache;  // of reference features
};

// What a race would be: the state before its first look, and what it takes.
struct RacePlan {
  RaceState state;
  double foretold_seconds = 0;  // of the rungs; with a budget the winner gets the rest
};
// Writes nothing. Errors as run_race.
RacePlan plan_race(const RaceSettings& settings);

// Runs the race to its end, or goes on with the one that lies in the folder. kUsage for settings
// that cannot be met, a budget too short for one rung, and a folder of another race; kData for data
// that nothing can be learned from, a detector that prefers noise, and where every contender broke
// down; kInterrupted with the state saved.
RaceState run_race(const RaceSettings& settings);

}  // namespace ganselect
