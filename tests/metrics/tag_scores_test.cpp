#include "metrics/tag_scores.h"

#include <torch/torch.h>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"

using namespace ganselect;
using Catch::Approx;
using test::contains;
using test::thrown_by;

TEST_CASE("precision, recall and diversity of answers worked by hand", "[fast][tags]") {
  // Image 1: 2 of 4 words right, 2 of 2 found. Image 2: 1 word right, counted over 4, 1 of 3 found.
  const std::vector<TagAnswer> answers = {{"red", "disc", "blue", "sea"}, {"sky", "blue"}};
  const auto scores = score_tags(answers, {{"red", "disc"}, {"sky", "sun", "cloud"}}, 4);
  CHECK(scores.images == 2);
  CHECK(scores.precision == Approx((0.5 + 0.25) / 2).epsilon(1e-12));
  CHECK(scores.recall == Approx((1.0 + 1.0 / 3) / 2).epsilon(1e-12));
  CHECK(scores.diversity == Approx(5.0 / 5).epsilon(1e-12));
  // The first two words alone.
  CHECK(score_tags(answers, {{"red", "disc"}, {"sky", "sun", "cloud"}}, 2).precision ==
        Approx(0.75).epsilon(1e-12));
}

TEST_CASE("a word said twice counts once", "[fast][tags]") {
  CHECK(score_tags({{"red", "red"}}, {{"red"}}, 2).precision == Approx(0.5).epsilon(1e-12));
}

TEST_CASE("answers and images must be as many, each with a right word", "[fast][tags]") {
  CHECK(contains(thrown_by([] { score_tags({{"a"}}, {}, 1); }).message, "1 answers for 0 images"));
  CHECK(contains(thrown_by([] {
                   score_tags({{"a"}, {"b"}}, {{"a"}, {}}, 1);
                 }).message,
                 "none for image 1"));
}

TEST_CASE("the most frequent tags are counted, equal ones by name", "[fast][tags]") {
  CHECK(most_frequent_tags({{"sea", "sky"}, {"sky", "ant"}, {"sea"}}, 3) ==
        TagAnswer{"sea", "sky", "ant"});
  CHECK(most_frequent_tags({{"sea", "sky"}, {"sky"}}, 1) == TagAnswer{"sky"});
}

TEST_CASE("nearest images lend their words in order until there are enough", "[fast][tags]") {
  const auto train = torch::tensor({{1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}});
  const std::vector<std::vector<std::string>> given = {{"east", "far"}, {"north"}, {"far", "both"}};
  // By angle from (2, 0.5): east, both, north; length does not count.
  const auto answers = nearest_image_tags(train, given, torch::tensor({{2.0, 0.5}, {0.1, 9.0}}), 3);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0] == TagAnswer{"east", "far", "both"});
  CHECK(answers[1] == TagAnswer{"north", "far", "both"});
  CHECK(nearest_image_tags(train, given, torch::tensor({{0.0, 3.0}}), 1)[0] == TagAnswer{"north"});
}
