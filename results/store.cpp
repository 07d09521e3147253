#include "results/store.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace ganselect {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSettingsFile = "settings.json";

// Trial folders under `dir`: those with a record, and those that have only begun. Sorted, since the
// order of a directory is not the same everywhere.
struct TrialFolders {
  std::vector<fs::path> records;
  std::vector<fs::path> unfinished;
};

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
  try {
    for (const auto& entry : fs::recursive_directory_iterator(dir)) {
      if (!entry.is_regular_file()) continue;
      const fs::path& file = entry.path();
      if (file.filename() == kRecordFile) found.records.push_back(file);
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
  return found;
}

// A newer version is not damage: leaving such records out would give answers from half the
// evidence.
bool from_newer_program(const Json& json) {
  if (!json.is_object() || !json.contains("schema_version")) return false;
  const Json& version = json["schema_version"];
  return version.is_number_integer() && version.get<std::int64_t>() > kRecordSchemaVersion;
}

Record parse_record_file(const Json& json, const fs::path& file) {
  Record record = parse_record(json, file.string());
  record.folder = file.parent_path();
  return record;
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

Record read_record(const fs::path& file) { return parse_record_file(read_record_json(file), file); }

LoadedRecords load_record_folder(const fs::path& dir) {
  const TrialFolders found = find_trials(dir);
  LoadedRecords loaded;
  loaded.unfinished = found.unfinished;
  std::map<std::string, fs::path> files;  // by trial_id
  for (const fs::path& file : found.records) {
    Json json;
    std::optional<Record> record;
    try {
      json = read_record_json(file);
      if (!from_newer_program(json)) record = parse_record_file(json, file);
    } catch (const Error& e) {
      loaded.skipped.push_back({file, e.what()});
      continue;
    }
    // Throws, saying what to do.
    if (!record) record = parse_record_file(json, file);
    const auto [first, is_new] = files.emplace(record->trial_id, file);
    if (is_new) {
      loaded.records.push_back(std::move(*record));
    } else if (read_record_json(first->second) == json) {
      loaded.skipped.push_back({file, "the same record as " + first->second.string()});
    } else {
      fail(ErrorKind::kData, {.where = file.string(),
                              .expected = "a trial of its own",
                              .got = "trial_id '" + record->trial_id + "', which " +
                                     first->second.string() + " has with other content",
                              .hint = "keep one of the two"});
    }
  }
  std::sort(loaded.records.begin(), loaded.records.end(),
            [](const Record& a, const Record& b) { return a.trial_id < b.trial_id; });
  return loaded;
}

std::vector<Record> load_records(const fs::path& dir) { return load_record_folder(dir).records; }

void write_record(const fs::path& dir, const Record& record) {
  write_file_atomically(dir / kRecordFile, to_json(record).dump(2) + "\n");
}

}  // namespace ganselect
