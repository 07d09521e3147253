#include "results/records/store.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/parallel.h"

namespace ganselect {
namespace fs = std::filesystem;

TrialFolders find_trials(const fs::path& dir) {
  std::error_code code;
  if (!fs::is_directory(dir, code)) {
    fail(ErrorKind::kData,
         {.where = dir.string(),
          .expected = "a folder of trials",
          .got = fs::exists(dir, code) ? "no folder" : "nothing there",
          .hint = "run `ganselect sweep` first, or name another folder with --results"});
  }
  TrialFolders found;
  std::set<fs::path> entered = {
      fs::canonical(dir, code)};  // linked folders, each read once, so that links in a circle end
  constexpr auto kFollow = fs::directory_options::follow_directory_symlink;
  try {
    for (fs::recursive_directory_iterator at(dir, kFollow), end; at != end; ++at) {
      const auto& entry = *at;
      if (entry.is_symlink() && entry.is_directory() &&
          !entered.insert(fs::canonical(entry.path())).second)
        at.disable_recursion_pending();
      if (entry.is_directory() && entry.path().filename() != kIndexFolder)
        found.folders.push_back(entry.path());
      if (!entry.is_regular_file()) continue;
      const fs::path& file = entry.path();
      if (file.filename() == kRecordFile) found.records.push_back(file);
      constexpr const char* kSettingsFile = "settings.json";
      if (file.filename() == kSettingsFile && !fs::exists(file.parent_path() / kRecordFile)) {
        found.unfinished.push_back(file.parent_path());
      }
    }
  } catch (const fs::filesystem_error& e) {
    fail(ErrorKind::kData,
         {.where = dir.string(), .expected = "folders that can be read", .got = e.what()});
  }
  std::sort(found.records.begin(), found.records.end());
  std::sort(found.unfinished.begin(), found.unfinished.end());
  std::sort(found.folders.begin(), found.folders.end());
  return found;
}

namespace {

// A newer version is not damage.
bool from_newer_program(const Json& json) {
  if (!json.is_object() || !json.contains("schema_version")) return false;
  const Json& version = json["schema_version"];
  return version.is_number_integer() && version.get<std::int64_t>() > kRecordSchemaVersion;
}

// Any fault of a record file is a fault of the data, whoever found it.
Json read_record_json(const fs::path& file) {
  try {
    return read_json_file(file);
  } catch (const Error& e) {
    throw Error(ErrorKind::kData, e.what());
  }
}

}  // namespace

ReadRecord try_record(const fs::path& file) {
  ReadRecord result;
  try {
    Json json = read_record_json(file);
    result.newer = from_newer_program(json);
    result.record = parse_record(std::move(json), file.string());
    result.record->folder = file.parent_path();
  } catch (const std::exception& e) {
    result.record.reset();
    result.fault = e.what();
  }
  return result;
}

Record read_record(const fs::path& file) {
  Record record = parse_record(read_record_json(file), file.string());
  record.folder = file.parent_path();
  return record;
}

LoadedRecords load_record_folder(const fs::path& dir) {
  TrialFolders found = find_trials(dir);
  std::vector<ReadRecord> results(found.records.size());
  // In parallel: most of the time of an answer goes into reading.
  parallel_for(results.size(), [&](std::size_t i) { results[i] = try_record(found.records[i]); });
  return assembled_records(std::move(found), std::move(results));
}

LoadedRecords assembled_records(TrialFolders found, std::vector<ReadRecord> results) {
  LoadedRecords loaded;
  loaded.unfinished = std::move(found.unfinished);
  std::map<std::string, std::size_t> firsts;  // trial_id -> its index in `results`
  for (std::size_t i = 0; i < results.size(); ++i) {
    const fs::path& file = found.records[i];
    auto& result = results[i];
    if (!result.record) {
      // Leaving newer records out would give answers from half the evidence.
      if (result.newer) throw Error(ErrorKind::kData, result.fault);
      loaded.skipped.push_back({file, result.fault});
      continue;
    }
    const auto [first, is_new] = firsts.emplace(result.record->trial_id, i);
    if (is_new) continue;
    const fs::path& other = found.records[first->second];
    if (read_record_json(other) != read_record_json(file)) {
      fail(ErrorKind::kData, {.where = file.string(),
                              .expected = "a trial of its own",
                              .got = "trial_id '" + result.record->trial_id + "', which " +
                                     other.string() + " has with other content",
                              .hint = "keep one of the two"});
    }
    loaded.skipped.push_back({file, "the same record as " + other.string()});
  }
  loaded.records.reserve(firsts.size());
  for (const auto& [id, i] : firsts) loaded.records.push_back(std::move(*results[i].record));
  return loaded;
}

std::vector<Record> load_records(const fs::path& dir) { return load_record_folder(dir).records; }

void write_record(const fs::path& dir, const Record& record) {
  write_file_atomically(dir / kRecordFile, to_json(record).dump(2) + "\n");
}

}  // namespace ganselect
