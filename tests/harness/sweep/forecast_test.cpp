#include "harness/sweep/forecast.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "harness/train/settings.h"

using namespace ganselect;
using Catch::Approx;
using Order = std::vector<std::size_t>;

TEST_CASE("trials are foretold by their operations, the slowest rate and what came beside",
          "[fast][sweep]") {
  Forecast forecast({2e9, 8e9, 1e9});
  CHECK_FALSE(forecast.seconds(1).has_value());
  forecast.learn(0, 4, 1);  // 2 s for 1e9
  CHECK(forecast.seconds(1).value() == Approx(17));
  forecast.learn(2, 1, 3);  // a faster rate, but more beside
  CHECK(forecast.seconds(1).value() == Approx(19));
  forecast.learn(2, 5, 0);
  CHECK(forecast.seconds(1).value() == Approx(43));
}

TEST_CASE("the longest trial is first, and the shortest where nothing is known and must be",
          "[fast][sweep]") {
  Forecast forecast({2, 8, 1, 8, 3});
  const Order all = {0, 1, 2, 3, 4};
  CHECK(forecast.longest_first(all, false) == Order{1, 3, 4, 0, 2});
  CHECK(forecast.longest_first(all, true) == Order{2, 1, 3, 4, 0});
  CHECK(forecast.longest_first({4, 0}, false) == Order{4, 0});
  CHECK(forecast.longest_first({}, true).empty());
  CHECK(forecast.longest_first({2}, true) == Order{2});
  forecast.learn(2, 1, 0);
  CHECK(forecast.longest_first(all, true) == Order{1, 3, 4, 0, 2});
}

TEST_CASE("operations grow with updates, batch and critic updates", "[fast][sweep]") {
  const TrialData data = load_trial_data("embedded", {});
  TrainSettings settings;
  settings.point = "dcgan";
  settings.width = 0.125;
  settings.batch = 8;
  settings.steps = 10;
  const double few = training_operations(settings, data);
  CHECK(few > 0);
  settings.steps = 30;
  CHECK(training_operations(settings, data) == Approx(3 * few));
  settings.steps = 10;
  settings.batch = 16;
  CHECK(training_operations(settings, data) == Approx(2 * few));
  settings.batch = 8;
  settings.point = "wgan";  // five critic updates for one of the generator
  CHECK(training_operations(settings, data) > 2 * few);
}
