// Holds kEvaluationVersion to what measuring computes: every measure of fixed features, and what a
// shipped judge makes of fixed images, against tests/golden/evaluation.json. Recipe: this
// test with GANSELECT_APPROVE set.
#include "metrics/evaluation_version.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "datasets/sample_stream.h"
#include "metrics/detectors/detector.h"
#include "metrics/measure.h"

namespace ganselect {
namespace {

// Features are float64 and images small; what is left is the order of sums.
constexpr double kRelative = 1e-4;
constexpr double kAbsolute = 1e-6;

// (rows,columns) float64 without a random generator, which may change: uneven, of full rank.
torch::Tensor waves(std::int64_t rows, std::int64_t columns, double phase) {
  const auto r = torch::arange(rows, torch::kFloat64).unsqueeze(1);
  const auto c = torch::arange(1, columns + 1, torch::kFloat64).unsqueeze(0);
  return (r * (c * 0.7).sin() * 12.9898 + c * 78.233 + phase).sin() * (1 + 0.3 * c).reciprocal();
}

Json digest_of_features() {
  EvaluationInput input;
  input.real.features = waves(300, 6, 0.0);
  input.fake.features = waves(240, 6, 0.4) * 0.9 + 0.05;
  input.heldout.features = waves(150, 6, 1.7);
  input.real.logits = waves(300, 5, 2.1) * 6;
  input.fake.logits = waves(240, 5, 2.9) * 6;
  input.real_labels = input.real.logits.argmax(1);
  input.asked_labels = torch::arange(240).remainder(5);
  input.asked_law = "in turn";
  input.fake_points = input.fake.features.slice(1, 0, 2);
  input.mode_centres = torch::tensor({{0.5, 0.2}, {-0.5, 0.1}, {0.0, -0.4}}, torch::kFloat64);
  input.mode_sd = 0.1;
  EvaluationSettings settings;
  settings.options["ndb.bins"] = 12;
  settings.fid_infinity = true;
  Json digest = Json::object();
  for (const auto& [name, value] : measure_samples(input, settings).values)
    digest[name] = number_or_null(value);
  return digest;
}

// Images of another size than the judge's, so that the resize counts.
Json digest_of_images() {
  const auto detector = load_detector("judge-embedded");
  const auto pixels = (waves(20, 3 * 40 * 40, 0.3) * 90 + 128).clamp(0, 255).to(torch::kUInt8);
  const auto found = detect_all(*detector, pixels.view({20, 3, 40, 40}));
  const auto features = found.features.to(torch::kFloat64),
             logits = found.logits.to(torch::kFloat64);
  return {{"feature_mean", features.mean().item<double>()},
          {"feature_deviation", features.std().item<double>()},
          {"logit_mean", logits.mean().item<double>()},
          {"logit_deviation", logits.std().item<double>()}};
}

// Names of the values that differ.
std::string differing(const Json& golden, const Json& now) {
  std::string names;
  for (const auto& [name, value] : now.items()) {
    const Json expected = golden.is_object() ? golden.value(name, Json("absent")) : Json("absent");
    const bool alike = value.is_number() && expected.is_number()
                           ? std::abs(value.get<double>() - expected.get<double>()) <=
                                 kAbsolute + kRelative * std::abs(expected.get<double>())
                           : value == expected;
    if (!alike) names += name + " ";
  }
  return golden.is_object() && golden.size() == now.size() ? names : names + "(other names)";
}

}  // namespace

TEST_CASE("what measuring computes is that of its version", "[fast][measure][version]") {
  const auto file = std::filesystem::path(GANSELECT_TEST_DIR) / "golden" / "evaluation.json";
  const Json now = {{"evaluation_version", kEvaluationVersion},
                    {"features", digest_of_features()},
                    {"images", digest_of_images()}};
  if (std::getenv("GANSELECT_APPROVE") != nullptr) write_file_atomically(file, now.dump(1) + "\n");
  const Json golden = read_json_file(file);
  CHECK(golden.at("evaluation_version") == kEvaluationVersion);
  INFO(
      "measures are other numbers than they were: bump the version "
      "(metrics/evaluation_version.h), then this golden (run this test with GANSELECT_APPROVE "
      "set)");
  CHECK(differing(golden.at("features"), now["features"]) == "");
  CHECK(differing(golden.at("images"), now["images"]) == "");
}

}  // namespace ganselect
