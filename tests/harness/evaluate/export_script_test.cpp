#include "harness/evaluate/export_script.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "base/torch/generators.h"
#include "harness/evaluate/export_onnx.h"
#include "harness/evaluate/script_generator.h"
#include "harness/train/sampler.h"
#include "models/backbones/architectures.h"
#include "models/build.h"
#include "models/masks.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

constexpr std::int64_t kTold = 3, kFeatures = 5;

// As training would leave it: batch norm's statistics are not those of the start.
SavedGenerator generator_of(const std::string& architecture, const std::string& conditioning) {
  SavedGenerator saved;
  saved.candidate = parse_point(architecture + "/hinge");
  saved.candidate.conditioning = conditioning;
  const auto& way = conditionings().at(conditioning);
  const bool points = architectures().at(architecture).points_only;
  saved.shape = points ? SampleShape::point() : SampleShape::image(3, 32, 32);
  const bool labelled = way.needs_labels || way.needs_clusters;
  const Conditioning told{.classes = labelled ? kTold : 0,
                          .instance_features = way.needs_instances ? kFeatures : 0};
  if (way.needs_visible) {
    auto random = make_generator(6);
    saved.conditions.rows.visible = masked_image(torch::rand({kTold, 3, 32, 32}, random),
                                                 mask_laws().at("random").draw(kTold, 32, random));
  }
  if (labelled) {
    saved.conditions.rows.labels = torch::arange(kTold);
    saved.conditions.class_names = {"red", "green", "blue"};
  }
  if (way.needs_instances)
    saved.conditions.rows.instances = torch::randn({kTold, kFeatures}, make_generator(4));
  if (!saved.conditions.empty()) {
    saved.conditions.weights = torch::tensor({1.0, 5.0, 2.0}, torch::kFloat64);
    saved.conditions.law = "as often as in the data";
  }
  saved.generator = build_generator(
      saved.candidate, {.shape = saved.shape, .width = 1.0 / 16, .conditioning = told}, 3);
  const torch::NoGradGuard no_gradients;
  for (int pass = 0; pass < 2; ++pass) {
    Condition condition;
    if (!saved.conditions.empty())
      condition = saved.conditions.rows.at(torch::arange(8).remainder(kTold));
    saved.generator->forward(draw_latents(7, 8 * pass, 8, saved.generator->latent_dim), condition);
  }
  saved.generator->eval();
  for (auto& parameter : saved.generator->parameters()) parameter.set_requires_grad(false);
  return saved;
}

std::vector<std::pair<std::string, std::string>> every_generator() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& row : architectures()) {
    all.emplace_back(row.name, "none");
    for (const auto& way : row.conditionings) all.emplace_back(row.name, way);
  }
  return all;
}

}  // namespace

TEST_CASE("every backbone, told or not, is exported and gives the same images from its file",
          "[fast]") {
  const test::TempDir folder;
  const torch::NoGradGuard no_gradients;
  for (const auto& [architecture, conditioning] : every_generator()) {
    INFO(architecture << ", conditioning " << conditioning);
    const auto saved = generator_of(architecture, conditioning);
    const auto file = folder / "g.pt";
    export_torchscript(saved, file);
    auto read = load_script_generator(file, {});
    CHECK(read.latent_dim == saved.generator->latent_dim);
    REQUIRE(read.exported);
    const auto latents = draw_latents(9, 0, 7, read.latent_dim);
    Condition condition;
    if (!saved.conditions.empty()) {
      CHECK(read.exported->law == saved.conditions.law);
      CHECK(read.exported->class_names == saved.conditions.class_names);
      CHECK(read.exported->weights.equal(saved.conditions.weights));
      condition = saved.conditions.rows.at(torch::arange(7).remainder(kTold));
    }
    const auto ours = saved.generator->forward(latents, condition);
    const auto theirs = read.images(latents, condition);
    REQUIRE(theirs.sizes() == ours.sizes());
    CHECK((theirs - ours).abs().max().item<float>() <= 1e-5F);
    CHECK((ours[0] - ours[1]).abs().max().item<float>() > 0);
  }
}

TEST_CASE("an exported module gives levels where it is asked for them", "[fast]") {
  const test::TempDir folder;
  const torch::NoGradGuard no_gradients;
  for (const char* conditioning : {"none", "projection"}) {
    INFO(conditioning);
    const auto saved = generator_of("resnet", conditioning);
    export_torchscript(saved, folder / "g.pth", ExportedValues::kLevels);
    auto read = load_script_generator(folder / "g.pth", {});
    const auto latents = draw_latents(9, 0, 7, read.latent_dim);
    Condition condition;
    if (!saved.conditions.empty())
      condition = saved.conditions.rows.at(torch::arange(7).remainder(kTold));
    const auto ours = saved.generator->forward(latents, condition);
    const auto levels =
        read.module
            .forward(condition.labels.defined() ? torch::jit::Stack{latents, condition.labels}
                                                : torch::jit::Stack{latents})
            .toTensor();
    CHECK(levels.dtype() == torch::kUInt8);
    const auto exact = (127.5 * ours + 128).floor().clamp(0, 255);
    CHECK((levels.to(torch::kFloat32) - exact).abs().max().item<float>() <= 1);
    CHECK(levels.to(torch::kFloat32).eq(exact).to(torch::kFloat32).mean().item<float>() > 0.99F);
  }
  const auto points = generator_of("maxout-mlp", "none");
  const auto refused = thrown_by([&] { torchscript_of(points, ExportedValues::kLevels); });
  CHECK(refused.kind == ErrorKind::kUsage);
  CHECK(contains(refused.message, "points"));
}

TEST_CASE("an exported module draws the samples that its run draws, condition by condition",
          "[fast]") {
  const test::TempDir folder;
  for (const char* conditioning : {"none", "projection", "instances-labels"}) {
    INFO(conditioning);
    const auto saved = generator_of("resnet", conditioning);
    export_torchscript(saved, folder / "g.pt");
    auto read = load_script_generator(folder / "g.pt", {});
    const SampleSettings settings{.count = 40, .seed = 11, .batch = 16};
    const auto run = stream_samples(*saved.generator, settings, saved.conditions);
    const auto module = stream_script_samples(read, settings);
    if (!saved.conditions.empty()) {
      CHECK(module->labels().equal(run->labels()));
      CHECK(module->class_names() == saved.conditions.class_names);
    }
    for (auto ours = run->next(); ours.defined(); ours = run->next())
      CHECK(module->next().equal(ours));
    CHECK_FALSE(module->next().defined());
  }
}

TEST_CASE("an exported module has no statistics of a batch", "[fast]") {
  const test::TempDir folder;
  export_torchscript(generator_of("dcgan", "none"), folder / "g.pt");
  auto read = load_script_generator(folder / "g.pt", {});
  const auto refused = thrown_by([&] { stream_script_samples(read, {.mode = "batch"}); });
  CHECK(refused.kind == ErrorKind::kUsage);
  CHECK(contains(refused.message, "--bn-mode eval"));
}

TEST_CASE("a module that would give other images is not written", "[fast]") {
  const test::TempDir folder;
  auto saved = generator_of("dcgan", "none");
  // A forward that reads the size of its batch, as no backbone may.
  struct Counting : Generator {
    explicit Counting(std::shared_ptr<Generator> inner) : inner_(register_module("inner", inner)) {
      latent_dim = inner->latent_dim;
    }
    torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
      return inner_->forward(z, condition) / static_cast<double>(z.size(0));
    }
    std::shared_ptr<Generator> inner_;
  };
  saved.generator = std::make_shared<Counting>(saved.generator);
  const auto refused = thrown_by([&] { export_torchscript(saved, folder / "g.pt"); });
  CHECK(refused.kind == ErrorKind::kFailed);
  CHECK(contains(refused.message, "a difference of"));
  CHECK_FALSE(std::filesystem::exists(folder / "g.pt"));
}

// What a runtime makes of the files is in tests/cli/test_export.py; here, that ONNX's own checker
// takes every one, and that each input is named.
TEST_CASE("every backbone, told or not, becomes an ONNX model of any batch", "[fast]") {
  const test::TempDir folder;
  for (const auto& [architecture, conditioning] : every_generator()) {
    INFO(architecture << ", conditioning " << conditioning);
    const auto saved = generator_of(architecture, conditioning);
    const auto bytes = onnx_of(saved);
    for (const auto& input : exported_inputs(saved, 1)) CHECK(contains(bytes, input.name));
    CHECK(contains(bytes, saved.shape.points ? "points" : "images"));
    CHECK(contains(bytes, "latent_dim"));
    CHECK(contains(bytes, "[\"red\",\"green\",\"blue\"]") ==
          saved.conditions.rows.labels.defined());
    if (saved.shape.points) {
      CHECK(thrown_by([&] { onnx_of(saved, ExportedValues::kLevels); }).kind == ErrorKind::kUsage);
    } else {
      CHECK(contains(onnx_of(saved, ExportedValues::kLevels), "Clip"));
    }
  }
}

TEST_CASE("an operator that ONNX export does not know is named, and no file is made", "[fast]") {
  const test::TempDir folder;
  auto saved = generator_of("dcgan", "none");
  struct Cosine : Generator {
    explicit Cosine(std::shared_ptr<Generator> inner) : inner_(register_module("inner", inner)) {
      latent_dim = inner->latent_dim;
    }
    torch::Tensor generate(const torch::Tensor& z, const Condition& condition) override {
      return torch::cos(inner_->forward(z, condition));
    }
    std::shared_ptr<Generator> inner_;
  };
  saved.generator = std::make_shared<Cosine>(saved.generator);
  const auto refused = thrown_by([&] { export_onnx(saved, folder / "g.onnx"); });
  CHECK(refused.kind == ErrorKind::kFailed);
  CHECK(contains(refused.message, "aten::cos"));
  CHECK_FALSE(std::filesystem::exists(folder / "g.onnx"));
}

}  // namespace ganselect
