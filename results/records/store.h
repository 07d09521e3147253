// Records on disk: reading a folder of trials, writing one trial's record.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "results/records/record.h"

namespace ganselect {

/// Name of the file that makes a trial's folder a finished trial.
inline constexpr const char* kRecordFile = "record.json";

/// A record that was found but not used, and why.
struct SkippedRecord {
  std::filesystem::path path;
  std::string reason;
};

/// What a folder of trials holds.
struct LoadedRecords {
  std::vector<Record> records;                    ///< ordered by trial_id
  std::vector<SkippedRecord> skipped;             ///< unreadable or repeated ones, ordered by path
  std::vector<std::filesystem::path> unfinished;  ///< trial folders without a record, by path
};

/// Folders of trials: those with a record, and those that have only begun. Sorted, since the order
/// of a directory is not the same everywhere.
struct TrialFolders {
  std::vector<std::filesystem::path> records;  ///< the files
  std::vector<std::filesystem::path> unfinished;
  std::vector<std::filesystem::path> folders;  ///< every folder under the one that was searched
};

/// Throws Error kData when `dir` is no folder or cannot be read.
TrialFolders find_trials(const std::filesystem::path& dir);

/// What became of one file: a record, or why there is none.
struct ReadRecord {
  std::optional<Record> record;
  std::string fault;
  bool newer = false;  ///< of a later schema version, which is no damage
};
ReadRecord try_record(const std::filesystem::path& file);

/// What load_record_folder makes of the files' results, in the order of `found.records`.
LoadedRecords assembled_records(TrialFolders found, std::vector<ReadRecord> results);

/// Name of the folder that index.h keeps; no trial lies in it.
inline constexpr const char* kIndexFolder = ".ganselect";

/// Reads every record.json under `dir`, at any depth. Folders with settings.json but no record.json
/// are unfinished trials: left out and listed. A malformed record is skipped with its reason.
/// Throws Error kData when `dir` is no folder, when a record has a newer schema version, or when
/// two different records carry one trial_id (one would otherwise be counted for the other).
LoadedRecords load_record_folder(const std::filesystem::path& dir);

/// load_record_folder's records alone, for callers that cannot show what was left out.
std::vector<Record> load_records(const std::filesystem::path& dir);

/// Reads one record.json. Throws Error kData on anything malformed.
Record read_record(const std::filesystem::path& file);

/// Writes `record` as dir/record.json, atomically. Write every other file of the trial first: the
/// record's presence says that the trial is complete.
void write_record(const std::filesystem::path& dir, const Record& record);

}  // namespace ganselect
