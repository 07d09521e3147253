// What a race writes down: who runs, by which eyes, on which rungs, what each look showed, who is
// out and why, and the outcome. A race that is cut off is taken up from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "selection/race/elimination.h"
#include "selection/race/ladder.h"

namespace ganselect {

struct RaceContender {
  std::string point;
  std::string why;  ///< why it runs, one clause
};

/// A detector that was tried on the data.
struct RaceEye {
  std::string detector;
  bool usable = false;
  std::string reason;                          ///< why it is not; else empty
  std::optional<double> real, real_sd, noise;  ///< FID of real images and of noise, spread
  std::vector<std::string> sees, blind;        ///< planted damages that it notices, and not
};

/// One trial at one look.
struct RaceEntry {
  std::size_t contender = 0;
  std::uint64_t seed = 0;
  std::string status;           ///< of its record
  std::optional<double> level;  ///< levels.h
  std::optional<double> fid;
};

struct RaceLook {
  std::int64_t step = 0;
  std::size_t rung = 0;  ///< 0 is the first
  std::vector<RaceEntry> entries;
  std::optional<std::size_t> leader;
  std::vector<Elimination> out;
};

/// How it ended.
struct RaceOutcome {
  std::size_t winner = 0;
  std::string folder;              ///< of the winner's trial, relative to the race's
  std::int64_t steps = 0;          ///< its updates
  double chance = 0;               ///< that it ends as the best of all contenders
  std::vector<std::size_t> tied;   ///< that may end ahead of it
  std::vector<std::string> notes;  ///< what cannot be said, a sentence each
};

struct RaceState {
  Json settings = Json::object();  ///< what was asked; another race's folder is refused by it
  std::string understood;          ///< the wish as it was read
  std::vector<std::string> notes;  ///< of the data and the plan, a sentence each
  std::vector<RaceEye> eyes;
  std::string detector;  ///< the one that decides
  std::vector<RaceContender> contenders;
  std::size_t seeds = 1;
  std::int64_t samples = 0;  ///< measured at a look
  Ladder ladder;             ///< rungs run and to be run
  std::int64_t horizon = 0;  ///< updates at which it is decided who was best
  CurveModel model;
  std::map<std::string, double> weights;  ///< of the criteria that count; from the first look on
  std::vector<RaceLook> looks;
  std::optional<RaceOutcome> outcome;
};

Json to_json(const RaceState& state);
/// kData naming `where` for what no race wrote.
RaceState race_from_json(const Json& json, const std::string& where);

/// Contenders that are still in.
std::vector<std::size_t> alive_in(const RaceState& state);
/// The look after which a contender was out, and how; nullptr while it is in.
const Elimination* elimination_of(const RaceState& state, std::size_t contender,
                                  const RaceLook** look = nullptr);
/// All looks so far as standings, decided at the horizon.
Standings standings_of(const RaceState& state);

/// Folder of a trial, relative to the race's.
std::string trial_folder(const RaceState& state, std::size_t contender, std::uint64_t seed);
/// Folder of what the trial was at the end of an earlier rung.
std::string former_folder(const RaceState& state, std::size_t contender, std::uint64_t seed,
                          std::int64_t step);

/// "update 150 of rung 1/3: sngan leads, 5 in; out: fcgan (worse)".
std::string look_text(const RaceState& state, const RaceLook& look);
/// What will be done, for people: data, eyes, contenders, rungs.
std::string plan_text(const RaceState& state);
/// The outcome and how it came about, for people.
std::string outcome_text(const RaceState& state);

}  // namespace ganselect
