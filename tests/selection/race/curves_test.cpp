#include "selection/race/curves.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "selection/evidence/bootstrap.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

const std::vector<double> kSteps = {100, 200, 300, 400, 500, 600, 700, 800};

// level = end + slope ln(share) + noise
StoredCurve line(const std::string& name, std::uint64_t seed, double end, double slope,
                 DrawStream& noise, double sd) {
  StoredCurve curve{.candidate = name, .seed = seed, .steps = kSteps, .levels = {}};
  for (const double step : kSteps)
    curve.levels.push_back(end + slope * std::log(step / 800) + sd * noise.normal());
  return curve;
}

Record record_with_fids(const std::string& candidate, std::uint64_t seed,
                        const std::vector<double>& fids) {
  Record record = parse_record(test::fake_record({.candidate = candidate, .seed = seed}), "fake");
  record.checkpoints.clear();
  for (std::size_t i = 0; i < fids.size(); ++i) {
    RecordCheckpoint checkpoint{.step = static_cast<std::int64_t>(100 * (i + 1))};
    checkpoint.measures.set("fid", fids[i]);
    record.checkpoints.push_back(checkpoint);
  }
  return record;
}

TEST_CASE("Curves that are lines are fitted, and their scatter is found", "[fast][race]") {
  DrawStream noise(3);
  std::vector<StoredCurve> curves;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    curves.push_back(line("a", seed, -3, 0.5, noise, 0.1));
    curves.push_back(line("b", seed, -3.4, 0.1, noise, 0.1));
  }
  const auto fit = fit_curves(curves);
  REQUIRE(fit.curves.size() == 2);
  CHECK(fit.horizon == 800);
  CHECK_THAT(fit.first_share, WithinRel(0.125, 1e-12));
  CHECK_THAT(fit.curves[0].at(1), WithinAbs(-3, 0.03));
  CHECK_THAT(fit.curves[0].at(0.25), WithinAbs(-3 + 0.5 * std::log(0.25), 0.03));
  // A variance of 400 trials of 8 looks is known to 3 %.
  CHECK_THAT(fit.look_variance, WithinRel(0.01, 0.1));
  CHECK_THAT(fit.trial_variance, WithinAbs(0, 3e-4));
  // a moves by 0.5 ln 2 over a doubling, b by 0.1 ln 2: their variance, in looks'.
  const double moved = 0.4 * std::log(2.0);
  const auto model = curve_model(fit);
  REQUIRE(model.turning.size() == 3);
  CHECK_THAT(model.turning[0], WithinRel(moved * moved / 2 / fit.look_variance, 0.3));
  CHECK_THAT(model.movement(0.5, 1), WithinRel(model.turning[0], 1e-12));
  CHECK_THAT(model.movement(1.0 / 64, 1.0 / 32), WithinRel(model.turning[2], 1e-12));
  CHECK(model.movement(1, 1) == 0);
  // They cross at -0.4 / 0.4 = ln share: before a share of 0.37 b was ahead.
  CHECK(turned_pairs(fit, 0.25) == 1);
  CHECK(turned_pairs(fit, 0.5) == 0);
}

TEST_CASE("Curves are taken from trials that can be laid over each other", "[fast][race]") {
  const std::vector<double> falling = {90, 80, 70, 60, 50};
  std::vector<Record> records = {
      record_with_fids("dcgan", 0, falling),
      record_with_fids("dcgan", 1, {91, 80, 70, 60, 50}),
      record_with_fids("lsgan", 0, {95, 85, 75, 65, 55}),
      record_with_fids("rsgan", 0, {95, 85, 75, 65}),         // too few
      record_with_fids("wgan", 0, {95, 85, 75, 65, 55, 45}),  // other steps
      record_with_fids("dcgan/non-saturating", 0, falling)};  // dcgan by another name
  const auto curves = stored_curves(records);
  REQUIRE(curves.size() == 3);
  CHECK(curves[0].candidate == "dcgan");
  CHECK(curves[2].candidate == "lsgan");
  CHECK_THAT(curves[0].levels[0], WithinRel(-std::log(90.0), 1e-12));
  CHECK(stored_curves(std::vector<Record>{}).empty());
  CHECK(test::thrown_by([] { fit_curves({}); }).kind == ErrorKind::kData);
}

}  // namespace
}  // namespace ganselect
