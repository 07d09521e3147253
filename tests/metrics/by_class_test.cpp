// Measures by class: does the generator make what it is asked for, and all of it?
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <string>
#include <vector>

#include "base/torch/generators.h"
#include "metrics/fid.h"
#include "metrics/measure.h"
#include "metrics/prdc.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using test::contains;
using test::thrown_by;

const std::vector<std::string> kNames = {"cat", "dog", "ship", "frog"};

// Class c lies around 10 c on every axis; sure class scores of the class it is.
struct LabelledSet {
  torch::Tensor labels;
  Detections seen;
};
LabelledSet clusters(const torch::Tensor& labels, std::uint64_t seed, int64_t classes = 4) {
  auto random = make_generator(seed);
  const auto noise = torch::randn({labels.size(0), 3}, random, torch::kFloat32);
  return {.labels = labels,
          .seen = {.features = noise + 10.0 * labels.unsqueeze(1).to(torch::kFloat32),
                   .logits = 20.0 * torch::one_hot(labels, classes).to(torch::kFloat32)}};
}

EvaluationInput asked_input(const LabelledSet& real, const LabelledSet& fake,
                            const torch::Tensor& asked) {
  EvaluationInput input;
  input.real = real.seen;
  input.real_labels = real.labels;
  input.fake = fake.seen;
  input.asked_labels = asked;
  input.asked_law = "in turn";
  input.class_names = kNames;
  return input;
}

Measures measured(const EvaluationInput& input) {
  return measure_samples(input, {.metrics = {"label_accuracy", "by_class"}});
}

double value_of(const Measures& measures, const std::string& name) {
  const auto value = measures.value(name);
  INFO(name);
  REQUIRE(value.has_value());
  return *value;
}

torch::Tensor in_turn(int64_t n, int64_t classes = 4) {
  return torch::arange(n, torch::kInt64).remainder(classes);
}

TEST_CASE("a generator that ignores the label is right one time in as many as there are classes",
          "[fast]") {
  constexpr int64_t kMany = 10000;
  const auto labels = in_turn(kMany, 10);
  const auto shuffled = labels.index_select(0, torch::randperm(kMany, make_generator(4)));
  auto input = asked_input(clusters(in_turn(200, 10), 1, 10), clusters(labels, 2, 10), shuffled);
  input.class_names.clear();
  const auto measures = measure_samples(input, {.metrics = {"label_accuracy"}});
  // sd of a share of 1/10 in 10,000: 0.003.
  CHECK_THAT(value_of(measures, "label_accuracy"), WithinAbs(0.1, 0.01));
  input.asked_labels = labels;
  const auto right = measure_samples(input, {.metrics = {"label_accuracy"}});
  CHECK(value_of(right, "label_accuracy") == 1.0);
  CHECK(right.protocol["measures"]["label_accuracy"]["classes"] == 10);
}

TEST_CASE("the class that is answered with another is named", "[fast]") {
  const auto asked = in_turn(400);
  // Asked for a ship, it draws a dog.
  const auto shown = asked.where(asked.ne(2), torch::ones_like(asked));
  const auto measures = measured(asked_input(clusters(in_turn(400), 1), clusters(shown, 2), asked));
  CHECK(value_of(measures, "worst_class") == 2);
  CHECK(value_of(measures, "worst_class_coverage") == 0);
  CHECK(value_of(measures, "class_accuracy_2") == 0);
  CHECK(value_of(measures, "class_accuracy_3") == 1);
  CHECK_THAT(value_of(measures, "label_accuracy"), WithinAbs(0.75, 1e-12));
  CHECK(value_of(measures, "class_samples_2") == 100);
  CHECK(value_of(measures, "class_coverage_0") > 0.8);
  CHECK_THAT(
      value_of(measures, "class_coverage_mean"),
      WithinAbs((value_of(measures, "class_coverage_0") + value_of(measures, "class_coverage_1") +
                 value_of(measures, "class_coverage_3")) /
                    4,
                1e-12));
  // The distance of the two clusters' means, 3 times 10 squared, is most of the class's FID.
  CHECK_THAT(value_of(measures, "class_fid_2"), WithinAbs(300, 30));
  CHECK(value_of(measures, "class_fid_1") < 1);
  bool named = false;
  for (const auto& warning : measures.warnings) {
    named = named || (warning.at("code") == "worst_class" &&
                      contains(warning.at("message").get<std::string>(), "class ship (2)"));
  }
  CHECK(named);
}

TEST_CASE("a class that no sample was asked for is covered by nothing", "[fast]") {
  const auto asked = in_turn(300, 3);
  const auto measures = measured(asked_input(clusters(in_turn(400), 1), clusters(asked, 2), asked));
  CHECK(value_of(measures, "worst_class") == 3);
  CHECK(value_of(measures, "worst_class_coverage") == 0);
  CHECK(value_of(measures, "class_samples_3") == 0);
  CHECK(value_of(measures, "class_reference_3") == 100);
  CHECK_FALSE(measures.value("class_fid_mean").has_value());
  CHECK(contains(measures.reason.at("class_fid_mean"), "class frog (3): needs at least 6"));
  CHECK(contains(measures.reason.at("class_accuracy_3"), "no sample was asked"));
}

TEST_CASE("values of a class are those of its samples alone", "[fast]") {
  auto random = make_generator(9);
  const auto real_labels = torch::randint(0, 4, {300}, random, torch::kInt64);
  const auto asked = torch::randint(0, 4, {260}, random, torch::kInt64);
  const auto real = clusters(real_labels, 1), fake = clusters(asked, 2);
  const auto measures = measured(asked_input(real, fake, asked));
  double sum = 0;
  for (int64_t c = 0; c < 4; ++c) {
    const auto r = real.seen.features.index_select(0, real_labels.eq(c).nonzero().squeeze(1));
    const auto f = fake.seen.features.index_select(0, asked.eq(c).nonzero().squeeze(1));
    const auto id = std::to_string(c);
    const double fid = frechet_inception_distance(r, f);
    CHECK_THAT(value_of(measures, "class_fid_" + id), WithinAbs(fid, 1e-9));
    CHECK_THAT(value_of(measures, "class_coverage_" + id),
               WithinAbs(manifold_scores(r, f, {{}})[0].coverage, 1e-12));
    sum += fid;
  }
  CHECK_THAT(value_of(measures, "class_fid_mean"), WithinAbs(sum / 4, 1e-9));
}

// 32x32 pictures of the class's own colour under noise.
torch::Tensor coloured(const torch::Tensor& labels, std::uint64_t seed) {
  auto random = make_generator(seed);
  const auto noise = torch::randn({labels.size(0), 3, 32, 32}, random, torch::kFloat32) * 30;
  const auto colours = 100.0 + 100.0 * torch::eye(3).index_select(0, labels);
  return (noise + colours.unsqueeze(2).unsqueeze(3)).clamp(0, 255).to(torch::kUInt8);
}

TEST_CASE("a classifier learns from samples what their labels are worth", "[fast]") {
  EvaluationInput input;
  const auto shown = in_turn(320, 3);
  input.fake_images = coloured(shown, 1);
  input.fake.features = torch::zeros({320, 1});
  input.heldout_labels = in_turn(90, 3);
  input.heldout_pixels = coloured(input.heldout_labels, 2);
  const auto accuracy = [&](const torch::Tensor& asked) {
    input.asked_labels = asked;
    const auto measures = measure_samples(input, {.metrics = {"classifier_accuracy"},
                                                  .options = {{"classifier_accuracy.epochs", 8}}});
    CHECK(measures.protocol["measures"]["classifier_accuracy"]["n_trained_on"] == 320);
    return value_of(measures, "classifier_accuracy");
  };
  CHECK(accuracy(shown) > 0.95);
  // Every label is the next class's: the classifier learns that too, and is wrong throughout.
  CHECK(accuracy(shown.add(1).remainder(3)) < 0.05);
  input.fake_images = torch::Tensor();
  const auto unasked = measure_samples(input, {.metrics = {"classifier_accuracy"}});
  CHECK(contains(unasked.reason.at("classifier_accuracy"), "only on request: --classifier"));
}

TEST_CASE("few samples of a class are warned of, and what cannot be had says why", "[fast]") {
  const auto asked = in_turn(12);
  const auto few = measured(asked_input(clusters(in_turn(12), 1), clusters(asked, 2), asked));
  bool warned = false;
  for (const auto& warning : few.warnings) {
    warned = warned || (warning.at("code") == "fewer_samples_than_dimensions" &&
                        contains(warning.at("message").get<std::string>(),
                                 "as few as 3 samples of a class in 3 dimensions"));
  }
  CHECK(warned);
  CHECK(contains(few.reason.at("worst_class_coverage"), "class cat (0): needs at least 6"));

  auto input = asked_input(clusters(in_turn(40), 1), clusters(in_turn(40), 2), in_turn(40));
  input.asked_labels = torch::Tensor();
  for (const char* name : {"label_accuracy", "worst_class"}) {
    CHECK(measured(input).reason.at(name) == "needs samples that were asked to be of a class");
  }
  input.asked_labels = in_turn(40);
  input.real_labels = torch::Tensor();
  CHECK(measured(input).reason.at("class_fid_mean") == "needs labels of real samples");
  input.fake.logits = torch::Tensor();
  CHECK(measured(input).reason.at("label_accuracy") == "needs class scores of generated samples");
}

TEST_CASE("a detector that does not know the data's classes tells no accuracy", "[fast]") {
  auto input = asked_input(clusters(in_turn(40), 1), clusters(in_turn(40), 2), in_turn(40));
  input.real_labels = in_turn(40).add(1).remainder(4);
  CHECK(contains(measured(input).reason.at("label_accuracy"), "on 0 of real samples only"));
  input.class_names.push_back("truck");
  CHECK(contains(measured(input).reason.at("label_accuracy"),
                 "tells 4 classes apart, the data have 5"));
  input.asked_labels = in_turn(39);
  CHECK(contains(thrown_by([&] { measured(input); }).message, "[asked labels] expected 40"));
}

}  // namespace
}  // namespace ganselect
