// Published comparisons of GANs as data: a study is a set of arms that its authors compared under
// one protocol, on one data set. Reads results/literature/studies/ID.json (study.schema.json)
// strictly; adding a study is adding a file. Numbers of different studies are never comparable,
// contrasts within one are. What an arm is in the terms of the search space: arm_components.h.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"
#include "metrics/spec.h"

namespace ganselect {

// Version of the study files that this program reads.
inline constexpr int kStudySchemaVersion = 1;

// A printed number with its spread, each kind under its own name; absent where none was printed.
struct MeasureValue {
  double mean = 0.0;
  std::optional<double> sd = {};          // standard deviation between trainings, and that alone
  std::optional<double> se = {};          // standard error of the mean over trainings
  std::optional<double> eval_sd = {};     // between evaluations or bootstraps of one network
  std::optional<double> split_sd = {};    // between the splits of an inception score
  std::optional<double> unknown_pm = {};  // a printed "+-" whose kind is not stated
  bool operator==(const MeasureValue&) const = default;
};

// How near an arm is to the candidate that it is filed under. kExact: same loss, regularization and
// critic's norm. kClose: the same but for depth, optimizer or a small detail. kLoose: the loss
// fits, a norm or penalty was added or is missing. kOutside: no candidate of the survey's
// vocabulary.
enum class ArmMatch { kExact, kClose, kLoose, kOutside };

// How the numbers were read: as text, off a picture, or out of another work that quotes them.
enum class ReadAs { kText, kPicture, kQuoted };

// kHigh: equal tuning budgets or several trainings of every arm. kMedium: one code base, one run.
// kLow: a known flaw, tiny samples, failed arms or no clean contrast.
enum class Reliability { kHigh, kMedium, kLow };

enum class StudyLabels { kNone, kAll, kMixed };  // which arms see labels: "no", "yes", "mixed"
enum class StudyData { kImages, kPoints };

// The names that stand in the files.
std::string_view match_name(ArmMatch match);         // "exact", "close", "loose", "outside"
std::string_view read_as_name(ReadAs read_as);       // "text", "picture", "quoted"
std::string_view reliability_name(Reliability how);  // "high", "medium", "low"
std::string_view labels_name(StudyLabels labels);    // "no", "yes", "mixed"
std::string_view data_name(StudyData data);          // "images", "points"

// One method of a study. Settings that the source does not state are absent.
struct Arm {
  std::string candidate;  // a candidate's name, or a point's or method's name beyond the vocabulary
  ArmMatch match = ArmMatch::kOutside;
  std::string as_named;  // by the source
  std::optional<std::string> architecture;
  std::optional<std::string> loss;
  std::optional<std::vector<std::string>> regularization;  // empty: none
  std::optional<std::string>
      d_norm;  // the critic's normalization layers; "none" beside spectral norm
  std::vector<std::string> augmentation;  // empty: none
  bool conditional = false;
  std::map<std::string, MeasureValue> measures;  // by literature_measures() name; empty: diverged
  std::optional<std::string> note;               // stands wherever there are no measures

  // Nothing where the arm has no such number.
  std::optional<double> mean(const std::string& measure) const;
};

// What the samples were compared with, and how; absent where the source does not say.
struct StudyProtocol {
  std::optional<std::string> detector;
  std::optional<std::int64_t> n_fake, n_real;  // samples
  std::optional<std::string> split;            // of the real samples
  std::optional<std::string> checkpoint;       // which one is measured
  std::optional<std::string> other;
};

struct StudySeeds {
  std::optional<std::int64_t> n;  // trainings an arm
  std::string spread;             // what the printed spread is of, or that there is none
};

struct Study {
  std::string id;
  std::string group;       // the source: studies of one group share authors and code
  std::string citation;    // of the work whose numbers these are
  std::string where_read;  // public reference: paper and table, or file and commit
  ReadAs read_as = ReadAs::kText;
  std::string dataset;
  StudyData data = StudyData::kImages;
  std::optional<std::int64_t> resolution;    // side in pixels; absent for points or if not stated
  std::optional<std::int64_t> modes;         // of the data, where modes are counted
  std::optional<std::int64_t> train_images;  // absent where the source does not say
  StudyLabels labels = StudyLabels::kNone;
  std::string backbone;
  std::optional<std::string> updates;  // in the source's own unit
  std::optional<std::int64_t> batch;
  StudyProtocol protocol;
  StudySeeds seeds;
  Reliability reliability = Reliability::kMedium;
  bool independent = true;  // false: a rerun or second table of a study in overlaps_with
  std::vector<std::string> overlaps_with;  // ids
  std::string notes;
  std::vector<Arm> arms;
};

// On which scale numbers of a measure are contrasted: kLog for positive amounts, kShare for shares
// of `whole` (logit), kOther for what describes a curve or a spread.
enum class MeasureScale { kLog, kShare, kOther };

struct LiteratureMeasure {
  std::string name;  // key in the files
  MeasureScale scale = MeasureScale::kLog;
  Direction direction = Direction::kLower;
  std::optional<double> least = 0.0;  // smallest possible value; absent: any
  // The largest possible value, for kShare: 1, or 100 of a percentage; 0: the study's modes.
  double whole = 1.0;
  std::string ours;  // name of the same measure in metrics/spec.h; empty where there is none
  std::string explanation;
};

// Every measure that a study may give.
const NamedTable<LiteratureMeasure>& literature_measures();

// The measure's largest value in this study: 1, 100 or the study's modes. Nothing for other scales.
std::optional<double> measure_whole(const LiteratureMeasure& measure, const Study& study);

// Reads one study. `where` (a file name) begins every message. Throws Error kData naming the key,
// what was expected and what was got: unknown, missing or mistyped keys, numbers out of range, an
// arm without numbers and without a note, two arms that cannot be told apart.
Study parse_study(Json json, const std::string& where);

// The study as a file, keys in the order of the schema. parse_study(to_json(s)) equals s.
Json to_json(const Study& study);

// All studies of a folder (*.json), sorted by id. Errors as parse_study and read_json_file, and
// kData for a folder that is missing or empty, a file whose name is not its id, and ids in
// overlaps_with that are not there.
std::vector<Study> load_studies(const std::filesystem::path& folder);

// The collection that the program ships with: share_dir()/results/literature/studies.
std::filesystem::path shipped_studies();

}  // namespace ganselect
