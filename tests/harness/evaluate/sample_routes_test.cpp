// The same samples give the same numbers by every route.
#include <torch/script.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "base/torch/npy.h"
#include "datasets/formats/image_io.h"
#include "harness/evaluate/evaluation.h"
#include "harness/evaluate/sample_source.h"
#include "harness/evaluate/script_generator.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::TempDir;
using test::thrown_by;
namespace fs = std::filesystem;

constexpr std::int64_t kSamples = 260;

const Dataset& routes_data() {
  static const Dataset data = load_dataset("embedded", {.limit = 300});
  return data;
}

// The data's images a little darker: uint8 (260,3,32,32).
torch::Tensor some_samples() {
  return routes_data()
      .samples.slice(0, 0, kSamples)
      .to(torch::kInt32)
      .mul(9)
      .floor_divide(10)
      .to(torch::kUInt8);
}

Measures measured(const Dataset& data, SampleSourceSettings settings) {
  EvaluationPlan plan;
  plan.num_samples = kSamples;
  plan.metrics = {"fid", "kid", "prdc", "modes"};
  settings.count = kSamples;
  settings.reading.channels = data.shape.channels;
  settings.classes = static_cast<std::int64_t>(data.class_names.size());
  auto sourced = source_samples(settings, /*points=*/false);
  match_classes(data, sourced);
  Evaluator evaluator(data, nullptr, plan, torch::kCPU);
  return evaluator.measure(sourced.input);
}

Measures of_file(const Dataset& data, const fs::path& file) {
  SampleSourceSettings settings;
  settings.samples = file.string();
  return measured(data, settings);
}

void write_pictures(const fs::path& folder, const torch::Tensor& images) {
  for (std::int64_t i = 0; i < images.size(0); ++i)
    write_png(folder / (std::to_string(1000 + i) + ".png"), images[i]);
}

// Image i of a tensor for the i-th latent of a batch; noise of its own where `body` asks for it.
fs::path module_file(const TempDir& folder, const char* name, const torch::Tensor& images,
                     const std::string& body) {
  torch::jit::Module module("generator");
  module.register_attribute("latent_dim", torch::jit::IntType::get(), int64_t{4});
  module.register_buffer("images", images);
  module.define(body);
  module.save((folder / name).string());
  return folder / name;
}

}  // namespace

TEST_CASE("folders, arrays of every layout, type and range give the same values", "[fast]") {
  const auto pixels = some_samples();
  const TempDir folder;
  write_pictures(folder / "png", pixels);
  save_npz(folder / "last.npz", {{"arr_0", pixels.permute({0, 2, 3, 1}).contiguous()}});
  save_npz(folder / "first.npz", {{"samples", pixels}});
  save_npy(folder / "bytes.npy", pixels);
  save_npy(folder / "shares.npy", pixels.to(torch::kFloat32) / 255);
  save_npy(folder / "signed.npy", to_training_range(pixels));
  save_npy(folder / "levels.npy", pixels.to(torch::kFloat32));
  save_npy(folder / "whole.npy", pixels.to(torch::kInt64));
  const auto one = of_file(routes_data(), folder / "png");
  REQUIRE(one.value("fid"));
  CHECK(*one.value("fid") > 0.01);
  for (const char* name : {"last.npz", "first.npz", "bytes.npy", "shares.npy", "signed.npy",
                           "levels.npy", "whole.npy"}) {
    INFO(name);
    const auto other = of_file(routes_data(), folder / name);
    CHECK((other.values == one.values));
    CHECK(other.protocol.at("samples_digest") == one.protocol.at("samples_digest"));
  }
}

TEST_CASE("grey samples and the same saved as colors give the same values", "[fast]") {
  for (const std::int64_t side : {28, 32}) {
    INFO(side);
    Dataset digits = routes_data();
    digits.name = "grey";
    digits.samples =
        pad_28_to_32(digits.samples.narrow(1, 1, 1).slice(2, 0, side).slice(3, 0, side))
            .contiguous();
    digits.shape = SampleShape::image(1, 32, 32);
    digits.digest = content_digest(digits.samples, digits.labels);
    const auto grey =
        some_samples().narrow(1, 1, 1).slice(2, 0, side).slice(3, 0, side).contiguous();
    const TempDir folder;
    write_pictures(folder / "grey", grey);
    write_pictures(folder / "rgb", grey.expand({-1, 3, -1, -1}).contiguous());
    save_npy(folder / "nhw.npy", grey.squeeze(1).contiguous());
    save_npz(folder / "rgb.npz", {{"images", grey.expand({-1, 3, -1, -1}).contiguous()}});
    const auto one = of_file(digits, folder / "grey");
    REQUIRE(one.value("fid"));
    for (const char* name : {"rgb", "nhw.npy", "rgb.npz"}) {
      INFO(name);
      CHECK((of_file(digits, folder / name).values == one.values));
    }
  }
}

TEST_CASE("a module gives the same as its samples in a file, as floats and as levels", "[fast]") {
  const auto pixels = some_samples();
  const TempDir folder;
  save_npy(folder / "x.npy", pixels.slice(0, 0, 256).repeat({2, 1, 1, 1}).slice(0, 0, kSamples));
  const auto one = of_file(routes_data(), folder / "x.npy");
  const auto of_module = [&](const char* name, const torch::Tensor& images) {
    SampleSourceSettings settings;
    settings.generator = module_file(folder, name, images,
                                     "def forward(self, z):\n    return self.images[:z.size(0)]\n")
                             .string();
    return measured(routes_data(), settings);
  };
  CHECK((of_module("levels.pt", pixels).values == one.values));
  CHECK((of_module("signed.pt", to_training_range(pixels)).values == one.values));
}

TEST_CASE("modules of (N,Z,1,1), of two arguments and with noise of their own", "[fast]") {
  const TempDir folder;
  const auto images = to_training_range(some_samples());
  const auto load = [&](const char* name, const std::string& body, std::int64_t classes = 0) {
    return load_script_generator(module_file(folder, name, images, body), {.classes = classes});
  };
  const auto four = load("four.pt",
                         "def forward(self, z):\n    assert z.dim() == 4\n"
                         "    return self.images[:z.size(0)] * z[:, :1].tanh()\n");
  CHECK(four.four_axes);
  const auto told = load("told.pt",
                         "def forward(self, z, y):\n"
                         "    return self.images[:z.size(0)] * (y.float().view(-1, 1, 1, 1) / 9)\n",
                         10);
  CHECK(told.classes == 10);
  CHECK(contains(
      thrown_by([&] { load("told.pt", "def forward(self, z, y):\n    return z\n"); }).message,
      "a number of classes for its second argument"));
  SampleSourceSettings settings;
  settings.generator = (folder / "told.pt").string();
  load("told.pt",
       "def forward(self, z, y):\n    return self.images[:z.size(0)] * (y.float().view(-1, 1, 1, "
       "1) / 9)\n",
       10);
  settings.count = 25;
  settings.classes = 10;
  const auto sourced = source_samples(settings, false);
  CHECK(torch::equal(sourced.input.labels, torch::arange(25).remainder(10)));
  CHECK(sourced.class_names.size() == 10);
  module_file(folder, "noise.pt", images,
              "def forward(self, z):\n"
              "    return torch.tanh(self.images[:z.size(0)] + "
              "torch.randn_like(self.images[:z.size(0)]))\n");
  SampleSourceSettings noisy;
  noisy.generator = (folder / "noise.pt").string();
  const auto first = measured(routes_data(), noisy), again = measured(routes_data(), noisy);
  CHECK((first.values == again.values));
  noisy.seed = 7;
  CHECK(measured(routes_data(), noisy).value("fid") != first.value("fid"));
  CHECK(contains(thrown_by([&] {
                   load("odd.pt", "def forward(self, z):\n    return z.view(-1, 3, 7)\n");
                 }).message,
                 "--latent-dim sets the width"));
}

TEST_CASE("classes are known by their names, else by their numbers, else not at all", "[fast]") {
  Dataset data = routes_data();
  data.class_names = {"ant", "bee", "cat"};
  const auto matched = [&](std::vector<std::string> names, std::vector<std::int64_t> labels) {
    SourcedSamples sourced;
    sourced.class_names = std::move(names);
    sourced.input.labels = torch::tensor(labels);
    match_classes(data, sourced);
    return sourced;
  };
  CHECK(torch::equal(matched({"cat", "ant"}, {0, 1, 1}).input.labels, torch::tensor({2, 0, 0})));
  CHECK(torch::equal(matched({"0", "2"}, {0, 1}).input.labels, torch::tensor({0, 2})));
  CHECK(torch::equal(matched({"1", "2", "3"}, {0, 1, 2}).input.labels, torch::tensor({0, 1, 2})));
  for (const auto& names : {std::vector<std::string>{"cat", "dog"}, {"0", "3"}, {"2", "02"}}) {
    const auto none = matched(names, {0, 1});
    CHECK_FALSE(none.input.labels.defined());
    CHECK(contains(none.warnings.at(0), "unknown_classes"));
  }
}

TEST_CASE("classes of another data set's detector are no modes of these data", "[fast]") {
  const TempDir folder;
  save_npy(folder / "x.npy", some_samples());
  Dataset own = routes_data();
  own.name = "folder:own";
  own.class_names = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
  const auto measures = of_file(own, folder / "x.npy");
  CHECK_FALSE(measures.value("modes"));
  CHECK(contains(measures.reason.at("modes"), "other classes apart than the data's"));
  CHECK(measures.value("fid"));
  CHECK(of_file(routes_data(), folder / "x.npy").value("modes"));
}

}  // namespace ganselect
