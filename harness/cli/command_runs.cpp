#include "harness/cli/command_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/provenance.h"
#include "base/text.h"
#include "harness/cli/output.h"
#include "results/records/store.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct ListFlags {
  std::string folder = "runs";
  bool json = false;
};

std::vector<fs::path> sorted_files(const fs::path& folder, const std::string& name) {
  std::vector<fs::path> found;
  std::error_code unseen;
  for (auto at = fs::recursive_directory_iterator(folder, unseen);
       at != fs::recursive_directory_iterator(); at.increment(unseen)) {
    const bool wanted =
        name.front() == '.' ? at->path().extension() == name : at->path().filename() == name;
    if (wanted) found.push_back(at->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Names and groups of the plan and of its arms, each once.
std::vector<std::string> points_of(const Json& plan) {
  std::vector<std::string> points;
  const auto add = [&](const Json& part) {
    for (const auto& point : part.value("points", Json::array())) {
      const auto name = point.get<std::string>();
      if (std::find(points.begin(), points.end(), name) == points.end()) points.push_back(name);
    }
  };
  add(plan);
  for (const auto& arm : plan.value("arms", Json::array())) add(arm);
  return points;
}

// "12", "@survey", "@survey + 3": a group stands for as many points as there are candidates of it.
std::string points_text(const std::vector<std::string>& points) {
  std::vector<std::string> parts;
  std::size_t single = 0;
  for (const auto& point : points) {
    if (point.starts_with('@')) {
      parts.push_back(point);
    } else {
      ++single;
    }
  }
  if (single > 0) parts.push_back(std::to_string(single));
  return join(parts, " + ");
}

// Those of the plan, and how many more its arms bring.
std::size_t seeds_of(const Json& plan) {
  std::set<std::uint64_t> seeds;
  const auto add = [&](const Json& part) {
    for (const auto& seed : part.value("seeds", Json::array()))
      seeds.insert(seed.get<std::uint64_t>());
  };
  add(plan);
  if (seeds.empty()) seeds.insert(0);
  for (const auto& arm : plan.value("arms", Json::array())) add(arm);
  return seeds.size();
}

// Each plan's line, and below it what it is for.
std::string plans_text(const std::vector<std::vector<std::string>>& rows,
                       const std::vector<std::string>& titles) {
  constexpr std::size_t kColumns = 80, kIndent = 4;
  std::istringstream lines(aligned_rows(rows, rows.front().size()));
  std::string text, line;
  for (std::size_t i = 0; std::getline(lines, line); ++i) {
    text += line + "\n";
    if (i > 0 && !titles[i - 1].empty()) text += wrapped(titles[i - 1], kColumns, kIndent, kIndent);
  }
  return text;
}

int list_plans(bool json) {
  Json plans = Json::array();
  std::vector<std::vector<std::string>> rows = {{"plan", "points", "seeds", "arms", "data set"}};
  std::vector<std::string> titles;
  for (const auto& file : sorted_files(fs::path(share_dir()) / "harness" / "plans", ".json")) {
    const Json plan = read_json_file(file);
    const auto name = plan.value("name", file.stem().string());
    const auto points = points_of(plan);
    const auto seeds = seeds_of(plan), arms = plan.value("arms", Json::array()).size();
    const auto dataset = plan.value("dataset", std::string("cifar10"));
    titles.push_back(plan.value("title", std::string()));
    plans.push_back({{"name", name},
                     {"points", points},
                     {"seeds", seeds},
                     {"arms", arms},
                     {"dataset", dataset},
                     {"title", titles.back()}});
    rows.push_back({name, points_text(points), std::to_string(seeds),
                    arms == 0 ? "-" : std::to_string(arms), dataset});
  }
  print_result(json ? plans.dump(2) + "\n" : plans_text(rows, titles));
  return 0;
}

struct ListedRun {
  std::string folder, candidate, dataset, status;
  std::optional<std::int64_t> steps;
  std::optional<double> fid, seconds;
};

ListedRun finished_run(const fs::path& folder, const std::string& shown) {
  const auto record = read_record(folder / kRecordFile);
  return {.folder = shown,
          .candidate = record.candidate.name,
          .dataset = record.dataset.name,
          .status = std::string(status_name(outcome_of(record))),
          .steps = record.budget.steps,
          .fid = record.measure("fid"),
          .seconds = record.measure("train_seconds")};
}

// A trial that has begun: its settings are all there is.
ListedRun begun_run(const fs::path& folder, const std::string& shown) {
  const Json settings = read_json_file(folder / "settings.json");
  ListedRun run{.folder = shown,
                .candidate = settings.value("point", std::string("?")),
                .dataset = settings.value("dataset", std::string("?")),
                .status = "unfinished",
                .steps = {},
                .fid = {},
                .seconds = {}};
  if (settings.contains("steps") && settings.at("steps").is_number_integer())
    run.steps = settings.at("steps").get<std::int64_t>();
  return run;
}

// One that cannot be read hides no other.
ListedRun listed_run(const fs::path& folder, const std::string& shown) {
  std::error_code unseen;
  try {
    return fs::exists(folder / kRecordFile, unseen) ? finished_run(folder, shown)
                                                    : begun_run(folder, shown);
  } catch (const Error& error) {
    log_warn("{}", error.what());
    return {.folder = shown,
            .candidate = "?",
            .dataset = "?",
            .status = "damaged",
            .steps = {},
            .fid = {},
            .seconds = {}};
  }
}

std::vector<ListedRun> runs_below(const fs::path& folder) {
  std::vector<ListedRun> runs;
  for (const auto& file : sorted_files(folder, "settings.json")) {
    const auto place = file.parent_path();
    runs.push_back(listed_run(place, place.lexically_relative(folder).string()));
  }
  return runs;
}

int list_runs(const ListFlags& f) {
  std::error_code unseen;
  if (!fs::is_directory(f.folder, unseen)) {
    fail(ErrorKind::kData, {.where = f.folder,
                            .expected = "a folder with runs",
                            .got = "no such folder",
                            .hint = "train and sweep make runs/; name another folder"});
  }
  const auto runs = runs_below(f.folder);
  Json list = Json::array();
  TextGrid grid({"folder", "candidate", "data set", "status", "updates", "seconds", "fid"});
  const auto text = [](const std::optional<double>& value) {
    return value ? short_number(*value) : std::string("-");
  };
  for (const auto& run : runs) {
    list.push_back({{"folder", run.folder},
                    {"candidate", run.candidate},
                    {"dataset", run.dataset},
                    {"status", run.status},
                    {"steps", run.steps ? Json(*run.steps) : Json()},
                    {"train_seconds", run.seconds ? Json(*run.seconds) : Json()},
                    {"fid", run.fid ? Json(*run.fid) : Json()}});
    grid.add({run.folder, run.candidate, run.dataset, run.status,
              run.steps ? std::to_string(*run.steps) : "-", text(run.seconds), text(run.fid)});
  }
  print_result(f.json ? list.dump(2) + "\n" : grid.text());
  return 0;
}

}  // namespace

CommandAction attach_plans(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "as JSON");
  return [json] { return list_plans(*json); };
}

CommandAction attach_runs(CLI::App& app) {
  auto flags = std::make_shared<ListFlags>();
  app.add_option("folder", flags->folder, "folder to look below")->capture_default_str();
  app.add_flag("--json", flags->json, "as JSON");
  return [flags] { return list_runs(*flags); };
}

}  // namespace ganselect
