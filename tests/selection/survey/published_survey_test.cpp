#include "selection/survey/published_survey.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "selection/survey/questions.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;

// A source whose arms have these FIDs.
struct ToldArm {
  const char* candidate;
  const char* loss;
  std::vector<std::string> regularization;
  double fid;
};

Study study_of(int number, const std::vector<ToldArm>& arms) {
  Study study;
  study.id = "made-" + std::to_string(number);
  study.group = "source-" + std::to_string(number);
  study.citation = "Citation " + std::to_string(number);
  study.where_read = "made up";
  study.dataset = "CIFAR-10";
  study.resolution = 32;
  study.backbone = "dcgan";
  study.seeds.spread = "none";
  for (const auto& told : arms) {
    Arm arm;
    arm.candidate = told.candidate;
    arm.match = ArmMatch::kExact;
    arm.as_named = told.candidate;
    arm.architecture = "dcgan";
    arm.loss = told.loss;
    arm.regularization = told.regularization;
    arm.d_norm = "none";
    // Sources differ a little, as they do.
    arm.measures["fid"] = {told.fid * (1.0 + 0.01 * (number % 3))};
    study.arms.push_back(std::move(arm));
  }
  return study;
}

// Eight sources that agree on RaLSGAN beside LSGAN and RSGAN, and on what a gradient penalty does.
std::vector<Study> agreeing(double penalty, double joined = 20.0) {
  std::vector<Study> studies;
  for (int i = 0; i < 8; ++i) {
    const double off = 1.0 + 0.02 * (i % 4);
    studies.push_back(
        study_of(i, {{"dcgan", "non-saturating", {}, 40.0 * off},
                     {"lsgan", "least-squares", {}, 42.0},
                     {"rsgan", "relativistic", {}, 41.0 * off},
                     {"ralsgan", "relativistic-average-least-squares", {}, joined},
                     {"dcgan-gp", "non-saturating", {"gradient-penalty"}, 40.0 * penalty},
                     {"wgan", "wasserstein", {"weight-clip"}, 60.0},
                     {"wgan-gp", "wasserstein", {"gradient-penalty"}, 60.0 * penalty * off}}));
  }
  return studies;
}

const std::vector<std::string> kSurveyed = {"dcgan",   "lsgan", "rsgan",
                                            "ralsgan", "wgan",  "wgan-gp"};

TEST_CASE("Published studies support and contradict claims by what they found", "[fast][claims]") {
  const auto studies = agreeing(2.0);
  const PublishedSurvey survey(studies, kSurveyed);
  const auto joined = survey.on("C2");
  REQUIRE(joined.verdict);
  CHECK(joined.verdict->direction == "supported");
  CHECK(joined.verdict->estimate > 0.4);
  CHECK(joined.verdict->interval95.low <= joined.verdict->estimate);
  CHECK(joined.verdict->estimate <= joined.verdict->interval95.high);
  CHECK(joined.verdict->studies == 8);
  CHECK(joined.verdict->sources == 8);
  CHECK(joined.verdict->citations.size() == 8);
  const auto behind = agreeing(2.0, 80.0);
  const auto contradicted = PublishedSurvey(behind, kSurveyed).on("C2");
  REQUIRE(contradicted.verdict);
  CHECK(contradicted.verdict->direction == "contradicted");
  CHECK(contradicted.verdict->estimate < -0.5);
  // Components are drawn towards no effect, so only the side is sure here.
  const auto penalty = survey.on("C4");
  REQUIRE(penalty.verdict);
  CHECK(penalty.verdict->estimate < 0.0);
  CHECK(penalty.verdict->direction != "supported");
  const auto helping = agreeing(0.5);
  const auto helped = PublishedSurvey(helping, kSurveyed).on("C4");
  REQUIRE(helped.verdict);
  CHECK(helped.verdict->estimate >= 0.0);
  CHECK(helped.verdict->direction != "contradicted");
}

TEST_CASE("Where studies say nothing the reason does", "[fast][claims]") {
  const auto studies = agreeing(2.0);
  const PublishedSurvey survey(studies, kSurveyed);
  CHECK(survey.on("C1").reason == "no published study of FID has sngan");
  CHECK(survey.on("C9").reason == "no published study of FID has an arm of that kind");
  CHECK_THAT(survey.on("C5").reason, ContainsSubstring("stability"));
  for (const auto& claim : claim_specs()) {
    CAPTURE(claim.name);
    const auto said = survey.on(claim.name);
    CHECK(said.verdict.has_value() == said.reason.empty());
  }
  for (const auto& question : question_specs()) {
    CAPTURE(question.name);
    const auto said = survey.on(question.name);
    CHECK(said.verdict.has_value() == said.reason.empty());
  }
}

TEST_CASE("The collection that comes with the program has its verdicts", "[slow][claims]") {
  const auto studies = load_studies(shipped_studies());
  const PublishedSurvey survey(studies, {"dcgan", "lsgan", "rsgan", "rasgan", "ralsgan", "sngan",
                                         "wgan", "wgan-gp", "geometric-gan"});
  std::size_t spoken = 0;
  for (const auto& claim : claim_specs()) {
    const auto said = survey.on(claim.name);
    if (!said.verdict) continue;
    ++spoken;
    CHECK(said.verdict->sources >= 2);
    CHECK(said.verdict->interval95.low < said.verdict->interval95.high);
  }
  CHECK(spoken >= 3);
}

}  // namespace
}  // namespace ganselect
