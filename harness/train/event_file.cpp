// The formats: a TFRecord file of Event messages, whose fields are wall_time (1, double), step (2,
// varint), file_version (3, string) and summary (5), a list (1) of values with a tag (1, string)
// and a simple_value (2, float). Protocol Buffers' wire format is little endian; no library is
// needed for five fields.
#include "harness/train/event_file.h"

#include <bit>
#include <boost/crc.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/wire_format.h"

namespace ganselect {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kHeaderBytes = 12, kFooterBytes = 4;
constexpr const char* kMeasuresPrefix = "measures/";

template <class T>
std::string raw_bytes(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

template <class T>
T value_at(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string event(double wall_time, std::int64_t step, std::string_view rest) {
  return wire_key(1, WireType::kFixed64) + raw_bytes(wall_time) + wire_key(2, WireType::kVarint) +
         wire_varint(static_cast<std::uint64_t>(step)) + std::string(rest);
}

using NamedValues = std::vector<std::pair<std::string, double>>;

std::string scalars(double wall_time, std::int64_t step, const char* prefix,
                    const NamedValues& values) {
  std::string summary;
  for (const auto& [name, value] : values) {
    summary += wire_bytes(1, wire_bytes(1, prefix + name) + wire_key(2, WireType::kFixed32) +
                                 raw_bytes(static_cast<float>(value)));
  }
  return framed_record(event(wall_time, step, wire_bytes(5, summary)));
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The step of an event that event() made: after its wall time, a varint.
std::optional<std::int64_t> step_of(std::string_view message) {
  const std::size_t start = 1 + sizeof(double) + 1;
  std::uint64_t step = 0;
  for (std::size_t i = start; i < message.size() && i < start + 10; ++i) {
    const auto byte = static_cast<unsigned char>(message[i]);
    step |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * (i - start));
    if (byte < 0x80) return static_cast<std::int64_t>(step);
  }
  return std::nullopt;
}

// The message of the whole record at that place; nothing where the file was cut off or damaged.
std::optional<std::string_view> message_at(std::string_view file, std::size_t at) {
  if (file.size() - at < kHeaderBytes + kFooterBytes) return std::nullopt;
  const auto length = value_at<std::uint64_t>(file, at);
  if (value_at<std::uint32_t>(file, at + 8) != masked_crc32c(file.substr(at, 8)) ||
      length > file.size() - at - kHeaderBytes - kFooterBytes)
    return std::nullopt;
  const auto message = file.substr(at + kHeaderBytes, length);
  if (value_at<std::uint32_t>(file, at + kHeaderBytes + length) != masked_crc32c(message))
    return std::nullopt;
  return message;
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const std::uint32_t sum = crc.checksum();
  return ((sum >> 15) | (sum << 17)) + 0xA282EAD8U;
}

std::string framed_record(std::string_view bytes) {
  const std::string length = raw_bytes(static_cast<std::uint64_t>(bytes.size()));
  return length + raw_bytes(masked_crc32c(length)) + std::string(bytes) +
         raw_bytes(masked_crc32c(bytes));
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t step)
    : path_(folder / kEventsFile) {
  std::error_code unseen;
  if (std::filesystem::exists(path_, unseen)) take_up(step);
  if (!std::filesystem::exists(path_, unseen) || std::filesystem::file_size(path_) == 0)
    append(framed_record(event(wall_seconds(), 0, wire_bytes(3, "brain.Event:2"))));
}

void EventFile::take_up(std::int64_t step) {
  const std::string file = read_file(path_);
  std::size_t kept = 0;
  while (kept < file.size()) {
    const auto message = message_at(file, kept);
    const auto at = message ? step_of(*message) : std::nullopt;
    if (!at || *at > step) break;
    const bool measures = message->find(kMeasuresPrefix) != std::string_view::npos;
    if (kept > 0) (measures ? measures_told_ : told_) = *at;
    kept += kHeaderBytes + message->size() + kFooterBytes;
  }
  std::filesystem::resize_file(path_, kept);
}

void EventFile::append(std::string_view records) {
  std::ofstream out(path_, std::ios::binary | std::ios::app);
  out.write(records.data(), static_cast<std::streamsize>(records.size()));
  out.flush();
  if (out) return;
  fail(ErrorKind::kFailed, {.where = path_.string(),
                            .expected = "to append TensorBoard's events",
                            .got = std::strerror(errno)});
}

void EventFile::write(const std::vector<CurveRow>& rows) {
  if (rows.empty()) return;
  const double now = wall_seconds(), last = rows.back().seconds;
  std::string records;
  for (const auto& row : rows) {
    const double at = now - (last - row.seconds);
    if (row.step > told_) {
      if (const auto values = curve_values(row); !values.empty())
        records += scalars(at, row.step, "training/", values);
      told_ = row.step;
    }
    if (row.step > measures_told_ && !row.measures.empty()) {
      records += scalars(at, row.step, kMeasuresPrefix, row.measures);
      measures_told_ = row.step;
    }
  }
  if (!records.empty()) append(records);
}

void write_events(const std::filesystem::path& folder, const std::vector<CurveRow>& rows) {
  if (rows.empty()) return;
  EventFile(folder, rows.back().step).write(rows);
}

}  // namespace ganselect
