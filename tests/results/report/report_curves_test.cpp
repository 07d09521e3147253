#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "results/records/store.h"
#include "results/report/report_data.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::FakeTrial;
using test::TempDir;

namespace {

Json evaluation(std::int64_t step, double fid, int n_fake = 2000) {
  return {{"step", step},
          {"seconds", 1.0},
          {"measures", {{"fid", fid}}},
          {"protocol", {{"detector", "judge-x"}, {"n_fake", n_fake}}}};
}

Record trial_with(std::uint64_t seed, const Json& checkpoints) {
  FakeTrial trial;
  trial.seed = seed;
  trial.checkpoints = checkpoints;
  return test::make_record(trial);
}

}  // namespace

TEST_CASE("a curve holds mean and range of the seeds that have a value", "[fast][report]") {
  const std::vector<Record> records = {
      trial_with(0, {evaluation(100, 10.0), evaluation(200, 6.0)}),
      trial_with(1, {evaluation(100, 13.0), evaluation(200, 5.0)}),
      trial_with(2, Json::array({evaluation(100, 40.0)}))};  // ended before the second
  std::vector<std::string> warnings;
  const Json curves = report_curves_json(records, warnings);
  REQUIRE(curves.size() == 1);
  CHECK(curves[0]["label"] == "fid[judge-x]");
  CHECK(curves[0]["note"] == "2000 generated samples each");
  const Json& series = curves[0]["series"][0];
  CHECK(series["candidate"] == "dcgan");
  CHECK(series["seeds"] == 3);
  CHECK(series["step"] == Json({100.0, 200.0}));
  CHECK(series["mean"] == Json({21.0, 5.5}));
  CHECK(series["low"] == Json({10.0, 5.0}));
  CHECK(series["high"] == Json({40.0, 6.0}));
  CHECK(series["n"] == Json({3, 2}));
  CHECK(warnings.empty());
}

TEST_CASE("evaluations of another protocol do not enter a curve", "[fast][report]") {
  const std::vector<Record> records = {trial_with(0, {evaluation(100, 10.0), evaluation(200, 6.0)}),
                                       trial_with(1, Json::array({evaluation(100, 90.0, 500)}))};
  std::vector<std::string> warnings;
  const Json curves = report_curves_json(records, warnings);
  CHECK(curves[0]["series"][0]["mean"] == Json({10.0, 6.0}));
  CHECK(curves[0]["note"] ==
        "2000 generated samples each; 1 evaluations by another protocol are left out");
}

TEST_CASE("long curves keep their ends and lose points evenly", "[fast][report]") {
  const TempDir dir;
  std::string csv = "step,loss_d\n";
  for (int step = 1; step <= 1000; ++step)
    csv += std::to_string(step) + "," + std::to_string(step * 2) + "\n";
  csv += "1001,nan\n";
  write_file_atomically(dir / "t/curve.csv", csv);
  FakeTrial trial;
  trial.files = {{"curve", "curve.csv"}};
  write_record(dir / "t", test::make_record(trial));
  std::vector<std::string> warnings;
  const Json curves = report_curves_json(load_records(dir.path()), warnings);
  const Json& series = curves[0]["series"][0];
  REQUIRE(series["step"].size() == kMostCurvePoints);
  CHECK(series["step"].front() == 1.0);
  CHECK(series["step"].back() == 1000.0);
  CHECK(series["mean"].back() == 2000.0);
  for (std::size_t i = 1; i < kMostCurvePoints; ++i) {
    const double gap = series["step"][i].get<double>() - series["step"][i - 1].get<double>();
    CHECK((gap == 6.0 || gap == 7.0));
  }
}
