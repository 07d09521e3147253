// Networks that are told a condition, and the layers they are told by.
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/torch/generators.h"
#include "models/backbones/architectures.h"
#include "models/backbones/conditional_layers.h"
#include "models/build.h"
#include "models/candidate_json.h"
#include "models/candidates.h"
#include "models/cost.h"
#include "models/explain.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using test::contains;
using test::thrown_by;
using torch::Tensor;

constexpr std::int64_t kClasses = 3;
constexpr std::int64_t kInstanceFeatures = 4;

// Every architecture with every conditioning it takes; visible parts have a test of their own.
std::vector<std::string> conditional_points() {
  std::vector<std::string> points;
  for (const auto& row : architectures()) {
    for (const auto& told : row.conditionings) {
      if (!conditionings().at(told).needs_visible)
        points.push_back(row.name + "+" + told + "/hinge");
    }
  }
  return points;
}

Networks build_told(const std::string& point, const SampleShape& shape, double width = 0.1) {
  const auto networks = build_networks(
      parse_point(point),
      {.shape = shape,
       .width = width,
       .conditioning = {.classes = kClasses, .instance_features = kInstanceFeatures}},
      1);
  networks.critic->set_noise(make_generator(2));
  return networks;
}

Tensor latents_for(const Networks& networks, std::int64_t n) {
  return torch::randn({n, networks.generator->latent_dim}, make_generator(3));
}

// With an instance for each label, for networks that are told one instead or as well.
Condition labels_of(std::vector<std::int64_t> labels) {
  const auto rows = torch::tensor(labels, torch::kInt64);
  const auto instances = torch::randn({kClasses, kInstanceFeatures}, make_generator(5));
  return {.labels = rows, .instances = instances.index_select(0, rows.remainder(kClasses))};
}

// Weights that start alike for every class (conditional batch norm) are moved apart.
void stir(torch::nn::Module& module, double scale = 0.2) {
  auto random = make_generator(7);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.parameters()) {
    parameter.add_(torch::randn(parameter.sizes(), random, parameter.options()) * scale);
  }
}

double largest_change(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST_CASE("every conditional network maps to samples and scores, and hears its label", "[fast]") {
  const std::vector<SampleShape> shapes = {SampleShape::image(1, 32, 32),
                                           SampleShape::image(3, 64, 64), SampleShape::point()};
  for (const auto& point : conditional_points()) {
    for (const auto& shape : shapes) {
      INFO(point << " " << to_string(shape));
      const auto networks = build_told(point, shape);
      stir(*networks.generator);
      stir(*networks.critic);
      networks.generator->eval();
      networks.critic->eval();
      const auto z = latents_for(networks, 4);
      const auto asked = labels_of({0, 1, 2, 1}), swapped = labels_of({0, 2, 2, 1});
      const auto fake = networks.generator->forward(z, asked);
      const auto other = networks.generator->forward(z, swapped);
      CHECK(fake.size(0) == 4);
      CHECK(fake[0].numel() == shape.size());
      CHECK(largest_change(fake[1], other[1]) > 1e-5);
      for (const int same : {0, 2, 3}) CHECK(largest_change(fake[same], other[same]) == 0);

      const auto scores = networks.critic->forward(fake, asked);
      const auto told_otherwise = networks.critic->forward(fake, swapped);
      CHECK(scores.sizes() == at::IntArrayRef({4}));
      CHECK(largest_change(scores[1], told_otherwise[1]) > 1e-6);
      for (const int same : {0, 2, 3})
        CHECK(largest_change(scores[same], told_otherwise[same]) == 0);
    }
  }
}

// d/dt of sum(weights * f) along a random direction of all parameters, against a central
// difference.
template <class Forward>
void check_directional_derivative(torch::nn::Module& module, const Forward& forward) {
  auto random = make_generator(11);
  const auto out = forward();
  const auto weights = torch::randn(out.sizes(), random, out.options());
  const auto value = [&] { return (forward() * weights).sum(); };
  const auto parameters = module.parameters();
  const auto gradients = torch::autograd::grad({value()}, parameters);
  std::vector<Tensor> direction;
  double expected = 0, square = 0;
  for (const auto& parameter : parameters) {
    direction.push_back(torch::randn(parameter.sizes(), random, parameter.options()));
    square += direction.back().square().sum().template item<double>();
  }
  // Of length 1, so that a step crosses hardly a kink of the rectifiers.
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    direction[i] /= std::sqrt(square);
    expected += (gradients[i] * direction[i]).sum().template item<double>();
  }
  constexpr double kStep = 1e-7;
  const auto moved = [&](double step) {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      auto parameter = parameters[i];
      parameter.add_(direction[i], step);
    }
    const double result = value().template item<double>();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      auto parameter = parameters[i];
      parameter.sub_(direction[i], step);
    }
    return result;
  };
  const double measured = (moved(kStep) - moved(-kStep)) / (2 * kStep);
  // Rounding of a float64 difference over the step, and few kinks crossed.
  CHECK_THAT(measured, WithinAbs(expected, 1e-5 * std::abs(expected) + 1e-6));
  CHECK(std::abs(expected) > 1e-8);
}

TEST_CASE("gradients of every conditional network agree with finite differences", "[fast]") {
  for (const auto& point : conditional_points()) {
    INFO(point);
    const auto networks = build_told(point, SampleShape::image(1, 32, 32), 0.03);
    networks.generator->to(torch::kFloat64);
    networks.critic->to(torch::kFloat64);
    // Biases of zero would leave deep units near the kink of their rectifiers.
    stir(*networks.generator, 0.2);
    stir(*networks.critic, 0.2);
    networks.critic->eval();  // no dropout
    const auto z = latents_for(networks, 5).to(torch::kFloat64);
    const auto asked = labels_of({2, 0, 1, 1, 0});
    check_directional_derivative(*networks.generator,
                                 [&] { return networks.generator->forward(z, asked); });
    const auto x = networks.generator->forward(z, asked).detach();
    check_directional_derivative(*networks.critic,
                                 [&] { return networks.critic->forward(x, asked); });
  }
}

TEST_CASE("conditional batch norm is one batch norm for each class", "[fast]") {
  constexpr std::int64_t kChannels = 4;
  ConditionalBatchNormLayer layer(kChannels, {.classes = kClasses}, make_generator(1));
  stir(layer, 0.5);
  const auto x = torch::randn({9, kChannels, 2, 3}, make_generator(2)) * 3 + 1;
  const auto labels = torch::tensor({0, 2, 1, 1, 0, 2, 2, 0, 1}, torch::kInt64);
  const auto code =
      condition_code({.labels = labels, .instances = {}}, {.classes = kClasses}, x, "test");
  const auto parameters = layer.named_parameters();
  const auto buffers = layer.named_buffers();
  for (const bool training : {true, false}) {
    layer.train(training);
    auto mean = buffers["running_mean"].clone(), variance = buffers["running_var"].clone();
    const auto told = layer.forward(x, code);
    for (std::int64_t c = 0; c < kClasses; ++c) {
      // The plain norm sees the whole batch too; only its rows of the class are compared.
      const auto plain =
          torch::batch_norm(x, 1 + parameters["gains"][c], parameters["biases"][c], mean.clone(),
                            variance.clone(), training, 0.1, 1e-5, false);
      const auto rows = labels.eq(c).nonzero().squeeze(1);
      CHECK(largest_change(told.index_select(0, rows), plain.index_select(0, rows)) < 1e-5);
    }
  }
  // Statistics did move in training, and gains start at 1 and biases at 0.
  CHECK(largest_change(buffers["running_mean"], torch::zeros({kChannels})) > 0.01);
  ConditionalBatchNormLayer fresh(kChannels, {.classes = kClasses}, make_generator(1));
  CHECK(largest_change(fresh.forward(x, code), fresh.forward(x, code.flip(0))) == 0);
}

TEST_CASE("a code holds labels, instances or both, in that order", "[fast]") {
  const auto input = torch::zeros({2, 5});
  Condition condition = labels_of({2, 0});
  condition.instances = torch::tensor({{0.5F, -1.0F}, {2.0F, 3.0F}});
  const auto code = [&](const Conditioning& told) {
    return condition_code(condition, told, input, "test");
  };
  CHECK_FALSE(code({}).defined());
  CHECK(
      torch::equal(code({.classes = 3}), torch::tensor({{0.0F, 0.0F, 1.0F}, {1.0F, 0.0F, 0.0F}})));
  CHECK(torch::equal(code({.instance_features = 2}), condition.instances));
  CHECK(torch::equal(
      code({.classes = 3, .instance_features = 2}),
      torch::tensor({{0.0F, 0.0F, 1.0F, 0.5F, -1.0F}, {1.0F, 0.0F, 0.0F, 2.0F, 3.0F}})));
  const auto maps = join_code(torch::ones({2, 1, 2, 2}), code({.classes = 3}));
  CHECK(maps.sizes() == at::IntArrayRef({2, 4, 2, 2}));
  CHECK(maps.index({0, 3}).eq(1).all().item<bool>());
  CHECK(maps.index({0, 1}).eq(0).all().item<bool>());

  const auto refusal = [&](const Condition& given, const Conditioning& told) {
    return thrown_by([&] { condition_code(given, told, input, "net"); }).message;
  };
  CHECK(contains(refusal({}, {.classes = 3}), "[net] expected int64 labels (2), got none"));
  CHECK(contains(refusal(labels_of({1, 2, 0}), {.classes = 3}), "got Long [3]"));
  CHECK(contains(
      refusal({.labels = torch::tensor({1, 2}), .instances = {}}, {.instance_features = 4}),
      "instance features (2, 4), got none"));
}

TEST_CASE("an unconditional candidate is built the same whatever the data offer", "[fast]") {
  for (const char* point : {"dcgan", "sngan-resnet", "fcgan"}) {
    INFO(point);
    const BuildSettings plain{.shape = SampleShape::image(3, 32, 32), .width = 0.1};
    BuildSettings offered = plain;
    offered.conditioning = {.classes = 7, .instance_features = 5};
    const auto a = build_networks(parse_point(point), plain, 3);
    const auto b = build_networks(parse_point(point), offered, 3);
    const auto pa = a.generator->parameters(), pb = b.generator->parameters();
    REQUIRE(pa.size() == pb.size());
    for (std::size_t i = 0; i < pa.size(); ++i) CHECK(torch::equal(pa[i], pb[i]));
    CHECK(parameter_count(*a.critic) == parameter_count(*b.critic));
  }
  const auto refused = thrown_by(
      [] { build_networks(parse_point("cgan"), {.shape = SampleShape::image(3, 32, 32)}, 1); });
  CHECK(refused.kind == ErrorKind::kUsage);
  CHECK(contains(refused.message, "[networks of cgan] expected data with class labels, got none"));
}

TEST_CASE("the fully connected pair has the published layers", "[fast]") {
  const auto networks =
      build_networks(candidates().at("cgan-fc"),
                     {.shape = SampleShape::image(1, 32, 32), .conditioning = {.classes = 10}}, 1);
  const std::int64_t pixels = 32 * 32;
  CHECK(parameter_count(*networks.generator) ==
        (100 * 200 + 200) + (10 * 1000 + 1000) + (1200 * 1200 + 1200) + (1200 * pixels + pixels));
  CHECK(parameter_count(*networks.critic) ==
        (pixels * 1200 + 1200) + (10 * 250 + 250) + (290 * 960 + 960) + (240 + 1));
  // The latent vector enters as its normal distribution function: very negative and very positive
  // ones as 0 and 1, so that twice as much changes nothing.
  auto& generator = *networks.generator;
  generator.eval();
  const auto asked = labels_of({4});
  const auto far = torch::full({1, 100}, 40.0);
  CHECK(largest_change(generator.forward(far, asked), generator.forward(2 * far, asked)) == 0);
  CHECK(largest_change(generator.forward(far, asked), generator.forward(-far, asked)) > 1e-3);
}

TEST_CASE("a generator drops units in training while it has a noise, and never otherwise",
          "[fast]") {
  const auto networks = build_told("cgan-fc", SampleShape::image(1, 32, 32));
  auto& generator = *networks.generator;
  const auto z = latents_for(networks, 3);
  const auto asked = labels_of({0, 1, 2});
  const auto twice = [&] {
    const auto first = generator.forward(z, asked);
    return largest_change(first, generator.forward(z, asked));
  };
  CHECK(twice() == 0);
  generator.set_noise(make_generator(5));
  CHECK(twice() > 0);
  generator.eval();
  CHECK(twice() == 0);
  generator.train();
  const auto noise = generator.exchange_noise(std::nullopt);
  CHECK(noise.has_value());
  CHECK(twice() == 0);
}

TEST_CASE("conditional points are named, refused and described", "[fast]") {
  CHECK(parse_point("dcgan+labels/lsgan/sn").name == "dcgan+labels/least-squares/spectral-norm");
  CHECK(parse_point("dcgan+none/hinge").name == "dcgan/hinge");
  CHECK(parse_point("dcgan+labels/hinge").needs_labels);
  CHECK_FALSE(parse_point("dcgan/hinge").needs_labels);
  CHECK(parse_point("cgan").conditioning == "labels");
  CHECK(parse_point("projection-cgan").conditioning == "projection");
  const auto message = [](const char* point) {
    return thrown_by([&] { parse_point(point); }).message;
  };
  CHECK(contains(message("dcgan+label/hinge"), "did you mean 'labels'?"));
  CHECK(contains(message("dcgan+labels+labels/hinge"), "ARCHITECTURE+CONDITIONING"));
  const auto json = candidate_to_json(candidates().at("cgan"));
  CHECK(json.at("conditioning") == "labels");
  CHECK(json.at("needs_labels") == true);
  CHECK_FALSE(candidate_to_json(candidates().at("dcgan")).contains("conditioning"));
  const auto explained = explain_model("cgan-fc");
  REQUIRE(explained.size() == 1);
  std::string text;
  for (const auto& [heading, body] : explained[0].sections) text += heading + ": " + body + "\n";
  CHECK(contains(text, "generator: z 100 uniform -> 200 ReLU"));
  CHECK(contains(text, "conditioning: labels (Mirza & Osindero 2014"));
}

}  // namespace
}  // namespace ganselect
