#include <torch/script.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "metrics/detectors/detector.h"
#include "metrics/detectors/detector_input.h"
#include "metrics/detectors/judge_files.h"
#include "metrics/fid.h"
#include "tests/metrics/detectors/judge_samples.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

torch::Tensor noise_images(int64_t n, int64_t side, std::uint64_t seed) {
  return torch::randint(256, {n, 3, side, side}, make_generator(seed), torch::kUInt8);
}

// An untrained judge of 3x16x16 images in a file.
std::filesystem::path judge_file(const test::TempDir& folder, std::uint64_t seed) {
  Judge judge;
  judge.name = "judge-cifar10";
  judge.dataset = "cifar10";
  judge.class_names = {"a", "b", "c"};
  judge.network = std::make_shared<JudgeNetwork>(
      JudgeArchitecture{.channels = 3, .classes = 3, .image_size = 16, .widths = {6, 8}},
      make_generator(seed));
  judge.training = Json::object();
  judge.evaluation = Json::object();
  const auto path = folder / ("mine-" + std::to_string(seed) + ".safetensors");
  save_judge(path, judge);
  return path;
}

}  // namespace

TEST_CASE("features that are not kept leave moments that give the same FID", "[fast]") {
  const auto detector = load_detector("pixels");
  const auto real = noise_images(60, 4, 1), fake = noise_images(70, 4, 2).floor_divide(2);
  const auto kept = detect_all(*detector, fake);
  for (const int64_t batch : {1, 17, 256}) {
    const auto stream = stream_tensor(fake, {}, 32);
    const auto found = detect_stream(
        *detector, *stream, {.batch_size = batch, .keep_features = false, .keep_bytes = 0});
    CHECK_FALSE(found.detections.features.defined());
    REQUIRE(found.moments);
    CHECK(found.moments->count == 70);
    const double streamed = frechet_distance(fid_statistics(detect_all(*detector, real).features),
                                             gaussian_factor(*found.moments));
    const double whole =
        frechet_inception_distance(detect_all(*detector, real).features, kept.features);
    CHECK(whole > 0.1);
    CHECK(std::abs(streamed - whole) < 1e-9 * whole);
  }
}

TEST_CASE("features of little size are kept anyway, and progress counts samples", "[fast]") {
  const auto detector = load_detector("pixels");
  const auto stream = stream_tensor(noise_images(10, 4, 3), {}, 4);
  std::vector<int64_t> heard;
  const auto found = detect_stream(
      *detector, *stream, {.batch_size = 3, .keep_features = false, .progress = [&](int64_t done) {
                             heard.push_back(done);
                           }});
  CHECK(found.detections.features.sizes() == torch::IntArrayRef({10, 48}));
  CHECK_FALSE(found.moments);
  CHECK(heard == std::vector<int64_t>{3, 4, 7, 8, 10});
}

TEST_CASE("a judge's file is a detector named by the file", "[fast][judge]") {
  const test::TempDir folder;
  const auto path = judge_file(folder, 1);
  const auto detector = load_detector(path.string());
  CHECK(detector->name() == "mine-1.safetensors");
  CHECK(detector->digest() == sha256_file(path));
  const auto found = detect_all(*detector, noise_images(5, 16, 4));
  CHECK(found.features.sizes() == torch::IntArrayRef({5, 8}));
  CHECK(found.logits.sizes() == torch::IntArrayRef({5, 3}));
  CHECK_FALSE(load_detector(judge_file(folder, 2).string())->digest() == detector->digest());
  write_file_atomically(folder / "bad.safetensors", "not a judge");
  const auto bad = thrown_by([&] { load_detector((folder / "bad.safetensors").string()); });
  CHECK(bad.kind == ErrorKind::kData);
  CHECK(contains(bad.message, "bad.safetensors"));
}

TEST_CASE("a detector names the resize that it does, and does it without 8-bit rounding",
          "[fast][judge]") {
  const test::TempDir folder;
  const auto detector = load_detector(judge_file(folder, 1).string());
  CHECK(detector->preprocessing(SampleShape::image(3, 16, 16)) == "none");
  CHECK(detector->preprocessing(SampleShape::image(3, 32, 32)) ==
        "resized to 16x16: anti-aliased bicubic in float32, not rounded");
  CHECK(detect_all(*detector, noise_images(2, 32, 5)).features.size(1) == 8);
  // A ramp halved: what rounding would destroy, a quarter of a level, is still there.
  const auto ramp = torch::arange(32, torch::kFloat32).floor_divide(4).to(torch::kUInt8);
  const auto images = ramp.view({1, 1, 1, 32}).expand({1, 3, 32, 32}).contiguous();
  const auto resized = resize_for_detector(images, 16);
  REQUIRE(resized.scalar_type() == torch::kFloat32);
  CHECK((resized - resized.round()).abs().max().item<double>() > 0.05);
  // Anti-aliasing: a chequered ground becomes its mean, not one of its colours.
  const auto at = torch::arange(64);
  const auto board =
      ((at.view({64, 1}) + at.view({1, 64})) % 2 * 255).to(torch::kUInt8).expand({1, 3, 64, 64});
  const auto grey = resize_for_detector(board, 16).slice(2, 2, 14).slice(3, 2, 14);
  CHECK((grey - 127.5).abs().max().item<double>() < 0.5);
}

TEST_CASE("a TorchScript detector that names its image size gets images resized to it", "[fast]") {
  const test::TempDir folder;
  torch::jit::Module module("sized");
  module.register_attribute("image_size", torch::jit::IntType::get(), int64_t{8});
  module.define("def forward(self, x):\n    return x.float().flatten(1)\n");
  module.save((folder / "sized.pt").string());
  const auto detector = load_detector((folder / "sized.pt").string());
  const auto images = noise_images(3, 20, 6);
  CHECK(torch::equal(detect_all(*detector, images).features,
                     resize_for_detector(images, 8).flatten(1)));
  CHECK(contains(detector->preprocessing(SampleShape::image(3, 20, 20)), "resized to 8x8"));
  CHECK(detector->preprocessing(SampleShape::image(3, 8, 8)) == "none");
  const auto exact = noise_images(3, 8, 7);
  CHECK(torch::equal(detect_all(*detector, exact).features, exact.to(torch::kFloat32).flatten(1)));
}

}  // namespace ganselect
