#include "selection/evidence/literature_network.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "selection/evidence/effect_scale.h"
#include "selection/evidence/literature_estimate.h"
#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

Arm study_arm(const std::string& candidate, ArmMatch match, double fid) {
  Arm arm;
  arm.candidate = candidate;
  arm.match = match;
  arm.as_named = candidate;
  arm.architecture = "dcgan";
  arm.loss = "non-saturating";
  arm.regularization = std::vector<std::string>{};
  if (fid > 0.0) arm.measures["fid"] = {.mean = fid};
  return arm;
}

Study study_of(const std::string& id, const std::string& group, std::vector<Arm> arms) {
  Study study;
  study.id = id;
  study.group = group;
  study.citation = "Author of " + group + " 2018";
  study.dataset = "CIFAR-10";
  study.resolution = 32;
  study.train_images = 50000;
  study.arms = std::move(arms);
  return study;
}

std::vector<Study> three_studies() {
  auto first = study_of(
      "one", "x",
      {study_arm("dcgan", ArmMatch::kExact, 40.0), study_arm("lsgan", ArmMatch::kClose, 50.0),
       study_arm("wgan", ArmMatch::kLoose, 400.0), study_arm("began", ArmMatch::kExact, 0.0)});
  first.arms[0].measures["fid"].sd = 4.0;
  first.seeds.n = 4;
  auto second = study_of(
      "two", "y",
      {study_arm("dcgan", ArmMatch::kExact, 30.0), study_arm("wgan", ArmMatch::kLoose, 300.0),
       study_arm("lsgan", ArmMatch::kExact, 24.0)});
  auto again = second;
  again.id = "two again";
  again.independent = false;
  again.overlaps_with = {"two"};
  auto other = study_of(
      "three", "z",
      {study_arm("dcgan", ArmMatch::kExact, 10.0), study_arm("wgan-gp", ArmMatch::kExact, 9.0)});
  other.dataset = "LSUN bedroom";
  other.labels = StudyLabels::kMixed;
  other.train_images.reset();
  return {first, second, again, other};
}

TEST_CASE("Studies become contrasts of one measure, and what is left out is counted",
          "[fast][literature]") {
  const auto studies = three_studies();
  const auto network = network_from_studies(studies, "fid", {});
  REQUIRE(network.studies.size() == 3);
  const auto& arms = network.studies[0].arms;
  REQUIRE(arms.size() == 2);
  CHECK(arms[0].treatment == "dcgan");
  CHECK_THAT(arms[0].y, WithinAbs(std::log(40.0), 1e-12));
  // log(1 + 0.1^2) for one training, of four.
  CHECK_THAT(arms[0].variance.value(), WithinRel(std::log(1.01) / 4.0, 1e-12));
  CHECK(arms[0].trainings == 4.0);
  CHECK_FALSE(arms[1].variance.has_value());
  CHECK(network.citations.at("x") == "Author of x 2018");
  const auto notes = join(network.notes, "; ");
  CHECK_THAT(notes, ContainsSubstring("1 studies repeat others"));
  CHECK_THAT(notes, ContainsSubstring("2 arms share only their loss"));
  CHECK_THAT(notes, ContainsSubstring("1 arms diverged"));
  auto flawed = studies;
  flawed[1].reliability = Reliability::kLow;
  const auto sound = network_from_studies(flawed, "fid", {});
  CHECK(sound.studies.size() == 2);
  CHECK_THAT(join(sound.notes, "; "), ContainsSubstring("1 studies of low reliability"));
  CHECK(network_from_studies(flawed, "fid", {.unreliable = true}).studies.size() == 3);
  const auto loose = network_from_studies(studies, "fid", {.loose = true, .overlapping = true});
  REQUIRE(loose.studies.size() == 4);
  REQUIRE(loose.studies[0].arms.size() == 3);
  CHECK(loose.studies[0].arms[2].treatment == "wgan (loose)");
  CHECK_THAT(loose.studies[0].arms[2].y, WithinAbs(std::log(150.0), 1e-12));
  CHECK_THAT(join(loose.notes, "; "), ContainsSubstring("values above 150 count as 150"));
}

TEST_CASE("The question's facts choose the studies", "[fast][literature]") {
  const auto studies = three_studies();
  const auto count = [&](const LiteratureFilter& filter) {
    return network_from_studies(studies, "fid", filter).studies.size();
  };
  CHECK(count({.dataset = "cifar10"}) == 2);
  CHECK(count({.dataset = "lsun-bedroom"}) == 1);
  CHECK(count({.labels = StudyLabels::kMixed}) == 1);
  CHECK(count({.least_images = 50000}) == 2);
  CHECK(count({.resolution = 32}) == 3);
  CHECK_THROWS_MATCHES(count({.most_images = 400}), Error,
                       MessageMatches(ContainsSubstring("compares two candidates by fid")));
  CHECK_THROWS_MATCHES(count({.dataset = "CIFAR-11"}), Error,
                       MessageMatches(ContainsSubstring("one of CIFAR-10, LSUN bedroom") &&
                                      ContainsSubstring("did you mean 'CIFAR-10'?")));
  CHECK_THROWS_MATCHES(count({.backbone = "dcgam"}), Error,
                       MessageMatches(ContainsSubstring("did you mean 'dcgan'?")));
  CHECK_THROWS_MATCHES(network_from_studies(studies, "fit", {}), Error,
                       MessageMatches(ContainsSubstring("[measure] expected one of fid")));
}

TEST_CASE("Values are brought to logarithms, logits and logits of counts", "[fast][literature]") {
  const auto& recall = poolable_measure("recall");
  const auto& modes = poolable_measure("modes");
  CHECK_THAT(effect_of(recall, 0.2, 1.0)->y, WithinAbs(std::log(0.25), 1e-12));
  CHECK_THAT(effect_of(modes, 9.0, 25.0)->y, WithinAbs(std::log(9.5 / 16.5), 1e-12));
  CHECK_FALSE(effect_of(modes, 25.0, 25.0)->held);
  CHECK(effect_of(recall, 1.0, 1.0)->held);
  CHECK_THAT(effect_of(recall, 1.0, 1.0)->y, WithinAbs(std::log(999.0), 1e-9));
  CHECK_FALSE(effect_of(modes, 9.0).has_value());
  CHECK_FALSE(effect_of(modes, 26.0, 25.0).has_value());
  CHECK_FALSE(effect_of(poolable_measure("fid"), 0.0).has_value());
  // Slope of the logit at 0.2: 1 / 0.16.
  CHECK_THAT(*effect_variance(recall, 0.2, 0.04, 1.0), WithinRel(0.0625, 1e-12));
  CHECK_THAT(*effect_variance(modes, 9.0, 2.6, 25.0),
             WithinRel(std::pow(0.1 / (9.5 / 26.0 * 16.5 / 26.0), 2), 1e-12));
}

TEST_CASE("An estimate names what studies, sources and own trials stand behind it",
          "[fast][literature]") {
  EstimateInput input{.measure = "fid"};
  auto studies = three_studies();
  auto apart = study_of(
      "apart", "w",
      {study_arm("sngan", ArmMatch::kExact, 20.0), study_arm("dragan", ArmMatch::kExact, 30.0)});
  studies.push_back(apart);
  NetworkStudy own{"own: made up", "own", true, {}};
  for (const auto& [name, y] : {std::pair("dcgan", 4.0), std::pair("lsgan", 4.2)}) {
    NetworkArm arm{name, y};
    arm.variance = 0.002;
    arm.trainings = 3.0;
    own.arms.push_back(arm);
  }
  input.own = own;
  const auto estimate = estimate_literature(studies, input);
  const Json json = estimate_to_json(estimate);
  REQUIRE(json.size() == 5);
  const auto row = [&](const std::string& name) -> const Json& {
    for (const auto& one : json) {
      if (one.at("candidate") == name) return one;
    }
    FAIL("no row of " << name);
    return json.front();
  };
  CHECK(row("lsgan").at("studies") == 2);
  CHECK(row("lsgan").at("sources") == 2);
  CHECK(row("lsgan").at("own_trials") == 3);
  const double low = std::min({std::log(50.0 / 40.0), std::log(24.0 / 30.0), 0.2});
  const double high = std::max({std::log(50.0 / 40.0), std::log(24.0 / 30.0), 0.2});
  const double lsgan = row("lsgan").at("log_ratio").get<double>();
  CHECK(low < lsgan);
  CHECK(lsgan < high);
  CHECK(row("dcgan").at("log_ratio") == 0.0);
  CHECK(row("wgan-gp").at("own_trials") == 0);
  CHECK(row("sngan").at("log_ratio").is_null());
  CHECK_THAT(row("sngan").at("reason").get<std::string>(),
             ContainsSubstring("no chain of studies joins it with dcgan"));
  const auto text = estimate_to_text(estimate);
  CHECK_THAT(text, ContainsSubstring("no chain of studies joins"));
  CHECK_THAT(text, ContainsSubstring("x: Author of x 2018"));
  std::size_t from = 0;
  while (from < text.size()) {
    const auto end = text.find('\n', from);
    CHECK(end - from <= 80);
    from = end + 1;
  }
  input.reference = "dcgann";
  CHECK_THROWS_MATCHES(estimate_literature(studies, input), Error,
                       MessageMatches(ContainsSubstring("did you mean 'dcgan'?")));
}

TEST_CASE("A group of own trials is a study with the spread of its seeds", "[fast][literature]") {
  std::vector<Record> records;
  DrawStream stream(4);
  for (int c = 0; c < 12; ++c)
    test::add_trials(records, "c" + std::to_string(c), 3, 0.05 * c + 0.2, 0.5, 0.02, stream);
  records[0].measures.set_missing("fid", "made absent");
  const auto evidence = gather_evidence(records, {});
  std::vector<std::string> notes;
  const auto study = study_from_group(evidence, "fid", notes);
  REQUIRE(study.has_value());
  CHECK(study->own);
  REQUIRE(study->arms.size() == 12);
  CHECK(study->arms[0].trainings == 2.0);
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], ContainsSubstring("1 own trials have no fid"));
  // c1: mean of three logarithms, with a variance that all twelve moderate.
  double mean = 0.0;
  for (int s = 0; s < 3; ++s) mean += std::log(records[3 + s].measure("fid").value()) / 3.0;
  CHECK_THAT(study->arms[1].y, WithinAbs(mean, 1e-12));
  CHECK(study->arms[1].variance.value() > 0.0);
  const auto variance = training_variance_of(*study);
  // FID is 60 - 50 q: a deviation of 1 in values from 50 to 22.
  CHECK_THAT(std::sqrt(variance.value()), WithinAbs(0.03, 0.015));
  std::vector<std::string> more;
  CHECK_FALSE(study_from_group(evidence, "ifid", more).has_value());
  REQUIRE(more.size() == 1);
}

}  // namespace
}  // namespace ganselect
