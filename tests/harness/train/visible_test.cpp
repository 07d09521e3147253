// Training, sampling and resuming of candidates that are shown a part of the image, and of those
// that are told clusters.
#include "harness/train/visible_source.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "datasets/partition.h"
#include "harness/train/checkpoint.h"
#include "harness/train/sampler.h"
#include "harness/train/trainer.h"
#include "models/masks.h"
#include "tests/harness/train/fixtures.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {

namespace {

Dataset clustered_images(std::uint64_t seed = 1) {
  auto data = test::tiny_images(seed);
  Partition made;
  made.labels = torch::arange(data.size(), torch::kInt64).remainder(4);
  made.labels.slice(0, 0, 40).fill_(3);
  made.centres = torch::randn({5, 6}, make_generator(seed));
  made.detector = "test";
  made.data_digest = data.digest;
  data.partition = std::make_shared<const Partition>(made);
  return data;
}

void check_resumes(const TrainSettings& settings, const Dataset& data, const Dataset& held_out) {
  Trainer whole(settings, data, &held_out);
  whole.step();
  const auto half = to_safetensors(whole.state());
  whole.step();
  CHECK(whole.read_row(0).critic_accuracy_heldout.has_value());
  Trainer resumed(settings, data, &held_out);
  resumed.restore(from_safetensors(half, "state"));
  resumed.step();
  resumed.read_row(0);
  CHECK(test::differing_tensors(whole.state(), resumed.state()).empty());
  CHECK(whole.state().tensors.contains("stream/condition"));
}

}  // namespace

TEST_CASE("candidates that fill in go on bit for bit from their state, whatever is hidden",
          "[fast][trainer][resume][inpainting]") {
  for (const auto& law : mask_laws()) {
    INFO(law.name);
    auto settings = test::tiny_settings("cgan-inpaint");
    settings.mask = law.name;
    check_resumes(settings, test::tiny_images(), test::tiny_images(7));
  }
  auto settings = test::tiny_settings("dcgan+visible/wasserstein/gradient-penalty");
  settings.n_critic = 1;
  check_resumes(settings, test::tiny_images(), test::tiny_images(7));
}

TEST_CASE("candidates that are told clusters go on bit for bit from their state",
          "[fast][trainer][resume][partition]") {
  auto settings = test::tiny_settings("clustered-gan-10");
  settings.clusters = 5;
  check_resumes(settings, clustered_images(), clustered_images(7));
}

TEST_CASE("clusters are told in place of labels, and drawn by their sizes", "[fast][partition]") {
  const auto data = clustered_images();
  const auto candidate = parse_point("clustered-gan-10");
  const auto source = make_condition_source(
      candidate, data, torch::kCPU, {.data = make_generator(1), .condition = make_generator(2)});
  const auto asked = source->conditions(2000).labels;
  const auto sizes = data.partition->labels.bincount({}, 5).to(torch::kFloat64) / data.size();
  const auto shares = asked.bincount({}, 5).to(torch::kFloat64) / 2000;
  CHECK((shares - sizes).abs().max().item<double>() < 0.05);
  const auto batch = source->next(50);
  const auto all = to_training_range(data.samples);
  for (std::int64_t b = 0; b < 50; ++b) {
    const auto row = (all - batch.samples[b]).abs().amax({1, 2, 3}).argmin().item<std::int64_t>();
    CHECK(batch.condition.labels[b].item<std::int64_t>() ==
          data.partition->labels[row].item<std::int64_t>());
  }
  const auto table = make_condition_table(candidate, data);
  CHECK(table.class_names == cluster_names(5));
  CHECK(table.weights[4].item<double>() == 0);
  CHECK(are_cluster_names(table.class_names));
  const auto refused = test::thrown_by(
      [] { Trainer(test::tiny_settings("clustered-gan-10"), test::labelled_images()); });
  CHECK(refused.kind == ErrorKind::kData);
  CHECK(test::contains(refused.message, "expected clusters, which clustered-gan-10 needs"));
}

TEST_CASE("a real image comes with what its own mask leaves of it", "[fast][inpainting]") {
  const auto data = test::tiny_images();
  auto candidate = parse_point("cgan-inpaint");
  candidate.mask = "random";
  const auto source = make_condition_source(
      candidate, data, torch::kCPU, {.data = make_generator(1), .condition = make_generator(2)});
  const auto batch = source->next(20);
  const auto& visible = batch.condition.visible;
  REQUIRE(visible.sizes() == at::IntArrayRef({20, 4, 32, 32}));
  CHECK(visible.slice(1, 1).equal(batch.samples * visible.slice(1, 0, 1)));
  const auto further = source->conditions(20).visible;
  CHECK_FALSE(further.equal(visible));
  CHECK_FALSE(batch.condition.labels.defined());
}

TEST_CASE("a generator's file holds the images that it may fill in", "[fast][inpainting]") {
  const test::TempDir dir;
  const auto data = test::tiny_images(), held_out = test::tiny_images(7);
  Trainer trainer(test::tiny_settings("cgan-inpaint"), data, &held_out);
  trainer.step();
  save_generator(dir / "generator.safetensors", trainer);
  const auto saved = load_generator(dir / "generator.safetensors");
  REQUIRE(saved.conditions.pictures);
  // Of images that were not trained on.
  CHECK(saved.conditions.size() == held_out.size());
  const auto total = [](const torch::Tensor& images) {
    return images.to(torch::kInt64).sum().item<std::int64_t>();
  };
  CHECK(total(saved.conditions.pictures->images) == total(held_out.samples));
  CHECK(total(data.samples) != total(held_out.samples));
  const SampleSettings sampling{.count = 7, .seed = 3};
  const auto now = draw_samples(trainer.evaluated_generator(), sampling, trainer.conditions());
  const auto again = draw_samples(*saved.generator, sampling, saved.conditions);
  CHECK(torch::equal(now.samples, again.samples));
  CHECK(test::contains(saved.conditions.law, "images of tiny-images"));
}

TEST_CASE("settings of masks and clusters are refused where nothing reads them",
          "[fast][inpainting]") {
  auto settings = test::tiny_settings("dcgan");
  settings.mask = "random";
  CHECK(
      test::contains(test::thrown_by([&] { resolve_candidate(settings); }).message, "key 'mask'"));
  settings = test::tiny_settings("cgan");
  settings.clusters = 4;
  CHECK(test::contains(test::thrown_by([&] { resolve_candidate(settings); }).message,
                       "key 'clusters'"));
  settings = test::tiny_settings("cgan-inpaint");
  settings.mirror = true;
  CHECK(test::contains(test::thrown_by([&] { resolve_candidate(settings); }).message,
                       "key 'mirror'"));
  settings = test::tiny_settings("cgan-inpaint");
  settings.mask = "centre";
  CHECK(test::contains(test::thrown_by([&] { check_settings(settings, "x"); }).message, "center"));
}

}  // namespace ganselect
