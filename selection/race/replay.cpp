#include "selection/race/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "base/seeds.h"
#include "base/text.h"
#include "selection/evidence/bootstrap.h"
#include "selection/race/ladder.h"

namespace ganselect {
namespace {

constexpr double kNear = 1.05;   // of the best FID
constexpr int kAskedTrials = 2;  // of each candidate, that an answer rests on
const std::vector<double> kRungShares = {0.25, 0.5, 1};

using Numbers = std::vector<std::size_t>;

// Trials about one fit, all drawn from one stream.
class World {
 public:
  World(const CurveFit& fit, std::uint64_t seed) : fit_(fit), stream_(seed) {}
  std::size_t size() const { return fit_.curves.size(); }
  double end(std::size_t i) const { return fit_.curves[i].at(1); }
  double offset() { return std::sqrt(fit_.trial_variance) * stream_.normal(); }
  double look(std::size_t i, double step, double offset) {
    return fit_.curves[i].at(step / fit_.horizon) + offset +
           std::sqrt(fit_.look_variance) * stream_.normal();
  }
  double trial_at_end(std::size_t i) { return look(i, fit_.horizon, offset()); }
  Numbers draw(std::size_t count) {
    Numbers all(size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (std::size_t k = 0; k < count; ++k) {
      const auto left = static_cast<double>(size() - k);
      const auto at =
          k + std::min(size() - k - 1, static_cast<std::size_t>(stream_.uniform() * left));
      std::swap(all[k], all[at]);
    }
    all.resize(count);
    return all;
  }

 private:
  const CurveFit& fit_;
  DrawStream stream_;
};

struct Choice {
  std::size_t contender = 0;
  double updates = 0;
  double tie = 0;
};

// What all ways of one race are given.
struct Meeting {
  Numbers contenders;
  std::vector<double> asked;  // by contender: mean level of the answer's trials
};

std::vector<std::int64_t> rung_ends(const CurveFit& fit) {
  std::vector<std::int64_t> ends;
  for (const double share : kRungShares) ends.push_back(std::llround(share * fit.horizon));
  return ends;
}

class RaceOnCurves {
 public:
  RaceOnCurves(World& world, const CurveFit& fit, const ReplaySettings& settings)
      : world_(world),
        model_(curve_model(fit)),
        settings_(settings),
        horizon_(fit.horizon),
        ladder_(ladder_of(rung_ends(fit), static_cast<std::size_t>(settings.contenders),
                          static_cast<std::size_t>(settings.looks))) {}

  Choice run(const Meeting& meeting) {
    const auto n = meeting.contenders.size();
    const auto seeds = static_cast<std::size_t>(settings_.seeds);
    std::vector<std::vector<double>> offsets(n);
    for (auto& list : offsets) {
      for (std::size_t s = 0; s < seeds; ++s) list.push_back(world_.offset());
    }
    Numbers alive(n), worse;
    std::iota(alive.begin(), alive.end(), std::size_t{0});
    std::vector<LookLevels> looks;
    double updates = 0, before = 0;
    for (const auto& rung : ladder_) {
      for (const auto step : rung.looks) {
        const auto at = static_cast<double>(step);
        looks.push_back({at, std::vector<std::optional<double>>(n)});
        for (const auto i : alive) {
          double sum = 0;
          for (const double offset : offsets[i])
            sum += world_.look(meeting.contenders[i], at, offset);
          looks.back().levels[i] = sum / static_cast<double>(seeds);
        }
        updates += static_cast<double>(alive.size() * seeds) * (at - before);
        before = at;
        const Standings standings(looks, model_, horizon_, seeds);
        const auto keep = step == rung.end() ? std::optional(rung.keep) : std::nullopt;
        for (const auto& out :
             eliminate(standings, alive, keep, {.least_chance = settings_.least_chance})) {
          std::erase(alive, out.contender);
          if (out.reason == "worse") worse.push_back(out.contender);
        }
        if (alive.size() == 1) break;
      }
      if (alive.size() == 1) break;
    }
    const Standings standings(looks, model_, horizon_, seeds);
    const auto winner = leader_of(standings, alive);
    Choice choice{.contender = meeting.contenders[winner], .updates = updates + horizon_ - before};
    for (std::size_t i = 0; i < n; ++i)
      choice.tie += standings.chance_ahead(i, winner) >= settings_.least_chance ? 1 : 0;
    return choice;
  }

 private:
  World& world_;
  CurveModel model_;
  const ReplaySettings& settings_;
  double horizon_;
  Ladder ladder_;
};

// The better part goes on at each rung, by one look at its end; as many trials as a race has.
Choice halve(World& world, const Meeting& meeting, const CurveFit& fit, std::size_t seeds) {
  Numbers alive(meeting.contenders.size());
  std::iota(alive.begin(), alive.end(), std::size_t{0});
  std::vector<std::vector<double>> offsets(alive.size());
  for (auto& list : offsets) {
    for (std::size_t s = 0; s < seeds; ++s) list.push_back(world.offset());
  }
  double updates = 0, before = 0;
  for (const auto& rung : ladder_of(rung_ends(fit), alive.size(), 1)) {
    const auto step = static_cast<double>(rung.end());
    std::vector<std::pair<double, std::size_t>> order;
    for (const auto i : alive) {
      double sum = 0;
      for (const double offset : offsets[i]) sum += world.look(meeting.contenders[i], step, offset);
      order.emplace_back(-sum, i);
    }
    updates += static_cast<double>(alive.size() * seeds) * (step - before);
    before = step;
    std::sort(order.begin(), order.end());
    alive.clear();
    for (std::size_t k = 0; k < std::min(rung.keep, order.size()); ++k)
      alive.push_back(order[k].second);
  }
  return {.contender = meeting.contenders[alive.front()], .updates = updates};
}

Choice random_choice(World& world, const Meeting& meeting, double horizon) {
  const auto at = world.draw(1).front() % meeting.contenders.size();
  return {.contender = meeting.contenders[at], .updates = horizon};
}

Choice first_asked(const Meeting& meeting, double horizon) {
  const auto best = std::max_element(meeting.asked.begin(), meeting.asked.end());
  return {.contender = meeting.contenders[static_cast<std::size_t>(best - meeting.asked.begin())],
          .updates = horizon};
}

std::vector<double> asked_levels(World& world, const Numbers& contenders) {
  std::vector<double> levels;
  for (const auto i : contenders) {
    double sum = 0;
    for (int t = 0; t < kAskedTrials; ++t) sum += world.trial_at_end(i);
    levels.push_back(sum / kAskedTrials);
  }
  return levels;
}

Meeting drawn_meeting(World& world, std::size_t count) {
  Meeting meeting{.contenders = world.draw(count)};
  meeting.asked = asked_levels(world, meeting.contenders);
  return meeting;
}

// The first so many of all candidates by the answer's trials.
Meeting asked_meeting(World& world, std::size_t count) {
  Numbers all(world.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto levels = asked_levels(world, all);
  std::stable_sort(all.begin(), all.end(),
                   [&](std::size_t a, std::size_t b) { return levels[a] > levels[b]; });
  all.resize(count);
  Meeting meeting{.contenders = all};
  for (const auto i : all) meeting.asked.push_back(levels[i]);
  return meeting;
}

// Sums; mean_over() divides them.
void add_choice(World& world, const Meeting& meeting, const Choice& choice, ReplayScore& score) {
  double best = world.end(meeting.contenders.front());
  for (const auto i : meeting.contenders) best = std::max(best, world.end(i));
  const double behind = std::exp(best - world.end(choice.contender));
  score.within += behind <= kNear ? 1 : 0;
  score.regret += behind - 1;
  score.updates += choice.updates;
  score.tie += choice.tie;
  double best_trial = 0, chosen_trial = 0;
  for (std::size_t k = 0; k < meeting.contenders.size(); ++k) {
    const double level = world.trial_at_end(meeting.contenders[k]);
    if (k == 0 || level > best_trial) best_trial = level;
    if (meeting.contenders[k] == choice.contender) chosen_trial = level;
  }
  score.within_seed += std::exp(best_trial - chosen_trial) <= kNear ? 1 : 0;
}

ReplayScore mean_over(ReplayScore score, double races) {
  for (double* sum : {&score.within, &score.within_seed, &score.regret, &score.updates, &score.tie})
    *sum /= races;
  return score;
}

using MeetingOf = Meeting (*)(World&, std::size_t);

std::vector<ReplayScore> scores_of(const CurveFit& fit, const ReplaySettings& settings,
                                   MeetingOf meeting_of, const std::string& name) {
  World world(fit, stream_seed(settings.seed, "replayed races, contenders " + name));
  RaceOnCurves race(world, fit, settings);
  struct Way {
    ReplayScore score;
    std::function<Choice(const Meeting&)> choose;
  };
  std::vector<Way> ways = {
      {{.way = "race", .meaning = "as ganselect race"},
       [&](const Meeting& meeting) { return race.run(meeting); }},
      {{.way = "halving", .meaning = "plain successive halving: one trial and one look a rung"},
       [&](const Meeting& meeting) {
         return halve(world, meeting, fit, static_cast<std::size_t>(settings.seeds));
       }},
      {{.way = "asked", .meaning = "the answer's first, from two trials of each"},
       [&](const Meeting& meeting) { return first_asked(meeting, fit.horizon); }},
      {{.way = "random", .meaning = "any of the contenders"},
       [&](const Meeting& meeting) { return random_choice(world, meeting, fit.horizon); }}};
  for (std::int64_t r = 0; r < settings.races; ++r) {
    const auto meeting = meeting_of(world, static_cast<std::size_t>(settings.contenders));
    for (auto& way : ways) add_choice(world, meeting, way.choose(meeting), way.score);
  }
  std::vector<ReplayScore> scores;
  for (auto& way : ways)
    scores.push_back(mean_over(way.score, static_cast<double>(settings.races)));
  return scores;
}

Json scores_json(const std::vector<ReplayScore>& scores) {
  Json json = Json::array();
  for (const auto& score : scores) {
    json.push_back({{"way", score.way},
                    {"meaning", score.meaning},
                    {"within", score.within},
                    {"within_by_one_trial", score.within_seed},
                    {"regret", score.regret},
                    {"updates", score.updates},
                    {"tied", score.tie > 0 ? Json(score.tie) : Json()}});
  }
  return json;
}

std::string scores_text(const std::string& title, const std::vector<ReplayScore>& scores) {
  TextRows rows = {{title, "within 5 %", "by one trial", "regret", "updates", "tied"}};
  for (const auto& score : scores) {
    rows.push_back({score.way, fmt::format("{:.1f} %", 100 * score.within),
                    fmt::format("{:.1f} %", 100 * score.within_seed),
                    fmt::format("{:.1f} %", 100 * score.regret),
                    fmt::format("{:.0f}", score.updates),
                    score.tie > 0 ? fmt::format("{:.1f}", score.tie) : "-"});
  }
  return aligned_rows(rows, 1);
}

}  // namespace

Replay replay_races(const CurveFit& fit, const ReplaySettings& given) {
  const auto settings = settings_from_json<ReplaySettings>(settings_to_json(given), "replay");
  if (static_cast<std::size_t>(settings.contenders) > fit.curves.size()) {
    fail(ErrorKind::kUsage, {.where = "replay",
                             .expected = "at most " + std::to_string(fit.curves.size()) +
                                         " contenders, the candidates that have curves",
                             .got = std::to_string(settings.contenders)});
  }
  Replay replay{.curves = fit.curves.size(), .trials = fit.trials, .horizon = fit.horizon};
  replay.drawn = scores_of(fit, settings, drawn_meeting, "drawn");
  replay.asked = scores_of(fit, settings, asked_meeting, "asked");
  return replay;
}

Json to_json(const Replay& replay) {
  return {{"curves", replay.curves},
          {"trials", replay.trials},
          {"horizon", replay.horizon},
          {"drawn", scores_json(replay.drawn)},
          {"asked", scores_json(replay.asked)}};
}

std::string replay_text(const Replay& replay) {
  return fmt::format("{} fitted curves of {} trials, {:.0f} updates\n\n", replay.curves,
                     replay.trials, replay.horizon) +
         scores_text("contenders drawn", replay.drawn) + "\n" +
         scores_text("contenders asked for", replay.asked);
}

}  // namespace ganselect
