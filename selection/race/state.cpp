#include "selection/race/state.h"

#include <algorithm>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr int kRaceSchemaVersion = 1;

Json to_json(const RaceEye& eye) {
  return {{"detector", eye.detector},
          {"usable", eye.usable},
          {"reason", eye.reason},
          {"fid_of_real", number_or_null(eye.real)},
          {"spread_of_real", number_or_null(eye.real_sd)},
          {"fid_of_noise", number_or_null(eye.noise)},
          {"sees", eye.sees},
          {"blind_to", eye.blind}};
}

std::optional<double> number_at(const Json& json, const char* key) {
  const Json& value = json.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

RaceEye eye_from_json(const Json& json) {
  return {.detector = json.at("detector"),
          .usable = json.at("usable"),
          .reason = json.at("reason"),
          .real = number_at(json, "fid_of_real"),
          .real_sd = number_at(json, "spread_of_real"),
          .noise = number_at(json, "fid_of_noise"),
          .sees = json.at("sees").get<std::vector<std::string>>(),
          .blind = json.at("blind_to").get<std::vector<std::string>>()};
}

Json to_json(const RaceLook& look) {
  Json entries = Json::array(), out = Json::array();
  for (const auto& entry : look.entries) {
    entries.push_back({{"contender", entry.contender},
                       {"seed", entry.seed},
                       {"status", entry.status},
                       {"level", number_or_null(entry.level)},
                       {"fid", number_or_null(entry.fid)}});
  }
  for (const auto& one : look.out) {
    out.push_back({{"contender", one.contender},
                   {"reason", one.reason},
                   {"chance_ahead", number_or_null(one.chance)}});
  }
  return {{"step", look.step},
          {"rung", look.rung},
          {"leader", look.leader ? Json(*look.leader) : Json()},
          {"entries", entries},
          {"out", out}};
}

RaceLook look_from_json(const Json& json) {
  RaceLook look{.step = json.at("step"), .rung = json.at("rung"), .entries = {}, .out = {}};
  if (!json.at("leader").is_null()) look.leader = json.at("leader").get<std::size_t>();
  for (const auto& entry : json.at("entries")) {
    look.entries.push_back({.contender = entry.at("contender"),
                            .seed = entry.at("seed"),
                            .status = entry.at("status"),
                            .level = number_at(entry, "level"),
                            .fid = number_at(entry, "fid")});
  }
  for (const auto& one : json.at("out")) {
    look.out.push_back({.contender = one.at("contender"),
                        .reason = out_reasons().at(one.at("reason").get<std::string>()).name,
                        .chance = number_at(one, "chance_ahead")});
  }
  return look;
}

Json to_json(const CurveModel& model) {
  return {{"look_variance", model.look_variance},
          {"trial_variance", model.trial_variance},
          {"turning", model.turning}};
}

Json to_json(const RaceOutcome& outcome) {
  return {{"winner", outcome.winner},      {"folder", outcome.folder}, {"steps", outcome.steps},
          {"chance_best", outcome.chance}, {"tied", outcome.tied},     {"notes", outcome.notes}};
}

RaceState read_state(const Json& json) {
  RaceState state{.settings = json.at("settings"),
                  .understood = json.at("understood"),
                  .notes = json.at("notes").get<std::vector<std::string>>(),
                  .eyes = {},
                  .detector = json.at("detector"),
                  .contenders = {},
                  .seeds = json.at("seeds"),
                  .samples = json.at("samples"),
                  .ladder = ladder_from_json(json.at("ladder")),
                  .horizon = json.at("horizon")};
  for (const auto& eye : json.at("eyes")) state.eyes.push_back(eye_from_json(eye));
  for (const auto& one : json.at("contenders"))
    state.contenders.push_back({.point = one.at("point"), .why = one.at("why")});
  const Json& model = json.at("model");
  state.model = {.look_variance = model.at("look_variance"),
                 .trial_variance = model.at("trial_variance"),
                 .turning = model.at("turning").get<std::vector<double>>()};
  state.weights = json.at("weights").get<std::map<std::string, double>>();
  for (const auto& look : json.at("looks")) state.looks.push_back(look_from_json(look));
  if (const Json& end = json.at("outcome"); !end.is_null()) {
    state.outcome = RaceOutcome{.winner = end.at("winner"),
                                .folder = end.at("folder"),
                                .steps = end.at("steps"),
                                .chance = end.at("chance_best"),
                                .tied = end.at("tied").get<std::vector<std::size_t>>(),
                                .notes = end.at("notes").get<std::vector<std::string>>()};
  }
  return state;
}

std::string trial_name(const RaceState& state, std::size_t contender, std::uint64_t seed) {
  std::string name = state.contenders[contender].point + "-s" + std::to_string(seed);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '+'; }, '_');
  return name;
}

}  // namespace

Json to_json(const RaceState& state) {
  Json eyes = Json::array(), contenders = Json::array(), looks = Json::array();
  for (const auto& eye : state.eyes) eyes.push_back(to_json(eye));
  for (const auto& one : state.contenders)
    contenders.push_back({{"point", one.point}, {"why", one.why}});
  for (const auto& look : state.looks) looks.push_back(to_json(look));
  return {{"schema_version", kRaceSchemaVersion},
          {"kind", "race"},
          {"settings", state.settings},
          {"understood", state.understood},
          {"notes", state.notes},
          {"eyes", eyes},
          {"detector", state.detector},
          {"contenders", contenders},
          {"seeds", state.seeds},
          {"samples", state.samples},
          {"ladder", to_json(state.ladder)},
          {"horizon", state.horizon},
          {"model", to_json(state.model)},
          {"weights", Json(state.weights)},
          {"looks", looks},
          {"outcome", state.outcome ? to_json(*state.outcome) : Json()}};
}

RaceState race_from_json(const Json& json, const std::string& where) {
  try {
    if (json.at("kind") == "race" && json.at("schema_version") == kRaceSchemaVersion)
      return read_state(json);
    fail(ErrorKind::kData,
         {.where = where,
          .expected = "a race of schema version " + std::to_string(kRaceSchemaVersion),
          .got = "version " + json.at("schema_version").dump()});
  } catch (const Json::exception& e) {
    fail(ErrorKind::kData, {.where = where, .expected = "what a race wrote down", .got = e.what()});
  }
}

const Elimination* elimination_of(const RaceState& state, std::size_t contender,
                                  const RaceLook** at) {
  for (const auto& look : state.looks) {
    for (const auto& one : look.out) {
      if (one.contender != contender) continue;
      if (at != nullptr) *at = &look;
      return &one;
    }
  }
  return nullptr;
}

std::vector<std::size_t> alive_in(const RaceState& state) {
  std::vector<std::size_t> alive;
  for (std::size_t i = 0; i < state.contenders.size(); ++i) {
    if (elimination_of(state, i) == nullptr) alive.push_back(i);
  }
  return alive;
}

Standings standings_of(const RaceState& state) {
  std::vector<LookLevels> looks;
  for (const auto& look : state.looks) {
    std::vector<double> sums(state.contenders.size(), 0.0);
    std::vector<std::size_t> counts(state.contenders.size(), 0);
    for (const auto& entry : look.entries) {
      if (!entry.level) continue;
      sums[entry.contender] += *entry.level;
      ++counts[entry.contender];
    }
    LookLevels levels{.step = static_cast<double>(look.step),
                      .levels = std::vector<std::optional<double>>(state.contenders.size())};
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (counts[i] > 0) levels.levels[i] = sums[i] / static_cast<double>(counts[i]);
    }
    looks.push_back(std::move(levels));
  }
  return {looks, state.model, static_cast<double>(state.horizon), state.seeds};
}

std::string trial_folder(const RaceState& state, std::size_t contender, std::uint64_t seed) {
  return "trials/" + trial_name(state, contender, seed);
}

std::string former_folder(const RaceState& state, std::size_t contender, std::uint64_t seed,
                          std::int64_t step) {
  return "rungs/" + std::to_string(step) + "/" + trial_name(state, contender, seed);
}

}  // namespace ganselect
