// A plan: which points are trained on which data with which seeds, and how they are measured; read
// from JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/settings_io.h"
#include "harness/evaluate/evaluation.h"
#include "harness/train/settings.h"

namespace ganselect {

// A part of a plan with settings of its own.
struct PlanArm {
  std::string name;                  // for logs: "losses"
  std::vector<std::string> points;   // candidates, points, or groups: @survey, @extensions, @all,
                                     // @table-1 ... @table-7 (unconditional ones), @conditional
  Json train = Json::object();       // training settings that differ from the plan's
  std::vector<std::uint64_t> seeds;  // empty: the plan's
};

struct Plan {
  std::string name;
  std::string title;  // what it is, for people
  std::string dataset = "cifar10";
  std::vector<std::string> points;  // of the plan itself; arms add theirs
  std::vector<std::uint64_t> seeds = {0};
  // Training settings; those not named keep their defaults, but a curve row stands for 100 updates.
  Json train = Json::object();
  EvaluationPlan evaluation;
  std::vector<PlanArm> arms;
};

template <class V>
void describe(V& v, PlanArm& s) {
  v.field("name", s.name, "name of the arm");
  v.field("points", s.points, "candidates, points, or groups");
  v.field("train", s.train, "training settings that differ from the plan's");
  v.field("seeds", s.seeds, "seeds of this arm; none: the plan's");
}
template <class V>
void describe(V& v, Plan& s) {
  v.field("name", s.name, "name of the plan");
  v.field("title", s.title, "what it is, in words");
  v.field("dataset", s.dataset, "data set");
  v.field("points", s.points,
          "candidates, points, or groups (@survey, @extensions, @all, @table-1 to @table-7, all "
          "unconditional, and @conditional)");
  v.field("seeds", s.seeds, "seeds, each a trial of every point");
  v.field("train", s.train, "training settings");
  v.field("evaluation", s.evaluation, "how samples are measured");
  v.field("arms", s.arms, "further points with settings of their own");
}

// Reads a plan file, or one that the program ships with by its bare name ("smoke"). Unknown keys,
// impossible points and settings out of range are kUsage errors; all points are checked before
// anything is trained.
Plan load_plan(const std::string& name_or_file);

// The same from JSON; `where` names it in errors.
Plan plan_from_json(const Json& json, const std::string& where);

// Settings of every trial, seed by seed, so that every point has one trial before any has two.
// Those of conditional points are skipped later, where the data have no labels.
std::vector<TrainSettings> plan_trials(const Plan& plan);

// The points that a group or a single name stands for.
std::vector<std::string> expand_points(const std::vector<std::string>& points,
                                       const std::string& where);

// Folder and id of a trial: point, data, width, seed and the digest of all settings.
std::string trial_id(const TrainSettings& settings, const Json& extra_settings);

}  // namespace ganselect
