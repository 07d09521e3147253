#include "datasets/embedded.h"

#include <torch/torch.h>

#include <cmath>

#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

// Chi-square of a table of counts against independence of its rows and columns.
double independence_chi_square(const torch::Tensor& counts) {
  const auto table = counts.to(torch::kFloat64);
  const auto expected = table.sum(1, true) * table.sum(0, true) / table.sum();
  return ((table - expected).square() / expected).sum().item<double>();
}

// Upper 99.99% point of chi-square by Wilson and Hilferty's cube approximation, good to a percent
// here.
double chi_square_limit(double freedom) {
  constexpr double kNormalPoint = 3.719;
  const double spread = 2.0 / (9.0 * freedom);
  return freedom * std::pow(1.0 - spread + kNormalPoint * std::sqrt(spread), 3);
}

// One image with the given levels of shape, colour, texture, size, place.
torch::Tensor embedded_image(std::array<int64_t, 5> levels, std::uint64_t stream = 1) {
  return draw_embedded(
             torch::tensor({levels[0], levels[1], levels[2], levels[3], levels[4]}).view({1, 5}),
             stream)[0]
      .to(torch::kFloat32);
}

// Pixels in which two drawings differ by more than 20 levels in some channel.
int64_t changed_pixels(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().amax(0) > 20).sum().item<int64_t>();
}

}  // namespace

TEST_CASE("the embedded set is the same everywhere", "[fast]") {
  const auto few = load_dataset("embedded", {.limit = 500});
  CHECK(few.size() == 500);
  CHECK(few.shape == SampleShape::image(3, 32, 32));
  CHECK(few.class_names == embedded_factors().levels[kShapeFactor]);
  CHECK(torch::equal(few.labels, few.factors->values.select(1, kShapeFactor)));
  for (const auto& check : verify_dataset("embedded", "unused")) {
    INFO("digest " << check.got);
    CHECK(check.state == FileState::kRight);
  }
}

TEST_CASE("embedded images depend on their index, split and seed alone", "[fast]") {
  const auto many = load_dataset("embedded", {.limit = 300});
  const auto few = load_dataset("embedded", {.limit = 40});
  CHECK(torch::equal(few.samples, many.samples.narrow(0, 0, 40)));
  const auto test = load_dataset("embedded", {.split = "test", .limit = 300});
  const auto other = load_dataset("embedded", {.limit = 300, .seed = 1});
  // No image of one set is in another: the squared distance of every pair is far from zero.
  for (const auto& set : {test, other}) {
    const auto distances = torch::cdist(many.samples.flatten(1).to(torch::kFloat32),
                                        set.samples.flatten(1).to(torch::kFloat32));
    CHECK(distances.min().item<float>() > 50.0F);
  }
}

TEST_CASE("the embedded factors are uniform and independent in pairs", "[fast]") {
  const auto data = load_dataset("embedded", {.limit = 20000});
  const auto& factors = *data.factors;
  for (int64_t a = 0; a < kEmbeddedFactors; ++a) {
    const auto levels_a = static_cast<int64_t>(factors.levels[static_cast<std::size_t>(a)].size());
    const auto values_a = factors.values.select(1, a);
    const auto counts = torch::bincount(values_a, {}, levels_a).to(torch::kFloat64);
    const double expected = static_cast<double>(data.size()) / static_cast<double>(levels_a);
    CHECK(((counts - expected).square() / expected).sum().item<double>() <
          chi_square_limit(static_cast<double>(levels_a - 1)));
    for (int64_t b = 0; b < a; ++b) {
      const auto levels_b =
          static_cast<int64_t>(factors.levels[static_cast<std::size_t>(b)].size());
      const auto pairs = torch::bincount(values_a * levels_b + factors.values.select(1, b), {},
                                         levels_a * levels_b);
      CHECK(independence_chi_square(pairs.view({levels_a, levels_b})) <
            chi_square_limit(static_cast<double>((levels_a - 1) * (levels_b - 1))));
    }
  }
}

TEST_CASE("each embedded factor changes the picture, and any two shapes differ", "[fast]") {
  // Large, plain, red, in the middle.
  for (int64_t a = 0; a < 10; ++a) {
    for (int64_t b = 0; b < a; ++b) {
      CHECK(changed_pixels(embedded_image({a, 0, 0, 2, 4}), embedded_image({b, 0, 0, 2, 4})) > 30);
    }
  }
  const auto base = embedded_image({0, 0, 0, 2, 4});
  for (int64_t level = 1; level < 8; ++level)
    CHECK(changed_pixels(base, embedded_image({0, level, 0, 2, 4})) > 150);
  for (int64_t level = 1; level < 5; ++level)
    CHECK(changed_pixels(base, embedded_image({0, 0, level, 2, 4})) > 50);
  for (int64_t level = 0; level < 2; ++level)
    CHECK(changed_pixels(base, embedded_image({0, 0, 0, level, 4})) > 80);
  for (const int64_t place : {0, 1, 2, 3, 5, 6, 7, 8}) {
    CHECK(changed_pixels(base, embedded_image({0, 0, 0, 2, place})) > 60);
  }
}

TEST_CASE("an embedded shape lies where its factors say, in their colour", "[fast]") {
  // A small plain red disc: its area from the radius, its centre from the place, 5 pixels per step.
  const double expected_area = M_PI * 6.5 * 6.5 * 0.92 * 0.92;
  for (int64_t place = 0; place < 9; ++place) {
    const auto image = embedded_image({0, 0, 0, 0, place}, 7);
    const auto red = (image[0] - image[1] > 80).to(torch::kFloat32);
    const double area = red.sum().item<double>();
    // The radius varies by 5%, so the area by 10%; edges take a little more.
    CHECK(std::abs(area - expected_area) < 0.2 * expected_area);
    const auto along = torch::arange(32) + 0.5;
    const double x = (red.sum(0) * along).sum().item<double>() / area;
    const double y = (red.sum(1) * along).sum().item<double>() / area;
    CHECK(std::abs(x - (16 + 5.0 * static_cast<double>(place % 3 - 1))) < 1.2);
    CHECK(std::abs(y - (16 + 5.0 * static_cast<double>(place / 3 - 1))) < 1.2);
  }
}

TEST_CASE("embedded levels out of range are refused", "[fast]") {
  CHECK(thrown_by([] { embedded_image({10, 0, 0, 0, 0}); }).kind == ErrorKind::kUsage);
  CHECK(thrown_by([] { embedded_image({0, 0, -1, 0, 0}); }).kind == ErrorKind::kUsage);
  CHECK(thrown_by([] {
          draw_embedded(torch::zeros({2, 4}, torch::kInt64), 0);
        }).kind == ErrorKind::kUsage);
}

}  // namespace ganselect::test
