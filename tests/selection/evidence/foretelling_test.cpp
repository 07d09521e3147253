#include "selection/evidence/foretelling.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "selection/evidence/bootstrap.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

// Six sources of two studies over five candidates, each of a network and a loss of its own mixture.
std::vector<NetworkStudy> studies_with(double signal, double noise, std::uint64_t seed) {
  DrawStream stream(seed);
  const std::vector<std::string> architectures = {"dcgan", "resnet", "big"};
  const std::vector<std::string> losses = {"hinge", "least-squares"};
  std::vector<NetworkStudy> studies;
  for (std::size_t s = 0; s < 12; ++s) {
    NetworkStudy study{"study-" + std::to_string(s), "source-" + std::to_string(s / 2), false, {}};
    for (std::size_t a = 0; a < 4; ++a) {
      const std::size_t c = (s + a) % 5;
      NetworkArm arm{"candidate-" + std::to_string(c)};
      arm.parts.architecture = architectures[c % 3];
      arm.parts.loss = losses[c % 2];
      arm.y = signal * static_cast<double>(c) + noise * stream.normal();
      study.arms.push_back(arm);
    }
    studies.push_back(study);
  }
  return studies;
}

TEST_CASE("What all sources agree on is foretold, and noise is not", "[fast][foretelling]") {
  const auto clear = score_foretelling("clear", foretell(studies_with(0.6, 0.05, 1)));
  CHECK(clear.network.pairs == 72);
  CHECK(clear.network.right == 72);
  CHECK(clear.additive.right == 72);
  CHECK(clear.network_brier.over_pairs < 0.02);
  CHECK(clear.sources == 6);
  const auto noise = score_foretelling("noise", foretell(studies_with(0.0, 1.0, 2)));
  // 72 dependent pairs of no order: a half, give or take three deviations of 20 independent ones.
  CHECK_THAT(noise.network.share, WithinAbs(0.5, 0.33));
  CHECK(noise.network_brier.over_pairs > 0.2);
  CHECK(noise.network.interval95.low < noise.network.share);
  CHECK(noise.network.share < noise.network.interval95.high);
}

TEST_CASE("A source's own results do not foretell themselves", "[fast][foretelling]") {
  auto studies = studies_with(0.4, 0.2, 3);
  const auto before = foretell(studies);
  for (auto& study : studies) {
    if (study.source != "source-2") continue;
    for (auto& arm : study.arms) arm.y = -3.0 * arm.y;
  }
  const auto after = foretell(studies);
  REQUIRE(after.size() == before.size());
  std::size_t own = 0, others_moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].source == "source-2") {
      ++own;
      CHECK(after[i].network == before[i].network);
      CHECK(after[i].additive == before[i].additive);
      // Searches start from the fit of all sources and end within 1e-9 of a variance.
      CHECK_THAT(after[i].components, WithinAbs(before[i].components, 1e-6));
      CHECK_THAT(after[i].observed, WithinAbs(-3.0 * before[i].observed, 1e-12));
    } else if (std::abs(*after[i].network - *before[i].network) > 1e-6) {
      ++others_moved;
    }
  }
  CHECK(own == 12);
  CHECK(others_moved > 30);
}

TEST_CASE("Shares, Brier score and bins are counted as by hand", "[fast][foretelling]") {
  // Four pairs that count; the fifth is too near to have an order, the sixth nobody foretells but
  // components.
  const auto pair = [](const std::string& source, double observed, double network, double below) {
    ForetoldPair one{source, "study of " + source, "a", "b", observed};
    one.additive = -network;
    one.network = network;
    one.network_below = below;
    one.components = network;
    one.components_below = below;
    return one;
  };
  std::vector<ForetoldPair> pairs = {pair("x", -0.5, -0.2, 0.65), pair("x", -0.4, 0.3, 0.28),
                                     pair("y", 0.6, 0.8, 0.05), pair("z", 0.3, 0.1, 0.44),
                                     pair("z", 0.05, -0.9, 0.99)};
  ForetoldPair unjoined{"z", "study of z", "a", "c", 1.0};
  unjoined.components = -1.0;
  unjoined.components_below = 0.9;
  pairs.push_back(unjoined);
  const auto score = score_foretelling("by hand", pairs);
  CHECK(score.network.pairs == 4);
  CHECK(score.network.right == 3);
  CHECK(score.additive.right == 1);
  CHECK(score.components_all.pairs == 5);
  CHECK_THAT(score.components_all.share, WithinAbs(0.6, 1e-12));
  const double brier = (0.35 * 0.35 + 0.72 * 0.72 + 0.05 * 0.05 + 0.44 * 0.44) / 4.0;
  CHECK_THAT(score.network_brier.over_pairs, WithinAbs(brier, 1e-12));
  CHECK_THAT(score.components_brier.over_pairs, WithinAbs((4.0 * brier + 0.81) / 5.0, 1e-12));
  const double of_x = (0.35 * 0.35 + 0.72 * 0.72) / 2.0;
  CHECK_THAT(score.network_brier.over_sources,
             WithinAbs((of_x + 0.05 * 0.05 + 0.44 * 0.44) / 3.0, 1e-12));
  REQUIRE(score.network_brier.by_source.size() == 3);
  CHECK(score.network_brier.by_source[0].source == "x");
  CHECK_THAT(score.network_brier.by_source[0].score, WithinAbs(of_x, 1e-12));
  // Drawn anew, the mean lies between those of the best source and of the worst.
  CHECK_THAT(score.network_brier.interval95.low, WithinAbs(0.05 * 0.05, 1e-12));
  CHECK_THAT(score.network_brier.interval95.high, WithinAbs(of_x, 1e-12));
  CHECK_THAT(foretelling_to_text(score), ContainsSubstring("worse than 1/2 for x (0.320"));
  // 0.56 | 0.65 | 0.72 | none | 0.95
  REQUIRE(score.network_bins.size() == 4);
  CHECK_THAT(score.network_bins[0].foretold, WithinAbs(0.56, 1e-12));
  CHECK(score.network_bins[0].came == 1.0);
  CHECK(score.network_bins[2].came == 0.0);
  CHECK_THAT(score.network_bins[3].low, WithinAbs(0.9, 1e-12));
  const auto json = foretelling_to_json(score);
  CHECK(json.at("order").at("network").at("right") == 3);
  CHECK_THAT(foretelling_to_text(score), ContainsSubstring("0.750"));
  const std::vector<ForetoldPair> none = {unjoined};
  CHECK_THROWS_MATCHES(score_foretelling("nothing", none), Error,
                       MessageMatches(ContainsSubstring("pairs that other sources foretell")));
}

}  // namespace
}  // namespace ganselect
