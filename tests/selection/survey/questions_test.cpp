#include "selection/survey/questions.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <set>

#include "tests/selection/synthetic.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using test::FakePoint;
using test::healthy_measures;
using test::record_of_point;

const UseCase kQuestionCase = {{{"diversity", 1.0}}, {}};

struct Answers {
  Evidence evidence;
  Ranking ranking;
  std::vector<QuestionAnswer> answers;

  const QuestionAnswer& at(const std::string& name) const {
    return *std::find_if(answers.begin(), answers.end(),
                         [&](const auto& answer) { return answer.name == name; });
  }
};

Answers ask(const std::vector<Record>& records) {
  Answers result;
  result.evidence = gather_evidence(records, {});
  result.ranking = rank_candidates(result.evidence, kQuestionCase, {.draws = 50});
  result.answers = answer_questions(result.evidence, result.ranking);
  return result;
}

void add_point(std::vector<Record>& records, const FakePoint& point,
               const std::vector<double>& diversities) {
  for (std::size_t seed = 0; seed < diversities.size(); ++seed)
    records.push_back(record_of_point(point, seed, healthy_measures(0.5, diversities[seed])));
}

TEST_CASE("The four questions are the survey's decision parameters", "[fast][questions]") {
  CHECK(question_specs().names() == decision_parameters().names());
  for (const auto& spec : question_specs()) {
    CHECK_FALSE(spec.question.empty());
    CHECK_FALSE(spec.evidence.empty());
    CHECK_FALSE(spec.survey.empty());
    CHECK_FALSE(spec.survey_values.empty());
  }
}

TEST_CASE("A controlled arm answers with effect, interval, trials and verdict",
          "[fast][questions]") {
  std::vector<Record> records;
  add_point(records, {.name = "a", .loss = "least-squares"}, {0.70, 0.72, 0.71, 0.69});
  add_point(records, {.name = "b", .loss = "non-saturating"}, {0.50, 0.53, 0.51, 0.48});
  add_point(records, {.name = "c", .loss = "hinge"}, {0.40, 0.42, 0.41, 0.38});
  const auto result = ask(records);
  const auto& loss = result.at("loss");
  CHECK(loss.answer == "least-squares");
  CHECK(loss.trials.size() == 12);
  REQUIRE(loss.interval95);
  CHECK(loss.interval95->low > 0.0);
  CHECK(loss.interval95->low < *loss.effect);
  CHECK(*loss.effect < loss.interval95->high);
  CHECK(loss.verdict == "supports");
  REQUIRE(loss.values.size() == 3);
  CHECK(loss.values[2].value == "hinge");
  CHECK(loss.values[1].eliminated);
  CHECK(loss.values[2].eliminated);
  for (const char* name : {"architecture", "regularization", "divergence"}) {
    CAPTURE(name);
    CHECK(result.at(name).verdict == "undecided");
    CHECK(result.at(name).trials.empty());
    CHECK_FALSE(result.at(name).effect.has_value());
    CHECK_THAT(result.at(name).reason, ContainsSubstring("no two candidates"));
  }
  CHECK_THAT(result.at("architecture").basis, ContainsSubstring("not a controlled comparison"));
}

TEST_CASE("The survey is contradicted when its values lose", "[fast][questions]") {
  std::vector<Record> records;
  add_point(records, {.name = "a", .architecture = "fc"}, {0.70, 0.72, 0.71, 0.69});
  add_point(records, {.name = "b", .architecture = "dcgan"}, {0.50, 0.53, 0.51, 0.48});
  const auto result = ask(records);
  CHECK(result.at("architecture").answer == "fc");
  CHECK(result.at("architecture").verdict == "contradicts");
}

TEST_CASE("One seed decides no question", "[fast][questions]") {
  std::vector<Record> records;
  add_point(records, {.name = "a", .loss = "least-squares"}, {0.7});
  add_point(records, {.name = "b", .loss = "hinge"}, {0.4});
  const auto result = ask(records);
  const auto& loss = result.at("loss");
  CHECK(loss.answer == "least-squares");
  CHECK(loss.effect.has_value());
  CHECK_FALSE(loss.interval95.has_value());
  CHECK(loss.verdict == "undecided");
  CHECK(loss.reason == "one seed: no interval");
  CHECK_FALSE(loss.values[1].eliminated);
}

TEST_CASE("A pair that differs in more than the question is named as such and decides nothing",
          "[fast][questions]") {
  std::vector<Record> records;
  add_point(records, {.name = "a", .loss = "least-squares"}, {0.70, 0.72, 0.71});
  add_point(records, {.name = "b", .loss = "wasserstein", .n_critic = 5}, {0.40, 0.42, 0.41});
  const auto result = ask(records);
  CHECK(result.at("loss").verdict == "undecided");
  CHECK_THAT(result.at("loss").reason, ContainsSubstring("n_critic"));
  CHECK_FALSE(result.at("loss").values.back().eliminated);
}

TEST_CASE("Alike divergences support the survey, different ones contradict it",
          "[fast][questions]") {
  const auto with_kl_at = [](double shift) {
    std::vector<Record> records;
    add_point(records, {.name = "a", .loss = "f-divergence", .divergence = "gan"},
              {0.50, 0.52, 0.51, 0.49});
    add_point(records, {.name = "b", .loss = "f-divergence", .divergence = "kl"},
              {0.50 + shift, 0.51 + shift, 0.52 + shift, 0.49 + shift});
    return ask(records).at("divergence").verdict;
  };
  CHECK(with_kl_at(0.0) == "supports");
  CHECK(with_kl_at(-0.3) == "contradicts");
  CHECK(with_kl_at(-0.08) == "undecided");
}

TEST_CASE("Decided questions shrink the search space, undecided ones do not", "[fast][questions]") {
  std::vector<Record> records;
  add_point(records, {.name = "a", .loss = "least-squares"}, {0.70, 0.72, 0.71, 0.69});
  add_point(records, {.name = "b", .loss = "hinge"}, {0.40, 0.42, 0.41, 0.38});
  std::vector<Json> points;
  for (const char* loss : {"least-squares", "hinge", "relativistic"}) {
    for (const char* architecture : {"fc", "dcgan"}) {
      points.push_back({{"name", std::string(architecture) + "/" + loss},
                        {"architecture", architecture},
                        {"loss", loss},
                        {"regularization", Json::array()},
                        {"divergence", nullptr}});
    }
  }
  const auto space = remaining_space(points, ask(records).answers);
  CHECK(space.total == 6);
  CHECK(space.remaining == std::vector<std::string>{"fc/least-squares", "dcgan/least-squares",
                                                    "fc/relativistic", "dcgan/relativistic"});
  CHECK(space.beaten == 2);
  // Constraints strike first, by what a point is or by what was measured of it. "two" and "new" are
  // candidates with the parameters of a point.
  points[0]["needs_labels"] = true;
  const auto named = [&](const char* name, std::size_t point, bool extension) {
    Json json = points[point];
    json["name"] = name;
    json["extension"] = extension;
    return json;
  };
  const std::vector<Json> known = {named("two", 1, false), named("new", 4, true)};
  const auto strict = remaining_space(
      points, ask(records).answers,
      {{{"labels", "==", false}, {"extensions", "==", false}, {"train_seconds", "<=", 9}},
       {"two"},
       known});
  CHECK(strict.remaining == std::vector<std::string>{"dcgan/relativistic"});
  CHECK(strict.constrained == 3);
  CHECK(strict.beaten == 2);
  const auto only = remaining_space(points, {}, {{{"candidate", "in", {"two"}}}, {}, known});
  CHECK(only.remaining == std::vector<std::string>{"dcgan/least-squares"});
  const auto without = remaining_space(points, {}, {{{"candidate", "not in", {"two"}}}, {}, known});
  CHECK(without.remaining.size() == 5);
  records.clear();
  add_point(records, {.name = "a", .loss = "least-squares"}, {0.7});
  add_point(records, {.name = "b", .loss = "hinge"}, {0.4});
  CHECK(remaining_space(points, ask(records).answers).remaining.size() == 6);
}

TEST_CASE("Pairs of a parameter differ in it alone", "[fast][questions]") {
  std::vector<Record> records;
  add_point(records, {.name = "plain"}, {0.5});
  add_point(records, {.name = "penalty", .regularization = {"gradient-penalty"}}, {0.5});
  add_point(records, {.name = "norm", .batch_norm_d = true}, {0.5});
  add_point(records, {.name = "other", .architecture = "fc", .loss = "hinge"}, {0.5});
  const auto evidence = gather_evidence(records, {});
  const auto pairs = controlled_pairs(evidence, "regularization");
  REQUIRE(pairs.size() == 3);
  for (const auto& pair : pairs) {
    const bool mixed = pair.first->name == "norm" && pair.second->name == "penalty";
    CHECK(pair.also_differ ==
          (mixed ? std::vector<std::string>{"batch norm"} : std::vector<std::string>{}));
  }
  CHECK(controlled_pairs(evidence, "loss").empty());
  CHECK(controlled_pairs(evidence, "architecture").empty());
}

TEST_CASE("Architectures are compared with their own batch norm", "[fast][questions]") {
  std::vector<Record> records;
  add_point(records, {.name = "dcgan/hinge", .loss = "hinge", .batch_norm_d = true}, {0.7});
  add_point(records,
            {.name = "dcgan/hinge/no-batch-norm-g+no-batch-norm-d",
             .loss = "hinge",
             .regularization = {"no-batch-norm-g", "no-batch-norm-d"},
             .batch_norm_g = false},
            {0.1});
  add_point(records,
            {.name = "fc/hinge", .architecture = "fc", .loss = "hinge", .batch_norm_g = false},
            {0.2});
  add_point(records, {.name = "sngan-cnn/hinge", .architecture = "sngan-cnn", .loss = "hinge"},
            {0.5});
  const auto evidence = gather_evidence(records, {});
  std::set<std::string> pairs;
  for (const auto& pair : controlled_pairs(evidence, "architecture"))
    pairs.insert(pair.first->name + " " + pair.second->name);
  CHECK(pairs == std::set<std::string>{"dcgan/hinge fc/hinge", "dcgan/hinge sngan-cnn/hinge",
                                       "fc/hinge sngan-cnn/hinge"});
  // 0.7 against 0.5 and 0.2, though the worst trial has its layers too.
  CHECK(ask(records).at("architecture").answer == "dcgan");
}

}  // namespace
}  // namespace ganselect
