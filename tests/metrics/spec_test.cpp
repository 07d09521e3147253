#include "metrics/spec.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <limits>
#include <set>

#include "base/files.h"
#include "base/provenance.h"
#include "metrics/measure.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

}  // namespace

TEST_CASE("every sample measure has a row, and every row of a sample measure one family",
          "[fast]") {
  std::set<std::string> computed;
  for (const auto& family : metric_families()) {
    for (const auto& name : family.measures) {
      INFO(name);
      const auto* spec = metric_specs().find(name);
      REQUIRE(spec != nullptr);
      CHECK(spec->group == MetricGroup::kSample);
      CHECK(computed.insert(name).second);
    }
  }
  for (const auto& spec : metric_specs()) {
    INFO(spec.name);
    if (spec.name.back() == '*') continue;  // stands for names that an evaluation makes up
    CHECK(computed.contains(spec.name) == (spec.group == MetricGroup::kSample));
  }
}

TEST_CASE("every measure stands in docs/measures.md", "[fast]") {
  const auto text = read_file(std::filesystem::path(share_dir()) / "docs" / "measures.md");
  for (const auto& spec : metric_specs()) {
    INFO(spec.name);
    CHECK(contains(text, "`" + spec.name + "`"));
  }
}

TEST_CASE("every measure explains itself", "[fast]") {
  for (const auto& spec : metric_specs()) {
    INFO(spec.name);
    for (const auto* text :
         {&spec.range, &spec.needs, &spec.explanation, &spec.formula, &spec.source}) {
      CHECK_FALSE(text->empty());
      CHECK_FALSE(contains(*text, "\n"));
    }
    CHECK_FALSE(group_name(spec.group).empty());
    CHECK_FALSE(direction_name(spec.direction).empty());
  }
}

TEST_CASE("a name with a number in it is found under its pattern", "[fast]") {
  REQUIRE(find_metric_spec("steps_to_fid_50") != nullptr);
  CHECK(find_metric_spec("steps_to_fid_50")->name == "steps_to_fid_*");
  CHECK(find_metric_spec("seconds_to_fid_12.5")->name == "seconds_to_fid_*");
  CHECK(find_metric_spec("fid")->name == "fid");
  for (const char* wrong :
       {"steps_to_fid_", "steps_to_fid_x", "steps_to_fid_1.2.3", "steps_to_fid_5.", "fidx", ""}) {
    CHECK(find_metric_spec(wrong) == nullptr);
  }
}

TEST_CASE("measures keep values, reasons, protocol and warnings through JSON", "[fast]") {
  Measures measures;
  measures.set("recall", 0.25);
  measures.set("fid", 1.5);
  measures.set("steps_to_fid_50", 300);
  measures.set("own_measure", 7);
  measures.set_missing("kid_mean", "fewer than 100 samples");
  measures.set("jsd", std::numeric_limits<double>::quiet_NaN());
  measures.protocol = {{"detector", "judge-cifar10"}};
  measures.warn("lossy_input", "", "JPEG files");
  const auto json = to_json(measures);
  CHECK(
      json.dump() ==
      R"({"fid":1.5,"kid_mean":null,"recall":0.25,"jsd":null,"steps_to_fid_50":300.0,"own_measure":7.0,)"
      R"("protocol":{"detector":"judge-cifar10"},)"
      R"("reason":{"jsd":"not a finite number","kid_mean":"fewer than 100 samples"},)"
      R"("warnings":[{"code":"lossy_input","measure":null,"message":"JPEG files"}]})");
  const auto again = measures_from_json(json, "record");
  CHECK((again.values == measures.values));
  CHECK((again.reason == measures.reason));
  CHECK(to_json(again) == json);
  CHECK_FALSE(again.value("kid_mean").has_value());
  CHECK_FALSE(again.value("unknown").has_value());
}

TEST_CASE("measures in JSON without a reason or with text are refused", "[fast]") {
  const auto null = thrown_by([] { measures_from_json({{"fid", nullptr}}, "a.json"); });
  CHECK(null.kind == ErrorKind::kUsage);
  CHECK(contains(null.message, "a.json: fid"));
  CHECK(contains(null.message, "a reason beside null"));
  const auto text = thrown_by([] { measures_from_json({{"fid", "12"}}, "a.json"); });
  CHECK(contains(text.message, "expected a number or null, got string"));
  CHECK(thrown_by([] { measures_from_json(Json::array(), "a.json"); }).kind == ErrorKind::kUsage);
}

TEST_CASE("the five that lead are those of the task", "[fast]") {
  const auto led = [](const std::vector<std::string>& measured) {
    Measures measures;
    for (const auto& name : measured) measures.set(name, 0.5);
    measures.set_missing("recall", "too few samples");
    return leading_measures(measures);
  };
  using Names = std::vector<std::string>;
  CHECK(led({"kid_mean", "coverage", "precision", "fid", "memorization"}) ==
        Names{"fid", "coverage", "precision", "memorization"});
  CHECK(led({"coverage", "fid", "precision", "label_accuracy", "modes", "memorization"}) ==
        Names{"fid", "label_accuracy", "modes", "coverage", "precision"});
  CHECK(led({"fid", "high_quality_share", "modes"}) == Names{"fid", "high_quality_share", "modes"});
  CHECK(led({"jsd"}).empty());
}

TEST_CASE("a score in a feature space carries the detector's name", "[fast]") {
  const Json protocol = {{"detector", "judge-cifar10"}};
  CHECK(display_name("fid", protocol) == "fid[judge-cifar10]");
  CHECK(display_name("train_seconds", protocol) == "train_seconds");
  CHECK(display_name("fid", Json::object()) == "fid");
  CHECK(display_name("fid", {{"detector", nullptr}}) == "fid");
}

}  // namespace ganselect
