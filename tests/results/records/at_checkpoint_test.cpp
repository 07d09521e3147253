#include "results/records/at_checkpoint.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"
#include "tests/support/fake_records.h"

namespace ganselect {
namespace {

using test::FakeTrial;
using test::make_record;
using test::thrown_by;

Json checkpoint(std::int64_t step, double seconds, double fid, double modes, bool full = true) {
  Json json = {{"step", step},
               {"seconds", seconds},
               {"measures", {{"fid", fid}, {"modes", modes}, {"recall", Json()}}},
               {"protocol", {{"detector", "judge-cifar10"}, {"n_fake", 5000}}},
               {"reason", {{"recall", "left out"}}}};
  if (full) json["full"] = true;
  return json;
}

FakeTrial long_trial() {
  FakeTrial trial;
  trial.steps = 800;
  trial.measures = {{"fid", 30.0},           {"modes", 10.0},      {"fid_best", 30.0},
                    {"fid_last", 30.0},      {"collapsed", 0.0},   {"vanishing_share", 0.0},
                    {"train_seconds", 81.0}, {"parameters_g", 7.0}};
  trial.checkpoints = Json::array({checkpoint(100, 11, 60, 4), checkpoint(200, 21, 50, 9),
                                   checkpoint(300, 33, 49, 9, false), checkpoint(400, 41, 110, 9)});
  return trial;
}

TEST_CASE("a trial is known where everything was measured, and at its end", "[fast][records]") {
  auto trial = long_trial();
  CHECK(measured_steps(make_record(trial)) == std::vector<std::int64_t>{100, 200, 400, 800});
  CHECK(seconds_at(make_record(trial), 200) == 21.0);
  CHECK(seconds_at(make_record(trial), 800) == 81.0);
  CHECK_FALSE(seconds_at(make_record(trial), 300));
  trial.status = "diverged";
  trial.status_step = 450;
  CHECK(measured_steps(make_record(trial)) == std::vector<std::int64_t>{100, 200, 400});
}

TEST_CASE("a trial at a checkpoint has what was measured there", "[fast][records]") {
  const auto record = make_record(long_trial());
  const auto at = record_at(record, 200);
  CHECK(at.budget.steps == 200);
  CHECK(at.measure("fid") == 50.0);
  CHECK(at.measure("modes") == 9.0);
  CHECK(at.missing_reason("recall") == "left out");
  CHECK(at.measures.protocol["n_fake"] == 5000);
  CHECK(at.measure("train_seconds") == 21.0);
  CHECK(at.measure("parameters_g") == 7.0);
  CHECK(at.measure("fid_best") == 50.0);
  CHECK_FALSE(at.measures.reason.contains("fid_best"));
  CHECK_FALSE(at.measures.reason.contains("collapsed"));
  CHECK(at.measure("collapsed") == 0.0);
  CHECK_FALSE(at.measure("vanishing_share"));
  CHECK(at.missing_reason("vanishing_share") == "known of the whole training alone");
  CHECK(at.checkpoints.size() == 2);
  CHECK(to_json(parse_record(to_json(at), "again")) == to_json(at));
  // 110 is more than twice the best before it.
  CHECK(record_at(record, 400).measure("collapsed") == 1.0);
  CHECK(outcome_of(record_at(record, 400)) == TrialStatus::kCollapsed);
  CHECK_FALSE(record_at(record, 100).measure("collapsed"));
  CHECK(to_json(record_at(record, 800)) == to_json(record));
  const auto refused = thrown_by([&] { record_at(record, 300); });
  CHECK(refused.kind == ErrorKind::kData);
  CHECK(refused.message.find("100, 200, 400, 800") != std::string::npos);
}

TEST_CASE("a trial that was lost later counts as finished at its checkpoints", "[fast][records]") {
  auto trial = long_trial();
  trial.status = "diverged";
  trial.status_step = 450;
  const auto record = make_record(trial);
  CHECK(record_at(record, 200).status == TrialStatus::kFinished);
  CHECK(thrown_by([&] { record_at(record, 800); }).kind == ErrorKind::kData);
}

}  // namespace
}  // namespace ganselect
