#include "results/records/index.h"

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

namespace fs = std::filesystem;
using test::FakeTrial;

constexpr IndexUse kAlways{.fewest = 1};

Json trial(std::uint64_t seed, double fid) {
  FakeTrial trial;
  trial.seed = seed;
  trial.measures = {{"fid", fid}, {"recall", std::nullopt}, {"modes", 10.0}};
  trial.versions = RecordVersions{1, 2};
  trial.settings = {{"lr_g", 2e-4}, {"big", 12345678901234567}};
  trial.checkpoints = Json::array({{{"step", 100},
                                    {"seconds", 1.25},
                                    {"full", true},
                                    {"measures", {{"fid", fid * 2}, {"recall", Json()}}},
                                    {"protocol", {{"detector", "judge-cifar10"}, {"n_fake", 7}}},
                                    {"reason", {{"recall", "left out"}}},
                                    {"warnings", Json::array()}}});
  Json json = test::fake_record(trial);
  json["a_later_key"] = {1, 2.5, nullptr};
  return json;
}

// Files from before the clock's blur, so that the index believes them.
void write_settled(const fs::path& file, const std::string& text, int seconds_ago = 100) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  const auto when = fs::file_time_type::clock::now() - std::chrono::seconds(seconds_ago);
  fs::last_write_time(file, when);
  fs::last_write_time(file.parent_path(), when);
}

void make_trials(const fs::path& dir) {
  for (std::uint64_t seed = 0; seed < 3; ++seed)
    write_settled(dir / ("trial" + std::to_string(seed)) / "record.json",
                  trial(seed, 10.0 + static_cast<double>(seed)).dump(2));
  write_settled(dir / "begun" / "settings.json", "{}");
}

// All that a caller can see.
Json told(const LoadedRecords& loaded) {
  Json json = {{"records", Json::array()}, {"skipped", Json::array()}, {"unfinished", Json()}};
  for (const auto& record : loaded.records)
    json["records"].push_back({to_json(record), record.folder.string(),
                               static_cast<int>(record.seed), record.candidate.name});
  for (const auto& skipped : loaded.skipped)
    json["skipped"].push_back({skipped.path.string(), skipped.reason});
  for (const auto& path : loaded.unfinished) json["unfinished"].push_back(path.string());
  return json;
}

bool has_index(const fs::path& dir) { return fs::exists(dir / ".ganselect" / "records.index"); }

TEST_CASE("an indexed folder reads as the folder itself", "[fast][records][index]") {
  const test::TempDir dir;
  make_trials(dir.path());
  const auto plain = told(load_record_folder(dir.path()));
  CHECK_FALSE(has_index(dir.path()));
  CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
  REQUIRE(has_index(dir.path()));
  CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
  const auto ends = load_indexed_records(dir.path(), {.fewest = 1, .details = false});
  REQUIRE(ends.records.size() == 3);
  CHECK(ends.records[1].checkpoints.empty());
  CHECK(ends.records[1].measure("fid") == 11.0);
  CHECK(ends.records[1].missing_reason("recall") == "left out on purpose");
}

TEST_CASE("the index is what is read, where files have not changed", "[fast][records][index]") {
  const test::TempDir dir;
  make_trials(dir.path());
  load_indexed_records(dir.path(), kAlways);
  // Another content of the same size and time, which no honest program leaves behind.
  const auto file = dir.path() / "trial1" / "record.json";
  const auto when = fs::last_write_time(file),
             when_folder = fs::last_write_time(file.parent_path());
  auto text = read_file(file);
  text.replace(text.find("11.0"), 4, "99.0");
  std::ofstream(file, std::ios::binary) << text;
  fs::last_write_time(file, when);
  fs::last_write_time(file.parent_path(), when_folder);
  CHECK(load_indexed_records(dir.path(), kAlways).records[1].measure("fid") == 11.0);
}

TEST_CASE("what changed is read anew", "[fast][records][index]") {
  const test::TempDir dir;
  make_trials(dir.path());
  load_indexed_records(dir.path(), kAlways);
  const auto check = [&] {
    const auto plain = told(load_record_folder(dir.path()));
    CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
    CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
  };
  SECTION("a record") {
    write_settled(dir.path() / "trial1" / "record.json", trial(1, 77.0).dump(2), 50);
    check();
    CHECK(load_indexed_records(dir.path(), kAlways).records[1].measure("fid") == 77.0);
  }
  SECTION("a record, this very moment and of the same size") {
    std::ofstream(dir.path() / "trial1" / "record.json") << trial(1, 77.0).dump(2);
    CHECK(load_indexed_records(dir.path(), kAlways).records[1].measure("fid") == 77.0);
    std::ofstream(dir.path() / "trial1" / "record.json") << trial(1, 78.0).dump(2);
    CHECK(load_indexed_records(dir.path(), kAlways).records[1].measure("fid") == 78.0);
  }
  SECTION("one more, deep inside") {
    write_settled(dir.path() / "plan" / "more" / "record.json", trial(9, 5.0).dump(2));
    check();
  }
  SECTION("one less") {
    fs::remove_all(dir.path() / "trial0");
    check();
  }
  SECTION("one that was finished") {
    write_settled(dir.path() / "begun" / "record.json", trial(5, 6.0).dump(2), 40);
    check();
  }
  SECTION("one that was damaged") {
    write_settled(dir.path() / "trial2" / "record.json", "{", 40);
    check();
    CHECK(load_indexed_records(dir.path(), kAlways).skipped.size() == 1);
  }
}

TEST_CASE("a damaged record does not keep an index from lasting", "[fast][records][index]") {
  const test::TempDir dir;
  make_trials(dir.path());
  write_settled(dir.path() / "trial2" / "record.json", "{");
  const auto plain = told(load_record_folder(dir.path()));
  load_indexed_records(dir.path(), kAlways);
  const auto file = dir.path() / ".ganselect" / "records.index";
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(file, long_ago);
  CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
  CHECK(fs::last_write_time(file) == long_ago);
}

TEST_CASE("a damaged or cut index is as none", "[fast][records][index]") {
  const test::TempDir dir;
  make_trials(dir.path());
  const auto plain = told(load_record_folder(dir.path()));
  for (const char* name : {"records.index", "details.index"}) {
    load_indexed_records(dir.path(), kAlways);
    const auto file = dir.path() / ".ganselect" / name;
    auto bytes = read_file(file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(file, std::ios::binary) << bytes;
    CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
    std::ofstream(file, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
    CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
  }
}

TEST_CASE("few records and folders that cannot be written have no index",
          "[fast][records][index]") {
  const test::TempDir dir;
  make_trials(dir.path());
  const auto plain = told(load_record_folder(dir.path()));
  CHECK(told(load_indexed_records(dir.path())) == plain);
  CHECK_FALSE(has_index(dir.path()));
  // A file in the place of the index's folder bars it for the superuser too.
  std::ofstream(dir.path() / ".ganselect") << "";
  CHECK(told(load_indexed_records(dir.path(), kAlways)) == plain);
  CHECK_FALSE(has_index(dir.path()));
  CHECK(test::thrown_by([&] { load_indexed_records(dir.path() / "none"); }).kind ==
        ErrorKind::kData);
}

}  // namespace
}  // namespace ganselect
