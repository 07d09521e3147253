// One trial's record: what was trained, on what, by which code, and every number measured on it.
// Parses, checks and writes record.json (schema version 1, described by record.schema.json).
// Does not compute or compare anything; see compare.h and summary.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "metrics/spec.h"

namespace ganselect {

/// Version of record.json that this program writes; older ones are migrated on reading.
inline constexpr int kRecordSchemaVersion = 1;

/// How a trial ended. Everything but kFinished is a result too: it is shown, never dropped.
enum class TrialStatus { kFinished, kDiverged, kCollapsed, kFailed };

/// "finished", "diverged", "collapsed" or "failed".
std::string_view status_name(TrialStatus status);

/// The candidate's four decision parameters and where it stands in the survey.
struct RecordCandidate {
  std::string name;          ///< candidate's name, or the point "architecture/loss/..."
  std::string architecture;  ///< first decision parameter
  std::string loss;          ///< second
  std::vector<std::string> regularization;  ///< third; empty = none
  std::optional<std::string> divergence;    ///< fourth; only named where the loss has one
  std::vector<int> tables;  ///< tables (1 to 7) that hold it; most inferred, tables.h
  bool extension = false;   ///< true: beyond the survey
  /// Name of the candidate that this one is the same training as; empty where it is no other's.
  std::string same_training;
  Json json;  ///< the whole candidate object as recorded (optimizer, source, ...)
};

/// What the trial was allowed to use up.
struct RecordBudget {
  std::int64_t steps = 0;  ///< generator updates
  std::int64_t batch = 0;  ///< samples a batch
  double width = 1.0;      ///< factor on the backbone's channels, 1 as published
  /// Real images shown to the critic, repeats counted; absent in records without versions.
  std::optional<std::int64_t> images_seen = {};
  bool operator==(const RecordBudget&) const = default;
};

/// The training data.
struct RecordDataset {
  std::string name;
  std::string split;
  std::string digest;      ///< SHA-256 of samples and labels
  std::int64_t count = 0;  ///< samples in the split
  /// Channels, height and width of an image, or the coordinates of a point; empty in records
  /// without versions.
  std::vector<std::int64_t> shape = {};
  std::optional<std::int64_t> modes = {};  ///< classes or centres; nothing where none are known
  bool operator==(const RecordDataset&) const = default;
};

/// Versions of what training and measuring compute, which decide whether trials may be pooled; a
/// commit changes with every message.
struct RecordVersions {
  std::int64_t training = 1;
  std::int64_t evaluation = 1;
  bool operator==(const RecordVersions&) const = default;
};

/// Why a trial did not simply finish.
struct StatusDetail {
  std::optional<std::int64_t> step;   ///< generator update at which it happened
  std::optional<std::string> reason;  ///< one line
};

/// A periodic evaluation in the course of training.
struct RecordCheckpoint {
  std::int64_t step = 0;  ///< generator updates done
  double seconds = 0.0;   ///< training time until then, evaluations excluded
  bool full = false;      ///< every family was measured, not FID and modes alone
  Measures measures;
};

struct Record {
  std::string trial_id;
  std::optional<std::string> plan;
  RecordCandidate candidate;
  Json settings = Json::object();  ///< resolved training settings
  std::uint64_t seed = 0;
  RecordBudget budget;
  RecordDataset dataset;
  std::optional<RecordVersions> versions;  ///< absent in records from before there were any
  Json provenance = Json::object();  ///< commit, dirty, compiler, libtorch, device, threads, date
  TrialStatus status = TrialStatus::kFinished;
  StatusDetail status_detail;
  Measures measures;
  /// What other detectors make of the same samples; only measures that look through one.
  std::map<std::string, Measures> measures_by_detector;
  std::vector<RecordCheckpoint> checkpoints;  ///< in order of steps
  std::map<std::string, std::string> files;   ///< role -> path relative to the trial's folder
  Json extra = Json::object();   ///< keys this version does not know; kept and written back
  std::filesystem::path folder;  ///< where it was read from; empty for one made in memory

  /// The measure's value, or nothing when it is null or absent.
  std::optional<double> measure(const std::string& name) const;
  /// Why `name` has no value: the recorded reason, else the trial's status, else "not measured".
  std::string missing_reason(const std::string& name) const;
};

/// How the trial ended, seen with its measures: one that ran to its last step and whose `collapsed`
/// is 1 counts as collapsed.
TrialStatus outcome_of(const Record& record);
/// Why it ended so, in one line; nothing where the record gives no reason.
std::optional<std::string> outcome_reason(const Record& record);

/// The candidate object of a record (or of `list --json`). Errors as parse_record.
RecordCandidate parse_candidate(const Json& json, const std::string& where);

/// Reads a record from JSON, which is used up. `where` (a file name) begins every error message.
/// Throws Error kData naming the key, what was expected and what was got: missing or mistyped keys,
/// numbers that are not finite, an unknown status or a newer schema version.
Record parse_record(Json json, const std::string& where);

/// As they stand in a record; keys of newer records only where the record has them.
Json to_json(const RecordBudget& budget);
Json to_json(const RecordDataset& dataset);

/// The record as record.json, keys in the order of the schema. parse_record(to_json(r)) equals r.
Json to_json(const Record& record);

}  // namespace ganselect
