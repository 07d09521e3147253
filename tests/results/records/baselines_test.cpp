#include "results/records/baselines.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::TempDir;
using test::thrown_by;

TEST_CASE("Baselines are found by data, detector and number of samples", "[fast]") {
  const TempDir dir;
  const auto record = test::make_record({});
  const Json entry = {{"kind", "noise"},
                      {"dataset", record.dataset.name},
                      {"measures",
                       {{"fid", 80.5},
                        {"protocol",
                         {{"detector", "judge-cifar10"},
                          {"detector_digest", std::string(64, 'a')},
                          {"n_fake", 10000}}},
                        {"reason", Json::object()},
                        {"warnings", Json::array()}}}};
  write_file_atomically(dir / "baselines.json",
                        Json{{"schema_version", 1}, {"baselines", {entry}}}.dump());
  const auto baselines = load_baselines(dir / "baselines.json");
  REQUIRE(baselines.size() == 1);
  const auto* noise = find_baseline(baselines, "noise", record, "fid");
  REQUIRE(noise != nullptr);
  CHECK(noise->measures.value("fid") == 80.5);
  CHECK(find_baseline(baselines, "real", record, "fid") == nullptr);
  test::FakeTrial fewer;
  fewer.n_fake = 5000;
  CHECK(find_baseline(baselines, "noise", test::make_record(fewer), "fid") == nullptr);
  test::FakeTrial other;
  other.detector_digest = std::string(64, 'b');
  CHECK(find_baseline(baselines, "noise", test::make_record(other), "fid") == nullptr);
}

TEST_CASE("No file of baselines is none, a damaged one is refused by name", "[fast]") {
  const TempDir dir;
  CHECK(load_baselines(dir / "none.json").empty());
  for (const char* text :
       {"[]", "{}", R"({"baselines": 3})", R"({"baselines": [{"kind": "noise"}]})"}) {
    write_file_atomically(dir / "bad.json", text);
    const auto error = thrown_by([&] { load_baselines(dir / "bad.json"); });
    CHECK(error.kind == ErrorKind::kData);
    CHECK_THAT(error.message, ContainsSubstring("bad.json"));
  }
}

}  // namespace
}  // namespace ganselect
