#include "harness/evaluate/evaluation.h"

#include <torch/script.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <filesystem>
#include <vector>

#include "base/files.h"
#include "base/torch/npy.h"
#include "datasets/formats/image_io.h"
#include "harness/evaluate/sample_source.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::TempDir;
using test::thrown_by;
namespace fs = std::filesystem;

const Dataset& embedded() {
  static const Dataset data = load_dataset("embedded", {.limit = 300});
  return data;
}

EvaluationPlan quick_plan(std::vector<std::string> metrics = {"fid", "kid", "inception_score",
                                                              "prdc", "modes"}) {
  EvaluationPlan plan;
  plan.num_samples = 260;
  plan.metrics = std::move(metrics);
  return plan;
}

// Samples as a generator would make them, not those of the data set.
torch::Tensor samples_in_range(int64_t n) {
  const auto rows = torch::arange(n).remainder(embedded().size());
  const auto images = to_training_range(embedded().samples.index_select(0, rows));
  return (images * 0.8 + 0.1 * torch::arange(images.numel()).view(images.sizes()).sin());
}

Measures measure(const SampleInput& input, const EvaluationPlan& plan,
                 EvaluatorOptions options = {}) {
  Evaluator evaluator(embedded(), nullptr, plan, torch::kCPU, std::move(options));
  return evaluator.measure(input);
}

SampleInput tensor_input(const torch::Tensor& samples) {
  SampleInput input;
  input.samples = stream_tensor(samples);
  return input;
}

SourcedSamples files(const fs::path& path) {
  SampleSourceSettings settings;
  settings.samples = path.string();
  return source_samples(settings, /*points=*/false);
}

// A generator file: latents (N,4) to images (N,3,32,32), `body` from x = tanh of a fixed mixture.
fs::path generator_file(const TempDir& folder, const std::string& body,
                        const std::string& name = "g.pt") {
  torch::jit::Module module("generator");
  module.register_attribute("latent_dim", torch::jit::IntType::get(), int64_t{4});
  module.register_buffer("weight", torch::arange(4 * 3072, torch::kFloat32).sin().view({4, 3072}));
  module.define("def forward(self, z):\n    x = torch.tanh(torch.mm(z, self.weight))\n" + body);
  module.save((folder / name).string());
  return folder / name;
}

}  // namespace

TEST_CASE("samples sorted by class measure as shuffled ones do, by a draw that the protocol names",
          "[fast][evaluate]") {
  const Dataset data = load_dataset("embedded", {.limit = 1500});
  const auto order = data.labels.argsort(/*stable=*/true, 0, false);
  const auto sorted = data.samples.index_select(0, order);
  const auto shuffled = sorted.index_select(0, torch::arange(1500).mul(701).remainder(1500));
  const TempDir folder;
  save_npz(folder / "sorted.npz", {{"arr_0", sorted}});
  save_npz(folder / "shuffled.npz", {{"arr_0", shuffled}});
  EvaluationPlan plan = quick_plan({"fid", "modes"});
  plan.num_samples = 300;
  const auto measured = [&](const std::string& name) {
    SampleSourceSettings settings;
    settings.samples = (folder / name).string();
    settings.count = plan.num_samples;
    settings.seed = plan.seed;
    Evaluator evaluator(data, nullptr, plan, torch::kCPU);
    return evaluator.measure(source_samples(settings, /*points=*/false).input);
  };
  const Measures one = measured("sorted.npz"), other = measured("shuffled.npz");
  CHECK(one.protocol.at("samples_drawn") == Json{{"of", 1500}, {"seed", 2020}, {"by", "chance"}});
  CHECK(one.protocol.at("reference_drawn") == Json{{"of", 1500}, {"seed", 2020}, {"by", "class"}});
  CHECK(one.protocol.at("n_fake") == 300);
  CHECK(one.value("modes") == other.value("modes"));
  // The first 300 of the sorted ones are of two classes or three.
  EvaluationPlan whole = plan;
  Evaluator evaluator(data, nullptr, whole, torch::kCPU);
  const Measures first = evaluator.measure(tensor_input(sorted.slice(0, 0, 300)));
  CHECK(*first.value("fid") > 4 * *one.value("fid"));
  CHECK(std::abs(*one.value("fid") - *other.value("fid")) < 0.5 * *other.value("fid"));
}

TEST_CASE("memory, PNG and npz of one batch give bit-identical values and one digest",
          "[fast][evaluate]") {
  const auto pixels = to_uint8(samples_in_range(260));
  const TempDir folder;
  for (int64_t i = 0; i < pixels.size(0); ++i)
    write_png(folder.path() / "png" / (std::to_string(1000 + i) + ".png"), pixels[i]);
  save_npz(folder / "x.npz", {{"arr_0", pixels.permute({0, 2, 3, 1}).contiguous()}});
  save_npy(folder / "x.npy", samples_in_range(260));
  const auto memory = measure(tensor_input(pixels), quick_plan());
  REQUIRE(memory.value("fid"));
  CHECK(*memory.value("fid") > 0.01);
  std::string digest;
  for (const char* name : {"png", "x.npz", "x.npy"}) {
    INFO(name);
    const auto sourced = files(folder / name);
    const auto measured = measure(sourced.input, quick_plan());
    CHECK((measured.values == memory.values));
    CHECK(measured.protocol["samples_digest"] == content_digest(pixels, {}));
  }
}

TEST_CASE("scores do not depend on the detector's batch size", "[fast][evaluate]") {
  const auto pixels = to_uint8(samples_in_range(260));
  const auto whole = measure(tensor_input(pixels), quick_plan(), {.batch = 256});
  for (const int64_t batch : {1, 17}) {
    const auto parts = measure(tensor_input(pixels), quick_plan(), {.batch = batch});
    for (const auto& [name, value] : whole.values) {
      INFO(name << " at " << batch);
      REQUIRE(value.has_value() == parts.value(name).has_value());
      // float32 features move in their last digits.
      if (value) CHECK(std::abs(*value - *parts.value(name)) <= 1e-5 * std::abs(*value) + 1e-7);
    }
  }
}

TEST_CASE("reference features are kept for one key and never used for another",
          "[fast][evaluate]") {
  const TempDir cache;
  const auto pixels = to_uint8(samples_in_range(260));
  const auto kept = [&] {
    return std::distance(fs::directory_iterator(cache.path()), fs::directory_iterator());
  };
  int detected = 0;
  const EvaluatorOptions options{.cache = cache.path(),
                                 .progress = [&](const std::string& phase, int64_t, int64_t) {
                                   detected += phase == "reference";
                                 }};
  const auto first = measure(tensor_input(pixels), quick_plan(), options);
  CHECK(kept() == 1);
  CHECK(detected > 0);
  detected = 0;
  const auto again = measure(tensor_input(pixels), quick_plan(), options);
  CHECK(detected == 0);
  CHECK(to_json(again) == to_json(first));
  CHECK(to_json(measure(tensor_input(pixels), quick_plan())) == to_json(first));
  auto fewer = quick_plan();
  fewer.reference_samples = 200;
  measure(tensor_input(pixels), fewer, options);
  CHECK(kept() == 2);
  auto other = quick_plan();
  other.detector = "pixels";
  measure(tensor_input(pixels), other, options);
  CHECK(kept() == 3);
  Dataset changed = embedded();
  changed.samples = changed.samples.flip(0);
  changed.digest = content_digest(changed.samples, changed.labels);
  detected = 0;
  Evaluator(changed, nullptr, quick_plan(), torch::kCPU, options).measure(tensor_input(pixels));
  CHECK(detected > 0);
  CHECK(kept() == 4);
  EvaluatorOptions unwritable = options;
  unwritable.cache = "/proc/none";
  CHECK((measure(tensor_input(pixels), quick_plan(), unwritable).values == first.values));
}

TEST_CASE("without families that need features, memory holds moments and the values are the same",
          "[fast][evaluate]") {
  const auto pixels = to_uint8(samples_in_range(260));
  const auto some = measure(tensor_input(pixels), quick_plan({"fid", "modes"}));
  const auto all = measure(tensor_input(pixels), quick_plan());
  CHECK(some.value("fid") == all.value("fid"));
  CHECK(some.value("modes") == all.value("modes"));
  CHECK_FALSE(some.values.contains("precision"));
}

TEST_CASE("settings added to a plan later leave the names of earlier trials alone",
          "[fast][evaluate]") {
  const EvaluationPlan plan;
  const Json identity = plan_identity(plan);
  for (const char* later : {"metrics", "intervals", "fid_infinity"}) {
    CHECK_FALSE(identity.contains(later));
    CHECK(settings_to_json(plan).contains(later));
  }
  CHECK(identity.contains("num_samples"));
  EvaluationPlan asked;
  asked.intervals = 50;
  CHECK(plan_identity(asked)["intervals"] == 50);
}

TEST_CASE("samples of another size are resized by the detector, and the record says so",
          "[fast][evaluate]") {
  const auto large = torch::upsample_bilinear2d(samples_in_range(60), {48, 48}, false);
  const auto measured = measure(tensor_input(to_uint8(large)), quick_plan({"fid", "modes"}));
  CHECK(measured.value("fid"));
  CHECK(contains(measured.protocol["sample_preprocessing"].get<std::string>(), "resized to 32x32"));
  CHECK(measured.protocol["preprocessing"] == "none");
  auto pixel_plan = quick_plan({"fid"});
  pixel_plan.detector = "pixels";
  const auto refused = thrown_by([&] { measure(tensor_input(to_uint8(large)), pixel_plan); });
  CHECK(contains(refused.message,
                 "samples of the data set's shape, 3x32x32, got 3x48x48; the detector pixels"));
  const auto four = to_uint8(samples_in_range(20)).index_select(1, torch::tensor({0, 1, 2, 0}));
  CHECK(contains(thrown_by([&] { measure(tensor_input(four), quick_plan()); }).message,
                 "3x32x32, got 4x32x32"));
}

TEST_CASE("a TorchScript generator is measured by its file, mode and latents", "[fast][evaluate]") {
  const TempDir folder;
  SampleSourceSettings settings;
  settings.generator = generator_file(folder, "    return x.view(-1, 3, 32, 32)\n").string();
  settings.count = 300;
  const auto sourced = source_samples(settings, false);
  CHECK(sourced.input.latent_dim == 4);
  CHECK(sourced.input.protocol["generator_digest"] == sha256_file(folder / "g.pt"));
  CHECK(sourced.input.protocol["mode"] == "eval");
  const auto latents = draw_latents(settings.seed, 0, 300, 4);
  torch::Tensor drawn;
  for (auto part = sourced.input.samples->next(); part.defined();
       part = sourced.input.samples->next())
    drawn = drawn.defined() ? torch::cat({drawn, part}) : part;
  const auto weight = torch::arange(4 * 3072, torch::kFloat32).sin().view({4, 3072});
  const auto expected = to_uint8(latents.mm(weight).tanh().view({-1, 3, 32, 32}));
  CHECK((drawn.to(torch::kInt) - expected.to(torch::kInt)).abs().max().item<int>() <= 1);
  CHECK(sourced.input.samples->warnings().empty());
}

TEST_CASE("generator files that give something else have one clear error each",
          "[fast][evaluate]") {
  const TempDir folder;
  const auto refusal = [&](const std::string& body) {
    SampleSourceSettings settings;
    settings.generator = generator_file(folder, body).string();
    settings.count = 20;
    const auto thrown = thrown_by([&] { source_samples(settings, false).input.samples->next(); });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK_FALSE(contains(thrown.message, "\n"));
    CHECK(contains(thrown.message, "g.pt"));
    return thrown.message;
  };
  CHECK(contains(refusal("    return x\n"), "images (20, 1, 3 or 4, H, W), floating in [-1,1] or"));
  CHECK(contains(refusal("    return x, x\n"), "a Tuple instead of one tensor"));
  CHECK(contains(refusal("    return (x * 200.0).view(-1, 3, 32, 32)\n"), "of the values outside"));
  CHECK(contains(refusal("    return (x / 0.0).view(-1, 3, 32, 32)\n"), "finite images"));
  CHECK(contains(refusal("    return torch.mm(x, x).view(-1, 3, 32, 32)\n"),
                 "a TorchScript generator of latents (N, Z) or (N, Z, 1, 1), Z 4"));
  SampleSourceSettings settings;
  settings.generator = (folder / "text.pt").string();
  write_file_atomically(folder / "text.pt", "no module");
  CHECK(contains(thrown_by([&] { source_samples(settings, false); }).message,
                 "expected a TorchScript module"));
  settings.generator = (folder / "none.pt").string();
  CHECK(contains(thrown_by([&] { source_samples(settings, false); }).message, "no such file"));
  settings.generator =
      generator_file(folder, "    return (x.abs()).view(-1, 3, 32, 32)\n").string();
  settings.count = 20;
  const auto doubtful = source_samples(settings, false);
  doubtful.input.samples->next();
  REQUIRE(doubtful.input.samples->warnings().size() == 1);
  CHECK(contains(doubtful.input.samples->warnings()[0], "non_negative_pixels"));
}

TEST_CASE("features and statistics of others are measured, with a warning about their detector",
          "[fast][evaluate]") {
  const TempDir folder;
  const auto features = torch::randn({90, 3072}, torch::kFloat32);
  save_npy(folder / "f.npy", features);
  const auto small = torch::randn({200, 6}, torch::kFloat64);
  const auto moments = feature_moments(small);
  save_npz(folder / "s.npz", {{"mu", moments.mean}, {"sigma", moments.covariance()}});
  const auto from_features = files(folder / "f.npy");
  CHECK(torch::equal(from_features.input.features, features));
  CHECK(from_features.input.samples == nullptr);
  REQUIRE(from_features.warnings.size() == 1);
  CHECK(contains(from_features.warnings[0], "detector_claimed: "));
  auto plan = quick_plan({"fid", "kid"});
  plan.detector = "pixels";
  const auto measured = measure(from_features.input, plan);
  CHECK(measured.value("kid_exact"));
  CHECK(measured.protocol["samples_digest"] == sha256_file(folder / "f.npy"));
  const auto from_statistics = files(folder / "s.npz");
  REQUIRE(from_statistics.input.statistics);
  CHECK(torch::allclose(from_statistics.input.statistics->covariance, moments.covariance()));
  CHECK(contains(thrown_by([&] { measure(from_statistics.input, plan); }).message,
                 "the same number of dimensions"));
  save_npz(folder / "bad.npz", {{"mu", torch::zeros({3})}, {"sigma", torch::zeros({3, 4})}});
  CHECK(contains(thrown_by([&] { files(folder / "bad.npz"); }).message, "mu (D) and sigma (D,D)"));
  CHECK(contains(thrown_by([&] { files(folder / "none.npz"); }).message, "does not exist"));
}

}  // namespace ganselect
