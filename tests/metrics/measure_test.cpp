#include "metrics/measure.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>

#include "base/seeds.h"
#include "datasets/subset.h"
#include "metrics/instances.h"
#include "metrics/reference.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::gaussian;
using test::thrown_by;

EvaluationInput full_input() {
  auto input = test::feature_input(gaussian(300, 4, 1), gaussian(250, 4, 2, 0.1));
  input.heldout.features = gaussian(120, 4, 3);
  input.real.logits = gaussian(300, 5, 4);
  input.fake.logits = gaussian(250, 5, 5);
  input.generator = [](const torch::Tensor& z) { return z.reshape({-1, 1, 1, 2}); };
  input.latent_dim = 2;
  input.heldout_images = torch::zeros({3, 1, 1, 2});
  input.real_labels = input.real.logits.argmax(1);
  input.asked_labels = torch::arange(250).remainder(5);
  input.unseen = gaussian(40, 4, 6);
  input.unseen_fake = gaussian(50, 4, 7);
  InstanceSamples instances;
  instances.neighborhoods = {{.real = gaussian(9, 4, 8), .fake = gaussian(9, 4, 9)}};
  instances.stored = gaussian(6, 3, 10);
  instances.samples = gaussian(20, 3, 11);
  instances.asked = torch::arange(20).remainder(6);
  input.instances = std::make_shared<const InstanceSamples>(instances);
  input.protocol = {{"detector", "test"}, {"data", "gaussian"}};
  return input;
}

EvaluationSettings quick_evaluation() {
  EvaluationSettings settings;
  settings.options["ndb.bins"] = 10;
  settings.reconstruction.steps = 5;
  return settings;
}

}  // namespace

TEST_CASE("an evaluation gives every measure of every family a value or a reason", "[fast]") {
  for (const bool full : {true, false}) {
    auto all = quick_evaluation();
    all.metrics = metric_families().names();
    const auto measured = measure_samples(full ? full_input() : EvaluationInput{}, all);
    for (const auto& family : metric_families()) {
      for (const auto& name : family.measures) {
        INFO(name);
        REQUIRE(measured.values.contains(name));
        CHECK(measured.reason.contains(name) == !measured.value(name).has_value());
        if (!full) CHECK(contains(measured.reason.at(name), "needs "));
      }
    }
    if (!full) continue;
    // high_quality_share: there are no points; classifier_accuracy, fid_infinity: not
    // asked for; three of the Parzen window, three of fillings, one of clusters: none are given.
    CHECK(measured.reason.size() == 10);
    CHECK(measured.protocol["detector"] == "test");
    CHECK(measured.protocol["n_real"] == 300);
    CHECK(measured.protocol["n_fake"] == 250);
    CHECK(measured.protocol["dimensions"] == 4);
    CHECK(measured.protocol["measures"]["precision"]["k"] == 5);
  }
}

TEST_CASE("an evaluation repeats exactly, and computes only what is asked for", "[fast]") {
  const auto once = measure_samples(full_input(), quick_evaluation());
  const auto again = measure_samples(full_input(), quick_evaluation());
  CHECK(to_json(once) == to_json(again));
  auto settings = quick_evaluation();
  settings.metrics = {"fid", "kid"};
  const auto some = measure_samples(full_input(), settings);
  CHECK(some.values.size() == 4);
  CHECK(some.value("fid") == once.value("fid"));
}

TEST_CASE("families beyond the standard ones are computed where they are named, each once",
          "[fast]") {
  const auto names = [](std::vector<std::string> metrics) {
    std::vector<std::string> chosen;
    for (const auto* family : chosen_families({.metrics = std::move(metrics)}))
      chosen.push_back(family->name);
    return chosen;
  };
  const auto standard = names({});
  CHECK(standard == names({"standard"}));
  CHECK(std::find(standard.begin(), standard.end(), "fid") != standard.end());
  for (const auto& family : metric_families()) {
    INFO(family.name);
    const bool unasked = std::find(standard.begin(), standard.end(), family.name) != standard.end();
    CHECK(family.standard == unasked);
    CHECK(names({family.name}) == std::vector<std::string>{family.name});
    CHECK(names({"standard", family.name, family.name}).size() == standard.size() + !unasked);
  }
  for (const char* optional : {"vendi", "mmd", "authenticity"})
    CHECK_FALSE(metric_families().at(optional).standard);
}

TEST_CASE("the families that read instances are those that miss them", "[fast]") {
  auto without = full_input();
  without.unseen = without.unseen_fake = torch::Tensor();
  without.instances = nullptr;
  std::vector<std::string> reading;
  for (const auto& family : metric_families()) {
    CAPTURE(family.name);
    CHECK(family.reads_instances == (family.missing(without) != family.missing(full_input())));
    CHECK(instances_read({family.name}) == family.reads_instances);
    if (family.reads_instances) reading.push_back(family.name);
  }
  REQUIRE(reading.size() == 2);
  CHECK(instances_read({}));
  CHECK(instances_read({"fid", reading.back()}));
  CHECK_FALSE(instances_read({"fid", "prdc"}));
}

TEST_CASE("unknown metrics and settings out of range name what is valid", "[fast]") {
  EvaluationSettings settings;
  settings.metrics = {"fdi"};
  const auto unknown = thrown_by([&] { measure_samples(full_input(), settings); });
  CHECK(unknown.kind == ErrorKind::kUsage);
  CHECK(contains(unknown.message, "fid, kid, inception_score"));
  settings = {};
  settings.nearest_k = 0;
  const auto range = thrown_by([&] { measure_samples(full_input(), settings); });
  CHECK(range.kind == ErrorKind::kUsage);
  CHECK(contains(range.message, "nearest_k"));
}

TEST_CASE("options of families are named, held in their range, and told in the protocol",
          "[fast]") {
  const auto options = metric_options();
  for (const char* name : {"ndb.bins", "modes.confidence", "memorization.quantile"}) {
    CHECK(std::any_of(options.begin(), options.end(),
                      [&](const MetricOption& option) { return option.name == name; }));
  }
  EvaluationSettings settings = quick_evaluation();
  CHECK(metric_option(settings, "modes.radius_sd") == 3);  // the standard
  settings.metrics = {"ndb"};
  settings.options = {{"ndb.bins", 12}};
  const auto measured = measure_samples(full_input(), settings);
  CHECK(measured.protocol["measures"]["ndb"]["bins"] == 12);
  settings.options = {{"ndb.bin", 12}};
  CHECK(contains(thrown_by([&] { measure_samples(full_input(), settings); }).message, "ndb.bins"));
  settings.options = {{"ndb.bins", 12.5}};
  CHECK(contains(thrown_by([&] { measure_samples(full_input(), settings); }).message,
                 "a whole number of at least 1"));
  settings.options = {{"modes.confidence", 1.5}};
  CHECK(contains(thrown_by([&] { measure_samples(full_input(), settings); }).message,
                 "modes.confidence"));
}

TEST_CASE("features that are not finite or do not fit are refused with the place", "[fast]") {
  auto input = full_input();
  input.fake.features[17][2] = std::numeric_limits<double>::quiet_NaN();
  const auto nan = thrown_by([&] { measure_samples(input, quick_evaluation()); });
  CHECK(nan.kind == ErrorKind::kData);
  CHECK(nan.message ==
        "[generated features] expected finite values, got NaN or infinity, first in row 17");
  input.fake.features = gaussian(20, 3, 1);
  const auto dimensions = thrown_by([&] { measure_samples(input, quick_evaluation()); });
  CHECK(contains(dimensions.message, "got 4 and 3; features of two detectors cannot be compared"));
  input.fake.features = torch::zeros({20, 4}, torch::kInt64);
  CHECK(thrown_by([&] { measure_samples(input, quick_evaluation()); }).kind == ErrorKind::kData);
}

TEST_CASE("float32 features give the measures of the same numbers in float64", "[fast]") {
  auto single = full_input();
  single.real.features = single.real.features.to(torch::kFloat32);
  single.fake.features = single.fake.features.to(torch::kFloat32);
  auto twice = single;
  twice.real.features = single.real.features.to(torch::kFloat64);
  twice.fake.features = single.fake.features.to(torch::kFloat64);
  CHECK(to_json(measure_samples(single, quick_evaluation())) ==
        to_json(measure_samples(twice, quick_evaluation())));
}

TEST_CASE("reference features are computed once for a key and anew for any other", "[fast]") {
  const test::TempDir folder;
  int computed = 0;
  const Detections made{.features = gaussian(6, 3, 1).to(torch::kFloat32),
                        .logits = gaussian(6, 2, 2).to(torch::kFloat32),
                        .foreign_classes = true};
  const auto compute = [&] {
    ++computed;
    return made;
  };
  const ReferenceKey key{.data = "ring",
                         .data_digest = "aa",
                         .split = "train",
                         .detector = "d",
                         .detector_digest = "bb",
                         .preprocessing = "none",
                         .count = 6};
  cached_detections(folder.path(), key, compute);
  const auto stored = cached_detections(folder.path(), key, compute);
  CHECK(computed == 1);
  CHECK(stored.features.equal(made.features));
  CHECK(stored.logits.equal(made.logits));
  CHECK_FALSE(stored.scores_are_probabilities);
  CHECK(stored.foreign_classes);
  for (auto change : {&ReferenceKey::data_digest, &ReferenceKey::split,
                      &ReferenceKey::detector_digest, &ReferenceKey::preprocessing}) {
    auto other = key;
    other.*change = "cc";
    const int before = computed;
    cached_detections(folder.path(), other, compute);
    CHECK(computed == before + 1);
  }
  auto counted = key;
  counted.count = 5;
  CHECK(thrown_by([&] { cached_detections(folder.path(), counted, compute); }).kind ==
        ErrorKind::kFailed);
}

TEST_CASE("a damaged file of reference features is computed anew and replaced", "[fast]") {
  const test::TempDir folder;
  int computed = 0;
  const auto compute = [&] {
    ++computed;
    return Detections{.features = gaussian(4, 3, 1).to(torch::kFloat32)};
  };
  const ReferenceKey key{.data = "ring",
                         .data_digest = "aa",
                         .split = "train",
                         .detector = "d",
                         .detector_digest = "bb",
                         .preprocessing = "none",
                         .count = 4};
  cached_detections(folder.path(), key, compute);
  std::filesystem::path file;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) file = entry.path();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  CHECK(cached_detections(folder.path(), key, compute).size() == 4);
  CHECK(computed == 2);
  cached_detections(folder.path(), key, compute);
  CHECK(computed == 2);
}

TEST_CASE("a data set's reference carries its digests, count, draw and labels", "[fast]") {
  Dataset data;
  data.name = "tiny";
  data.split = "train";
  data.shape = SampleShape::image(1, 2, 2);
  data.samples = torch::arange(24, torch::kUInt8).reshape({6, 1, 2, 2});
  data.labels = torch::tensor({0, 0, 1, 1, 2, 2});
  data.class_names = {"a", "b", "c"};
  data.digest = content_digest(data.samples, data.labels);
  const auto detector = load_detector("pixels");
  const test::TempDir folder;
  const auto reference =
      reference_detections(data, *detector, {.count = 3, .seed = 6, .cache = folder.path()});
  CHECK(reference.labels.equal(torch::tensor({0, 1, 2})));  // one of each class
  const auto rows =
      drawn_rows(6, data.labels, {.count = 3, .seed = stream_seed(6, "reference rows")});
  CHECK(
      reference.detections.features.equal(data.samples.index_select(0, rows).flatten(1) / 255.0f));
  CHECK(reference.protocol["reference_drawn"] == Json{{"of", 6}, {"seed", 6}, {"by", "class"}});
  // Another seed's rows are not taken from the first one's file.
  const auto other =
      reference_detections(data, *detector, {.count = 3, .seed = 9, .cache = folder.path()});
  CHECK_FALSE(other.detections.features.equal(reference.detections.features));
  CHECK(reference.protocol["data_digest"] == data.digest);
  CHECK(reference.protocol["detector_digest"] == detector->digest());
  CHECK(reference.protocol["n_real"] == 3);
  const auto all = reference_detections(data, *detector, {});
  CHECK(all.detections.size() == 6);
  CHECK_FALSE(all.protocol.contains("reference_drawn"));
}

}  // namespace ganselect
