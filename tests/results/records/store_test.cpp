#include "results/records/store.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::fake_record;
using test::TempDir;
using test::thrown_by;

namespace {

Record stored_record(const std::string& candidate, std::uint64_t seed) {
  return test::make_record(candidate, seed, {{"fid", 10.0 + static_cast<double>(seed)}});
}

}  // namespace

TEST_CASE("records are found at any depth and come by trial id", "[fast][store]") {
  const TempDir dir;
  write_record(dir / "b/deep/trial", stored_record("wgan", 1));
  write_record(dir / "a", stored_record("dcgan", 0));
  write_record(dir / "c", stored_record("wgan", 0));
  const LoadedRecords loaded = load_record_folder(dir.path());
  REQUIRE(loaded.records.size() == 3);
  CHECK(loaded.records[0].trial_id == "dcgan-cifar10-s0");
  CHECK(loaded.records[1].trial_id == "wgan-cifar10-s0");
  CHECK(loaded.records[2].trial_id == "wgan-cifar10-s1");
  CHECK(loaded.records[2].folder == dir / "b/deep/trial");
  CHECK(loaded.records[2].measure("fid") == 11.0);
  CHECK(loaded.skipped.empty());
  CHECK(loaded.unfinished.empty());
}

TEST_CASE("a folder with settings alone is an unfinished trial", "[fast][store]") {
  const TempDir dir;
  write_record(dir / "done", stored_record("dcgan", 0));
  write_file_atomically(dir / "done/settings.json", "{}");
  write_file_atomically(dir / "begun/settings.json", "{}");
  const LoadedRecords loaded = load_record_folder(dir.path());
  CHECK(loaded.records.size() == 1);
  REQUIRE(loaded.unfinished.size() == 1);
  CHECK(loaded.unfinished[0] == dir / "begun");
}

TEST_CASE("a damaged record is left out with its reason", "[fast][store]") {
  const TempDir dir;
  const std::string whole = to_json(stored_record("dcgan", 0)).dump(2);
  write_file_atomically(dir / "ok/record.json", whole);
  write_file_atomically(dir / "truncated/record.json", whole.substr(0, whole.size() / 2));
  Json huge = fake_record("wgan", 0, {{"fid", 5.5}});
  std::string text = huge.dump();
  text.replace(text.find("5.5"), 3, "1e999");
  write_file_atomically(dir / "huge/record.json", text);
  write_file_atomically(dir / "nan/record.json", "{\"schema_version\": NaN}");
  write_file_atomically(dir / "empty/record.json", "");
  Json typed = fake_record("lsgan", 0, {});
  typed["seed"] = "zero";
  write_file_atomically(dir / "typed/record.json", typed.dump());
  const LoadedRecords loaded = load_record_folder(dir.path());
  REQUIRE(loaded.records.size() == 1);
  REQUIRE(loaded.skipped.size() == 5);
  for (const auto& skipped : loaded.skipped) CHECK(contains(skipped.reason, skipped.path.string()));
  CHECK(contains(loaded.skipped.back().reason, "seed"));
}

TEST_CASE("a value that its measure cannot be refuses the record by name", "[fast][store]") {
  const TempDir dir;
  const auto skipped_for = [&](const char* measure, double value) {
    Json json = to_json(stored_record("dcgan", 0));
    json["measures"][measure] = value;
    write_file_atomically(dir / "t" / "record.json", json.dump());
    const auto loaded = load_record_folder(dir.path());
    return loaded.skipped.empty() ? std::string() : loaded.skipped[0].reason;
  };
  CHECK(contains(skipped_for("fid", -5), "fid"));
  CHECK(contains(skipped_for("coverage", 7), "a value in [0, 1], got 7"));
  CHECK(contains(skipped_for("recall", -0.1), "recall"));
  CHECK(contains(skipped_for("inception_score_1split", 0.5), "inception_score_1split"));
  for (const auto& [measure, value] : {std::pair("fid", 0.0),
                                       {"coverage", 1.0},
                                       {"recall", 0.0},
                                       {"inception_score_1split", 1.0},
                                       {"density", 1.7},
                                       {"kid_mean", -0.01}})
    CHECK(skipped_for(measure, value).empty());
}

TEST_CASE("records behind links are read once, and a circle of links ends", "[fast][store]") {
  namespace fs = std::filesystem;
  const TempDir real, dir;
  write_record(real / "a", stored_record("dcgan", 0));
  write_record(dir / "b", stored_record("wgan", 1));
  fs::create_directory_symlink(real.path(), dir / "linked");
  fs::create_directory_symlink(real.path(), dir / "again");
  fs::create_directory_symlink(dir.path(), dir.path() / "b" / "up");
  const auto loaded = load_record_folder(dir.path());
  CHECK(loaded.records.size() == 2);
  CHECK(loaded.skipped.empty());
}

TEST_CASE("a record of a newer version is not passed over", "[fast][store]") {
  const TempDir dir;
  write_record(dir / "old", stored_record("dcgan", 0));
  Json newer = fake_record("wgan", 0, {});
  newer["schema_version"] = 2;
  write_file_atomically(dir / "new/record.json", newer.dump());
  const auto thrown = thrown_by([&] { load_records(dir.path()); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(contains(thrown.message, "schema_version"));
}

TEST_CASE("one trial id in two records: copies count once, others are refused", "[fast][store]") {
  const TempDir dir;
  write_record(dir / "a", stored_record("dcgan", 0));
  write_record(dir / "copy", stored_record("dcgan", 0));
  const LoadedRecords loaded = load_record_folder(dir.path());
  CHECK(loaded.records.size() == 1);
  REQUIRE(loaded.skipped.size() == 1);
  CHECK(contains(loaded.skipped[0].reason, "the same record as"));

  write_record(dir / "other", test::make_record("dcgan", 0, {{"fid", 99.0}}));
  const auto thrown = thrown_by([&] { load_records(dir.path()); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(contains(thrown.message, "dcgan-cifar10-s0"));
}

TEST_CASE("a missing results folder is an error that says what to do", "[fast][store]") {
  const TempDir dir;
  const auto thrown = thrown_by([&] { load_records(dir / "nowhere"); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(contains(thrown.message, "nowhere] expected a folder of trials, got nothing there"));
  CHECK(contains(thrown.message, "--results"));
}
