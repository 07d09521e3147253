// Holds kTrainingVersion to what training computes: three updates of three candidates on embedded
// data, rounded, against tests/golden/training.json. Recipe: this test
// with GANSELECT_APPROVE set.
#include "harness/train/training_version.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "harness/train/sampler.h"
#include "harness/train/trainer.h"

namespace ganselect {
namespace {

constexpr std::int64_t kUpdates = 3;
// Processors sum in other orders, and Adam's first steps divide by gradients and blow that up, most
// for weights whose gradients are tiny. Between AVX2, AVX-512, one thread and processors of two
// makers losses moved by 5e-5, sums over all weights by 4e-3, gradients, diversity and samples by
// 7e-2. A rate off by a twentieth or a beta by 0.05 moves the losses of updates 2 and 3 beyond
// theirs.
double relative_tolerance(const std::string& name) {
  if (name.find("loss") != std::string::npos) return 5e-4;
  if (name == "revision") return 0.0;
  return name.ends_with("moved") || name.ends_with("mean") ? 2e-2 : 0.2;
}
constexpr double kAbsolute = 1e-6;

// Sum of absolute differences of all weights: moved by rates, losses and penalties alike.
double moved(const std::vector<torch::Tensor>& before, const std::vector<torch::Tensor>& after) {
  double sum = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    sum += (after[i] - before[i]).to(torch::kFloat64).abs().sum().item<double>();
  return sum;
}

std::vector<torch::Tensor> copies(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> copied;
  for (const auto& tensor : tensors) copied.push_back(tensor.detach().clone());
  return copied;
}

Json digest_of(const std::string& point) {
  // Batch and rates stand here, so that a candidate's own figures may change without the algorithm.
  const TrainSettings settings{.point = point,
                               .dataset = "embedded",
                               .seed = 11,
                               .steps = kUpdates,
                               .width = 0.05,
                               .batch = 16,
                               .lr_g = 1e-3,
                               .lr_d = 5e-4,
                               .beta1 = 0.4,
                               .beta2 = 0.95,
                               .n_critic = 2};
  const auto data = load_dataset("embedded", {.limit = 256});
  Trainer trainer(settings, data);
  auto& networks = trainer.networks();
  const auto g = copies(networks.generator->parameters());
  const auto d = copies(networks.critic->parameters());
  Json digest = {{"revision", training_revision(parse_point(point))}};
  for (std::int64_t step = 1; step <= kUpdates; ++step) {
    trainer.step();
    const auto row = trainer.read_row(0);
    const std::string at = "_at_" + std::to_string(step);
    digest["critic_loss" + at] = row.loss_d.value();
    digest["generator_loss" + at] = row.loss_g.value();
    digest["critic_gradient" + at] = row.grad_norm_d.value();
    digest["generator_gradient" + at] = row.grad_norm_g.value();
    digest["diversity" + at] = row.sample_diversity.value();
  }
  digest["generator_moved"] = moved(g, copies(networks.generator->parameters()));
  digest["critic_moved"] = moved(d, copies(networks.critic->parameters()));
  const auto samples =
      draw_samples(trainer.evaluated_generator(), {.count = 64, .seed = 3}, trainer.conditions())
          .samples.to(torch::kFloat64);
  digest["sample_mean"] = samples.mean().item<double>();
  digest["sample_deviation"] = samples.std().item<double>();
  return digest;
}

// Names of the values that differ.
std::string differing(const Json& golden, const Json& now) {
  if (!golden.is_object() || golden.size() != now.size()) return "(other names)";
  std::string names;
  for (const auto& [name, value] : now.items()) {
    const double expected = golden.value(name, std::nan(""));
    const double distance = std::abs(value.get<double>() - expected);
    if (!(distance <= kAbsolute + relative_tolerance(name) * std::abs(expected)))
      names += name + " ";
  }
  return names;
}

}  // namespace

TEST_CASE("what training computes is that of its version", "[fast][trainer][version]") {
  const auto file = std::filesystem::path(GANSELECT_TEST_DIR) / "golden" / "training.json";
  Json now = {{"training_version", kTrainingVersion}, {"candidates", Json::object()}};
  for (const char* point : {"dcgan", "wgan-gp", "sngan"})
    now["candidates"][point] = digest_of(point);
  if (std::getenv("GANSELECT_APPROVE") != nullptr) write_file_atomically(file, now.dump(1) + "\n");
  const Json golden = read_json_file(file);
  CHECK(golden.at("training_version") == kTrainingVersion);
  for (const auto& [point, digest] : now["candidates"].items()) {
    INFO(point << " ends elsewhere than it did: bump the version "
                  "(harness/train/training_version.h) or, where not every point does, "
                  "training_revision (models/candidates.h), then this golden (run this test with "
                  "GANSELECT_APPROVE set)");
    CHECK(differing(golden.at("candidates").value(point, Json()), digest) == "");
  }
}

}  // namespace ganselect
