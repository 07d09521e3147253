// `data list`, `data describe`, `data fetch` and `data verify`.
#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/text.h"
#include "datasets/table.h"
#include "harness/cli/number_checks.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/commands/data_describe.h"
#include "harness/commands/evaluation_flags.h"

namespace ganselect {
namespace {

struct DataFlags {
  std::string name;
  FetchSettings fetch;
  ImageReading reading;
  std::string grid;
  bool json = false;
};

// "ready", "missing" or what is wrong with the first bad file.
std::string state_of(const DatasetSpec& spec,
                     const std::optional<std::filesystem::path>& data_dir) {
  if (!spec.argument.empty()) return "given by you";
  if (spec.downloads.empty()) return "generated";
  if (!data_dir) return "no data folder";
  std::size_t missing = 0;
  const auto checks = verify_dataset(spec.name, *data_dir);
  for (const auto& check : checks) {
    if (check.state == FileState::kMissing) {
      ++missing;
    } else if (check.state != FileState::kRight) {
      return check.file + ": " + describe(check.state);
    }
  }
  if (missing == 0) return "ready";
  return missing == checks.size() ? "not here"
                                  : fmt::format("{} of {} files missing", missing, checks.size());
}

int run_data_list(const DataFlags& f, const GlobalFlags& global) {
  std::optional<std::filesystem::path> data_dir;
  std::string place;
  try {
    data_dir = resolve_data_dir(global.data_dir);
    place = "in " + data_dir->string();
  } catch (const Error& error) {
    place = error.what();  // generated sets and files of one's own need no folder
  }
  Json list = Json::array();
  TextGrid grid({"data set", "state", "what it is"});
  for (const auto& spec : dataset_table()) {
    const std::string name = spec.argument.empty() ? spec.name : spec.name + ":" + spec.argument;
    const std::string state = state_of(spec, data_dir);
    list.push_back({{"name", name}, {"state", state}, {"title", spec.title}});
    grid.add({name, state, spec.title});
  }
  print_result(f.json ? list.dump(2) + "\n" : grid.text() + "\n" + place + "\n");
  return 0;
}

int run_data_describe(const DataFlags& f, const GlobalFlags& global) {
  const Json description =
      describe_dataset(dataset_name(f.name, f.reading), global.data_dir, f.grid);
  const auto& files = description.at("files");
  const Json damaged = files.is_null() ? Json::array() : files.at("damaged");
  print_result(f.json ? description.dump(2) + "\n" : description_text(description));
  if (description.at("problem").is_null() && damaged.empty()) return 0;
  fail(ErrorKind::kData,
       {.where = "data describe " + f.name,
        .expected = "a set that loads as it is",
        .got = damaged.empty() ? "the problem above"
                               : fmt::format("{} damaged files", damaged.size())});
}

int run_data_verify(const DataFlags& f, const GlobalFlags& global) {
  const auto checks = verify_dataset(f.name, resolve_data_dir(global.data_dir));
  Json list = Json::array();
  TextGrid grid({"file", "state", "path"});
  std::size_t wrong = 0;
  for (const auto& check : checks) {
    wrong += check.state == FileState::kRight ? 0 : 1;
    list.push_back({{"file", check.file},
                    {"path", check.path.string()},
                    {"state", describe(check.state)},
                    {"expected", check.expected},
                    {"got", check.got.empty() ? Json(nullptr) : Json(check.got)}});
    grid.add({check.file, describe(check.state), check.path.string()});
  }
  print_result(f.json ? list.dump(2) + "\n" : grid.text());
  if (wrong > 0) {
    fail(ErrorKind::kData, {.where = "data verify " + f.name,
                            .expected = "every official file",
                            .got = fmt::format("{} of {} missing or wrong", wrong, checks.size()),
                            .hint = "ganselect data fetch " + f.name});
  }
  return 0;
}

int run_data_fetch(const DataFlags& f, const GlobalFlags& global) {
  const StopSignals signals;
  const auto data_dir = resolve_data_dir(global.data_dir);
  std::optional<Progress> bar;
  std::string current;
  const auto show = [&](const FetchProgress& at) {
    if (at.total == 0) return;
    if (!bar || current != at.file) {
      current = at.file;
      bar.emplace(at.file, static_cast<double>(at.total), static_cast<double>(at.done));
    }
    bar->update(static_cast<double>(at.done), human_bytes(static_cast<double>(at.done)));
  };
  const FetchReport report = fetch_dataset(f.name, data_dir, f.fetch, show);
  if (bar) bar->finish();
  if (f.json) {
    print_result(Json{{"folder", report.folder.string()},
                      {"kept", report.kept},
                      {"written", report.written},
                      {"bytes_resumed", report.bytes_resumed},
                      {"bytes_received", report.bytes_received}}
                     .dump(2) +
                 "\n");
  } else {
    log_info("{} files were there, {} fetched, {} received", report.kept.size(),
             report.written.size(), human_bytes(static_cast<double>(report.bytes_received)));
    print_result(report.folder.string() + "\n");
  }
  return 0;
}

}  // namespace

CommandAction attach_data(CLI::App& app, const GlobalFlags& global) {
  app.require_subcommand(1);
  auto flags = std::make_shared<DataFlags>();
  CLI::App* list = app.add_subcommand("list", "data sets, and whether they are here");
  list->add_flag("--json", flags->json, "as JSON");
  CLI::App* describe = app.add_subcommand(
      "describe", "what a folder, a file or a data set holds, and what loading it would do");
  describe->add_option("name", flags->name, "a path, or a data set's name")->required();
  add_reading_flags(*describe, flags->reading);
  describe->add_option("--grid", flags->grid, "a picture of 64 images, as they would be loaded");
  describe->add_flag("--json", flags->json, "as JSON");
  CLI::App* fetch = app.add_subcommand("fetch", "download from the official place, check, unpack");
  fetch->add_option("name", flags->name, "cifar10 or mnist")->required();
  fetch->add_option(
      "--mirror", flags->fetch.mirror,
      "address of a folder that serves the same files, asked instead of the official one");
  fetch
      ->add_option("--stall-timeout", flags->fetch.stall_timeout_s,
                   "seconds without a byte before a transfer counts as cut")
      ->capture_default_str()
      ->check(CLI::Range(1, 86400));
  fetch
      ->add_option("--timeout", flags->fetch.timeout_s,
                   "seconds for each file in all (default: as long as bytes come)")
      ->check(above_zero());
  fetch
      ->add_option("--attempts", flags->fetch.attempts,
                   "per address, each going on where the last was cut")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  fetch->add_flag("--json", flags->json, "as JSON");
  CLI::App* verify = app.add_subcommand("verify", "hold the files against their official digests");
  verify->add_option("name", flags->name, "data set")->required();
  verify->add_flag("--json", flags->json, "as JSON");
  return [flags, list, describe, fetch, &global] {
    return list->parsed()       ? run_data_list(*flags, global)
           : describe->parsed() ? run_data_describe(*flags, global)
           : fetch->parsed()    ? run_data_fetch(*flags, global)
                                : run_data_verify(*flags, global);
  };
}

}  // namespace ganselect
