#include "harness/race/eyes.h"

#include <torch/script.h>
#include <torch/torch.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "base/torch/generators.h"
#include "harness/race/contenders.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

// Smooth blobs of eight colors.
Dataset blobs(std::int64_t count) {
  auto random = make_stream(1, "blobs");
  Dataset data{.name = "blobs", .split = "train", .shape = SampleShape::image(3, 32, 32)};
  const auto coarse = torch::rand({count, 3, 4, 4}, random, torch::kFloat32) * 60;
  const auto kind = torch::arange(count).remainder(8);
  const auto color =
      torch::stack({kind.remainder(2), kind.div(2, "floor").remainder(2), kind.div(4, "floor")}, 1)
          .to(torch::kFloat32) *
      180;
  data.samples = (torch::upsample_bilinear2d(coarse, {32, 32}, true) + color.view({count, 3, 1, 1}))
                     .clamp(0, 255)
                     .to(torch::kUInt8);
  data.digest = content_digest(data.samples, {});
  return data;
}

// Looks at 4 x 4 means of each channel, or at nothing at all.
class MeansDetector : public Detector {
 public:
  explicit MeansDetector(bool blind) : blind_(blind) {}
  Detections detect(const torch::Tensor& images) override {
    namespace F = torch::nn::functional;
    const auto means =
        F::adaptive_avg_pool2d(images.to(torch::kFloat32), F::AdaptiveAvgPool2dFuncOptions({4, 4}))
            .flatten(1);
    return {.features = blind_ ? means * 0 : means};
  }
  std::string name() const override { return blind_ ? "blind" : "means"; }
  std::string digest() const override { return std::string(64, '0'); }

 private:
  bool blind_;
};

bool holds(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

TEST_CASE("An eye is told by what it notices of damage planted in the images", "[fast][race]") {
  MeansDetector means(false);
  const auto eye = try_eye(means, blobs(400), {.images = 200});
  CHECK(eye.usable);
  CHECK(*eye.noise > 10 * *eye.real);
  CHECK(holds(eye.sees, "dropped clusters"));
  CHECK(holds(eye.sees, "copies"));
  // Means over 8 x 8 pixels hide a blur of one pixel.
  CHECK(holds(eye.blind, "blur"));
  CHECK(eye.sees.size() + eye.blind.size() == 4);
}

TEST_CASE("A detector that prefers noise to real images is refused by name", "[fast][race]") {
  MeansDetector blind(true);
  const auto eye = try_eye(blind, blobs(100), {.images = 50});
  CHECK_FALSE(eye.usable);
  CHECK(contains(eye.reason, "prefers noise to real images"));
  const test::TempDir folder;
  torch::jit::Module module("constant");
  module.define("def forward(self, x):\n    return x.float().mean([2, 3]) * 0.0\n");
  module.save((folder / "constant.pt").string());
  const auto thrown = thrown_by([&] {
    choose_eyes((folder / "constant.pt").string(), blobs(100), torch::kCPU, {.images = 50});
  });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(contains(thrown.message, "constant"));
  CHECK(contains(thrown.message, "prefers noise to real images"));
}

TEST_CASE("Too few images for eyes are an error", "[fast][race]") {
  MeansDetector means(false);
  const auto thrown = thrown_by([&] { try_eye(means, blobs(20), {}); });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(contains(thrown.message, "expected 32 images or more, got 20"));
}

TEST_CASE("The classes of another data set's judge are not the data's", "[fast][race]") {
  const auto chosen = choose_eyes("judge-cifar10", blobs(100), torch::kCPU, {.images = 50});
  CHECK(chosen.detector == "judge-cifar10");
  CHECK_FALSE(chosen.own_classes);
  auto named = blobs(100);
  named.name = "cifar10";  // as the table has it
  CHECK(choose_eyes("judge-cifar10", named, torch::kCPU, {.images = 50}).own_classes);
}

TEST_CASE("Named contenders run as they are, and what cannot run is refused", "[fast][race]") {
  ContenderSettings settings{.wish = "high quality", .named = {"dcgan", "lsgan"}};
  settings.train.width = 0.25;
  const auto two = choose_contenders({}, blobs(100), settings);
  REQUIRE(two.list.size() == 2);
  CHECK(two.list[1].point == "lsgan");
  const auto refused = [&](std::vector<std::string> names) {
    settings.named = std::move(names);
    return thrown_by([&] { choose_contenders({}, blobs(100), settings); });
  };
  CHECK(contains(refused({"dcgan", "dcgn"}).message, "did you mean 'dcgan'?"));
  CHECK(contains(refused({"dcgan", "cgan"}).message, "needs labels"));
  CHECK(contains(refused({"dcgan", "dcgan"}).message, "each once"));
  CHECK(refused({"dcgan"}).kind == ErrorKind::kData);
}

}  // namespace
}  // namespace ganselect
