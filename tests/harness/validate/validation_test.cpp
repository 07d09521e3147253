#include "harness/validate/validation.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <set>

#include "base/torch/generators.h"
#include "datasets/table.h"
#include "harness/validate/image_damage.h"
#include "metrics/spec.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using test::contains;
using test::thrown_by;

torch::Tensor noise_images(int64_t n, std::uint64_t seed) {
  auto random = make_stream(seed, "test images");
  return torch::randint(0, 256, {n, 3, 32, 32}, random, torch::kLong).to(torch::kUInt8);
}

// Smooth, unequal images: a gradient of its own in each.
torch::Tensor smooth_images(int64_t n) {
  const auto x = torch::arange(32, torch::kFloat32);
  std::vector<torch::Tensor> images;
  for (int64_t i = 0; i < n; ++i) {
    const auto plane = x.unsqueeze(1) * 3 + x * static_cast<double>(1 + i % 4) + 10;
    images.push_back(torch::stack({plane, plane + 20, plane.flip(0)}));
  }
  return torch::stack(images).clamp(0, 255).to(torch::kUInt8);
}

double mean_change(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().mean().item<double>();
}

CleanSpread spread(double mean, double sd) {
  return {.mean = mean, .sd = sd, .minimum = mean - sd, .maximum = mean + sd};
}

Verdict verdict(std::vector<std::optional<double>> values, Expected expected) {
  return judge_curve(values, spread(1, 0.1), "lower", expected, 5);
}

Dataset embedded_part(int64_t count) {
  return load_dataset("embedded", {.split = "train", .limit = count});
}

}  // namespace

TEST_CASE("every image damage grows with its level and repeats by its seed", "[fast][validation]") {
  const auto images = torch::cat({smooth_images(6), noise_images(4, 1)});
  for (const auto& damage : image_damages()) {
    double last = 0;
    for (const double level : damage.levels) {
      INFO(damage.name << " level " << level);
      const auto damaged = damage.apply(images, level, 7);
      CHECK(damaged.scalar_type() == torch::kUInt8);
      CHECK(damaged.sizes() == images.sizes());
      CHECK(damaged.equal(damage.apply(images, level, 7)));
      const double change = mean_change(damaged, images);
      CHECK(change > last);
      last = change;
    }
    CHECK(std::find(damage.levels.begin(), damage.levels.end(), damage.card_level) !=
          damage.levels.end());
  }
}

TEST_CASE("damage is what its name says", "[fast][validation]") {
  const auto flat = torch::full({2, 3, 32, 32}, 100, torch::kUInt8);
  CHECK(image_damages().at("blur").apply(flat, 2, 0).equal(flat));
  const auto shifted = image_damages().at("colour-shift").apply(flat, 32, 0);
  CHECK(shifted.select(1, 0).eq(132).all().item<bool>());
  CHECK(shifted.select(1, 1).eq(100).all().item<bool>());
  CHECK(shifted.select(1, 2).eq(68).all().item<bool>());
  const auto occluded = image_damages().at("occlusion").apply(flat, 10, 3);
  CHECK(occluded.eq(128).sum().item<int64_t>() == 2 * 3 * 10 * 10);
  const auto noisy = image_damages().at("noise").apply(flat, 16, 3).to(torch::kFloat64);
  // 6,144 values: the standard deviation is known to 1%.
  CHECK(std::abs(noisy.std().item<double>() - 16) < 0.8);
  // An impulse of 200 blurred with sd 1 keeps 200 / (2 pi) at its place.
  auto impulse = torch::zeros({1, 3, 31, 31}, torch::kUInt8);
  impulse.select(2, 15).select(2, 15).fill_(200);
  const auto spread_out = image_damages().at("blur").apply(impulse, 1, 0);
  CHECK(std::abs(spread_out[0][1][15][15].item<int>() - 32) <= 1);
  CHECK(thrown_by([&] { image_damages().at("jpeg").apply(flat, 0, 0); }).kind == ErrorKind::kUsage);
  CHECK(thrown_by([&] { image_damages().at("occlusion").apply(flat, 33, 0); }).kind ==
        ErrorKind::kUsage);
}

TEST_CASE("a verdict asks for steps to the worse where they are due, and for none elsewhere",
          "[fast][validation]") {
  CHECK(verdict({1.1, 1.6, 2.5}, Expected::kWorse) == Verdict::kMoves);
  CHECK(verdict({1.1, 1.2, 1.4}, Expected::kWorse) == Verdict::kBlind);
  CHECK(verdict({1.1, 3.0, 2.0}, Expected::kWorse) == Verdict::kNotMonotone);
  CHECK(verdict({1.1, 3.0, 2.8}, Expected::kWorse) == Verdict::kMoves);  // within the slack of 0.28
  CHECK(verdict({0.5, 1.6, 2.5}, Expected::kWorse) ==
        Verdict::kNotMonotone);  // first to the better
  CHECK(verdict({0.2, 1.1, 1.4}, Expected::kNotWorse) == Verdict::kStays);
  CHECK(verdict({0.2, 1.6, 1.4}, Expected::kNotWorse) == Verdict::kMovesWrongly);
  CHECK(verdict({1.1, std::nullopt}, Expected::kWorse) == Verdict::kNoValue);
  CHECK(verdict({9.0}, Expected::kOpen) == Verdict::kOpen);
  CHECK(judge_curve({0.9, 0.4, 0.1}, spread(1, 0.1), "higher", Expected::kWorse, 5) ==
        Verdict::kMoves);
}

TEST_CASE("what is expected of a measure names known measures only", "[fast][validation]") {
  CHECK(expected_of("copies", "memorization") == Expected::kWorse);
  CHECK(expected_of("copies", "fid") == Expected::kNotWorse);
  CHECK(expected_of("dropped-modes", "modes") == Expected::kWorse);
  CHECK(expected_of("dropped-modes", "precision") == Expected::kNotWorse);
  CHECK(expected_of("blur", "recall") == Expected::kOpen);
  CHECK(expected_of("rust", "fid") == Expected::kOpen);
}

TEST_CASE("a small study of the embedded set finds what was planted", "[slow][validation]") {
  const Dataset data = embedded_part(2000);
  const auto pixels = load_detector("pixels");
  const ValidationSettings settings{
      .samples = 120, .reference = 300, .held_out = 200, .subsets = 4, .threshold = 4};
  const auto found = validate_measures(data, *pixels, settings);
  CHECK(to_json(found.cards)["protocol"]["n_fake"] == 120);
  std::set<std::string> defects;
  for (const auto& defect : found.cards.defects) defects.insert(defect.name);
  CHECK(defects == std::set<std::string>{"blur", "noise", "occlusion", "colour-shift", "jpeg",
                                         "dropped-modes", "copies", "collapse"});
  int visited = 0;
  for (const auto& curve : found.curves) {
    INFO(curve.defect << " " << curve.measure);
    const bool sure = (curve.defect == "copies" && curve.measure == "memorization") ||
                      (curve.defect == "collapse" && curve.measure == "coverage") ||
                      (curve.defect == "colour-shift" && curve.measure == "fid");
    if (!sure) continue;
    ++visited;
    CHECK(curve.verdict == Verdict::kMoves);
  }
  CHECK(visited == 3);
  CHECK(contains(validation_markdown(found), "| `memorization` |"));
  CHECK(contains(validation_svg(found), "</svg>"));
  CHECK(validation_json(found)["curves"].size() == found.curves.size());
}

TEST_CASE("a study needs disjoint sets of images", "[fast][validation]") {
  const Dataset data = embedded_part(300);
  const auto pixels = load_detector("pixels");
  const auto refused = thrown_by([&] { validate_measures(data, *pixels, {}); });
  CHECK(refused.kind == ErrorKind::kData);
  CHECK(contains(refused.message, "16000 images"));
}

TEST_CASE("modes counted on the embedded set are the true ones", "[slow][validation]") {
  const auto judge = load_detector("judge-embedded");
  const auto rows = count_embedded_modes(*judge, 60, 5);
  REQUIRE(rows.size() == 10);
  for (const auto& row : rows) {
    INFO(row.true_modes << " true modes");
    CHECK(row.agreement >= 0.9);
    // A few shapes in a hundred are taken for another, which may show a mode that is not there.
    CHECK(row.counted >= static_cast<double>(row.true_modes));
    CHECK(std::abs(row.measured_kl - row.true_kl) < 0.15);
  }
}

}  // namespace ganselect
