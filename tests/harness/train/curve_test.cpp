#include "harness/train/curve.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"

namespace ganselect {

namespace {

std::vector<CurveRow> curve_sample_rows() {
  CurveRow first{.step = 50, .seconds = 1.25, .loss_d = 1.0 / 3.0, .loss_g = -2e-9};
  first.grad_norm_d = 3.5;
  first.critic_accuracy_heldout = 0.0;
  CurveRow second{.step = 100, .seconds = 2.5, .loss_g = 0.75};
  second.measures = {{"fid", 123.456}, {"kid_mean", -0.001}};
  CurveRow third{.step = 130, .seconds = 3.0, .sample_diversity = 0.5, .non_finite_step = 117};
  return {first, second, third};
}

}  // namespace

TEST_CASE("a curve reads back exactly as it was written", "[fast][curve]") {
  const auto rows = curve_sample_rows();
  CHECK((curve_from_csv(curve_to_csv(rows), "curve.csv") == rows));
}

TEST_CASE("a curve without rows is its header alone", "[fast][curve]") {
  const auto text = curve_to_csv({});
  CHECK(text.substr(0, 29) == "step,seconds,loss_d,loss_g,gr");
  CHECK(curve_from_csv(text, "curve.csv").empty());
}

TEST_CASE("absent values are empty cells", "[fast][curve]") {
  const auto text = curve_to_csv({CurveRow{.step = 1, .seconds = 0.5}});
  CHECK(test::contains(text, "\n1,0.5,,,,,,,,,,\n"));
}

TEST_CASE("truncating drops the rows after a step and keeps the step's own", "[fast][curve]") {
  auto rows = curve_sample_rows();
  truncate_curve(rows, 100);
  REQUIRE(rows.size() == 2);
  CHECK(rows.back().step == 100);
}

TEST_CASE("damaged curves are refused with the place", "[fast][curve]") {
  const auto text = curve_to_csv(curve_sample_rows());
  const auto refused = [](const std::string& damaged) {
    return test::thrown_by([&] { curve_from_csv(damaged, "run/curve.csv"); });
  };
  const auto cut = refused(text.substr(0, text.size() - 4));
  CHECK(cut.kind == ErrorKind::kData);
  CHECK(test::contains(cut.message, "[run/curve.csv] expected a line break at the end"));

  auto word = text;
  word.replace(word.find("123.456"), 7, "123,456");
  CHECK(test::contains(refused(word).message, "run/curve.csv, line 3] expected 14 cells, got 15"));

  auto letter = text;
  letter.replace(letter.find("123.456"), 7, "12x.456");
  CHECK(test::contains(refused(letter).message,
                       "line 3, fid] expected a number or nothing, got '12x.456'"));

  auto order = text;
  order.replace(order.find("\n130,"), 5, "\n90,");
  CHECK(test::contains(refused(order).message, "line 4] expected a step after 100, got 90"));

  auto header = text;
  header.replace(0, 4, "stop");
  CHECK(test::contains(refused(header).message, "expected column 1 named step, got 'stop'"));
}

}  // namespace ganselect
