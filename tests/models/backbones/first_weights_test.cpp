// At the start signals have the size they have at full width, whatever the width.
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>

#include "base/torch/generators.h"
#include "models/backbones/layers.h"
#include "models/build.h"
#include "models/candidates.h"
#include "models/packing.h"

namespace ganselect {
namespace {

struct StartingSignals {
  double input_gradient;   // mean norm of the critic's gradient in what it sees
  double pixel_deviation;  // of the first images
};

// The score's gradient before a ReLU that ends the critic, which is zero or one by chance.
StartingSignals signals_of(const CandidateSpec& candidate, double width, std::uint64_t seed) {
  const auto shape = SampleShape::image(3, 32, 32);
  const auto networks = build_networks(candidate, {.shape = shape, .width = width}, seed);
  networks.critic->output = CriticOutput::kLinear;
  networks.critic->set_noise(make_generator(seed + 1));
  const int m = pack_of(candidate);
  const auto real = torch::rand({16 * m, 3, 32, 32}, make_generator(seed + 2)).mul_(1.6).sub_(0.8);
  const auto x = packed(real, m).requires_grad_(true);
  // Spectral norm needs some power iterations to know its value.
  for (int i = 0; i < 8; ++i) networks.critic->forward(x);
  const auto gradient = torch::autograd::grad({networks.critic->forward(x).sum()}, {x})[0];
  const torch::NoGradGuard no_grad;
  const auto z = torch::randn({64, networks.generator->latent_dim}, make_generator(seed + 3));
  const auto images = networks.generator->forward(z);
  return {gradient.flatten(1).norm(2, 1).mean().item<double>(), images.std().item<double>()};
}

// Geometric mean over seeds, since the last layer's few weights vary at small widths.
StartingSignals typical_signals(const CandidateSpec& candidate, double width) {
  constexpr int kSeeds = 3;
  double gradient = 0, deviation = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const auto signals = signals_of(candidate, width, 10 * seed + 1);
    gradient += std::log(signals.input_gradient) / kSeeds;
    deviation += std::log(signals.pixel_deviation) / kSeeds;
  }
  return {std::exp(gradient), std::exp(deviation)};
}

TEST_CASE("every candidate starts with signals of full width's size at any width", "[slow]") {
  for (const auto& candidate : candidates()) {
    if (candidate.is_told()) continue;
    const bool normed = has_regularizer(candidate, "spectral-norm");
    const double within = normed ? 2.5 : 2.0;
    const auto full = typical_signals(candidate, 1.0);
    for (const double width : {0.125, 0.25, 0.5}) {
      const auto here = typical_signals(candidate, width);
      INFO(candidate.name << " at width " << width << ": gradient " << here.input_gradient
                          << " and " << full.input_gradient << ", deviation "
                          << here.pixel_deviation << " and " << full.pixel_deviation);
      CHECK(here.input_gradient / full.input_gradient < within);
      CHECK(full.input_gradient / here.input_gradient < within);
      CHECK(here.pixel_deviation / full.pixel_deviation < 2.0);
      CHECK(full.pixel_deviation / here.pixel_deviation < 2.0);
    }
  }
}

TEST_CASE("critics under a gradient penalty start where its target is near", "[fast][formula]") {
  // Not wgan-gp-resnet, whose source takes the mean over 64 places before the score.
  for (const char* name : {"wgan-gp", "wgan-gp-dcgan", "dragan", "rpgan-r1-r2"}) {
    const auto here = typical_signals(candidates().at(name), 0.25);
    INFO(name << ": " << here.input_gradient);
    CHECK(here.input_gradient > 0.1);
    CHECK(here.input_gradient < 10);
  }
}

double deviation_of(const Channels& in, const Channels& out, InitRule rule) {
  LinearLayer layer(in, out, false, rule, make_generator(1), false);
  return layer.parameters()[0].std().item<double>();
}

TEST_CASE("weights have the source's deviation at width 1 and keep the signal at others",
          "[fast][formula]") {
  // 40,000 weights: a deviation is known to 0.4%.
  const Channels full{200, 200}, narrow{200, 800};
  const auto near = [](double value, double expected) {
    return std::abs(value / expected - 1) < 0.03;
  };
  CHECK(near(deviation_of(full, full, {InitLaw::kNormal, 0.02}), 0.02));
  CHECK(near(deviation_of(narrow, narrow, {InitLaw::kNormal, 0.02}), 0.04));
  CHECK(near(deviation_of(narrow, full, {InitLaw::kUniform, 0.05}), 0.1 / std::sqrt(3)));
  CHECK(near(deviation_of(full, narrow, {InitLaw::kUniform, 0.05}), 0.05 / std::sqrt(3)));
  CHECK(near(deviation_of(full, full, {InitLaw::kGlorotUniform, 1.0}), std::sqrt(2.0 / 400)));
  // By the fans at width 1, 800 and 800, times sqrt(800 / 200).
  CHECK(near(deviation_of(narrow, narrow, {InitLaw::kGlorotUniform, 1.0}),
             2 * std::sqrt(2.0 / 1600)));
  CHECK(near(deviation_of(narrow, full, kTorchInit), 1 / std::sqrt(3.0 * 200)));
}

TEST_CASE("where batch norm follows, weights keep the deviation of full width", "[fast][formula]") {
  const auto deviation = [](const torch::nn::Module& network, const char* name) {
    return network.named_parameters()[name].std().item<double>();
  };
  const auto& dcgan = candidates().at("dcgan");
  const auto pair =
      build_networks(dcgan, {.shape = SampleShape::image(3, 32, 32), .width = 0.25}, 1);
  CHECK(std::abs(deviation(*pair.generator, "deconv1.weight") / 0.02 - 1) < 0.03);
  CHECK(std::abs(deviation(*pair.critic, "conv2.weight") / 0.02 - 1) < 0.03);
  // The images come of what is not normalized, a quarter of the published fan-in.
  CHECK(std::abs(deviation(*pair.generator, "deconv3.weight") / 0.04 - 1) < 0.1);
  CHECK(std::abs(deviation(*pair.critic, "conv0.weight") / 0.02 - 1) < 0.1);
}

TEST_CASE("weights that are normalized spectrally keep the deviation of full width",
          "[fast][formula]") {
  const auto& rsgan_gp = candidates().at("rsgan-gp");
  const auto built =
      build_networks(rsgan_gp, {.shape = SampleShape::image(3, 32, 32), .width = 0.25}, 1);
  const auto weights = built.critic->named_parameters();
  CHECK(std::abs(weights["conv2.weight"].std().item<double>() / 0.02 - 1) < 0.05);
  CHECK(std::abs(weights["conv6.weight"].std().item<double>() / 0.02 - 1) < 0.03);
  const Channels narrow{200, 800};
  const LinearLayer layer(narrow, narrow, false, {InitLaw::kGlorotUniform, 1.0}, make_generator(1),
                          true);
  CHECK(std::abs(layer.parameters()[0].std().item<double>() / std::sqrt(2.0 / 1600) - 1) < 0.03);
}

TEST_CASE("strided layers count the places that a weight serves", "[fast][formula]") {
  // tflib/ops/conv2d.py: sqrt(4 / (fan_in + fan_out / stride^2)), uniform.
  const InitRule he{InitLaw::kStridedGlorotUniform, std::sqrt(2.0)};
  const ConvShape shape{.in = 32, .out = 64, .kernel = 5, .stride = 2};
  const ConvLayer conv(shape, he, make_generator(2), false);
  CHECK(std::abs(conv.parameters()[0].std().item<double>() /
                     std::sqrt(4.0 / (32 * 25 + 64 * 25 / 4.0)) -
                 1) < 0.03);
  const DeconvLayer deconv(shape, 4, 8, he, make_generator(2));
  CHECK(std::abs(deconv.parameters()[0].std().item<double>() /
                     std::sqrt(4.0 / (32 * 25 / 4.0 + 64 * 25)) -
                 1) < 0.03);
}

}  // namespace
}  // namespace ganselect
