#include "harness/train/event_file.h"

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

CurveRow row_at(std::int64_t step, double loss) {
  CurveRow row;
  row.step = step;
  row.seconds = 0.5 * static_cast<double>(step);
  row.loss_d = loss;
  return row;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string float_bytes(double value) {
  const auto number = static_cast<float>(value);
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// Steps told by records of a tag, in the order of the file.
std::vector<int> steps_told(const std::string& file, const std::string& tag) {
  std::vector<int> steps;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data() + at, sizeof length);
    const auto message = file.substr(at + 12, length);
    // Steps below 128 are one byte after the wall time.
    if (message.find(tag) != std::string::npos) steps.push_back(message[10]);
    at += 12 + length + 4;
  }
  return steps;
}

}  // namespace

TEST_CASE("checksums are CRC-32C, masked as TFRecord stores them", "[fast]") {
  // RFC 3720, B.4: 32 bytes of zeros have 8A9136AA, of ones 62A8AB43; "123456789" has E3069283.
  const auto masked = [](std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U; };
  CHECK(masked_crc32c(std::string(32, '\0')) == masked(0x8A9136AA));
  CHECK(masked_crc32c(std::string(32, '\xff')) == masked(0x62A8AB43));
  CHECK(masked_crc32c("123456789") == masked(0xE3069283));
  const auto record = framed_record("abc");
  REQUIRE(record.size() == 8 + 4 + 3 + 4);
  CHECK(record[0] == 3);
  CHECK(record.substr(12, 3) == "abc");
}

TEST_CASE("each row and each evaluation is told once, as they come", "[fast]") {
  const test::TempDir folder;
  const auto read = [&] { return read_file(folder.path() / kEventsFile); };
  std::vector<CurveRow> rows = {row_at(10, 1.5)};
  {
    EventFile events(folder.path(), 0);
    CHECK(count_of(read(), "brain.Event:2") == 1);
    events.write(rows);
    events.write(rows);
    CHECK(steps_told(read(), "training/loss_d") == std::vector<int>{10});
    rows.back().measures = {{"fid", 30.0}};  // measured after it was told
    events.write(rows);
    events.write(rows);
  }
  CHECK(steps_told(read(), "measures/fid") == std::vector<int>{10});
  rows.push_back(row_at(20, 1.25));
  EventFile(folder.path(), 20).write(rows);
  CHECK(steps_told(read(), "training/loss_d") == std::vector<int>{10, 20});
  CHECK(count_of(read(), "brain.Event:2") == 1);
  CHECK(count_of(read(), "grad_norm_g") == 0);  // absent, not 0
}

TEST_CASE("a resumed trial tells no step twice, wherever it was cut off", "[fast]") {
  std::vector<CurveRow> rows = {row_at(10, 1.5), row_at(20, 1.25), row_at(30, 1.0)};
  rows[1].measures = {{"fid", 30.0}};
  const test::TempDir whole;
  write_events(whole.path(), rows);
  const auto all = read_file(whole.path() / kEventsFile);
  CHECK(steps_told(all, "training/loss_d") == std::vector<int>{10, 20, 30});
  for (const std::int64_t resumed : {0, 10, 20, 30}) {
    for (std::size_t cut = 0; cut <= all.size(); cut += 7) {
      const test::TempDir folder;
      write_file_atomically(folder.path() / kEventsFile, all.substr(0, cut));
      auto known = rows, again = rows;
      truncate_curve(known, resumed);
      // What comes after the checkpoint is told as it came this time.
      for (auto& row : again) row.loss_d = row.step > resumed ? *row.loss_d + 100 : *row.loss_d;
      EventFile events(folder.path(), resumed);
      events.write(known);
      events.write(again);
      const auto file = read_file(folder.path() / kEventsFile);
      INFO("resumed at " << resumed << ", cut at " << cut);
      CHECK(steps_told(file, "training/loss_d") == std::vector<int>{10, 20, 30});
      CHECK(steps_told(file, "measures/fid") == std::vector<int>{20});
      for (const auto& row : again) CHECK(count_of(file, float_bytes(*row.loss_d)) == 1);
      CHECK(steps_told(file, "brain.Event:2").size() == 1);
    }
  }
}

TEST_CASE("a damaged record and what follows is told anew", "[fast]") {
  const std::vector<CurveRow> rows = {row_at(10, 1.5), row_at(20, 1.25)};
  const test::TempDir folder;
  write_events(folder.path(), rows);
  auto file = read_file(folder.path() / kEventsFile);
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 1);
  write_file_atomically(folder.path() / kEventsFile, file);
  write_events(folder.path(), rows);
  CHECK(steps_told(read_file(folder.path() / kEventsFile), "training/loss_d") ==
        std::vector<int>{10, 20});
}

TEST_CASE("events that cannot be written are an error", "[fast]") {
  const test::TempDir folder;
  const auto thrown = test::thrown_by([&] { EventFile(folder.path() / "absent", 0); });
  CHECK(thrown.kind == ErrorKind::kFailed);
  CHECK(test::contains(thrown.message, "events.out.tfevents"));
}

}  // namespace ganselect
