#include "results/report/report.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "results/records/curve_file.h"
#include "results/records/store.h"
#include "results/report/html.h"
#include "results/report/report_assets.h"
#include "results/report/report_parts.h"
#include "tests/results/report/webp_bytes.h"
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
  input.ranking = {
      {"presets",
       {{{"name", "high-diversity"},
         {"weights", {{"diversity", 0.75}, {"quality", 0.25}}},
         {"constraints", Json::array()},
         {"answer",
          {{"ranking",
            {{{"candidate", "dcgan"}, {"score", 0.625}, {"p_best", 0.875}, {"confidence", 0.5}},
             {{"candidate", "wgan"}, {"score", 0.5}}}}}}},
        {{"name", "class-control"}, {"answer", {{"error", "no trial <here>"}}}}}}};
  input.warnings = {"2 records left out"};
  return input;
}

// The data block, as the page's script reads it.
Json data_of(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"report-data\">";
  const auto from = page.find(open) + open.size();
  return parse_json(page.substr(from, page.find("</script>", from) - from), "data block");
}

}  // namespace

TEST_CASE("the page holds answers, claims, measures and provenance", "[fast][report]") {
  const std::string page = render_report(reported_records(), asked_input());
  for (const char* part : {"high &lt;diversity&gt;",
                           "diversity 1",
                           "labels = no",
                           "data-value=\"0.75\"",
                           "40 of 900 valid points",
                           "class=\"undecided\"",
                           "2 records left out",
                           "50.50 ± 0.71 (2)",
                           "data-candidate=\"dcgan\" data-measure=\"fid\"",
                           "coverage[judge-x]",
                           "0.125 ± 0.0625",
                           "dcgan-cifar10-s1",
                           "Table 7. Loss-sensitive GAN against DCGAN",
                           "&quot;detector&quot;",
                           "data-preset=\"high-diversity\"",
                           "weights: diversity 0.75, quality 0.25",
                           "data-value=\"0.625\"",
                           "data-value=\"0.875\"",
                           "50%",
                           "no trial &lt;here&gt;"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
}

TEST_CASE("the data block gives every value with its trial, protocol and digests",
          "[fast][report]") {
  auto records = reported_records();
  records[0].measures.values["fid"] = 50.0 + 1e-13;  // must survive to the last digit
  const Json data = data_of(render_report(records, asked_input()));
  REQUIRE(data["trials"].size() == 4);
  const Json& first = data["trials"][0];
  CHECK(first["id"] == "dcgan-cifar10-s0");
  CHECK(first["seed"] == "0");
  CHECK(first["values"]["fid"].get<double>() == 50.0 + 1e-13);
  const Json& context = data["contexts"][first["context"].get<std::size_t>()];
  CHECK(context["protocol"]["detector_digest"] == std::string(64, 'a'));
  CHECK(context["dataset"]["digest"] == std::string(64, 'd'));
  CHECK(context["budget"]["steps"] == 200);
  CHECK(data["measures"]["fid"]["label"] == "fid[judge-cifar10]");
  CHECK(data["measures"]["train_seconds"]["unit"] == "s");
  CHECK(data["claims"][0]["id"] == "C1");
  CHECK(data["ranking"]["presets"].size() == 2);
}

TEST_CASE("a value that is missing stands in the data block as null with its reason",
          "[fast][report]") {
  FakeTrial trial = reported_trial("dcgan", 7, 50.0);
  trial.measures["recall"] = std::nullopt;
  const Json data = data_of(render_report(std::vector{test::make_record(trial)}, {}));
  CHECK(data["trials"][0]["values"]["recall"].is_null());
  CHECK(data["trials"][0]["reasons"]["recall"] == "left out on purpose");
}

TEST_CASE("the page may fetch and run nothing but its own pieces", "[fast][report]") {
  const std::string page = render_report(reported_records(), asked_input());
  CHECK(contains(page, "default-src 'none'; script-src 'sha256-"));
  CHECK(contains(page, "base-uri 'none'; form-action 'none'"));
  CHECK_FALSE(contains(page, "unsafe-"));
  for (const char* part :
       {"src=\"http", "src=\"/", "href=\"http", "@import", " style=\"", " onclick"}) {
    CAPTURE(part);
    CHECK_FALSE(contains(page, part));
  }
  const auto& assets = report_assets();
  CHECK(contains(page, assets.chart_library.empty()
                           ? "built without Chart.js"
                           : "Permission is hereby granted, free of charge"));
}

TEST_CASE("nothing in a record can become markup or script", "[fast][report]") {
  const std::string evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&<!--";
  FakeTrial trial = reported_trial(evil, 0, 50.0);
  trial.plan = evil;
  trial.status = "diverged";
  trial.status_step = 12;
  trial.status_reason = evil;
  trial.device = evil;
  trial.date = evil;
  trial.measures["recall"] = std::nullopt;
  Json json = test::fake_record(trial);
  json["reason"]["recall"] = evil;
  json["candidate"]["loss"] = evil;
  json["provenance"]["commit"] = evil;
  const Record record = parse_record(json, "evil");
  ReportInput input = asked_input();
  input.title = evil;
  input.warnings = {evil};
  input.claims = {{{"id", evil}, {"claim", evil}, {"reason", evil}, {"trials", {evil}}}};
  input.answers = {{{"query", evil}, {"ranking", {{{"candidate", evil}, {"score", 1.0}}}}}};
  input.ranking = {{"presets",
                    {{{"name", evil},
                      {"weights", {{evil, 1.0}}},
                      {"answer", {{"ranking", {{{"candidate", evil}, {"score", 1.0}}}}}}}}}};
  const std::string page = render_report(std::vector{record}, input);
  CHECK_FALSE(contains(page, "<script>alert"));
  CHECK_FALSE(contains(page, "<img src=x"));
  CHECK_FALSE(contains(page, "<!--"));
  CHECK(contains(page, "&lt;img src=x onerror=alert(2)&gt;&quot;&#39;&amp;&lt;!--"));
  // The data block still holds the very text.
  CHECK(data_of(page)["trials"][0]["candidate"] == evil);
  CHECK(data_of(page)["trials"][0]["reasons"]["recall"] == evil);
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
  write_file_atomically(dir / "t/samples.png", test::png_bytes(300, 5));
  write_record(dir / "t", test::make_record(reported_trial("dcgan", 0, 50.0)));
  const std::string page = render_report(load_records(dir.path()), {});
  CHECK(contains(page,
                 "aria-label=\"samples of dcgan-cifar10-s0 after 200 updates\" viewBox=\"0 0 274 "
                 "5\"><image id=\"grid-1\" width=\"274\" height=\"5\" "
                 "href=\"data:image/png;base64,iVBORw0KGgo"));
  CHECK(contains(page, "the top left 274 x 5 of 300 x 5 pixels"));
  const Json data = data_of(page);
  CHECK(data["curves"].size() == 3);
  CHECK(data["curves"][1]["name"] == "loss_d");
  CHECK(data["curves"][1]["series"][0]["step"] == Json({10.0, 30.0}));

  const std::string without = render_report(reported_records(), {});
  CHECK(contains(without, "no sample grid on disk"));
  CHECK(data_of(without)["curves"].size() == 1);  // the evaluations stand in the record itself
}

TEST_CASE("a published grid is the WebP beside the record of the first seed that has one",
          "[fast][report]") {
  const TempDir dir;
  for (const std::uint64_t seed : {3, 4, 5})
    write_record(dir / ("t" + std::to_string(seed)),
                 test::make_record(reported_trial("dcgan", seed, 50.0)));
  write_file_atomically(dir / "t4/samples.webp", test::webp_bytes(300, 290));
  write_file_atomically(dir / "t5/samples.webp", test::webp_bytes(9, 8));
  ReportInput input;
  input.answers = {{{"query", "a question"}, {"shortlist", {"dcgan", "wgan"}}}};
  const std::string page = render_report(load_records(dir.path()), input);
  CHECK(contains(page,
                 "viewBox=\"0 0 274 138\"><image id=\"grid-1\" width=\"300\" height=\"290\" "
                 "href=\"data:image/webp;base64,UklGR"));
  CHECK(contains(page,
                 "dcgan-cifar10-s4 after 200 updates; the top left 274 x 138 of 300 x 290 pixels"));
  CHECK(data_of(page)["grids"]["dcgan"]["id"] == "grid-1");
  CHECK(data_of(page)["grids"]["dcgan"]["height"] == 138);
  // The opening shows it again without a copy, and says where there is none.
  CHECK(contains(page, "viewBox=\"0 0 274 138\"><use href=\"#grid-1\"/>"));
  CHECK(contains(page, "<b>wgan</b><p class=\"missing\">no sample grid on disk"));

  write_file_atomically(dir / "t3/samples.webp", test::webp_bytes(9, 8).substr(0, 40));
  const std::string damaged = render_report(load_records(dir.path()), {});
  CHECK(contains(damaged,
                 "samples of dcgan-cifar10-s3 left out: [samples.webp] expected a sample "
                 "grid as WebP"));
  CHECK(contains(damaged, "<image id=\"grid-1\" width=\"300\""));
  CHECK_FALSE(contains(damaged, dir.path().string()));

  write_file_atomically(dir / "t3/samples.png", test::png_bytes(6, 7));
  CHECK(contains(render_report(load_records(dir.path()), {}), "<image id=\"grid-1\" width=\"6\""));
}

TEST_CASE("the page begins with the answer and ends with the notes", "[fast][report]") {
  ReportInput input = asked_input();
  input.answers[0]["summary"] = "Take <dcgan> for varied samples.";
  input.answers[0]["how_sure"] = "7 in 8";
  input.ranking["presets"][0]["answer"]["summary"] = "Take wgan & rest.";
  const std::string page = render_report(reported_records(), input);
  const std::vector<std::string> order = {"<h2>high &lt;diversity&gt;</h2>",
                                          "class=\"summary\">Take &lt;dcgan&gt; for varied",
                                          "How sure: 7 in 8",
                                          "id=\"preset-name\">high-diversity",
                                          "class=\"summary\">Take wgan &amp; rest.",
                                          "<h2 id=\"ranked\">",
                                          "<td class=\"said\">Take wgan &amp; rest.",
                                          "id=\"asked-1\"",
                                          "Notes on this answer (1)",
                                          "<h2 id=\"provenance\">",
                                          "<h2 id=\"notes\">",
                                          "<details><summary>What was left out",
                                          "2 records left out"};
  std::size_t from = 0;
  for (const auto& part : order) {
    CAPTURE(part);
    const auto at = page.find(part, from);
    REQUIRE(at != std::string::npos);
    from = at;
  }
}

TEST_CASE("a trial whose collapse was only measured looks collapsed everywhere", "[fast][report]") {
  auto trial = reported_trial("dcgan", 0, 50.0);
  trial.measures["collapsed"] = 1.0;
  const TempDir dir;
  write_record(dir / "t", test::make_record(trial));
  write_file_atomically(dir / "t/samples.webp", test::webp_bytes(9, 8));
  ReportInput input;
  input.answers = {{{"query", "a question"}, {"shortlist", {"dcgan"}}}};
  const std::string page = render_report(load_records(dir.path()), input);
  for (const char* part : {"<article class=\"card lost collapsed\">",
                           "<li>seed 0: <span class=\"collapsed\">collapsed</span>, FID above",
                           "<td class=\"outcome collapsed\">1 collapsed</td>",
                           "<td><span class=\"collapsed\">collapsed</span></td>",
                           "<svg class=\"grid lost\" role=\"img\" aria-label=\"samples of dcgan\"",
                           "<b>dcgan</b> <span class=\"collapsed\">collapsed</span>"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
  CHECK_FALSE(contains(page, ">finished<"));
  CHECK(data_of(page)["trials"][0]["status"] == "collapsed");
  CHECK(contains(data_of(page)["trials"][0]["reason"].get<std::string>(), "half of its modes"));
}

TEST_CASE("a card of which one seed finished is not marked as lost", "[fast][report]") {
  auto lost = reported_trial("dcgan", 0, 50.0);
  lost.measures["collapsed"] = 1.0;
  auto fine = reported_trial("dcgan", 1, 50.0);
  fine.measures["collapsed"] = 0.0;
  const std::string page =
      render_report(std::vector{test::make_record(lost), test::make_record(fine)}, {});
  CHECK(contains(page, "<article class=\"card\">"));
  CHECK(contains(page, "<td class=\"outcome collapsed\">1 finished, 1 collapsed</td>"));
}

TEST_CASE("who does not work is named in the open with the reason", "[fast][report]") {
  ReportInput input = asked_input();
  input.answers[0]["excluded"] = {
      {{"candidate", "fc<gan"}, {"reason", "does not work here: collapsed in 2 of 2 trials"}},
      {{"candidate", "sngan"}, {"reason", "constraint labels == true is not met"}}};
  const std::string page = render_report(reported_records(), input);
  CHECK(contains(page,
                 "<h3>Does not work here</h3><ul class=\"broken\"><li><b>fc&lt;gan</b>: "
                 "collapsed in 2 of 2 trials</li></ul>"));
  CHECK(contains(page,
                 "<details><summary>Outside the ranking (1)</summary><p "
                 "class=\"warning\">sngan: constraint labels"));
}

TEST_CASE("a damaged grid or curve is left out and named, and no path enters the page",
          "[fast][report]") {
  const TempDir dir;
  write_file_atomically(dir / "t/curve.csv", "step,loss_d\n10,1.5\n20,abc\n");
  write_file_atomically(dir / "t/samples.png", "no picture");
  write_record(dir / "t", test::make_record(reported_trial("dcgan", 0, 50.0)));
  const std::string page = render_report(load_records(dir.path()), {});
  CHECK(contains(
      page, "curve of dcgan-cifar10-s0 left out: [curve.csv, line 3, loss_d] expected a number"));
  CHECK(contains(page, "samples of dcgan-cifar10-s0 left out: [samples.png]"));
  CHECK_FALSE(contains(page, dir.path().string()));
}

TEST_CASE("a record cannot bring files from outside its folder onto the page", "[fast][report]") {
  for (const char* path : {"../secret.png", "/etc/secret.png", "sub/../../secret.png"}) {
    CAPTURE(path);
    FakeTrial trial = reported_trial("dcgan", 0, 50.0);
    trial.files = {{"samples", path}};
    CHECK(contains(thrown_by([&] { test::make_record(trial); }).message,
                   "expected a path inside the trial's folder"));
  }
}

TEST_CASE("a damaged curve file is named with its line", "[fast][report]") {
  const TempDir dir;
  write_file_atomically(dir / "curve.csv", "step,loss_d\n10,1.5\n20,abc\n");
  const auto thrown = thrown_by([&] { read_curve_columns(dir / "curve.csv"); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(contains(thrown.message,
                 "curve.csv, line 3, loss_d] expected a number or nothing, got 'abc'"));
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
  CHECK(contains(page, "No preset was answered."));
}
