#include "metrics/detectors/detector.h"

#include <torch/script.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

torch::Tensor some_images(int64_t n, int64_t channels = 3) {
  return torch::arange(n * channels * 20, torch::kInt64)
      .mul(37)
      .remainder(256)
      .to(torch::kUInt8)
      .reshape({n, channels, 4, 5});
}

// A TorchScript file whose forward has this source.
std::filesystem::path script_file(const test::TempDir& folder, const std::string& source) {
  torch::jit::Module module("stand_in");
  module.define(source);
  const auto path = folder / "detector.pt";
  module.save(path.string());
  return path;
}

// The calling convention of inception-2015-12-05.pt: uint8 images of three channels, features or
// probabilities by flag.
constexpr const char* kInceptionLike = R"(
def forward(self, img, return_features: bool = False, use_fp16: bool = False, no_output_bias: bool = False):
    x = img.float()
    features = torch.cat([x.mean([2, 3]), x[:, :, 0, 0]], 1)
    if return_features:
        return features
    logits = features[:, 0:4] / 64.0
    if not no_output_bias:
        logits = logits + 5.0
    return torch.softmax(logits, 1)
)";

}  // namespace

TEST_CASE("a detector file of Inception's calling convention gives features and probabilities",
          "[fast]") {
  const test::TempDir folder;
  const auto path = script_file(folder, kInceptionLike);
  const auto detector = load_detector(path.string());
  const auto images = some_images(7);
  const auto found = detect_all(*detector, images);
  const auto pixels = images.to(torch::kFloat32);
  const auto features = torch::cat({pixels.mean({2, 3}), pixels.select(3, 0).select(2, 0)}, 1);
  CHECK(torch::allclose(found.features, features));
  CHECK(found.scores_are_probabilities);
  CHECK(torch::allclose(found.logits, (features.slice(1, 0, 4) / 64).softmax(1)));
  CHECK(detector->digest() == sha256_file(path));
  CHECK(detector->name() == "detector.pt");
  const auto grey = some_images(3, 1);
  CHECK(detect_all(*detector, grey)
            .features.equal(detect_all(*detector, grey.repeat({1, 3, 1, 1})).features));
}

TEST_CASE("a plain detector file gives features, or features and logits", "[fast]") {
  const test::TempDir folder;
  const auto plain = load_detector(
      script_file(folder, "def forward(self, x):\n    return x.float().flatten(1)\n").string());
  const auto images = some_images(4);
  CHECK(detect_all(*plain, images).features.equal(images.to(torch::kFloat32).flatten(1)));
  CHECK_FALSE(detect_all(*plain, images).logits.defined());
  const auto both = load_detector(
      script_file(folder,
                  "def forward(self, x):\n    y = x.float().flatten(1)\n    return y, y[:, 0:3]\n")
          .string());
  const auto found = detect_all(*both, images);
  CHECK(found.logits.equal(found.features.slice(1, 0, 3)));
  CHECK_FALSE(found.scores_are_probabilities);
}

TEST_CASE("detections do not depend on the batch size", "[fast]") {
  const test::TempDir folder;
  const auto detector = load_detector(script_file(folder, kInceptionLike).string());
  const auto images = some_images(19);
  const auto whole = detect_all(*detector, images, 256);
  for (const int64_t batch : {1, 7, 19}) {
    const auto parts = detect_all(*detector, images, batch);
    CHECK(torch::allclose(parts.features, whole.features, 1e-6, 0));
    CHECK(torch::allclose(parts.logits, whole.logits, 1e-6, 0));
  }
  CHECK(first_rows(whole, 5).logits.equal(whole.logits.slice(0, 0, 5)));
  CHECK(first_rows(whole, 50).size() == 19);
}

TEST_CASE("detector files of a wrong kind or interface have one clear error each", "[fast]") {
  const test::TempDir folder;
  const auto images = some_images(2);
  write_file_atomically(folder / "text.pt", "not a module");
  const auto text = thrown_by([&] { load_detector((folder / "text.pt").string()); });
  CHECK(text.kind == ErrorKind::kData);
  CHECK(contains(text.message, "expected a TorchScript module"));
  const auto refused = [&](const std::string& source) {
    const auto detector = load_detector(script_file(folder, source).string());
    const auto thrown = thrown_by([&] { detect_all(*detector, images); });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK_FALSE(contains(thrown.message, "\n"));
    return thrown.message;
  };
  CHECK(contains(refused("def forward(self, x):\n    return x.float()\n"),
                 "features of shape (2, d), got [2, 3, 4, 5]"));
  CHECK(contains(refused("def forward(self, x, y):\n    return x.float()\n"),
                 "a forward that takes uint8 images"));
  CHECK(contains(refused("def forward(self, x):\n    return x.float().flatten(1)[0:1]\n"),
                 "got [1, 60]"));
  CHECK(
      contains(refused("def forward(self, x):\n    y = x.float().flatten(1)\n    return y, y, y\n"),
               "a tuple of 3"));
  CHECK(contains(refused("def forward(self, x):\n    return x.float().flatten(1) / 0.0\n"),
                 "expected finite features"));
}

TEST_CASE("an unknown detector lists the known ones", "[fast]") {
  const auto unknown = thrown_by([] { load_detector("pixel"); });
  CHECK(unknown.kind == ErrorKind::kUsage);
  CHECK(contains(unknown.message, "pixels, coordinates"));
  CHECK(contains(unknown.message, "did you mean 'pixels'?"));
}

TEST_CASE("every named detector without a network says what it cannot take", "[fast]") {
  const auto pixels = load_detector("pixels"), coordinates = load_detector("coordinates");
  CHECK(detect_all(*pixels, some_images(2)).features.sizes() == torch::IntArrayRef({2, 60}));
  CHECK(detect_all(*pixels, some_images(2)).features.max().item<float>() <= 1);
  CHECK(detect_all(*coordinates, torch::ones({4, 2})).features.equal(torch::ones({4, 2})));
  CHECK(thrown_by([&] { detect_all(*pixels, torch::ones({4, 2})); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { detect_all(*coordinates, some_images(2)); }).kind == ErrorKind::kData);
  CHECK(pixels->digest() != coordinates->digest());
  CHECK(thrown_by([&] { detect_all(*pixels, some_images(1).slice(0, 0, 0)); }).kind ==
        ErrorKind::kData);
}

}  // namespace ganselect
