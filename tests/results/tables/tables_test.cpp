#include "results/tables/tables.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "results/tables/table_text.h"
#include "tests/support/approved.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/json_schema.h"

using namespace ganselect;
using Catch::Matchers::WithinAbs;
using test::check_approved;
using test::contains;
using test::fake_candidate;
using test::FakeTrial;
using test::thrown_by;

namespace {

std::vector<Json> all_candidates() {
  std::vector<Json> all;
  for (const char* name :
       {"fcgan", "conv-gan", "dcgan", "wgan", "wgan-gp", "fgan-kl", "fgan-gan", "geometric-gan",
        "lsgan", "rsgan", "loss-sensitive-gan", "sngan", "rpgan-r1-r2"}) {
    all.push_back(fake_candidate(name));
  }
  return all;
}

FakeTrial tabled_trial(const std::string& candidate, std::uint64_t seed, double fid) {
  FakeTrial trial;
  trial.candidate = candidate;
  trial.seed = seed;
  trial.measures = {{"fid", fid},
                    {"kid_mean", std::nullopt},
                    {"recall", fid / 100.0},
                    {"modes", 10.0},
                    {"parameters_g", 1234567.0},
                    {"peak_memory_bytes", 256e6},
                    {"train_seconds", 12.5 + static_cast<double>(seed)},
                    {"steps_to_fid_100", 50.0},
                    {"steps_to_fid_75", 150.0}};
  return trial;
}

// Table 2: a base with three seeds, a member of the same seeds, one of a single seed, and one of
// which one trial diverged; conv-gan was not trained. wgan belongs to other tables.
std::vector<Record> table2_records() {
  std::vector<Record> records;
  const auto add = [&records](const FakeTrial& trial) {
    records.push_back(test::make_record(trial));
  };
  for (const std::uint64_t seed : {0, 1, 2}) {
    add(tabled_trial("fcgan", seed, 80.0 + 2.0 * static_cast<double>(seed)));  // 80 82 84
    add(tabled_trial("dcgan", seed, 50.0 + 1.0 * static_cast<double>(seed)));  // 50 51 52
  }
  add(tabled_trial("lsgan", 0, 40.0));
  add(tabled_trial("lsgan", 1, 44.0));
  FakeTrial diverged;
  diverged.candidate = "lsgan";
  diverged.seed = 2;
  diverged.status = "diverged";
  diverged.status_step = 120;
  diverged.protocol = Json::object();
  add(diverged);
  add(tabled_trial("wgan", 0, 1.0));
  return records;
}

const TableRow& row_of(const SurveyTable& table, const std::string& candidate) {
  for (const auto& row : table.rows) {
    if (row.candidate == candidate) return row;
  }
  FAIL("no row " << candidate);
  return table.rows.front();
}

// Minimal reader of RFC 4180, to see that what is written comes back.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> lines(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      lines.back().back() += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      lines.back().emplace_back();
    } else if (!quoted && c == '\r' && text[i + 1] == '\n') {
      ++i;
      if (i + 1 < text.size()) lines.push_back({""});
    } else {
      lines.back().back() += c;
    }
  }
  return lines;
}

std::string csv_value(const std::vector<std::vector<std::string>>& lines,
                      const std::string& candidate, const std::string& column) {
  const auto& header = lines.front();
  const auto place = std::find(header.begin(), header.end(), column);
  REQUIRE(place != header.end());
  for (const auto& line : lines) {
    if (line[1] == candidate) return line[static_cast<std::size_t>(place - header.begin())];
  }
  FAIL("no line " << candidate);
  return "";
}

}  // namespace

TEST_CASE("a table's numbers can be worked by hand", "[fast][tables]") {
  const auto records = table2_records();
  const SurveyTable table = build_table(2, records, all_candidates());
  const auto& base = row_of(table, "fcgan");
  CHECK(base.is_base);
  CHECK(*base.cells.at("fid").summary.mean == 82.0);
  CHECK_THAT(*base.cells.at("fid").summary.sd, WithinAbs(2.0, 1e-12));
  CHECK_FALSE(base.cells.at("fid").to_base.has_value());

  // dcgan minus fcgan by seed: -30, -31, -32: mean -31, sd 1, half width 4.302653 / sqrt(3)
  // = 2.484138.
  const auto& member = *row_of(table, "dcgan").cells.at("fid").to_base;
  CHECK(member.method == "paired by seed");
  CHECK_THAT(member.mean, WithinAbs(-31.0, 1e-12));
  CHECK_THAT(member.interval95->low, WithinAbs(-33.484138, 1e-6));
  CHECK_THAT(member.interval95->high, WithinAbs(-28.515862, 1e-6));
}

TEST_CASE("the base comes first, then the candidates in their order, measured or not",
          "[fast][tables]") {
  const SurveyTable table = build_table(2, table2_records(), all_candidates());
  std::vector<std::string> names;
  for (const auto& row : table.rows) names.push_back(row.candidate);
  CHECK(names == std::vector<std::string>{"fcgan", "conv-gan", "dcgan", "lsgan"});
  CHECK(row_of(table, "conv-gan").status == "not measured");
  CHECK(cell_text(row_of(table, "conv-gan").cells.at("fid"), "") == "n/a (not measured)");
}

TEST_CASE("a diverged trial is in the row, with its step", "[fast][tables]") {
  const SurveyTable table = build_table(2, table2_records(), all_candidates());
  const auto& row = row_of(table, "lsgan");
  CHECK(row.status == "2 finished, 1 diverged (step 120)");
  CHECK(row.outcomes.at("diverged") == 1);
  CHECK(row.trial_ids ==
        std::vector<std::string>{"lsgan-cifar10-s0", "lsgan-cifar10-s1", "lsgan-cifar10-s2"});
  CHECK(cell_text(row.cells.at("fid"), "") == "42.00 ± 2.83 (2 of 3)");
  CHECK(row.cells.at("fid").note == "1 of 3 trials without a value: diverged at step 120");
  CHECK(row.cells.at("fid").to_base->method == "Welch");
}

TEST_CASE("a candidate of which every trial failed keeps its row", "[fast][tables]") {
  FakeTrial trial;
  trial.candidate = "dcgan";
  trial.status = "failed";
  trial.status_reason = "no memory";
  const std::vector<Record> records = {test::make_record(tabled_trial("fcgan", 0, 80.0)),
                                       test::make_record(trial)};
  const SurveyTable table = build_table(2, records, all_candidates());
  CHECK(row_of(table, "dcgan").status == "1 failed");
  CHECK(cell_text(row_of(table, "dcgan").cells.at("fid"), "") == "n/a (failed)");
}

TEST_CASE("one seed a candidate: means without intervals, said in a warning", "[fast][tables]") {
  const std::vector<Record> records = {test::make_record(tabled_trial("fcgan", 0, 80.0)),
                                       test::make_record(tabled_trial("dcgan", 0, 50.5))};
  const SurveyTable table = build_table(2, records, all_candidates());
  const auto& row = row_of(table, "dcgan");
  CHECK(cell_text(row.cells.at("fid"), "") == "50.50 (1)");
  CHECK(difference_text(row, row.cells.at("fid"), "") == "-29.50 (one seed: no interval)");
  CHECK(std::count(table.warnings.begin(), table.warnings.end(),
                   "one seed a candidate: no intervals") == 1);
}

TEST_CASE("a title says data, scale, steps, device, seeds and detector", "[fast][tables]") {
  const SurveyTable table = build_table(2, table2_records(), all_candidates());
  CHECK(table.title ==
        "Table 2. GANs against FCGAN: cifar10 (train, 50000 samples), 200 generator updates at "
        "batch 64, "
        "width 0.25, cpu, seeds 0-2, measured by judge-cifar10");
  CHECK(build_table(4, {}, all_candidates()).title ==
        "Table 4. GANs against WGAN-GP: not measured");
  CHECK(seed_ranges({5, 1, 0, 2, 8, 9}) == "0-2, 5, 8-9");
}

TEST_CASE("two protocols in one table are refused with the field named", "[fast][tables]") {
  auto records = table2_records();
  FakeTrial other = tabled_trial("conv-gan", 0, 60.0);
  other.detector = "inception";
  records.push_back(test::make_record(other));
  const auto thrown = thrown_by([&] { build_table(2, records, all_candidates()); });
  CHECK(thrown.kind == ErrorKind::kProtocol);
  CHECK(contains(thrown.message, "protocol.detector 'judge-cifar10'"));
  CHECK(contains(thrown.message, "'inception' in conv-gan-cifar10-s0"));
  CHECK_NOTHROW(build_table(3, records, all_candidates()));

  other.detector = "judge-cifar10";
  other.steps = 400;
  records.back() = test::make_record(other);
  CHECK(contains(thrown_by([&] { build_table(2, records, all_candidates()); }).message,
                 "budget.steps '200'"));
}

TEST_CASE("one candidate trained in two ways is refused with the setting named", "[fast][tables]") {
  auto records = table2_records();
  FakeTrial tuned = tabled_trial("dcgan", 7, 20.0);
  tuned.settings = {{"lr_g", 0.001}};
  records.push_back(test::make_record(tuned));
  const auto thrown = thrown_by([&] { build_table(2, records, all_candidates()); });
  CHECK(thrown.kind == ErrorKind::kProtocol);
  CHECK(contains(thrown.message, "settings.lr_g 'absent'"));
}

TEST_CASE("times of two machines are not shown side by side, all else is", "[fast][tables]") {
  auto records = table2_records();
  FakeTrial elsewhere = tabled_trial("conv-gan", 0, 60.0);
  elsewhere.device = "cuda:0";
  records.push_back(test::make_record(elsewhere));
  const SurveyTable table = build_table(2, records, all_candidates());
  const auto& row = row_of(table, "fcgan");
  CHECK(cell_text(row.cells.at("train_seconds"), "s") ==
        "n/a (machines differ: settings.device cpu | cuda:0)");
  CHECK(cell_text(row.cells.at("parameters_g"), "") == "1234567 ± 0 (3)");
  CHECK(contains(table.title, "cpu and cuda:0"));
}

TEST_CASE("tables do not depend on the order of records, byte for byte", "[fast][tables]") {
  auto records = table2_records();
  const auto candidates = all_candidates();
  std::mt19937_64 engine(7);
  for (const auto& format : table_formats()) {
    const std::string first = format.render(build_table(2, records, candidates));
    for (int i = 0; i < 10; ++i) {
      std::shuffle(records.begin(), records.end(), engine);
      CHECK(format.render(build_table(2, records, candidates)) == first);
    }
  }
}

TEST_CASE("every table has its members, with no record and without the list", "[fast][tables]") {
  for (const auto& spec : table_specs()) {
    CAPTURE(spec.name);
    const SurveyTable empty = build_table(spec.number, {}, all_candidates());
    CHECK(empty.rows.size() >= 2);
    for (const auto& row : empty.rows) CHECK(row.status == "not measured");
    if (spec.base) {
      CHECK(empty.rows.front().candidate == *spec.base);
      CHECK(empty.rows.front().is_base);
    }
    for (const auto& format : table_formats()) CHECK(format.render(empty).back() == '\n');
  }
  const SurveyTable recorded = build_table(2, table2_records(), {});
  REQUIRE(recorded.rows.size() == 3);
  CHECK(recorded.rows[0].candidate == "fcgan");
  CHECK(thrown_by([] { build_table(8, {}, {}); }).kind == ErrorKind::kUsage);
}

TEST_CASE("CSV quotes what needs it and comes back", "[fast][tables]") {
  Json odd = fake_candidate("conv-gan");
  odd["source"] = "says \"so\",\nin two lines";
  auto candidates = all_candidates();
  candidates[1] = odd;
  const std::string text = table_to_csv(build_table(2, table2_records(), candidates));
  CHECK(contains(text, "\"says \"\"so\"\",\nin two lines\""));
  const auto lines = read_csv(text);
  REQUIRE(lines.size() == 5);
  for (const auto& line : lines) CHECK(line.size() == lines.front().size());
  CHECK(csv_value(lines, "conv-gan", "source") == "says \"so\",\nin two lines");
  CHECK(csv_value(lines, "dcgan", "fid.mean") == "51");
  CHECK(csv_value(lines, "dcgan", "fid.difference") == "-31");
  CHECK(csv_value(lines, "dcgan", "detector") == "judge-cifar10");
  CHECK(csv_value(lines, "lsgan", "trials_diverged") == "1");
  CHECK(csv_value(lines, "lsgan", "trials") ==
        "lsgan-cifar10-s0 lsgan-cifar10-s1 lsgan-cifar10-s2");
  CHECK(csv_value(lines, "conv-gan", "fid.mean").empty());
  CHECK(csv_value(lines, "conv-gan", "fid.note") == "not measured");
}

TEST_CASE("No text of a CSV table is a formula to a spreadsheet", "[fast][tables]") {
  auto candidates = all_candidates();
  candidates[0]["critic_formula"] = "E fake - E real";
  candidates[0]["generator_formula"] = "-E fake";
  candidates[1]["generator_formula"] = "=1+1";
  const auto lines = read_csv(table_to_csv(build_table(1, {}, candidates)));
  CHECK(csv_value(lines, "fcgan", "critic_formula") == "E fake - E real");
  CHECK(csv_value(lines, "fcgan", "generator_formula") == "\u2212E fake");
  CHECK(csv_value(lines, "conv-gan", "generator_formula") == " =1+1");
}

TEST_CASE("python's csv module and pandas read every table cell by cell", "[fast][tables]") {
  Json odd = fake_candidate("conv-gan");
  odd["source"] = "says \"so\",\r\nin two lines; it's 5;6\t\xc3\xa9";
  auto candidates = all_candidates();
  candidates[1] = odd;
  // GANSELECT_PYTHON names an interpreter that has pandas where python3 has none.
  const char* named = std::getenv("GANSELECT_PYTHON");
  const std::string python = named == nullptr ? "python3" : named;
  bool pandas = true;
  for (const auto& spec : table_specs()) {
    CAPTURE(spec.number);
    const std::string text = table_to_csv(build_table(spec.number, table2_records(), candidates));
    const auto lines = read_csv(text);
    Json expected = Json::object();
    for (std::size_t j = 0; j < lines.front().size(); ++j) {
      auto& cells = expected[lines.front()[j]] = Json::array();
      for (std::size_t i = 1; i < lines.size(); ++i) cells.push_back(lines[i].at(j));
    }
    const test::TempDir dir;
    write_file_atomically(dir / "table.csv", text);
    write_file_atomically(dir / "expected.json", expected.dump());
    const std::string command =
        python + " '" GANSELECT_TEST_DIR "/results/tables/read_tables_csv.py' '" +
        (dir / "table.csv").string() + "' '" + (dir / "expected.json").string() + "' > /dev/null";
    const int status = WEXITSTATUS(std::system(command.c_str()));
    constexpr int kNoPandas = 77;
    constexpr int kNoPython = 127;
    if (status == kNoPython) SKIP("no " + python);
    pandas = pandas && status != kNoPandas;
    CHECK((status == 0 || status == kNoPandas));
  }
  if (!pandas)
    SKIP("read by the csv module alone: " + python +
         " has no pandas; GANSELECT_PYTHON may name one that has");
}

TEST_CASE("several tables are one document", "[fast][tables]") {
  const std::vector<SurveyTable> both = {build_table(2, table2_records(), all_candidates()),
                                         build_table(7, {}, {})};
  const Json array = parse_json(render_tables(table_formats().at("json"), both), "tables");
  REQUIRE(array.size() == 2);
  CHECK(array[0] == table_to_json(both[0]));
  CHECK(array[1]["table"] == 7);
  const auto& markdown = table_formats().at("md");
  CHECK(render_tables(markdown, both) ==
        markdown.render(both[0]) + "\n" + markdown.render(both[1]));
  CHECK(render_tables(markdown, {both.data(), 1}) == markdown.render(both[0]));
}

TEST_CASE("the legend names every measure of the table", "[fast][tables]") {
  const SurveyTable table = build_table(2, table2_records(), all_candidates());
  for (const auto& column : table.columns) {
    if (!column.is_measure) continue;
    CAPTURE(column.key);
    const std::string name = display_name(column.key, table.protocol);
    CHECK(std::count_if(table.legend.begin(), table.legend.end(),
                        [&](const LegendEntry& entry) { return entry.name == name; }) == 1);
  }
}

TEST_CASE("numbered measures stand in the order of their numbers", "[fast][tables]") {
  const SurveyTable table = build_table(2, table2_records(), all_candidates());
  std::vector<std::string> steps;
  for (const auto& column : table.columns) {
    if (column.key.starts_with("steps_to_fid_")) steps.push_back(column.key);
  }
  CHECK(steps == std::vector<std::string>{"steps_to_fid_75", "steps_to_fid_100"});
}

TEST_CASE("numbers are rounded for people", "[fast][tables]") {
  CHECK(rounded(0.0) == "0");
  CHECK(rounded(-0.0) == "0");
  CHECK(rounded(12.3456) == "12.35");
  CHECK(rounded(-0.123456) == "-0.1235");
  CHECK(rounded(1234.56) == "1235");
  CHECK(rounded(1234567.0) == "1234567");
  CHECK(rounded(123456789.0) == "1.23e+08");
  CHECK(rounded(0.000123456) == "1.23e-04");
  CHECK(rounded(0.56123, 2) == "0.56");

  const auto cell = [](double mean, double sd) {
    return cell_text({.summary = {.n = 3, .trials = 3, .mean = mean, .sd = sd}}, "");
  };
  CHECK(cell(12.3456, 0.5678) == "12.35 ± 0.57 (3)");
  CHECK(cell(0.0197123, 0.00068) == "0.01971 ± 0.00068 (3)");
  CHECK(cell(82.0, 2.0) == "82 ± 2 (3)");
  CHECK(cell(1234.5, 0.0123) == "1234 ± 0.012 (3)");
  CHECK(cell(2.5e9, 1.25e7) == "2.50e+09 ± 1.25e+07 (3)");
}

TEST_CASE("tables conform to their JSON Schema", "[fast][tables][schema]") {
  Json documents = Json::object();
  for (const auto& spec : table_specs()) {
    documents["measured " + spec.name] =
        table_to_json(build_table(spec.number, table2_records(), all_candidates()));
    documents["empty " + spec.name] = table_to_json(build_table(spec.number, {}, {}));
  }
  Json spoiled = documents["measured 2"];
  spoiled["rows"][0]["behaviour"]["fid"]["mean"] = "82";
  documents["mean as text"] = spoiled;
  const auto verdicts = test::schema_verdicts("results/tables/tables.schema.json", documents);
  if (!verdicts) SKIP("python3 has no jsonschema package");
  REQUIRE(verdicts->size() == documents.size());
  for (const auto& [name, verdict] : *verdicts) {
    CAPTURE(name);
    if (name == "mean as text") {
      CHECK(verdict != "valid");
    } else {
      CHECK(verdict == "valid");
    }
  }
}

TEST_CASE("every form of a table says which members are inferred", "[fast][tables]") {
  const SurveyTable table = build_table(6, {}, all_candidates());
  CHECK(row_of(table, "lsgan").membership == "title");
  CHECK(row_of(table, "rsgan").membership == "title");
  CHECK(row_of(build_table(7, {}, all_candidates()), "sngan").membership == "inferred");
  for (const auto& row : table_to_json(table)["rows"])
    CHECK(row["membership"] == row_of(table, row["candidate"].get<std::string>()).membership);
  for (const auto& text : {table_to_markdown(table), table_to_latex(table)}) {
    CHECK(contains(text, "member by"));
    CHECK(contains(text, kMembershipNote));
  }
  CHECK(contains(table_to_csv(build_table(7, {}, all_candidates())),
                 "sngan,member,inferred,not measured"));
  CHECK(contains(table_to_json(table)["legend"].dump(), kMembershipNote));
  for (const auto& spec : table_specs())
    for (const auto& name : spec.named_in_title)
      CHECK_NOTHROW(row_of(build_table(spec.number, {}, all_candidates()), name));
}

TEST_CASE("modes of points that were not told from chance come with a warning", "[fast][tables]") {
  FakeTrial trial{.candidate = "dcgan", .measures = {{"modes", 7.0}}, .dataset = "ring"};
  const auto warned = [&trial](Json modes) {
    trial.protocol = {{"measures", {{"modes", std::move(modes)}}}};
    const std::vector<Record> records = {test::make_record(trial)};
    return contains(table_to_markdown(build_table(2, records, all_candidates())),
                    "points at random touch most centres");
  };
  CHECK(warned({{"from", "points"}, {"classes", 8}}));
  CHECK_FALSE(warned({{"from", "points"}, {"classes", 8}, {"level", 0.01}}));
  CHECK_FALSE(warned({{"from", "class scores"}, {"classes", 10}}));
}

TEST_CASE("tables look as approved", "[fast][tables][approved]") {
  const auto records = table2_records();
  const SurveyTable comparison = build_table(2, records, all_candidates());
  for (const auto& format : table_formats()) {
    check_approved("results/table2" + format.extension, format.render(comparison));
  }
  check_approved("results/table1.md", table_to_markdown(build_table(1, records, all_candidates())));
}

TEST_CASE("a trial whose collapse was only measured is in the row as collapsed", "[fast][tables]") {
  std::vector<Record> records;
  for (const std::uint64_t seed : {0, 1}) {
    FakeTrial trial;
    trial.candidate = "lsgan";
    trial.seed = seed;
    trial.measures["collapsed"] = seed == 0 ? 0.0 : 1.0;
    records.push_back(test::make_record(trial));
  }
  const auto table = build_table(2, records, all_candidates());
  const auto& row = row_of(table, "lsgan");
  CHECK(row.status == "1 finished, 1 collapsed");
  CHECK(row.outcomes.at("collapsed") == 1);
}
