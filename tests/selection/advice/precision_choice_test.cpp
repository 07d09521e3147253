#include "selection/advice/precision_choice.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"
#include "tests/support/fake_records.h"

namespace ganselect {
namespace {

// Trials of one candidate in one precision, a seed for each FID.
void add(std::vector<Record>& records, const std::string& candidate, const std::string& precision,
         const std::vector<std::optional<double>>& fids, double rate) {
  for (std::size_t seed = 0; seed < fids.size(); ++seed) {
    test::FakeTrial trial;
    trial.candidate = candidate;
    trial.seed = seed;
    trial.measures = {{"fid", fids[seed]}, {"updates_per_second", rate}};
    trial.settings = {{"precision", precision}};
    if (!fids[seed]) trial.status = "diverged";
    records.push_back(test::make_record(trial));
  }
}

std::vector<Record> exact_records() {
  std::vector<Record> records;
  add(records, "dcgan", "fp32", {20.0, 21.0, 22.0}, 100);
  add(records, "sngan", "fp32", {15.0, 15.5, 16.0}, 50);
  return records;
}

const PrecisionResult& result_of(const PrecisionChoice& choice, const std::string& candidate,
                                 const std::string& precision) {
  for (const auto& result : choice.results) {
    if (result.candidate == candidate && result.precision == precision) return result;
  }
  FAIL("no result");
  return choice.results.front();
}

}  // namespace

TEST_CASE("the fastest precision whose intervals all meet fp32's is chosen", "[fast][precision]") {
  auto records = exact_records();
  add(records, "dcgan", "tf32", {21.0, 21.5, 22.5}, 150);
  add(records, "sngan", "tf32", {15.1, 15.4, 16.2}, 60);
  add(records, "dcgan", "bf16", {21.0, 20.0, 23.0}, 300);
  add(records, "sngan", "bf16", {15.2, 15.6, 15.9}, 100);
  const auto choice = choose_precision(records);
  CHECK(choice.precision == "bf16");
  CHECK(result_of(choice, "sngan", "tf32").speedup == Catch::Approx(1.2));
  CHECK(result_of(choice, "sngan", "bf16").overlaps == true);
  CHECK(result_of(choice, "sngan", "fp32").fid.mean == Catch::Approx(15.5));
  // sqrt(3 * 2)
  CHECK(test::contains(choice.reason, "2.45 times as fast"));
}

TEST_CASE("one candidate at another FID rules a precision out", "[fast][precision]") {
  auto records = exact_records();
  add(records, "dcgan", "bf16", {20.1, 21.2, 21.9}, 300);
  add(records, "sngan", "bf16", {25.0, 25.2, 25.4}, 100);
  const auto choice = choose_precision(records);
  CHECK(choice.precision == "fp32");
  CHECK(choice.reason == "bf16: sngan ends at another FID");
  CHECK(result_of(choice, "dcgan", "bf16").overlaps == true);
  CHECK(result_of(choice, "sngan", "bf16").overlaps == false);
}

TEST_CASE("without intervals, speed or a candidate the default stays", "[fast][precision]") {
  auto one_seed = exact_records();
  add(one_seed, "dcgan", "bf16", {20.5}, 300);
  add(one_seed, "sngan", "bf16", {15.5}, 300);
  CHECK(choose_precision(one_seed).reason == "bf16: dcgan has fewer than 3 seeds");
  auto two_seeds = exact_records();
  add(two_seeds, "dcgan", "bf16", {20.0, 21.0}, 300);
  add(two_seeds, "sngan", "bf16", {15.0, 15.5}, 300);
  CHECK(choose_precision(two_seeds).reason == "bf16: dcgan has fewer than 3 seeds");

  auto missing = exact_records();
  add(missing, "dcgan", "tf32", {20.0, 21.0, 22.0}, 300);
  CHECK(choose_precision(missing).reason == "tf32: sngan was not trained in it");

  auto slow = exact_records();
  add(slow, "dcgan", "tf32", {20.0, 21.0, 22.0}, 90);
  add(slow, "sngan", "tf32", {15.0, 15.5, 16.0}, 45);
  CHECK(choose_precision(slow).reason == "tf32: it is not faster");

  CHECK(choose_precision(exact_records()).reason == "no other precision was trained");
}

TEST_CASE("a diverged trial in the fast precision rules it out", "[fast][precision]") {
  auto records = exact_records();
  add(records, "dcgan", "bf16", {20.0, 21.0, std::nullopt}, 300);
  add(records, "sngan", "bf16", {15.0, 15.5, 16.0}, 100);
  const auto choice = choose_precision(records);
  CHECK(choice.precision == "fp32");
  CHECK(result_of(choice, "dcgan", "bf16").fid.n == 2);
}

TEST_CASE("records that differ in more than precision are refused", "[fast][precision]") {
  auto records = exact_records();
  test::FakeTrial longer;
  longer.steps = 400;
  longer.measures = {{"fid", 10.0}};
  longer.settings = {{"precision", "bf16"}};
  records.push_back(test::make_record(longer));
  const auto refused = test::thrown_by([&] { choose_precision(records); });
  CHECK(refused.kind == ErrorKind::kProtocol);
  CHECK(test::contains(refused.message, "steps"));

  const auto none = test::thrown_by([] { choose_precision({}); });
  CHECK(none.kind == ErrorKind::kData);
  CHECK(test::contains(none.message, "sweep precision"));
}

}  // namespace ganselect
