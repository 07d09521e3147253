#include "models/build.h"

#include <ATen/record_function.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <memory>
#include <string_view>
#include <thread>

#include "base/torch/generators.h"
#include "models/backbones/architectures.h"
#include "models/candidates.h"
#include "models/cost.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using test::contains;
using test::thrown_by;
using torch::Tensor;

const std::vector<std::string>& architecture_names() {
  static const auto names = architectures().names();
  return names;
}

std::vector<std::string> image_architectures() {
  std::vector<std::string> names;
  for (const auto& row : architectures()) {
    if (!row.points_only) names.push_back(row.name);
  }
  return names;
}

Networks build(const std::string& point, const SampleShape& shape, double width = 1.0,
               std::uint64_t seed = 1) {
  return build_networks(parse_point(point), {.shape = shape, .width = width}, seed);
}

std::vector<std::int64_t> sample_sizes(const SampleShape& shape, std::int64_t n) {
  if (shape.points) return {n, 2};
  return {n, shape.channels, shape.height, shape.width};
}

void check_shapes(const std::string& point, const SampleShape& shape, double width) {
  INFO(point << " " << to_string(shape) << " width " << width);
  const auto networks = build(point, shape, width);
  networks.critic->set_noise(make_generator(2));
  const auto z = torch::randn({3, networks.generator->latent_dim}, make_generator(3));
  const auto fake = networks.generator->forward(z);
  CHECK(fake.sizes() == at::IntArrayRef(sample_sizes(shape, 3)));
  CHECK(fake.dtype() == torch::kFloat32);
  if (!shape.points) CHECK(fake.abs().max().item<float>() <= 1.0F);
  const auto scores = networks.critic->forward(fake);
  CHECK(scores.sizes() == at::IntArrayRef({3}));
  CHECK(scores.isfinite().all().item<bool>());
  // Samples are told apart at the very start, or no gradient could tell them apart later.
  CHECK((fake[0] - fake[1]).abs().max().item<float>() > 1e-6F);
}

TEST_CASE("every backbone maps latent vectors to samples and samples to scores", "[fast]") {
  for (const auto& name : architecture_names()) {
    check_shapes(name + "/hinge", SampleShape::point(), 1.0);
    if (architectures().at(name).points_only) continue;
    for (const std::int64_t size : {32, 64}) {
      for (const std::int64_t channels : {1, 3}) {
        check_shapes(name + "/hinge", SampleShape::image(channels, size, size), 0.25);
      }
    }
    check_shapes(name + "/hinge", SampleShape::image(3, 32, 32), 1.0);
  }
}

TEST_CASE("every backbone of images can be built for every size, no layer wider than at 64",
          "[fast]") {
  for (const auto& name : image_architectures()) {
    for (const auto size : image_sizes())
      check_shapes(name + "/hinge", SampleShape::image(4, size, size), 0.02);
  }
  const auto widest = [](const char* point, std::int64_t size) {
    std::int64_t most = 0;
    const auto networks = build(point, SampleShape::image(3, size, size), 0.25);
    for (const auto& p : networks.generator->parameters())
      if (p.dim() == 4) most = std::max({most, p.size(0), p.size(1)});
    return most;
  };
  for (const char* point : {"dcgan/hinge", "sngan-cnn/hinge", "gp-cnn/hinge"})
    CHECK(widest(point, 128) == widest(point, 64));
}

TEST_CASE("every backbone keeps its shapes at full width and 64 pixels", "[slow]") {
  for (const auto& name : image_architectures()) {
    check_shapes(name + "/hinge", SampleShape::image(1, 64, 64), 1.0);
    check_shapes(name + "/hinge", SampleShape::image(3, 64, 64), 1.0);
  }
}

TEST_CASE("batch norm follows its two switches", "[fast]") {
  const auto has_norm = [](const torch::nn::Module& module) {
    for (const auto& buffer : module.named_buffers()) {
      if (contains(buffer.key(), "running_mean")) return true;
    }
    return false;
  };
  for (const auto& shape : {SampleShape::image(3, 32, 32), SampleShape::point()}) {
    for (const char* name :
         {"fc", "maxout-conv", "dcgan", "sngan-cnn", "gp-cnn", "resnet", "gp-resnet"}) {
      for (const bool g : {false, true}) {
        for (const bool d : {false, true}) {
          const auto point = std::string(name) + "/hinge/" + (g ? "" : "no-") + "batch-norm-g+" +
                             (d ? "" : "no-") + "batch-norm-d";
          INFO(point);
          const auto networks = build(point, shape, 0.1);
          CHECK(has_norm(*networks.generator) == g);
          CHECK(has_norm(*networks.critic) == d);
        }
      }
    }
  }
  CHECK_FALSE(has_norm(*build("conv-deconv/hinge", SampleShape::image(3, 32, 32), 0.1).generator));
}

TEST_CASE("spectral norm covers every weight of the critic and none of the generator", "[fast]") {
  for (const auto& name : image_architectures()) {
    INFO(name);
    const auto networks = build(name + "/hinge/spectral-norm", SampleShape::image(3, 32, 32), 0.1);
    std::size_t weights = 0, vectors = 0;
    for (const auto& parameter : networks.critic->named_parameters()) {
      if (parameter.value().dim() >= 2) ++weights;
    }
    for (const auto& buffer : networks.critic->named_buffers()) {
      if (buffer.key().ends_with(".u")) ++vectors;
    }
    CHECK(weights == vectors);
    CHECK(weights > 0);
    for (const auto& buffer : networks.generator->named_buffers())
      CHECK_FALSE(buffer.key().ends_with(".u"));
  }
}

TEST_CASE("parameter counts at full width are those of the published networks", "[fast]") {
  const auto image = SampleShape::image(3, 32, 32);
  const auto count = [&](const std::string& point) {
    const auto networks = build(point, image);
    return std::pair{parameter_count(*networks.generator), parameter_count(*networks.critic)};
  };
  // Counted layer by layer from the sources' tables, weights, biases and batch norm's gains and
  // biases.
  // With batch norm dcgan has no biases, without it each layer has one.
  CHECK(count("dcgan/non-saturating") == std::pair<std::int64_t, std::int64_t>(3448576, 2759424));
  CHECK(count("dcgan/wasserstein/gradient-penalty").second == 2758593);
  CHECK(count("sngan-cnn/non-saturating/spectral-norm") ==
        std::pair<std::int64_t, std::int64_t>(3811907, 2935873));
  CHECK(count("resnet/hinge/spectral-norm") ==
        std::pair<std::int64_t, std::int64_t>(4276739, 1053824));
  CHECK(count("gp-resnet/wasserstein/gradient-penalty").second == 1053825);
  CHECK(count("gp-cnn/wasserstein/gradient-penalty") ==
        std::pair<std::int64_t, std::int64_t>(
            128 * 8192 + 8192 + 2 * 8192 + (512 * 256 + 256 * 128 + 128 * 3) * 25 + 256 + 128 + 3 +
                2 * (256 + 128),
            (3 * 128 + 128 * 256 + 256 * 512) * 25 + 128 + 256 + 512 + 8192 + 1));
  CHECK(count("maxout-conv/non-saturating") ==
        std::pair<std::int64_t, std::int64_t>(
            100 * 8000 + 8000 + 8000 * 8000 + 8000 + 80 * 3 * 25 + 3,
            3 * 64 * 64 + 64 + 32 * 64 * 64 + 64 + 32 * 384 * 25 + 384 + 192 * 25 * 2500 + 2500 +
                500 + 1));
  CHECK(count("fc/non-saturating") ==
        std::pair<std::int64_t, std::int64_t>(
            100 * 1200 + 1200 + 1200 * 1200 + 1200 + 1200 * 3072 + 3072,
            3072 * 1200 + 1200 + 240 * 1200 + 1200 + 240 + 1));
}

// GFLOP of one iteration of batch 64. The counts were taken with LibTorch's own counter on networks
// of the same layers.
double gigaflops(const CandidateSpec& candidate, const Networks& networks) {
  return update_cost(candidate, networks).flops / 1e9;
}

TEST_CASE("FLOPs of an iteration agree with an independent count", "[fast]") {
  const auto image = SampleShape::image(3, 32, 32);
  const auto sngan = parse_point("sngan");
  const auto sngan_networks = build("sngan", image);
  CHECK_THAT(gigaflops(sngan, sngan_networks), WithinAbs(163.74, 0.006));

  // The counted dcgan pair had sngan-cnn's generator, which this dcgan's differs from.
  const auto dcgan = parse_point("dcgan");
  const Networks mixed{sngan_networks.generator, build("dcgan", image).critic};
  CHECK_THAT(gigaflops(dcgan, mixed), WithinAbs(79.22, 0.006));

  // Without the pass of zeros through LeakyReLU's second derivative, which leaky_relu does not
  // make. With it: 310.79.
  const auto wgan_gp = parse_point("wgan-gp-dcgan");
  const Networks penalized{sngan_networks.generator, build("wgan-gp-dcgan", image).critic};
  const double executed = gigaflops(wgan_gp, penalized);
  CHECK_THAT(executed, WithinAbs(277.58, 0.006));
  double critic_macs = 0;
  for (const auto& cost : penalized.critic->costs) critic_macs += static_cast<double>(cost.macs);
  const double zeros =
      5 * 2 * (critic_macs - static_cast<double>(penalized.critic->costs.back().macs)) * 128 / 1e9;
  CHECK_THAT(executed + zeros, WithinAbs(310.79, 0.006));

  // The count took the published form: shortcuts and resized convolutions at the larger size. By
  // hand, a generator pass saves 5/9 of 9 taps and 3/4 of 1 at 1344 places of 256 channels squared;
  // a critic pass saves the same of its second block, 256 places of 128 squared, and in its first
  // block 5/9 of 9 taps at 1024 places of 128 squared. 8 generator and 32 critic passes.
  auto resnet = parse_point("sngan-resnet");
  resnet.batch_g = 0;  // the count gave both networks 64 samples
  const auto cost = update_cost(resnet, build("sngan-resnet", image));
  CHECK_THAT(cost.published_flops / 1e9, WithinAbs(2831.16, 0.006));
  const double generator = 1344.0 * 256 * 256 * (5 + 0.75);
  const double critic = 128.0 * 128 * (256 * (5 + 0.75) + 1024 * 5);
  const double saved = 128 * (8 * generator + 32 * critic) / 1e9;
  CHECK_THAT((cost.published_flops - cost.flops) / 1e9, WithinAbs(saved, 0.006));
  CHECK(update_cost(sngan, sngan_networks).published_flops ==
        update_cost(sngan, sngan_networks).flops);
}

// Calls of an operator made by this thread while it lives.
class CallCounter {
 public:
  explicit CallCounter(std::string_view name) {
    wanted = name;
    calls = 0;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(
        [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
          if (wanted == function.name()) ++calls;
          return nullptr;
        }));
  }
  ~CallCounter() { at::removeCallback(handle_); }
  CallCounter(const CallCounter&) = delete;
  CallCounter& operator=(const CallCounter&) = delete;

  static inline thread_local std::string_view wanted;
  static inline thread_local int calls = 0;

 private:
  at::CallbackHandle handle_;
};

TEST_CASE("a penalty's backward sends no zeros back through the critic", "[fast]") {
  // The critic is linear in pieces, so its second derivative in the samples is zero. The penalty's
  // own derivatives are convolutions; a backward of convolutions would be that of zeros.
  const auto image = SampleShape::image(3, 32, 32);
  for (const auto& name : image_architectures()) {
    INFO(name);
    const auto critic = build(name + "/wasserstein/gradient-penalty", image, 0.05).critic;
    critic->set_noise(make_generator(2));
    const auto x = torch::randn({2, 3, 32, 32}, make_generator(1)).requires_grad_(true);
    const auto gradient = torch::autograd::grad({critic->forward(x).sum()}, {x}, {}, true, true)[0];
    const CallCounter counter("aten::convolution_backward");
    torch::autograd::grad({gradient.square().sum()}, critic->parameters(), {}, false, false,
                          /*allow_unused=*/true);
    CHECK(CallCounter::calls == 0);
  }
}

TEST_CASE("critic passes count penalties and the losses that score real samples twice", "[fast]") {
  const auto image = SampleShape::image(3, 32, 32);
  const auto cost_of = [&](const char* name) {
    return update_cost(parse_point(name), build(name, image, 0.1));
  };
  CHECK(cost_of("dcgan").critic_passes == 3);
  CHECK(cost_of("wgan-gp").critic_passes == 5 * 3 + 1);
  CHECK(cost_of("wgan-gp").extra_critic_passes == 5);
  CHECK(cost_of("rpgan-r1-r2").critic_passes == 2 + 2 + 1 + 1);
  CHECK(cost_of("geometric-gan").critic_passes == 2.0 / 10 + 1);
  CHECK(cost_of("rsgan").critic_passes == 4);
}

std::vector<Tensor> all_tensors(const Networks& networks) {
  std::vector<Tensor> all;
  for (const auto& module :
       std::vector<std::shared_ptr<torch::nn::Module>>{networks.generator, networks.critic}) {
    for (const auto& parameter : module->parameters()) all.push_back(parameter.detach());
    for (const auto& buffer : module->buffers()) all.push_back(buffer);
  }
  return all;
}

bool equal_tensors(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i].equal(b[i])) return false;
  }
  return true;
}

TEST_CASE("first weights depend on the seed alone, whatever else draws numbers", "[fast]") {
  for (const auto& name : image_architectures()) {
    INFO(name);
    const auto point = name + "/hinge/spectral-norm";
    const auto shape = SampleShape::image(3, 32, 32);
    torch::manual_seed(1);
    const auto first = all_tensors(build(point, shape, 0.1, 5));
    torch::manual_seed(2);
    std::vector<Tensor> beside;
    std::thread other([&] { beside = all_tensors(build(point, shape, 0.1, 5)); });
    const auto second = all_tensors(build(point, shape, 0.1, 5));
    other.join();
    CHECK(equal_tensors(first, second));
    CHECK(equal_tensors(first, beside));
    CHECK_FALSE(equal_tensors(first, all_tensors(build(point, shape, 0.1, 6))));
  }
}

TEST_CASE("building draws nothing from the global generator", "[fast]") {
  torch::manual_seed(3);
  const auto expected = torch::rand({4});
  torch::manual_seed(3);
  build("resnet/hinge/spectral-norm", SampleShape::image(3, 32, 32), 0.1);
  build("fc/hinge", SampleShape::point(), 0.1);
  CHECK(torch::rand({4}).equal(expected));
}

TEST_CASE("a generator built alone is the one of the pair", "[fast]") {
  const auto candidate = parse_point("dcgan");
  const BuildSettings settings{.shape = SampleShape::image(3, 32, 32), .width = 0.1};
  const auto pair = build_networks(candidate, settings, 9);
  const auto alone = build_generator(candidate, settings, 9);
  const auto z = torch::randn({2, alone->latent_dim}, make_generator(1));
  CHECK(alone->forward(z).equal(pair.generator->forward(z)));
}

TEST_CASE("dropout needs a generator in training and none in evaluation", "[fast]") {
  const auto critic = build("fcgan", SampleShape::image(3, 32, 32), 0.1).critic;
  const auto x = torch::randn({2, 3, 32, 32}, make_generator(1));
  CHECK(contains(thrown_by([&] { critic->forward(x); }).message, "call set_noise first"));
  critic->eval();
  CHECK(critic->forward(x).equal(critic->forward(x)));
  critic->train();
  critic->set_noise(make_generator(4));
  const auto first = critic->forward(x);
  CHECK_FALSE(first.equal(critic->forward(x)));
  critic->set_noise(make_generator(4));
  CHECK(first.equal(critic->forward(x)));
}

TEST_CASE("channels-last memory changes no score", "[fast]") {
  for (const char* point :
       {"dcgan/hinge", "sngan-cnn/hinge/spectral-norm", "resnet/hinge/spectral-norm"}) {
    INFO(point);
    const auto plain = build(point, SampleShape::image(3, 32, 32), 0.25);
    const auto last = build(point, SampleShape::image(3, 32, 32), 0.25);
    use_channels_last(*last.generator);
    use_channels_last(*last.critic);
    const auto z = torch::randn({4, plain.generator->latent_dim}, make_generator(1));
    const auto a = plain.generator->forward(z), b = last.generator->forward(z);
    CHECK(torch::allclose(a, b, 1e-4, 1e-5));
    CHECK(torch::allclose(plain.critic->forward(a), last.critic->forward(b), 1e-3, 1e-5));
  }
}

TEST_CASE("what cannot be built is refused by name", "[fast]") {
  const auto refused = [](const char* name, BuildSettings settings) {
    const auto thrown = thrown_by([&] { build_networks(parse_point(name), settings, 0); });
    CHECK(thrown.kind == ErrorKind::kUsage);
    return thrown.message;
  };
  CHECK(contains(refused("dcgan", {.shape = SampleShape::image(3, 32, 64)}), "got 3x32x64"));
  CHECK(contains(refused("dcgan", {.shape = SampleShape::image(3, 28, 28)}),
                 "square images of 32, 64, 128, 256 pixels"));
  CHECK(contains(refused("dcgan", {.shape = SampleShape::point(), .width = 0.0}), "[width]"));
  CHECK(contains(refused("dcgan", {.shape = SampleShape::point(), .width = std::nan("")}),
                 "[width]"));
  CHECK(contains(refused("maxout-mlp/ns", {.shape = SampleShape::image(3, 32, 32)}),
                 "expected 2-d points"));
  CHECK(contains(refused("cgan", {.shape = SampleShape::image(3, 32, 32)}), "class labels"));
  const auto critic = build("dcgan/hinge", SampleShape::image(3, 32, 32), 0.1).critic;
  CHECK(contains(thrown_by([&] {
                   critic->forward(torch::zeros({2, 1, 32, 32}));
                 }).message,
                 "[dcgan critic] expected a batch of 3x32x32, got shape [2, 1, 32, 32]"));
}

}  // namespace
}  // namespace ganselect
