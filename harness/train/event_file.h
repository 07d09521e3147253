#pragma once
// TensorBoard's view of a trial's curve: one event file that only grows, beside curve.csv, which
// stays the record.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/train/curve.h"

namespace ganselect {

inline constexpr const char* kEventsFile = "events.out.tfevents.ganselect";

// CRC-32C (Castagnoli) of the bytes, rotated and offset as TFRecord stores it beside them.
std::uint32_t masked_crc32c(std::string_view bytes);

// A TFRecord of those bytes: their length (uint64) and its checksum, the bytes and theirs; little
// endian.
std::string framed_record(std::string_view bytes);

// Scalars by step: "training/loss_d" and the other columns of the curve, "measures/fid" and what
// else an evaluation gave. Values are float32, as TensorBoard keeps them.
class EventFile {
 public:
  // Takes up FOLDER/events.out.tfevents.ganselect, cutting off what lies beyond update `step` and
  // what is no whole record, so that a resumed trial tells no step twice; else begins it.
  EventFile(const std::filesystem::path& folder, std::int64_t step);
  // Appends what is not told yet of the rows, the last of which was made now. kFailed where the
  // file cannot be written.
  void write(const std::vector<CurveRow>& rows);

 private:
  void take_up(std::int64_t step);
  void append(std::string_view records);

  std::filesystem::path path_;
  std::int64_t told_ = -1;           // step of the last row
  std::int64_t measures_told_ = -1;  // step of the last row with measures
};

// The whole curve of a trial that has ended, for what no event file holds yet.
void write_events(const std::filesystem::path& folder, const std::vector<CurveRow>& rows);

}  // namespace ganselect
