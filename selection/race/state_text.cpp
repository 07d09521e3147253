// A race in words.
#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "selection/race/state.h"

namespace ganselect {
namespace {

constexpr std::size_t kWidth = 80;

std::string chance_text(double chance) {
  if (chance < 0.005) return "below 1 %";
  return fmt::format("{:.0f} %", 100 * chance);
}

std::string number_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.3g}", *value) : "-";
}

std::string out_text(const RaceState& state, const Elimination& one) {
  const auto& point = state.contenders[one.contender].point;
  if (!one.chance) return fmt::format("{} ({})", point, one.reason);
  return fmt::format("{} ({}, {} to end ahead)", point, one.reason, chance_text(*one.chance));
}

std::string eyes_text(const RaceState& state) {
  std::size_t widest = 8;
  for (const auto& eye : state.eyes) widest = std::max(widest, printed_width(eye.detector) + 2);
  std::string text =
      fmt::format("{:<{}}  {:>7}  {:>7}  sees\n", "detector", widest, "real", "noise");
  for (const auto& eye : state.eyes) {
    if (!eye.usable) {
      text += wrapped(eye.detector + ": not used: " + eye.reason, kWidth, 0, 4);
      continue;
    }
    text += fmt::format("{:<{}}  {:>7}  {:>7}  {}\n",
                        eye.detector + (eye.detector == state.detector ? " *" : ""), widest,
                        number_text(eye.real), number_text(eye.noise),
                        eye.sees.empty() ? "nothing" : join(eye.sees));
  }
  return text;
}

// The last FID that a contender showed, mean over its seeds.
std::optional<double> last_fid(const RaceState& state, std::size_t contender) {
  std::optional<double> found;
  for (const auto& look : state.looks) {
    double sum = 0;
    int count = 0;
    for (const auto& entry : look.entries) {
      if (entry.contender != contender || !entry.fid) continue;
      sum += *entry.fid;
      ++count;
    }
    if (count > 0) found = sum / count;
  }
  return found;
}

std::int64_t last_step(const RaceState& state, std::size_t contender) {
  std::int64_t step = 0;
  for (const auto& look : state.looks) {
    for (const auto& entry : look.entries) {
      if (entry.contender == contender) step = look.step;
    }
  }
  return step;
}

std::string field_text(const RaceState& state) {
  TextRows rows = {{"contender", "why out", "updates", "fid"}};
  for (std::size_t i = 0; i < state.contenders.size(); ++i) {
    const auto* out = elimination_of(state, i);
    const bool won = state.outcome && state.outcome->winner == i;
    const auto steps = won ? state.outcome->steps : last_step(state, i);
    rows.push_back({state.contenders[i].point, won ? "winner" : (out ? out->reason : "-"),
                    std::to_string(steps), number_text(last_fid(state, i))});
  }
  return aligned_rows(rows, 2);
}

std::string names_text(const RaceState& state, const std::vector<std::size_t>& list) {
  std::vector<std::string> names;
  for (const auto one : list) names.push_back(state.contenders[one].point);
  return join(names);
}

}  // namespace

std::string look_text(const RaceState& state, const RaceLook& look) {
  std::string text = fmt::format("update {} (rung {} of {}): ", look.step, look.rung + 1,
                                 std::max(state.ladder.size(), look.rung + 1));
  text += look.leader ? state.contenders[*look.leader].point + " leads" : "nobody is left";
  std::vector<std::string> out;
  for (const auto& one : look.out) out.push_back(out_text(state, one));
  if (!out.empty()) text += "; out: " + join(out);
  return text;
}

std::string plan_text(const RaceState& state) {
  std::string text = wrapped("Asked for: " + state.understood + ".", kWidth, 0, 2);
  for (const auto& note : state.notes) text += wrapped(note, kWidth, 0, 2);
  text += "\n" + eyes_text(state) + "\n";
  for (const auto& one : state.contenders)
    text += wrapped(one.point + ": " + one.why, kWidth, 0, 4);
  text += "\n";
  for (std::size_t k = 0; k < state.ladder.size(); ++k) {
    const auto& rung = state.ladder[k];
    text += fmt::format("rung {}: to update {}, looks at {}; at most {} {} on\n", k + 1, rung.end(),
                        fmt::join(rung.looks, ", "), rung.keep, rung.keep == 1 ? "goes" : "go");
  }
  return text;
}

std::string outcome_text(const RaceState& state) {
  if (!state.outcome) return "The race is not over.\n";
  const auto& end = *state.outcome;
  std::string first =
      fmt::format("{} wins: {} that it ends as the best of {}.", state.contenders[end.winner].point,
                  chance_text(end.chance), state.contenders.size());
  if (!end.tied.empty())
    first += fmt::format(" It cannot be told from {}.", names_text(state, end.tied));
  std::string text = wrapped(first, kWidth, 0, 0) + "\n" + field_text(state) + "\n";
  for (const auto& note : state.notes) text += wrapped(note, kWidth, 0, 2);
  for (const auto& note : end.notes) text += wrapped(note, kWidth, 0, 2);
  return text;
}

}  // namespace ganselect
