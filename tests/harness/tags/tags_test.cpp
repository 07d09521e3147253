#include <torch/torch.h>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"
#include "harness/tags/tag_trainer.h"
#include "harness/tags/word_vectors.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using Catch::Approx;
using test::contains;
using test::thrown_by;

namespace {

using Sentences = std::vector<std::vector<std::string>>;

// Two topics whose words never meet: cat and feline, car and vehicle, each among words of its own.
Sentences two_topics() {
  Sentences corpus;
  for (int i = 0; i < 300; ++i) {
    corpus.push_back({i % 2 != 0 ? "cat" : "feline", "purrs", "milk", "whiskers"});
    corpus.push_back({i % 2 != 0 ? "car" : "vehicle", "drives", "road", "wheels"});
  }
  corpus.push_back({"rare", "cat"});
  return corpus;
}

SkipGramSettings small_words() {
  SkipGramSettings settings;
  settings.dimensions = 16;
  settings.minimum_count = 20;
  settings.subsample = 0;
  settings.epochs = 10;
  return settings;
}

double cosine(const WordVectors& words, const std::string& a, const std::string& b) {
  return torch::cosine_similarity(words.vectors[words.rows.at(a)].view({1, -1}),
                                  words.vectors[words.rows.at(b)].view({1, -1}))
      .item<double>();
}

// Features tell which of two topics an image is of.
TaggedFeatures topic_images(std::int64_t count) {
  TaggedFeatures data;
  auto random = make_generator(3);
  data.features = torch::randn({count, 6}, random) * 0.3;
  for (std::int64_t i = 0; i < count; ++i) {
    data.features[i][i % 2] += 4.0;
    if (i % 2 == 0)
      data.tags.push_back({"cat", "milk", "unknown"});
    else
      data.tags.push_back({"car", "road"});
  }
  return data;
}

TagSettings small_tags() {
  TagSettings settings;
  settings.steps = 300;
  settings.batch = 32;
  settings.width = 0.05;
  settings.words = small_words();
  return settings;
}

}  // namespace

TEST_CASE("words of one topic end up near each other, and rare words are dropped", "[fast][tags]") {
  const auto words = train_word_vectors(two_topics(), small_words());
  CHECK(words.words.size() == 10);
  CHECK(words.rows.count("rare") == 0);
  CHECK(words.counts.at(0) == 300);
  CHECK(words.counts.at(static_cast<std::size_t>(words.rows.at("cat"))) == 151);
  CHECK(cosine(words, "cat", "feline") > cosine(words, "cat", "car") + 0.3);
  CHECK(cosine(words, "vehicle", "car") > cosine(words, "vehicle", "milk") + 0.3);
  CHECK(torch::equal(words.vectors, train_word_vectors(two_topics(), small_words()).vectors));
  auto other = small_words();
  other.seed = 1;
  CHECK_FALSE(torch::equal(words.vectors, train_word_vectors(two_topics(), other).vectors));
}

TEST_CASE("the skip-gram loss is that of its equation", "[fast][tags]") {
  // -log s(0.5) - log s(-0.25) - log s(1), worked with s(x) = 1 / (1 + e^-x).
  const auto centre = torch::tensor({1.0, 0.5}, torch::kFloat64);
  const auto neighbour = torch::tensor({0.25, 0.5}, torch::kFloat64);
  const auto noise = torch::tensor({{0.5, -0.5}, {-1.0, 0.0}}, torch::kFloat64);
  const auto s = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  CHECK(skip_gram_loss(centre, neighbour, noise) ==
        Approx(-std::log(s(0.5)) - std::log(s(-0.25)) - std::log(s(1.0))).epsilon(1e-12));
}

TEST_CASE("the nearest words to a word's own vector begin with it", "[fast][tags]") {
  const auto words = train_word_vectors(two_topics(), small_words());
  const auto nearest = nearest_words(words, words.vectors * 2.5, 3);
  CHECK(nearest.sizes() == torch::IntArrayRef({10, 3}));
  CHECK(torch::equal(nearest.select(1, 0), torch::arange(10)));
  CHECK(contains(thrown_by([&] { nearest_words(words, words.vectors, 11); }).message,
                 "at most 10 words"));
}

TEST_CASE("a corpus without common words is refused", "[fast][tags]") {
  const auto error = thrown_by([] { train_word_vectors({{"a", "b"}}, small_words()); });
  CHECK(error.kind == ErrorKind::kData);
  CHECK(contains(error.message, "lower minimum_count"));
}

TEST_CASE("both tag networks read noise or word and features, and train by both", "[fast][tags]") {
  const TagNetworkSettings settings{.features = 5, .dimensions = 7, .width = 0.02, .dropout = 0};
  TagGenerator generator(settings, make_generator(1));
  TagCritic critic(settings, make_generator(2));
  generator.to(torch::kFloat64);
  critic.to(torch::kFloat64);
  auto drops = make_generator(3), random = make_generator(4);
  const auto wide = torch::TensorOptions().dtype(torch::kFloat64);
  const auto noise = torch::randn({3, TagGenerator::kNoise}, random, wide);
  auto features = torch::randn({3, 5}, random, wide).requires_grad_(true);
  const auto word = generator.forward(noise, features, drops);
  CHECK(word.sizes() == torch::IntArrayRef({3, 7}));
  const auto score = critic.forward(word, features, drops);
  CHECK(score.sizes() == torch::IntArrayRef({3}));
  const auto gradient = torch::autograd::grad({score.sum()}, {features})[0];
  const double step = 1e-6;
  for (const auto& place : {std::pair{0, 0}, std::pair{1, 4}, std::pair{2, 2}}) {
    const auto row = place.first, column = place.second;
    const auto moved = [&](double by) {
      auto shifted = features.detach().clone();
      shifted[row][column] += by;
      return critic.forward(generator.forward(noise, shifted, drops), shifted, drops)
          .sum()
          .item<double>();
    };
    // Central differences of a piecewise linear function are exact but for rounding.
    CHECK(gradient[row][column].item<double>() ==
          Approx((moved(step) - moved(-step)) / (2 * step)).epsilon(1e-6).margin(1e-9));
  }
  CHECK(
      contains(thrown_by([&] { generator.forward(noise.slice(1, 0, 9), features, drops); }).message,
               "(N,100)"));
}

TEST_CASE("trained on images of two topics, the words suggested are those of the image's own",
          "[fast][tags]") {
  const auto data = topic_images(200);
  const auto model = train_tags(data, two_topics(), small_tags());
  const TagReading reading{.draws = 40, .nearest = 3, .kept = 3};
  const auto answers = suggest_tags(model, data.features.slice(0, 0, 20), reading);
  const std::set<std::string> cats = {"cat", "feline", "purrs", "milk", "whiskers"};
  int right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i].size() == 3);
    right += cats.count(answers[i][0]) == (i % 2 == 0 ? 1U : 0U) ? 1 : 0;
  }
  CHECK(right >= 18);
  // An image's answer does not depend on those beside it.
  CHECK(suggest_tags(model, data.features.slice(0, 5, 6), reading)[0] == answers[5]);
}

TEST_CASE("a tag model comes back from its file as it was, and others are refused",
          "[fast][tags]") {
  const test::TempDir dir;
  auto settings = small_tags();
  settings.steps = 5;
  const auto data = topic_images(60);
  auto model = train_tags(data, two_topics(), settings);
  model.source = {{"dataset", "two topics"}};
  save_tag_model(dir / "tags.safetensors", model);
  const auto again = load_tag_model(dir / "tags.safetensors");
  CHECK(again.words.words == model.words.words);
  CHECK(again.source == model.source);
  CHECK(torch::equal(draw_tag_vectors(again, data.features[3], 4, 9),
                     draw_tag_vectors(model, data.features[3], 4, 9)));
  save_safetensors(dir / "other.safetensors", {.tensors = {{"x", torch::zeros({1})}}});
  CHECK(contains(thrown_by([&] { load_tag_model(dir / "other.safetensors"); }).message,
                 "a tag model"));
  CHECK(contains(thrown_by([&] { draw_tag_vectors(model, torch::zeros({5}), 1, 0); }).message,
                 "features of 6 numbers"));
}

TEST_CASE("tags that the corpus does not know cannot be trained on", "[fast][tags]") {
  auto data = topic_images(4);
  for (auto& tags : data.tags) tags = {"nothing"};
  CHECK(contains(thrown_by([&] { train_tags(data, two_topics(), small_tags()); }).message,
                 "tags that the corpus knows"));
}
