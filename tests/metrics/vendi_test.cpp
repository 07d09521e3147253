#include "metrics/vendi.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::contains;
using test::feature_input;
using test::gaussian;
using test::measure_family;
using test::thrown_by;

torch::Tensor rows_of(const Json& rows) {
  std::vector<double> flat;
  for (const auto& row : rows) {
    for (const auto& value : row) flat.push_back(value.get<double>());
  }
  return torch::tensor(flat, torch::kFloat64).reshape({static_cast<int64_t>(rows.size()), -1});
}

}  // namespace

// tests/golden/metric_goldens.py: eigenvalues of the whole similarity matrix, in 60 digits.
TEST_CASE("the Vendi score agrees with 60-digit arithmetic at every order", "[fast][golden]") {
  const auto goldens =
      read_json_file(std::filesystem::path(GANSELECT_TEST_DIR) / "golden/measures.json");
  int held = 0;
  for (const auto& one : goldens["features"]) {
    for (const char* side : {"real", "fake"}) {
      for (const auto& [order, golden] : one["vendi"][side].items()) {
        INFO(one["name"].get<std::string>() << ", " << side << ", order " << order);
        // A root of an eigenvalue that rounding moved by 1e-16 has half its digits.
        const double tolerance = order == "0.5" ? 1e-9 : 1e-12;
        CHECK_THAT(vendi_score(rows_of(one[side]), std::stod(order)),
                   WithinRel(golden.get<double>(), tolerance));
        ++held;
      }
    }
  }
  CHECK(held == 16);
}

TEST_CASE("the Vendi score counts directions: 1 for duplicates, the samples where all differ",
          "[fast]") {
  const auto unlike = torch::eye(7, torch::kFloat64) * torch::arange(1, 8).unsqueeze(1);
  const auto alike = gaussian(1, 5, 3).expand({9, 5}) * torch::arange(1, 10).unsqueeze(1);
  // Three directions, 4, 2 and 2 times: exp of the entropy of 1/2, 1/4, 1/4.
  const auto repeated =
      torch::eye(3, torch::kFloat64).index_select(0, torch::tensor({0, 0, 0, 0, 1, 1, 2, 2}));
  for (const double order : {0.3, 1.0, 2.0, 500.0}) {
    INFO("order " << order);
    CHECK_THAT(vendi_score(unlike, order), WithinAbs(7, 1e-10));
    CHECK_THAT(vendi_score(alike, order), WithinAbs(1, 1e-10));
  }
  CHECK_THAT(vendi_score(repeated), WithinAbs(std::exp(1.5 * std::log(2.0)), 1e-12));
  CHECK_THAT(vendi_score(repeated, 2), WithinAbs(1 / 0.375, 1e-12));
  CHECK(vendi_score(repeated, 500) < 2.01);  // 1 over the largest share, in the limit
}

TEST_CASE("the Vendi score knows neither order nor length of samples, and which side is longer",
          "[fast]") {
  const auto tall = gaussian(60, 9, 1, 0.4), wide = gaussian(9, 60, 2, 0.4);
  for (const auto& rows : {tall, wide}) {
    const double score = vendi_score(rows);
    CHECK(score > 1);
    CHECK(score <= 9);
    CHECK_THAT(vendi_score(test::reversed_rows(rows)), WithinRel(score, 1e-12));
    const auto lengths = torch::logspace(-200, 150, rows.size(0), 10.0, torch::kFloat64);
    CHECK_THAT(vendi_score(rows * lengths.unsqueeze(1)), WithinRel(score, 1e-12));
    CHECK_THAT(vendi_score(torch::cat({rows, rows})), WithinRel(score, 1e-12));
    CHECK_THAT(vendi_score(rows, 1 + 1e-7), WithinRel(score, 1e-6));
  }
}

TEST_CASE("both Vendi scores are of as many samples, drawn by the seed, as the protocol says",
          "[fast]") {
  const auto real = gaussian(300, 12, 1), fake = gaussian(80, 12, 2);
  const auto measured = measure_family("vendi", feature_input(real, fake), {.seed = 5});
  CHECK(*measured.value("vendi_score") == vendi_score(fake));
  CHECK(*measured.value("vendi_score_real") != vendi_score(real));
  const auto& protocol = measured.protocol["measures"];
  CHECK(protocol["vendi_score_real"]["n"] == 80);
  CHECK(protocol["vendi_score_real"]["order"] == 1);
  CHECK(protocol["vendi_score_real"]["drawn"]["of"] == 300);
  CHECK(protocol["vendi_score"]["drawn"].is_null());
  CHECK(
      (measure_family("vendi", feature_input(real, fake), {.seed = 5}).values == measured.values));
  const auto other = measure_family("vendi", feature_input(real, fake), {.seed = 6});
  CHECK((other.value("vendi_score_real") != measured.value("vendi_score_real")));
  const auto second =
      measure_family("vendi", feature_input(fake, fake), {.options = {{"vendi.order", 2.0}}});
  CHECK(*second.value("vendi_score") == vendi_score(fake, 2));
  CHECK((second.value("vendi_score") == second.value("vendi_score_real")));
  CHECK(second.protocol["measures"]["vendi_score"]["order"] == 2);
}

TEST_CASE("samples that point nowhere have no Vendi score, and it says how many", "[fast]") {
  auto fake = gaussian(20, 4, 2);
  fake.slice(0, 3, 5).zero_();
  const auto measured = measure_family("vendi", feature_input(gaussian(20, 4, 1), fake));
  CHECK_FALSE(measured.value("vendi_score"));
  CHECK(contains(measured.reason.at("vendi_score"), "of 2 of 20 samples are all 0"));
  CHECK(measured.value("vendi_score_real"));
  CHECK(thrown_by([&] { vendi_score(fake); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { vendi_score(torch::empty({0, 4})); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { vendi_score(gaussian(5, 4, 1), 0); }).kind == ErrorKind::kData);
  const auto range = thrown_by([&] {
    measure_family("vendi", feature_input(fake, fake), {.options = {{"vendi.order", 0.0}}});
  });
  CHECK(contains(range.message, "vendi.order"));
  const auto none = measure_family("vendi", feature_input(fake, torch::empty({0, 4})));
  CHECK(contains(none.reason.at("vendi_score"), "needs at least 1"));
}

}  // namespace ganselect
