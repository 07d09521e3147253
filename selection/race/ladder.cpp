#include "selection/race/ladder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr double kMostGrowth = 4;           // of a rung's end over the one before, under way
constexpr double kMostMeasuring = 1.0 / 3;  // of the ladder's time

void check_ends(const std::vector<std::int64_t>& ends, std::int64_t done) {
  for (const auto end : ends) {
    if (end <= done) {
      fail(ErrorKind::kUsage,
           {.where = "--rungs",
            .expected = "rising numbers of updates, each above " + std::to_string(done),
            .got = std::to_string(end)});
    }
    done = end;
  }
}

// Updates to look after, of a rung from `begin` (not included) to `end`.
std::vector<std::int64_t> looks_of(std::int64_t begin, std::int64_t end, std::size_t count) {
  std::vector<std::int64_t> looks;
  for (std::size_t j = 1; j <= count; ++j) {
    const double share = static_cast<double>(j) / static_cast<double>(count);
    if (begin == 0 && share < 0.5) continue;
    const auto step = begin + std::llround(share * static_cast<double>(end - begin));
    if (step > begin && (looks.empty() || step > looks.back())) looks.push_back(step);
  }
  return looks;
}

struct MeanCost {
  double update = 0, look = 0;
};

MeanCost mean_cost(const std::vector<ContenderCost>& costs) {
  MeanCost mean;
  for (const auto& cost : costs) {
    mean.update += cost.seconds_per_update / static_cast<double>(costs.size());
    mean.look += cost.seconds_per_look / static_cast<double>(costs.size());
  }
  return mean;
}

// Trials one after another on each lane: so many rounds of a mean trial.
double rounds(std::size_t contenders, const RaceLanes& lanes) {
  const double trials = static_cast<double>(contenders * lanes.seeds);
  return std::max(1.0, std::ceil(trials / static_cast<double>(lanes.jobs)));
}

// Ends that grow by `growth` from `first`.
std::vector<std::int64_t> growing_ends(double first, double growth, std::size_t rungs) {
  std::vector<std::int64_t> ends;
  double end = first;
  for (std::size_t k = 0; k < rungs; ++k, end *= growth) {
    ends.push_back(std::max<std::int64_t>(std::llround(end), ends.empty() ? 1 : ends.back() + 1));
  }
  return ends;
}

double looking_share(const Ladder& ladder, const std::vector<ContenderCost>& costs,
                     const RaceLanes& lanes, std::int64_t done) {
  auto free = costs;
  for (auto& cost : free) cost.seconds_per_look = 0;
  const double all = foretold_seconds(ladder, costs, lanes, done);
  return all > 0 ? 1 - foretold_seconds(ladder, free, lanes, done) / all : 0;
}

}  // namespace

std::size_t halvings(std::size_t contenders) {
  std::size_t count = 0;
  for (std::size_t left = contenders; left > 1; left = (left + 1) / 2) ++count;
  return std::max<std::size_t>(count, 1);
}

Ladder ladder_of(const std::vector<std::int64_t>& ends, std::size_t contenders, std::size_t looks,
                 std::int64_t done) {
  check_ends(ends, done);
  Ladder ladder;
  for (std::size_t k = 0; k < ends.size(); ++k) {
    const double left = static_cast<double>(ends.size() - k - 1) / static_cast<double>(ends.size());
    const double keep = std::pow(static_cast<double>(contenders), left);
    // A whole power comes out a little above itself.
    ladder.push_back({.looks = looks_of(done, ends[k], looks),
                      .keep = static_cast<std::size_t>(std::ceil(keep - 1e-9))});
    done = ends[k];
  }
  return ladder;
}

double foretold_seconds(const Ladder& ladder, const std::vector<ContenderCost>& costs,
                        const RaceLanes& lanes, std::int64_t done) {
  const MeanCost mean = mean_cost(costs);
  double seconds = 0;
  std::size_t in = costs.size();
  for (const auto& rung : ladder) {
    // Lanes wait for each other at every look.
    const auto updates = static_cast<double>(rung.end() - done);
    seconds += rounds(in, lanes) *
               (updates * mean.update + static_cast<double>(rung.looks.size()) * mean.look);
    in = std::min(in, rung.keep);
    done = rung.end();
  }
  return seconds;
}

std::optional<Ladder> fitted_ladder(double seconds, const std::vector<ContenderCost>& costs,
                                    const RaceLanes& lanes, std::size_t rungs,
                                    const BudgetSettings& settings, std::int64_t done) {
  const auto make = [&](double scale, std::size_t looks) {
    const auto ends = done == 0 ? growing_ends(scale, 2, rungs)
                                : growing_ends(static_cast<double>(done) * scale, scale, rungs);
    return ladder_of(ends, costs.size(), looks, done);
  };
  const double least =
      done == 0 ? static_cast<double>(settings.least_updates) : 1 + 1 / static_cast<double>(done);
  const auto longest = [&](std::size_t looks) -> std::optional<Ladder> {
    const auto fits = [&](double scale) {
      return foretold_seconds(make(scale, looks), costs, lanes, done) <= seconds;
    };
    if (!fits(least)) return std::nullopt;
    double low = least, high = done == 0 ? 2 * least : kMostGrowth;
    while (done == 0 && fits(high) && high < 1e9) high *= 2;
    for (int i = 0; i < 50; ++i) (fits((low + high) / 2) ? low : high) = (low + high) / 2;
    return make(low, looks);
  };
  std::optional<Ladder> found;
  for (std::size_t looks = settings.looks; looks >= 1; --looks) {
    if (auto ladder = longest(looks)) {
      found = std::move(ladder);
      if (looking_share(*found, costs, lanes, done) <= kMostMeasuring) break;
    }
  }
  return found;
}

std::optional<RaceSize> fitted_size(double seconds, const std::vector<ContenderCost>& costs,
                                    const RaceLanes& lanes, const BudgetSettings& settings) {
  for (std::size_t n = costs.size(); n >= 2; --n) {
    const std::vector<ContenderCost> first(costs.begin(),
                                           costs.begin() + static_cast<std::ptrdiff_t>(n));
    auto ladder = fitted_ladder(settings.race_share * seconds, first, lanes, halvings(n), settings);
    if (ladder) return RaceSize{n, lanes.seeds, std::move(*ladder)};
  }
  return std::nullopt;
}

double least_seconds(const std::vector<ContenderCost>& costs, const RaceLanes& lanes,
                     const BudgetSettings& settings) {
  const std::vector<ContenderCost> two(
      costs.begin(), costs.begin() + std::min<std::ptrdiff_t>(2, std::ssize(costs)));
  const auto ladder = ladder_of({settings.least_updates}, two.size(), 1);
  return foretold_seconds(ladder, two, lanes) / settings.race_share;
}

Json to_json(const Ladder& ladder) {
  Json json = Json::array();
  for (const auto& rung : ladder) json.push_back({{"looks", rung.looks}, {"keep", rung.keep}});
  return json;
}

Ladder ladder_from_json(const Json& json) {
  Ladder ladder;
  for (const auto& rung : json) {
    ladder.push_back({.looks = rung.at("looks").get<std::vector<std::int64_t>>(),
                      .keep = rung.at("keep").get<std::size_t>()});
  }
  return ladder;
}

}  // namespace ganselect
