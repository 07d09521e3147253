// Training, sampling and resuming with labels.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "harness/train/checkpoint.h"
#include "harness/train/condition_source.h"
#include "harness/train/sampler.h"
#include "tests/harness/train/fixtures.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {

namespace {

std::vector<std::string> labelled_candidates() {
  std::vector<std::string> names;
  for (const auto& candidate : candidates()) {
    if (candidate.needs_labels && !candidate.needs_instances) names.push_back(candidate.name);
  }
  return names;
}

}  // namespace

TEST_CASE("every conditional candidate goes on bit for bit from its state",
          "[fast][trainer][resume][conditional]") {
  const auto data = test::labelled_images();
  const auto held_out = test::labelled_images(7);
  auto points = labelled_candidates();
  points.push_back("dcgan+labels/relativistic/gradient-penalty");
  points.push_back("fc+labels/hinge/r1+r2");
  for (const auto& point : points) {
    INFO(point);
    auto settings = test::tiny_settings(point);
    settings.ema_decay = 0.9;
    settings.n_critic = 1;
    Trainer whole(settings, data, &held_out);
    test::make_steps(whole, 2);
    const auto half = to_safetensors(whole.state());
    test::make_steps(whole, 1);
    const auto row = whole.read_row(0);
    CHECK(row.critic_accuracy_heldout.has_value());
    test::make_steps(whole, 1);

    Trainer resumed(settings, data, &held_out);
    resumed.restore(from_safetensors(half, "state"));
    test::make_steps(resumed, 1);
    resumed.read_row(0);
    test::make_steps(resumed, 1);
    CHECK(test::differing_tensors(whole.state(), resumed.state()).empty());
    CHECK(whole.state().tensors.contains("stream/condition"));
  }
}

TEST_CASE("unconditional trials have no stream of conditions", "[fast][trainer][conditional]") {
  Trainer trainer(test::tiny_settings("dcgan"), test::labelled_images());
  CHECK_FALSE(trainer.state().tensors.contains("stream/condition"));
  CHECK(trainer.conditions().empty());
}

TEST_CASE("labels change what is trained", "[fast][trainer][conditional]") {
  auto data = test::labelled_images();
  Trainer a(test::tiny_settings("cgan"), data);
  data.labels = data.labels.flip(0).contiguous();
  Trainer b(test::tiny_settings("cgan"), data);
  test::make_steps(a, 1);
  test::make_steps(b, 1);
  CHECK(test::contains(test::differing_tensors(a.state(), b.state()), "critic/conv0.weight"));
}

TEST_CASE("a candidate that needs labels refuses data without", "[fast][trainer][conditional]") {
  const auto data = test::tiny_images();
  const auto refused = test::thrown_by([&] { Trainer(test::tiny_settings("cgan"), data); });
  CHECK(refused.kind == ErrorKind::kData);
  CHECK(test::contains(refused.message,
                       "[data tiny-images] expected class labels, which cgan needs, got none"));
}

TEST_CASE("conditions of generated samples come as often as in the data",
          "[fast][trainer][conditional]") {
  auto data = test::labelled_images();
  data.labels = torch::zeros({data.size()}, torch::kInt64);
  data.labels.narrow(0, 0, 24).fill_(2);  // a quarter
  const auto source =
      make_condition_source(parse_point("cgan"), data, torch::kCPU,
                            {.data = make_generator(1), .condition = make_generator(2)});
  const auto labels = source->conditions(4000).labels;
  // sd of a share of 1/4 in 4,000 draws: 0.0068.
  CHECK(labels.eq(2).to(torch::kFloat64).mean().item<double>() == Catch::Approx(0.25).margin(0.03));
  CHECK(labels.eq(1).sum().item<std::int64_t>() == 0);
  const auto batch = source->next(5);
  CHECK(batch.condition.labels.sizes() == at::IntArrayRef({5}));
  const auto plain =
      make_condition_source(parse_point("dcgan"), data, torch::kCPU,
                            {.data = make_generator(1), .condition = make_generator(2)});
  CHECK_FALSE(plain->next(5).condition.defined());
  CHECK_FALSE(plain->conditions(5).defined());
}

TEST_CASE("a sample's class depends on seed and index alone and follows the weights",
          "[fast][sampler][conditional]") {
  ConditionTable table{.rows = {.labels = torch::arange(4), .instances = {}},
                       .weights = torch::tensor({2.0, 0.0, 5.0, 3.0}, torch::kFloat64),
                       .class_names = {"a", "b", "c", "d"}};
  const auto rows = draw_table_rows(table, 3, 0, 20000);
  CHECK(torch::equal(rows.slice(0, 17, 40), draw_table_rows(table, 3, 17, 23)));
  CHECK_FALSE(torch::equal(rows, draw_table_rows(table, 4, 0, 20000)));
  const auto shares = rows.bincount({}, 4).to(torch::kFloat64) / 20000.0;
  // sd of a share of 1/2 in 20,000 draws: 0.0035.
  CHECK((shares - table.weights / 10.0).abs().max().item<double>() < 0.015);
  CHECK(shares[1].item<double>() == 0);
  table.weights.zero_();
  CHECK_THROWS_AS(draw_table_rows(table, 3, 0, 1), Error);
}

TEST_CASE("a saved conditional generator can be asked for a class without any data",
          "[fast][sampler][checkpoint][conditional]") {
  const test::TempDir folder;
  const auto data = test::labelled_images();
  for (const auto& point : labelled_candidates()) {
    INFO(point);
    auto settings = test::tiny_settings(point);
    settings.n_critic = 1;
    Trainer trainer(settings, data);
    trainer.step();
    const auto before = trainer.state();
    save_generator(folder / "g.safetensors", trainer);
    const auto saved = load_generator(folder / "g.safetensors");
    CHECK(saved.conditions.class_names == data.class_names);
    CHECK(torch::equal(saved.conditions.weights, trainer.conditions().weights));
    const SampleSettings sampling{.count = 12, .seed = 4, .batch = 5};
    const auto alone = draw_samples(*saved.generator, sampling, saved.conditions);
    const auto in_training =
        draw_samples(trainer.evaluated_generator(), sampling, trainer.conditions());
    // Another memory layout of the weights may cross one rounding step.
    CHECK((alone.samples.to(torch::kInt32) - in_training.samples.to(torch::kInt32))
              .abs()
              .max()
              .item<int>() <= 1);
    CHECK(torch::equal(alone.condition.labels, draw_table_rows(saved.conditions, 4, 0, 12)));
    CHECK(test::differing_tensors(before, trainer.state()).empty());

    const auto one = saved.conditions.only_class(class_of(saved.conditions, "blue"));
    const auto blue = draw_samples(*saved.generator, sampling, one);
    CHECK(blue.condition.labels.eq(2).all().item<bool>());
    const auto mode_batch = SampleSettings{.count = 4, .seed = 4, .mode = "batch"};
    CHECK(torch::equal(draw_samples(trainer.evaluated_generator(), mode_batch, one).samples,
                       draw_samples(trainer.evaluated_generator(), mode_batch, one).samples));
  }
}

TEST_CASE("rows of classes share their latents column by column", "[fast][sampler][conditional]") {
  const auto data = test::labelled_images();
  Trainer trainer(test::tiny_settings("cgan"), data);
  trainer.step();
  const auto rows =
      draw_class_rows(trainer.evaluated_generator(), {.seed = 6}, trainer.conditions(), 4);
  CHECK(rows.samples.size(0) == 12);
  CHECK(torch::equal(rows.condition.labels, torch::arange(3).repeat_interleave(4)));
  const auto green = draw_samples(trainer.evaluated_generator(), {.count = 4, .seed = 6},
                                  trainer.conditions().only_class(1));
  CHECK(torch::equal(rows.samples.slice(0, 4, 8), green.samples));
  CHECK_THROWS_AS(draw_class_rows(trainer.evaluated_generator(), {.seed = 6}, {}, 4), Error);
  auto without_green = trainer.conditions();
  without_green.weights[1] = 0;
  const auto two = draw_class_rows(trainer.evaluated_generator(), {.seed = 6}, without_green, 4);
  CHECK(torch::equal(two.condition.labels, torch::tensor({0, 2}).repeat_interleave(4)));
}

TEST_CASE("a class is named by its name or its number", "[fast][sampler][conditional]") {
  const auto table = make_condition_table(parse_point("cgan"), test::labelled_images());
  CHECK(class_of(table, "green") == 1);
  CHECK(class_of(table, "2") == 2);
  const auto unknown = test::thrown_by([&] { class_of(table, "gren"); });
  CHECK(unknown.kind == ErrorKind::kUsage);
  CHECK(test::contains(unknown.message, "one of red, green, blue, or its number, got 'gren'"));
  CHECK(test::contains(unknown.message, "did you mean 'green'?"));
  CHECK(test::contains(test::thrown_by([&] { class_of(table, "3"); }).message, "got '3'"));
  CHECK(test::contains(test::thrown_by([&] { class_of({}, "cat"); }).message,
                       "a generator that is told classes"));
  CHECK_THROWS_AS(table.only_class(-1), Error);
}

}  // namespace ganselect
