// The native EfficientNet-Lite0 against a plain one, against the Python package, and its file.
#include "metrics/detectors/efficientnet.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdlib>

#include "base/files.h"
#include "base/torch/generators.h"
#include "metrics/detectors/detector_input.h"
#include "metrics/detectors/efficientnet_detector.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using test::contains;
using test::TempDir;
using test::thrown_by;

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

torch::Tensor coloured_fields(int64_t n, int64_t channels, int64_t height, int64_t width,
                              uint64_t seed) {
  auto random = make_generator(seed);
  const auto coarse = torch::rand({n, channels, 4, 5}, random);
  return torch::upsample_bilinear2d(coarse, {height, width}, true).mul(255).to(torch::kUInt8);
}

// Weights of the right shapes that keep activations between 0 and 6 alive through all layers.
TensorFile random_weights() {
  TensorFile file;
  auto random = make_generator(7);
  for (const auto& [name, shape] : efficientnet_tensors()) {
    auto values = torch::randn(shape, random);
    if (name.find("running_var") != std::string::npos) values = values.abs() + 0.5;
    if (shape.size() == 4) values *= 1.5 / std::sqrt(static_cast<double>(values[0].numel()));
    if (shape.size() == 2) values *= 0.05;
    file.tensors[name] = values;
  }
  file.metadata = {{"format", "ganselect-efficientnet"}, {"format_version", "1"}};
  return file;
}

// The same network as its description says it, in float64, nothing folded and nothing fused.
class PlainNetwork {
 public:
  explicit PlainNetwork(const TensorFile& file) {
    for (const auto& [name, tensor] : file.tensors) state_[name] = tensor.to(torch::kFloat64);
  }

  torch::Tensor features(const torch::Tensor& pixels) const {
    auto x = (pixels.to(torch::kFloat64) / 255 - 0.498) / 0.502;
    x = layer(x, "_conv_stem", "_bn0", 2, 1).clamp(0, 6);
    int64_t number = 0, in = 32;
    for (const auto& [blocks, kernel, stride, expansion, out] : stages()) {
      for (int64_t i = 0; i < blocks; ++i, ++number) {
        const auto name = "_blocks." + std::to_string(number) + ".";
        auto y = x;
        const int64_t wide = in * expansion, step = i == 0 ? stride : 1;
        if (expansion > 1) y = layer(y, name + "_expand_conv", name + "_bn0", 1, 1).clamp(0, 6);
        y = layer(y, name + "_depthwise_conv", name + "_bn1", step, wide).clamp(0, 6);
        y = layer(y, name + "_project_conv", name + "_bn2", 1, 1);
        x = step == 1 && in == out ? x + y : y;
        in = out;
      }
    }
    return layer(x, "_conv_head", "_bn1", 1, 1).clamp(0, 6).mean({2, 3});
  }

  torch::Tensor logits(const torch::Tensor& features) const {
    return features.mm(state_.at("_fc.weight").t()) + state_.at("_fc.bias");
  }

 private:
  using Stage = std::tuple<int64_t, int64_t, int64_t, int64_t, int64_t>;
  static std::vector<Stage> stages() {
    return {{1, 3, 1, 1, 16},  {2, 3, 2, 6, 24},  {2, 5, 2, 6, 40}, {3, 3, 2, 6, 80},
            {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320}};
  }

  // TensorFlow's padding "SAME": as many outputs as inputs over stride, the odd row at the end.
  torch::Tensor layer(const torch::Tensor& x, const std::string& name, const std::string& norm,
                      int64_t stride, int64_t groups) const {
    const auto& weight = state_.at(name + ".weight");
    const int64_t size = x.size(2), kernel = weight.size(2);
    const int64_t all =
        std::max<int64_t>(0, ((size + stride - 1) / stride - 1) * stride + kernel - size);
    const auto padded = torch::constant_pad_nd(x, {all / 2, all - all / 2, all / 2, all - all / 2});
    const std::vector<int64_t> steps = {stride, stride}, none = {0, 0}, one = {1, 1};
    const auto y = at::conv2d(padded, weight, torch::Tensor(), steps, none, one, groups);
    return torch::batch_norm(y, state_.at(norm + ".weight"), state_.at(norm + ".bias"),
                             state_.at(norm + ".running_mean"), state_.at(norm + ".running_var"),
                             false, 0, 1e-3, false);
  }

  std::map<std::string, torch::Tensor> state_;
};

std::filesystem::path write_weights(const TempDir& folder, const TensorFile& file) {
  const auto path = folder / "weights.safetensors";
  save_safetensors(path, file);
  return path;
}

}  // namespace

TEST_CASE("the folded network is the plain one within float32 rounding", "[fast][efficientnet]") {
  const auto file = random_weights();
  const PlainNetwork plain(file);
  for (const bool fused : {false, true}) {
    if (fused && !fused_convolutions(torch::kCPU)) continue;
    const EfficientNet network(file, "made-up weights", torch::kCPU, fused);
    for (const int64_t size : {32, 64, 96}) {
      const auto pixels = coloured_fields(3, 3, size, size, 5);
      const auto kept = pixels.clone();
      const auto found = network.forward(pixels);
      const auto expected = plain.features(pixels);
      INFO("size " << size << ", fused " << fused);
      CHECK(expected.std().item<double>() > 0.3);  // the layers have not died out
      CHECK(largest_difference(found.features, expected) < 2e-4);
      CHECK(largest_difference(found.logits, plain.logits(expected)) < 2e-4);
      CHECK(torch::equal(pixels, kept));
    }
  }
}

TEST_CASE("features are those of the Python package on stored images", "[fast][efficientnet]") {
  if (!std::filesystem::exists(efficientnet_file()))
    SKIP("no weights in " << efficientnet_file().string() << ": scripts/setup fetches them");
  const auto golden = load_safetensors(std::filesystem::path(GANSELECT_TEST_DIR) / "golden" /
                                       "efficientnet_lite0.safetensors");
  const auto& stored = golden.tensors;
  const auto detector = load_detector("efficientnet-lite0@64");
  const auto found = detect_all(*detector, stored.at("images"));
  CHECK(largest_difference(found.features, stored.at("features_64")) < 1e-4);
  CHECK(largest_difference(found.logits.slice(0, 0, 2), stored.at("logits_64")) < 1e-4);
  const auto large = detect_all(*detector, stored.at("large"));
  CHECK(largest_difference(large.features, stored.at("large_features_64")) < 1e-4);
  const auto finer =
      detect_all(*load_detector("efficientnet-lite0@96"), stored.at("images").slice(0, 0, 2));
  CHECK(largest_difference(finer.features, stored.at("features_96")) < 1e-4);
  // Far below what tells two of the images apart.
  CHECK((stored.at("features_64")[0] - stored.at("features_64")[1]).abs().max().item<double>() > 1);
}

TEST_CASE("an image's features do not depend on its batch, grey is colour repeated",
          "[fast][efficientnet]") {
  const TempDir folder;
  const auto path = write_weights(folder, random_weights());
  const auto detector = load_efficientnet_detector(path, {}, 32, torch::kCPU);
  // More than the detector takes at a time.
  const auto images = coloured_fields(300, 3, 16, 20, 3);
  const auto whole = detect_all(*detector, images, 300);
  REQUIRE(whole.features.sizes() == torch::IntArrayRef({300, kEfficientNetFeatures}));
  REQUIRE(whole.logits.sizes() == torch::IntArrayRef({300, kEfficientNetClasses}));
  for (const int64_t row : {0, 17, 299}) {
    const auto alone = detect_all(*detector, images.slice(0, row, row + 1));
    // Of values up to 6; float32 sums in another order.
    CHECK(largest_difference(alone.features, whole.features.slice(0, row, row + 1)) < 5e-5);
  }
  CHECK((whole.features[0] - whole.features[1]).abs().max().item<double>() > 0.05);
  const auto grey = coloured_fields(4, 1, 16, 20, 4);
  CHECK(largest_difference(detect_all(*detector, grey).features,
                           detect_all(*detector, grey.repeat({1, 3, 1, 1})).features) < 1e-5);
}

TEST_CASE("its size and what is done to images are in the protocol", "[fast][efficientnet]") {
  const TempDir folder;
  const auto path = write_weights(folder, random_weights());
  const auto usual = load_efficientnet_detector(path, {}, kEfficientNetSize, torch::kCPU);
  const auto small = load_efficientnet_detector(path, {}, 32, torch::kCPU);
  CHECK(usual->name() == "efficientnet-lite0");
  CHECK(small->name() == "efficientnet-lite0@32");
  CHECK(small->digest() == sha256_file(path));
  CHECK(
      small->preprocessing(SampleShape::image(3, 48, 48)) ==
      "resized to 32x32: anti-aliased bicubic in float32, not rounded; (x / 255 - 0.498) / 0.502");
  CHECK(small->preprocessing(SampleShape::image(1, 32, 32)) ==
        "grey repeated to three channels; not resized; (x / 255 - 0.498) / 0.502");
  const auto images = coloured_fields(2, 3, 32, 32, 6);
  CHECK(largest_difference(detect_all(*usual, images).features,
                           detect_all(*small, images).features) > 0.05);
  CHECK(detect_all(*small, images).foreign_classes);
}

TEST_CASE("samples and sizes that it cannot take have one clear error each",
          "[fast][efficientnet]") {
  const TempDir folder;
  const auto path = write_weights(folder, random_weights());
  const auto detector = load_efficientnet_detector(path, {}, 32, torch::kCPU);
  for (const auto& samples :
       {torch::ones({4, 2}), torch::ones({1, 3, 8, 8}), torch::ones({1, 2, 8, 8}, torch::kUInt8)}) {
    const auto refused = thrown_by([&] { detect_all(*detector, samples); });
    CHECK(refused.kind == ErrorKind::kData);
    CHECK(contains(refused.message,
                   "[efficientnet-lite0@32] expected uint8 images (N,1, 3 or 4,H,W)"));
  }
  for (const char* name :
       {"efficientnet-lite0@48", "efficientnet-lite0@0", "efficientnet-lite0@544"}) {
    const auto refused = thrown_by([&] { load_detector(name); });
    CHECK(refused.kind == ErrorKind::kUsage);
    CHECK(contains(refused.message, "a multiple of 32, at most 512"));
  }
  for (const char* name :
       {"efficientnet-lite0@", "efficientnet-lite0@6x", "efficientnet-lite0@-64"}) {
    const auto refused = thrown_by([&] { load_detector(name); });
    CHECK(refused.kind == ErrorKind::kUsage);
    CHECK(contains(refused.message, "efficientnet-lite0@SIZE"));
  }
  CHECK(contains(thrown_by([] { load_detector("pixels@64"); }).message, "expected one of pixels"));
}

TEST_CASE("weights that are missing, cut, foreign or changed are refused by name",
          "[fast][efficientnet]") {
  const TempDir folder;
  const auto file = random_weights();
  const auto path = write_weights(folder, file);
  const auto load = [&](const std::optional<std::string>& digest = {}) {
    return thrown_by([&] { load_efficientnet_detector(path, digest, 32, torch::kCPU); });
  };
  CHECK(load(sha256_file(path)).message.empty());
  const auto other = load(std::string(64, 'a'));
  CHECK(other.kind == ErrorKind::kData);
  CHECK(contains(other.message, "weights.safetensors] expected SHA-256 aaaa"));
  CHECK(contains(other.message, "run scripts/setup"));
  const auto refused_without = [&](const char* name, const torch::Tensor& instead) {
    auto changed = file;
    changed.tensors.erase(name);
    if (instead.defined()) changed.tensors[name] = instead;
    write_weights(folder, changed);
    return load().message;
  };
  CHECK(contains(refused_without("_blocks.3._bn1.bias", {}),
                 "tensor '_blocks.3._bn1.bias'] expected floating point [144], got none"));
  CHECK(contains(refused_without("_fc.weight", torch::ones({10, 1280})), "got float [10, 1280]"));
  CHECK(contains(refused_without("_bn0.bias", torch::ones({32}, torch::kInt64)), "got long"));
  CHECK(contains(refused_without("_fc.more", torch::ones({1})), "expected 247 tensors, got 248"));
  auto foreign = file;
  foreign.metadata["format"] = "ganselect-judge";
  write_weights(folder, foreign);
  CHECK(contains(load().message, "expected ganselect-efficientnet version 1"));
  write_weights(folder, file);
  const auto whole = read_file(path);
  write_file_atomically(path, std::string_view(whole).substr(0, whole.size() / 2));
  CHECK(contains(load().message, "weights.safetensors"));
  CHECK(load().kind == ErrorKind::kData);
}

TEST_CASE("where no weights are, the detector says how to get them", "[fast][efficientnet]") {
  const TempDir folder;
  const char* before = std::getenv("GANSELECT_WEIGHTS");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("GANSELECT_WEIGHTS", folder.path().c_str(), 1);
  const auto missing = thrown_by([] { load_detector("efficientnet-lite0"); });
  // Another file under the right name is not taken for the pinned one.
  save_safetensors(efficientnet_file(), random_weights());
  const auto wrong = thrown_by([] { load_detector("efficientnet-lite0"); });
  kept.empty() ? ::unsetenv("GANSELECT_WEIGHTS") : ::setenv("GANSELECT_WEIGHTS", kept.c_str(), 1);
  CHECK(missing.kind == ErrorKind::kData);
  CHECK(contains(missing.message, "[efficientnet-lite0] expected its weights in "));
  CHECK(contains(missing.message, "scripts/setup fetches them"));
  CHECK(contains(wrong.message, "expected SHA-256 b9d3ba98"));
}

TEST_CASE("the resize is bicubic with a = -0.5, its kernel widened when shrinking",
          "[fast][efficientnet]") {
  // By the definition, in float64: weights of the cubic kernel, normalized at every output.
  const auto weights = [](int64_t in, int64_t out) {
    const double scale = static_cast<double>(in) / static_cast<double>(out);
    const double wide = std::max(1.0, scale);
    auto matrix = torch::zeros({out, in}, torch::kFloat64);
    for (int64_t o = 0; o < out; ++o) {
      for (int64_t i = 0; i < in; ++i) {
        const double x = std::abs(
            (static_cast<double>(i) + 0.5 - scale * (static_cast<double>(o) + 0.5)) / wide);
        const double near = (1.5 * x - 2.5) * x * x + 1;
        const double far = -0.5 * (((x - 5) * x + 8) * x - 4);
        matrix[o][i] = x < 1 ? near : x < 2 ? far : 0.0;
      }
    }
    return matrix / matrix.sum(1, true);
  };
  const auto images =
      coloured_fields(2, 3, 40, 23, 8).bitwise_xor(torch::tensor(37, torch::kUInt8));
  for (const int64_t size : {32, 64}) {
    const auto expected =
        torch::matmul(torch::matmul(weights(40, size), images.to(torch::kFloat64)),
                      weights(23, size).t())
            .clamp(0, 255);
    CHECK(largest_difference(resize_for_detector(images, size), expected) < 1e-3);
  }
}

}  // namespace ganselect
