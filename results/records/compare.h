// Which records and values may stand side by side. Two numbers are comparable when they were
// measured by the same protocol; training seeds, dates and file places are never part of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/records/record.h"

namespace ganselect {

/// One protocol field in which two measurements differ.
struct ProtocolDifference {
  std::string field;  ///< as "protocol.detector", "budget.steps", "provenance.device"
  std::string first;  ///< its value in the first record, "absent" if it has none
  std::string second;
};

/// Which measures a field of the protocol governs.
enum class FieldScope {
  kEverything,
  kCurve,    ///< stability measures, which are read off the training curve
  kMachine,  ///< measures of time and memory
};

/// A field that must agree in two records whose values stand side by side.
struct ProtocolField {
  std::string name;  ///< dotted path into the record, as "dataset.digest"
  FieldScope scope = FieldScope::kEverything;
  /// Compared among records without versions alone, whose budget it was part of.
  bool before_versions = false;
};

/// Every fixed field that is compared, in the order of reporting. Fields inside `protocol` are not
/// listed: all of them count, but those named in ignored_protocol_keys().
const std::vector<ProtocolField>& protocol_fields();

/// True for measures in units of time or memory, which say as much about the machine as about the
/// candidate.
bool depends_on_machine(const std::string& measure);

/// Keys of `protocol` that never count: they name a draw or a place, not a definition.
const std::vector<std::string>& ignored_protocol_keys();

/// The first field in which the trials themselves differ: data set, budget, and settings shared by
/// all candidates (precision, EMA). Nothing when they are comparable.
std::optional<ProtocolDifference> trial_difference(const Record& first, const Record& second);

/// The first protocol field in which the values of `measure` differ between two records, the
/// trial's own fields included. A record without a value for `measure` has no protocol for it, so
/// then only the trial's fields count.
std::optional<ProtocolDifference> protocol_difference(const Record& first, const Record& second,
                                                      const std::string& measure);

/// The first difference of any of `measures` between two records whose trials are known to be
/// comparable.
std::optional<ProtocolDifference> measures_difference(const Record& first, const Record& second,
                                                      const std::vector<std::string>& measures);

/// Throws the Error kProtocol (exit 4) that says why the two records must not be mixed. `measure`
/// is empty when the trials differ as a whole.
[[noreturn]] void refuse_mixing(const Record& first, const Record& second,
                                const std::string& measure, const ProtocolDifference& difference);

/// Throws Error kProtocol (exit 4) naming measure, field and both values when any two of `records`
/// differ in a protocol of `measures`.
void require_one_protocol(std::span<const Record* const> records,
                          const std::vector<std::string>& measures);

/// Digest of all that defines a trial but its seed: candidate, settings, data, budget. Records with
/// one key are repetitions of each other and may be summarized over seeds.
std::string configuration_key(const Record& record);

/// Whether configuration_key is the same, without the cost of the digests.
bool same_configuration(const Record& first, const Record& second);

/// The first of the things digested by configuration_key in which two records differ.
std::optional<ProtocolDifference> configuration_difference(const Record& first,
                                                           const Record& second);

/// Records of one configuration, ordered by seed, then trial_id.
struct Configuration {
  std::string key;
  std::vector<const Record*> records;  ///< never empty
};

/// Groups `records` by configuration_key, ordered by candidate name, then key. The pointers are
/// into `records` and live as long as it.
std::vector<Configuration> group_by_configuration(std::span<const Record> records);
std::vector<Configuration> group_by_configuration(std::span<const Record* const> records);

/// Limits on which records to look at; an absent one keeps everything.
struct RecordFilter {
  std::optional<std::string> plan;
  std::optional<std::string> dataset;
  std::optional<std::string> detector;  ///< protocol.detector
  std::optional<std::int64_t> steps;
  std::optional<double> width;
};

/// The records that meet every limit, in their order.
std::vector<Record> filter_records(std::vector<Record> records, const RecordFilter& filter);

}  // namespace ganselect
