#include "selection/criteria/criteria.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "metrics/spec.h"
#include "selection/criteria/defects.h"
#include "selection/evidence/evidence.h"
#include "selection/query/use_case.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using test::FakeTrial;
using test::make_record;

CriterionValue criterion_of(const Record& record, const std::string& name) {
  return score_trial(criteria().at(name), record, TrialContext{});
}

bool is_known(const std::string& measure) { return find_metric_spec(measure) != nullptr; }

TEST_CASE("Criteria stand in the order of their names and rest on known measures",
          "[fast][criteria]") {
  REQUIRE(criteria().names() == criterion_names().names());
  const std::set<std::string> defects(defect_names().begin(), defect_names().end());
  for (const auto& criterion : criteria()) {
    CAPTURE(criterion.name);
    CHECK_FALSE(criterion.components.empty());
    double images = 0.0, points = 0.0;
    for (const auto& component : criterion.components) {
      CAPTURE(component.name);
      if (component.kind != SampleKind::kPoints) images += component.share;
      if (component.kind != SampleKind::kImages) points += component.share;
      CHECK((component.derive == nullptr) == component.measures.empty());
      if (component.derive == nullptr) CHECK(is_known(component.name));
      for (const auto& measure : component.measures) CHECK(is_known(measure));
    }
    CHECK_THAT(images, WithinAbs(1.0, 1e-12));
    CHECK_THAT(points, WithinAbs(1.0, 1e-12));
    for (const auto& defect : criterion.must_see) CHECK(defects.contains(defect));
  }
  for (const auto& card : defect_cards()) {
    for (const auto& defect : card.sees) CHECK(defects.contains(defect));
  }
}

TEST_CASE("docs/selection.md states every component's formula and share", "[fast][criteria]") {
  const auto file = std::filesystem::path(GANSELECT_TEST_DIR).parent_path() / "docs/selection.md";
  std::string text = read_file(file);
  std::erase(text, '\\');  // a bar inside a table's cell is escaped
  for (const auto& criterion : criteria()) {
    for (const auto& component : criterion.components) {
      CAPTURE(criterion.name, component.formula);
      const auto at = text.find(component.formula, text.find("| " + criterion.name + " |"));
      REQUIRE(at != std::string::npos);
      const auto line_end = text.find('\n', at);
      if (component.share < 1.0)
        CHECK(text.substr(at, line_end - at).find(shortest(component.share)) != std::string::npos);
    }
  }
}

TEST_CASE("Scores follow the stated formulas", "[fast][criteria]") {
  const auto record = make_record("dcgan", 0,
                                  {{"fid", 20.0},
                                   {"precision", 0.6},
                                   {"inception_score_1split", std::pow(10.0, 0.8)},
                                   {"coverage", 0.5},
                                   {"recall", 0.3},
                                   {"mode_kl", 0.7},
                                   {"modes", 9.0}});
  // judge: h = 20, so FID 20 scores one half.
  CHECK_THAT(*criterion_of(record, "quality").score, WithinAbs(0.7 * 0.5 + 0.3 * 0.8, 1e-12));
  CHECK_THAT(*criterion_of(record, "diversity").score,
             WithinAbs(0.5 * 0.5 + 0.25 * 0.3 + 0.25 * std::exp(-0.7), 1e-12));
  // ndb was not measured: the rest counts, and the gap is said.
  const auto modes = criterion_of(record, "mode_coverage");
  CHECK_THAT(*modes.score, WithinAbs((0.5 * 0.9 + 0.3 * std::exp(-0.7)) / 0.8, 1e-12));
  CHECK_THAT(modes.available, WithinAbs(0.8, 1e-12));
  CHECK_THAT(modes.missing, ContainsSubstring("ndb"));
}

// Measured: an fcgan that shows two classes of ten, and a dcgan that shows all, after 800 updates.
TEST_CASE("Flat images that lie among the densest real ones are no quality", "[fast][criteria]") {
  const auto flat = make_record(
      "fcgan", 0,
      {{"fid", 68.36}, {"precision", 1.0}, {"density", 0.9694}, {"inception_score_1split", 1.12}});
  const auto young = make_record("dcgan", 0,
                                 {{"fid", 30.95},
                                  {"precision", 0.758},
                                  {"density", 0.5613},
                                  {"inception_score_1split", 1.957}});
  CHECK(*criterion_of(flat, "quality").score + 0.1 < *criterion_of(young, "quality").score);
}

TEST_CASE("A trial that never got going is not stable", "[fast][criteria]") {
  auto measures = test::healthy_measures(0.5, 0.5);
  const double healthy = *criterion_of(make_record("dcgan", 0, measures), "stability").score;
  measures["modes"] = 3.0;
  CHECK(*criterion_of(make_record("dcgan", 0, measures), "stability").score == healthy);
  measures["modes"] = 2.0;
  // A single seed has no deviation, whose tenth is left out.
  CHECK_THAT(*criterion_of(make_record("dcgan", 0, measures), "stability").score,
             WithinAbs(healthy - 0.5 / 0.9, 1e-12));
}

TEST_CASE("A measure that is blind to a defect cannot carry the criterion", "[fast][criteria]") {
  const auto precision_only = make_record("dcgan", 0, {{"precision", 0.97}});
  CHECK_FALSE(criterion_of(precision_only, "quality").score.has_value());
  const auto recall_only = make_record("dcgan", 0, {{"recall", 0.9}});
  CHECK(criterion_of(recall_only, "diversity").score.has_value());
  const auto kl_only = make_record("dcgan", 0, {{"mode_kl", 0.0}});
  const auto value = criterion_of(kl_only, "diversity");
  CHECK_FALSE(value.score.has_value());
  CHECK_THAT(value.missing, ContainsSubstring("collapse"));
  // FID and the critic's accuracies cannot see copies.
  const auto critic_only =
      make_record("dcgan", 0, {{"critic_accuracy_real", 0.9}, {"critic_accuracy_heldout", 0.9}});
  CHECK_THAT(criterion_of(critic_only, "generalization").missing, ContainsSubstring("copies"));
}

TEST_CASE("Missing evidence is missing, not filled in", "[fast][criteria]") {
  const auto record = make_record("dcgan", 0, {{"fid", std::nullopt}});
  for (const auto& criterion : criteria()) {
    CAPTURE(criterion.name);
    if (criterion.name == "stability") continue;  // how the trial ended is known
    const auto value = criterion_of(record, criterion.name);
    CHECK_FALSE(value.score.has_value());
    CHECK_FALSE(value.missing.empty());
  }
}

TEST_CASE("A diverged trial is a result, not a gap", "[fast][criteria]") {
  FakeTrial trial;
  trial.status = "diverged";
  trial.status_step = 40;
  trial.status_reason = "loss is not finite";
  const auto record = make_record(trial);
  for (const char* name : {"quality", "diversity", "mode_coverage"})
    CHECK(criterion_of(record, name).score == 0.0);
  CHECK(*criterion_of(record, "stability").score == 0.0);
}

// The protocol of modes that were counted against chance.
Json above_chance() { return {{"measures", {{"modes", {{"from", "points"}, {"level", 0.01}}}}}}; }

TEST_CASE("A trial that shows no mode has the worst diversity, not none", "[fast][criteria]") {
  FakeTrial trial;
  trial.dataset = "ring";
  trial.protocol = above_chance();
  trial.measures = {{"high_quality_share", 0.0},
                    {"modes", 0.0},
                    {"mode_kl", std::nullopt},
                    {"mode_entropy", std::nullopt}};
  for (const char* name : {"quality", "diversity", "mode_coverage"}) {
    CAPTURE(name);
    const auto value = criterion_of(make_record(trial), name);
    CHECK(value.score == 0.0);
    CHECK_THAT(value.available, WithinAbs(1.0, 1e-12));
  }
  // One mode has no histogram either where mode_kl is null for another reason: that is a gap.
  trial.measures["modes"] = 1.0;
  CHECK_FALSE(criterion_of(make_record(trial), "diversity").score.has_value());
  trial.measures.erase("modes");
  CHECK_FALSE(criterion_of(make_record(trial), "diversity").score.has_value());
}

TEST_CASE("Control is accuracy above guessing, transfer the fit to unseen classes",
          "[fast][criteria]") {
  const auto record = make_record("dcgan", 0,
                                  {{"label_accuracy", 0.55},
                                   {"worst_class_coverage", 0.2},
                                   {"fid_unseen", 60.0},
                                   {"coverage_unseen", 0.3}});
  CHECK_THAT(*criterion_of(record, "controllability").score,
             WithinAbs(0.6 * 0.5 + 0.4 * 0.2, 1e-12));
  CHECK_THAT(*criterion_of(record, "transfer").score, WithinAbs(0.6 * 0.25 + 0.4 * 0.3, 1e-12));
  const auto guessing = make_record("dcgan", 0, {{"label_accuracy", 0.07}});
  CHECK(criterion_of(guessing, "controllability").score == 0.0);
  CHECK_THAT(criterion_of(guessing, "controllability").available, WithinAbs(0.6, 1e-12));
  // Instances are told apart among as many as are stored, whatever the classes of the data.
  auto instanced = make_record("ic-gan", 0, {{"own_instance_share", 0.505}});
  CHECK_FALSE(criterion_of(instanced, "controllability").score.has_value());
  instanced.measures.protocol["measures"]["own_instance_share"] = {{"instances", 100}};
  CHECK_THAT(*criterion_of(instanced, "controllability").score, WithinAbs(0.5, 1e-12));
  // So are clusters.
  auto clustered = make_record("dcgan", 0, {{"own_cluster_share", 0.55}});
  CHECK_FALSE(criterion_of(clustered, "controllability").score.has_value());
  clustered.measures.protocol["measures"]["own_cluster_share"] = {{"clusters", 10}};
  CHECK_THAT(*criterion_of(clustered, "controllability").score, WithinAbs(0.5, 1e-12));
  // The classes may all be covered although the label that was asked for has no effect.
  const auto blind = make_record("dcgan", 0, {{"worst_class_coverage", 0.9}});
  CHECK_THAT(criterion_of(blind, "controllability").missing, ContainsSubstring("ignored-labels"));
}

TEST_CASE("A measured card takes away what the definition promised, and adds nothing",
          "[fast][criteria]") {
  const auto measured = defect_cards_from_json(
      {{"schema_version", 1},
       {"protocol", Json::object()},
       {"threshold", 5.0},
       {"defects",
        {{{"name", "noise"},
          {"planted", "noise"},
          {"unit", "sd"},
          {"card_level", 2.0},
          {"levels", {2.0}}},
         {{"name", "collapse"},
          {"planted", "few"},
          {"unit", "images"},
          {"card_level", 1.0},
          {"levels", {1.0}}}}},
       {"cards",
        {{{"measure", "fid"},
          {"better", "lower"},
          {"clean", {{"mean", 1.0}, {"sd", 0.1}, {"minimum", 0.9}, {"maximum", 1.1}}},
          {"effects",
           {{{"defect", "noise"}, {"level", 2.0}, {"value", 1.2}, {"effect", 2.0}, {"sees", false}},
            {{"defect", "collapse"},
             {"level", 1.0},
             {"value", 1.9},
             {"effect", 9.0},
             {"sees", true}}}}}}}},
      "cards of the test");
  const auto cards = confirmed_cards(&measured);
  CHECK(cards.at("fid").sees == std::vector<std::string>{"collapse", "dropped-modes"});
  CHECK(cards.at("coverage").sees == defects_by_definition().at("coverage").sees);
  CHECK(confirmed_cards(nullptr).at("fid").sees == defects_by_definition().at("fid").sees);
}

TEST_CASE("The published cards confirm what each criterion rests on", "[fast][criteria]") {
  // Otherwise no record could ever have the criterion.
  for (const auto& criterion : criteria()) {
    for (const auto& defect : criterion.must_see) {
      CAPTURE(criterion.name, defect);
      CHECK(std::any_of(
          criterion.components.begin(), criterion.components.end(), [&](const auto& component) {
            const auto* card = defect_cards().find(component.name);
            return card != nullptr &&
                   std::find(card->sees.begin(), card->sees.end(), defect) != card->sees.end();
          }));
    }
  }
}

TEST_CASE("More of what is good never lowers a criterion", "[fast][criteria]") {
  const std::map<std::string, std::string> read_by = {{"fid", "quality"},

                                                      {"inception_score_1split", "quality"},
                                                      {"coverage", "diversity"},
                                                      {"recall", "diversity"},
                                                      {"mode_kl", "diversity"},
                                                      {"modes", "mode_coverage"},
                                                      {"vanishing_share", "stability"},
                                                      {"updates_per_second", "cost"},
                                                      {"peak_memory_bytes", "cost"},
                                                      {"parameters_g", "cost"},
                                                      {"memorization", "generalization"}};
  auto base = test::healthy_measures(0.5, 0.5);
  base["memorization"] = 0.2;
  for (const auto& [measure, criterion] : read_by) {
    CAPTURE(measure);
    const bool higher = find_metric_spec(measure)->direction == Direction::kHigher;
    auto better = base;
    const double value = *base.at(measure);
    better[measure] = higher ? value * 1.1 + 0.01 : std::max(0.0, value * 0.9 - 0.001);
    const double before = *criterion_of(make_record("dcgan", 0, base), criterion).score;
    const double after = *criterion_of(make_record("dcgan", 0, better), criterion).score;
    CHECK(after >= before);
    if (measure != "vanishing_share" && measure != "modes") CHECK(after > before);
  }
}

TEST_CASE("Point sets are judged by their own measures", "[fast][criteria]") {
  FakeTrial trial;
  trial.dataset = "ring";
  trial.protocol = above_chance();
  trial.measures = {
      {"high_quality_share", 0.8}, {"modes", 6.0}, {"mode_kl", 0.2}, {"mode_entropy", 1.5}};
  const auto record = make_record(trial);
  CHECK_THAT(*criterion_of(record, "quality").score, WithinAbs(0.8, 1e-12));
  CHECK_THAT(*criterion_of(record, "mode_coverage").score,
             WithinAbs(0.5 * 6.0 / 8.0 + 0.5 * 0.8 * std::exp(-0.2), 1e-12));
  CHECK_THAT(*criterion_of(record, "diversity").score,
             WithinAbs(0.8 * (0.5 * std::exp(-0.2) + 0.5 * 1.5 / std::log(8.0)), 1e-12));
  // Without the share nothing tells these points from a scatter.
  trial.measures.erase("high_quality_share");
  CHECK_FALSE(criterion_of(make_record(trial), "diversity").score.has_value());
}

TEST_CASE("A scatter that touches every mode evenly loses to a few modes well shown",
          "[fast][criteria]") {
  FakeTrial scatter;
  scatter.dataset = "ring";
  scatter.protocol = above_chance();
  scatter.measures = {{"high_quality_share", 0.006},
                      {"modes", 0.0},
                      {"modes_any", 8.0},
                      {"mode_kl", 0.02},
                      {"mode_entropy", std::log(8.0) - 0.02}};
  auto half = scatter;
  half.measures = {{"high_quality_share", 0.98},
                   {"modes", 4.0},
                   {"modes_any", 4.0},
                   {"mode_kl", std::log(2.0)},
                   {"mode_entropy", std::log(4.0)}};
  for (const char* name : {"diversity", "mode_coverage", "stability"}) {
    CAPTURE(name);
    CHECK(criterion_of(make_record(scatter), name).score.value_or(0.0) <
          0.5 * criterion_of(make_record(half), name).score.value_or(1.0));
  }
}

TEST_CASE("Modes of points that were counted by any near point do not count", "[fast][criteria]") {
  FakeTrial trial;
  trial.dataset = "ring";
  trial.measures = {{"modes", 8.0}, {"high_quality_share", 0.01}, {"mode_kl", 0.1}};
  CHECK_FALSE(counted_modes(make_record(trial)).has_value());
  CHECK_THAT(criterion_of(make_record(trial), "mode_coverage").missing, ContainsSubstring("modes"));
  trial.protocol = above_chance();
  CHECK(counted_modes(make_record(trial)) == 8.0);
  trial.dataset = "cifar10";
  trial.protocol = Json::object();
  CHECK(counted_modes(make_record(trial)) == 8.0);  // of classes
}

}  // namespace
}  // namespace ganselect
