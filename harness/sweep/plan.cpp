#include "harness/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/error.h"
#include "base/named_table.h"
#include "base/provenance.h"
#include "datasets/table.h"
#include "models/candidates.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kPlanCurveInterval = 100;  // plans make many records: fewer rows each

struct PointGroup {
  std::string name;
  std::function<bool(const CandidateSpec&)> holds;
};

bool unconditional(const CandidateSpec& c) { return !c.is_told(); }

const NamedTable<PointGroup>& point_groups() {
  static const NamedTable<PointGroup> table = [] {
    std::vector<PointGroup> rows = {
        {"@survey", [](const CandidateSpec& c) { return !c.extension && unconditional(c); }},
        {"@extensions", [](const CandidateSpec& c) { return c.extension && unconditional(c); }},
        {"@conditional",
         [](const CandidateSpec& c) { return c.needs_labels && !c.needs_instances; }},
        {"@all", unconditional},
    };
    for (int number = 1; number <= 7; ++number) {
      rows.push_back({fmt::format("@table-{}", number), [number](const CandidateSpec& c) {
                        return unconditional(c) && std::find(c.tables.begin(), c.tables.end(),
                                                             number) != c.tables.end();
                      }});
    }
    return NamedTable<PointGroup>("group of points", std::move(rows));
  }();
  return table;
}

TrainSettings settings_of(const Plan& plan, const Json& overrides, const std::string& where) {
  TrainSettings defaults;
  defaults.curve_interval = kPlanCurveInterval;
  TrainSettings settings =
      settings_from_json<TrainSettings>(plan.train, where + " key 'train'", defaults);
  settings.dataset = plan.dataset;
  return settings_from_json<TrainSettings>(overrides, where + " key 'arms' key 'train'", settings);
}

// The plan's seeds in their order, then those that only arms have.
std::vector<std::uint64_t> all_seeds(const Plan& plan) {
  auto seeds = plan.seeds;
  for (const auto& arm : plan.arms) {
    for (const auto seed : arm.seeds) {
      if (std::find(seeds.begin(), seeds.end(), seed) == seeds.end()) seeds.push_back(seed);
    }
  }
  return seeds;
}

void check_plan(const Plan& plan, const std::string& where) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    fail(ErrorKind::kUsage, {.where = where, .expected = expected, .got = got});
  };
  if (plan.name.empty()) refuse("a key 'name'", "none");
  // The name is a folder's: never a path, nothing hidden.
  constexpr const char* kNameCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+ ";
  if (plan.name.find_first_not_of(kNameCharacters) != std::string::npos ||
      plan.name.front() == '.' || plan.name.size() > 100)
    refuse("a name of letters, digits, '.', '_', '-' and '+', not beginning with a dot",
           "'" + plan.name + "'");
  if (plan.seeds.empty()) refuse("at least one seed", "an empty list");
  const auto once = [&](const std::vector<std::uint64_t>& seeds) {
    if (std::set<std::uint64_t>(seeds.begin(), seeds.end()).size() != seeds.size())
      refuse("each seed once", "a seed twice");
  };
  once(plan.seeds);
  for (const auto& arm : plan.arms) once(arm.seeds);
  for (const char* key : {"point", "seed", "dataset"}) {
    const bool named = plan.train.contains(key) ||
                       std::any_of(plan.arms.begin(), plan.arms.end(),
                                   [&](const PlanArm& arm) { return arm.train.contains(key); });
    if (named) refuse(std::string("'") + key + "' outside of 'train'", "it there");
  }
  try {
    parse_dataset_name(plan.dataset);
  } catch (const Error& e) {
    throw Error(e.kind(), "[" + where + " key 'dataset'] " + e.what());
  }
  const auto trials = plan_trials(plan);
  if (trials.empty()) refuse("at least one point", "none");
  try {
    for (const auto& trial : trials) check_evaluation_steps(trial, plan.evaluation);
  } catch (const Error& e) {
    throw Error(e.kind(), "[" + where + " key 'evaluation'] " + e.what());
  }
}

}  // namespace

std::vector<std::string> expand_points(const std::vector<std::string>& points,
                                       const std::string& where) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& point : points) {
    if (point.rfind('@', 0) != 0) {
      try {
        add(parse_point(point).name);
      } catch (const Error& e) {
        throw Error(e.kind(), "[" + where + "] " + e.what());
      }
      continue;
    }
    const auto& group = point_groups().at(point);
    for (const auto& candidate : candidates()) {
      if (group.holds(candidate)) add(candidate.name);
    }
  }
  return names;
}

Plan plan_from_json(const Json& json, const std::string& where) {
  Plan plan = settings_from_json<Plan>(json, where);
  check_plan(plan, where);
  return plan;
}

Plan load_plan(const std::string& name_or_file) {
  const fs::path shipped = fs::path(share_dir()) / "harness" / "plans" / (name_or_file + ".json");
  std::error_code code;
  const bool bare_name =
      name_or_file.find('/') == std::string::npos && fs::path(name_or_file).extension() != ".json";
  // A folder of that name is likely an earlier run's output, not a plan.
  if (bare_name && !fs::is_regular_file(name_or_file, code)) {
    if (!fs::exists(shipped, code)) {
      std::vector<std::string> names;
      for (const auto& entry : fs::directory_iterator(shipped.parent_path(), code))
        names.push_back(entry.path().stem().string());
      std::sort(names.begin(), names.end());
      fail(ErrorKind::kUsage, {.where = "plan",
                               .expected = "a plan file, or one of " + join(names),
                               .got = "'" + name_or_file + "'"});
    }
    return plan_from_json(read_json_file(shipped), name_or_file);
  }
  if (!fs::exists(name_or_file, code)) {
    fail(ErrorKind::kUsage, {.where = "plan",
                             .expected = "a file",
                             .got = "'" + name_or_file + "', which does not exist"});
  }
  return plan_from_json(read_json_file(name_or_file), name_or_file);
}

std::vector<TrainSettings> plan_trials(const Plan& plan) {
  std::vector<PlanArm> arms = {{"plan", plan.points, Json::object(), {}}};
  arms.insert(arms.end(), plan.arms.begin(), plan.arms.end());
  for (auto& arm : arms) {
    if (arm.seeds.empty()) arm.seeds = plan.seeds;
  }
  std::vector<TrainSettings> trials;
  std::set<std::string> seen;
  for (const auto seed : all_seeds(plan)) {
    for (const auto& arm : arms) {
      if (std::find(arm.seeds.begin(), arm.seeds.end(), seed) == arm.seeds.end()) continue;
      TrainSettings settings = settings_of(plan, arm.train, "plan " + plan.name);
      settings.seed = seed;
      for (const auto& point : expand_points(arm.points, "plan " + plan.name)) {
        settings.point = point;
        if (seen.insert(settings_to_json(settings).dump()).second) trials.push_back(settings);
      }
    }
  }
  return trials;
}

std::string trial_id(const TrainSettings& settings, const Json& extra_settings) {
  std::string id = fmt::format("{}-{}-w{}-s{}-{}", settings.point, settings.dataset, settings.width,
                               settings.seed, settings_digest(settings, extra_settings));
  // Points and folder data sets hold characters that a folder's name should not.
  std::replace_if(
      id.begin(), id.end(),
      [](char c) { return c == '/' || c == ':' || c == '+' || c == ' ' || c == '\\'; }, '_');
  return id;
}

}  // namespace ganselect
