#include "results/report.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "results/curve_file.h"
#include "results/report_parts.h"
#include "results/store.h"
#include "results/svg_chart.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::FakeTrial;
using test::TempDir;
using test::thrown_by;

namespace {

FakeTrial reported_trial(const std::string& candidate, std::uint64_t seed, double fid) {
  FakeTrial trial;
  trial.candidate = candidate;
  trial.seed = seed;
  trial.measures = {{"fid", fid}, {"coverage", 0.25}, {"train_seconds", 10.0}};
  trial.checkpoints = {{{"step", 100},
                        {"seconds", 5.0},
                        {"measures", {{"fid", fid + 40.0}}},
                        {"protocol", {{"n_fake", 2000}}}},
                       {{"step", 200},
                        {"seconds", 10.0},
                        {"measures", {{"fid", fid}}},
                        {"protocol", {{"n_fake", 2000}}}}};
  trial.files = {{"curve", "curve.csv"}, {"samples", "samples.png"}};
  return trial;
}

std::vector<Record> reported_records() {
  std::vector<Record> records;
  for (const std::uint64_t seed : {0, 1}) {
    records.push_back(
        test::make_record(reported_trial("dcgan", seed, 50.0 + static_cast<double>(seed))));
    records.push_back(test::make_record(reported_trial("wgan", seed, 70.0)));
  }
  return records;
}

ReportInput asked_input() {
  ReportInput input;
  input.answers = {
      {{"query", "high <diversity>"},
       {"understood",
        {{"weights", {{"diversity", 1.0}}},
         {"constraints", {{{"key", "labels"}, {"op", "="}, {"value", false}}}}}},
       {"ranking",
        {{{"candidate", "dcgan"},
          {"rank", 1},
          {"rank_interval", {1, 2}},
          {"score", 0.75},
          {"p_best", nullptr},
          {"measures", {{"coverage", {{"mean", 0.125}, {"sd", 0.0625}, {"n", 2}}}, {"modes", 7}}},
          {"evidence", {"dcgan-cifar10-s0"}}},
         {{"candidate", "wgan"}, {"rank", 2}, {"score", 0.5}}}},
       {"questions",
        {{{"id", 1},
          {"question", "which architecture"},
          {"answer", "dcgan"},
          {"verdict", "undecided"}}}},
       {"evidence", {{"protocol", {{"detector", "judge-x"}}}}},
       {"space", {{"total", 900}, {"remaining", 40}}},
       {"warnings", {"one seed"}}}};
  input.claims = {{{"id", "C1"},
                   {"claim", "WGAN-GP and others give quality"},
                   {"verdict", "undecided"},
                   {"effect", nullptr}}};
  input.warnings = {"2 records left out"};
  return input;
}

}  // namespace

TEST_CASE("the page holds answers, claims, measures and provenance", "[fast][report]") {
  const std::string page = render_report(reported_records(), asked_input());
  for (const char* part :
       {"high &lt;diversity&gt;", "diversity 1", "labels = no", "data-value=\"0.75\"",
        "40 of 900 valid points", "class=\"undecided\"", "2 records left out", "50.50 ± 0.71 (2)",
        "coverage[judge-x]", "0.125 ± 0.0625", "dcgan-cifar10-s1",
        "Table 7. Loss-sensitive GAN against DCGAN", "&quot;detector&quot;"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
}

TEST_CASE("the page fetches nothing from elsewhere", "[fast][report]") {
  const std::string page = render_report(reported_records(), asked_input());
  for (const char* part : {"http://", "https://", "src=\"/", "@import", "url("}) {
    CAPTURE(part);
    CHECK_FALSE(contains(page, part));
  }
}

TEST_CASE("the page does not depend on the order of records", "[fast][report]") {
  auto records = reported_records();
  const std::string page = render_report(records, asked_input());
  std::mt19937_64 engine(3);
  for (int i = 0; i < 5; ++i) {
    std::shuffle(records.begin(), records.end(), engine);
    CHECK((render_report(records, asked_input()) == page));
  }
}

TEST_CASE("curves and sample grids come from the trial's folder", "[fast][report]") {
  const TempDir dir;
  write_file_atomically(dir / "t/curve.csv",
                        "step,seconds,loss_d,loss_g\n10,1,1.5,0.5\n20,2,,0.25\n30,3,1.25,0.75\n");
  write_file_atomically(dir / "t/samples.png", "PNG");
  write_record(dir / "t", test::make_record(reported_trial("dcgan", 0, 50.0)));
  const std::string page = render_report(load_records(dir.path()), {});
  CHECK(contains(page, "data:image/png;base64,UE5H\""));
  CHECK(contains(page, "first samples of dcgan-cifar10-s0 after 200 updates"));
  CHECK(contains(page, "losses: 0.25 to 1.5 over generator updates 10 to 30"));
  CHECK(contains(page, "fid (2000 samples, all seeds)"));

  const std::string without = render_report(reported_records(), {});
  CHECK(contains(without, "no sample grid on disk"));
  CHECK(contains(without, "losses: no values on disk"));
}

TEST_CASE("a damaged curve file is named with its line", "[fast][report]") {
  const TempDir dir;
  write_file_atomically(dir / "curve.csv", "step,loss_d\n10,1.5\n20,abc\n");
  const auto thrown = thrown_by([&] { read_curve_columns(dir / "curve.csv"); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(contains(thrown.message, "curve.csv: line 3] expected a number, got 'abc'"));
  write_file_atomically(dir / "short.csv", "step,loss_d\n10\n");
  CHECK(contains(thrown_by([&] { read_curve_columns(dir / "short.csv"); }).message,
                 "expected 2 cells, got 1"));
}

TEST_CASE("a report of mixed protocols is refused", "[fast][report]") {
  auto records = reported_records();
  FakeTrial other = reported_trial("lsgan", 0, 10.0);
  other.detector = "inception";
  records.push_back(test::make_record(other));
  CHECK(thrown_by([&] { render_report(records, {}); }).kind == ErrorKind::kProtocol);
}

TEST_CASE("a report without records says so", "[fast][report]") {
  const std::string page = render_report({}, {});
  CHECK(contains(page, "There is no record yet."));
  CHECK(contains(page, "not measured"));
}

TEST_CASE("ticks are round and inside the range", "[fast][report]") {
  CHECK(round_ticks(0.0, 100.0, 4) == std::vector<double>{0, 50, 100});
  CHECK(round_ticks(-0.2, 0.21, 4) == std::vector<double>{-0.2, 0.0, 0.2});
  CHECK(round_ticks(3.0, 9.0, 4) == std::vector<double>{4, 6, 8});
}

TEST_CASE("charts draw single points, and say when there is none", "[fast][report]") {
  CHECK(contains(
      line_chart_svg({.title = "t", .x_label = "x", .series = {{"a", "series-a", {{1.0, 2.0}}}}}),
      "<circle"));
  CHECK(line_chart_svg({.title = "a < b", .x_label = "x"}) ==
        "<p class=\"missing\">a &lt; b: no values on disk</p>");
}
