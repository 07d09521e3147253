#include "results/records/cost_alone.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>

#include "base/error.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;

Json training_row(const std::string& candidate, double rate) {
  return {{"name", "train/" + candidate + "/min_time:1.000/real_time/threads:1"},
          {"updates/s", rate}};
}

Json cost_file() {
  return {
      {"context", {{"setting_device", "cpu"}, {"setting_width", "0.25"}, {"setting_batch", "64"}}},
      {"benchmarks",
       {{{"name", "matrix_product/iterations:1/manual_time"}, {"FLOP/s", 6e11}},
        training_row("dcgan", 12.5),
        training_row("dcgan/hinge/spectral-norm+no-batch-norm-d", 8.0)}}};
}

TEST_CASE("Speeds alone are those of the rows that train", "[fast][cost-alone]") {
  auto json = cost_file();
  json["benchmarks"][1]["updates/s of each round"] = {12.0, 12.5, 13.5};
  const auto cost = parse_cost_alone(json, "cost_alone.json");
  REQUIRE(cost.speeds.size() == 2);
  CHECK(cost.speeds.at("dcgan").updates_per_second == 12.5);
  CHECK(cost.speeds.at("dcgan").rounds == std::vector<double>{12.0, 12.5, 13.5});
  CHECK(cost.speeds.at("dcgan/hinge/spectral-norm+no-batch-norm-d").rounds.empty());
}

TEST_CASE("Each candidate's own batch counts before one for all", "[fast][cost-alone]") {
  Json row = training_row("rsgan", 9.0);
  row["batch"] = 32;
  const auto cost = parse_cost_alone(
      {{"context", {{"setting_device", "cpu"}, {"setting_width", "0.25"}}}, {"benchmarks", {row}}},
      "file");
  CHECK(cost.speeds.at("rsgan").batch == 32);
  row.erase("batch");
  CHECK_THROWS(parse_cost_alone(
      {{"context", {{"setting_device", "cpu"}, {"setting_width", "0.25"}}}, {"benchmarks", {row}}},
      "file"));
}

TEST_CASE("A speed counts for trials of its device, width and batch", "[fast][cost-alone]") {
  const auto cost = parse_cost_alone(cost_file(), "cost_alone.json");
  auto record = test::make_record("dcgan", 0, {{"fid", 20.0}});
  REQUIRE(cost.speed_of(record).has_value());
  const auto other = [&](auto&& change) {
    auto changed = record;
    change(changed);
    return cost.speed_of(changed).has_value();
  };
  CHECK_FALSE(other([](Record& r) { r.candidate.name = "wgan"; }));
  CHECK_FALSE(other([](Record& r) { r.budget.width = 0.5; }));
  CHECK_FALSE(other([](Record& r) { r.budget.batch = 32; }));
  CHECK_FALSE(other([](Record& r) { r.provenance["device"] = "cuda"; }));
}

TEST_CASE("The file is found beside the trial, its plan or its data set", "[fast][cost-alone]") {
  const test::TempDir folder;
  auto record = test::make_record("dcgan", 0, {{"fid", 20.0}});
  CHECK_FALSE(find_cost_alone(record).has_value());
  record.folder = folder.path() / "plan" / "trial";
  CHECK_FALSE(find_cost_alone(record).has_value());
  std::ofstream(folder.path() / kCostAloneFile) << cost_file().dump();
  REQUIRE(find_cost_alone(record).has_value());
  CHECK(read_cost_alone(*find_cost_alone(record)).speeds.size() == 2);
  // Farther up it belongs to something else.
  record.folder = folder.path() / "data" / "plan" / "trial";
  CHECK_FALSE(find_cost_alone(record).has_value());
}

TEST_CASE("A faulty file of speeds says what is wrong", "[fast][cost-alone]") {
  const auto complaint = [](auto&& damage) {
    auto json = cost_file();
    damage(json);
    try {
      parse_cost_alone(json, "cost_alone.json");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kData);
      return std::string(error.what());
    }
    return std::string("no complaint");
  };
  CHECK_THAT(complaint([](Json& j) { j.erase("context"); }), ContainsSubstring("context"));
  CHECK_THAT(complaint([](Json& j) { j["context"]["setting_width"] = "wide"; }),
             ContainsSubstring("setting_width") && ContainsSubstring("wide"));
  CHECK_THAT(complaint([](Json& j) { j["benchmarks"][1]["updates/s"] = 0.0; }),
             ContainsSubstring("benchmarks[1]") && ContainsSubstring("positive"));
  CHECK_THAT(complaint([](Json& j) { j["benchmarks"][2] = j["benchmarks"][1]; }),
             ContainsSubstring("each candidate once") && ContainsSubstring("dcgan"));
  CHECK_THAT(complaint([](Json& j) { j["benchmarks"] = Json::array(); }),
             ContainsSubstring("train/CANDIDATE"));
}

}  // namespace
}  // namespace ganselect
