#include "selection/advice/precision_choice.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/error.h"
#include "results/records/compare.h"

namespace ganselect {
namespace {

constexpr const char* kExact = "fp32";

using Group = std::vector<const Record*>;
using Groups = std::map<std::pair<std::string, std::string>, Group>;  // {candidate, precision}

std::string precision_of(const Record& record) {
  const auto found = record.settings.find("precision");
  return found != record.settings.end() && found->is_string() ? found->get<std::string>() : "";
}

// The record as if it had been trained in float32: precision alone may differ.
Record in_fp32(Record record) {
  record.settings["precision"] = kExact;
  return record;
}

void require_comparable(const std::vector<Record>& records) {
  const Record first = in_fp32(records.front());
  for (const auto& record : records) {
    const Record other = in_fp32(record);
    if (const auto difference = protocol_difference(first, other, "fid")) {
      refuse_mixing(first, other, "fid", *difference);
    }
  }
}

Groups group(const std::vector<Record>& records) {
  Groups groups;
  for (const auto& record : records) {
    const auto precision = precision_of(record);
    if (!precision.empty()) groups[{record.candidate.name, precision}].push_back(&record);
  }
  return groups;
}

std::optional<double> mean_rate(const Group& group) {
  std::vector<double> rates;
  for (const auto& rate : seed_values(group, "updates_per_second")) rates.push_back(rate.value);
  return summarize(rates).mean;
}

std::optional<bool> overlap(const SeedSummary& a, const SeedSummary& b) {
  if (!a.interval95 || !b.interval95) return std::nullopt;
  return a.interval95->low <= b.interval95->high && b.interval95->low <= a.interval95->high;
}

PrecisionResult summarize_group(const std::string& candidate, const std::string& precision,
                                const Group& group, const PrecisionResult* exact) {
  std::vector<double> values;
  for (const auto& value : seed_values(group, "fid")) values.push_back(value.value);
  PrecisionResult result{.candidate = candidate, .precision = precision};
  result.fid = summarize(values);
  result.fid.trials = group.size();
  result.updates_per_second = mean_rate(group);
  if (exact == nullptr) return result;
  result.overlaps = overlap(result.fid, exact->fid);
  // A trial that diverged has no FID; the interval of the others would hide it.
  if (result.fid.n < result.fid.trials) result.overlaps = false;
  if (result.updates_per_second && exact->updates_per_second) {
    result.speedup = *result.updates_per_second / *exact->updates_per_second;
  }
  return result;
}

// Two seeds give an interval that meets nearly any other.
constexpr std::size_t kFewestSeeds = 3;

// What speaks against a precision; empty: it is eligible.
std::string objection(const std::vector<PrecisionResult>& results, const std::string& precision,
                      const std::set<std::string>& candidates) {
  std::set<std::string> seen;
  for (const auto& result : results) {
    if (result.precision != precision) continue;
    seen.insert(result.candidate);
    if (!result.overlaps || result.fid.n < kFewestSeeds)
      return fmt::format("{} has fewer than {} seeds", result.candidate, kFewestSeeds);
    if (!*result.overlaps) return result.candidate + " ends at another FID";
  }
  for (const auto& candidate : candidates) {
    if (seen.count(candidate) == 0) return candidate + " was not trained in it";
  }
  return "";
}

std::optional<double> mean_speedup(const std::vector<PrecisionResult>& results,
                                   const std::string& precision) {
  double sum = 0;
  int count = 0;
  for (const auto& result : results) {
    if (result.precision != precision) continue;
    if (!result.speedup) return std::nullopt;
    sum += std::log(*result.speedup);
    ++count;
  }
  return count > 0 ? std::optional(std::exp(sum / count)) : std::nullopt;
}

void decide(PrecisionChoice& choice, const std::set<std::string>& candidates) {
  std::set<std::string> fast;
  for (const auto& result : choice.results) {
    if (result.precision != kExact) fast.insert(result.precision);
  }
  std::string objections;
  double best = 1;
  for (const auto& precision : fast) {
    auto why = objection(choice.results, precision, candidates);
    const auto speedup = mean_speedup(choice.results, precision);
    if (why.empty() && !speedup) why = "its speed is unknown";
    if (why.empty() && *speedup <= 1) why = "it is not faster";
    if (!why.empty()) {
      objections += fmt::format("{}{}: {}", objections.empty() ? "" : "; ", precision, why);
    } else if (*speedup > best) {
      best = *speedup;
      choice.precision = precision;
      choice.reason = fmt::format(
          "every candidate's FID interval meets that of fp32, and it is {:.2f} times as fast",
          best);
    }
  }
  if (choice.precision == kExact) {
    choice.reason = objections.empty() ? "no other precision was trained" : objections;
  }
}

}  // namespace

PrecisionChoice choose_precision(const std::vector<Record>& records) {
  const Groups groups = group(records);
  std::set<std::string> candidates;
  for (const auto& [key, unused] : groups) {
    if (key.second == kExact) candidates.insert(key.first);
  }
  if (candidates.empty()) {
    fail(ErrorKind::kData, {.where = "choice of a precision",
                            .expected = "records of trials in fp32",
                            .got = "none",
                            .hint = "ganselect sweep precision trains them"});
  }
  require_comparable(records);
  PrecisionChoice choice;
  for (const auto& candidate : candidates) {
    const auto exact = summarize_group(candidate, kExact, groups.at({candidate, kExact}), nullptr);
    choice.results.push_back(exact);
    for (const auto& [key, members] : groups) {
      if (key.first != candidate || key.second == kExact) continue;
      choice.results.push_back(summarize_group(candidate, key.second, members, &exact));
    }
  }
  decide(choice, candidates);
  return choice;
}

Json to_json(const PrecisionChoice& choice) {
  Json results = Json::array();
  for (const auto& result : choice.results) {
    const auto& interval = result.fid.interval95;
    results.push_back(
        {{"candidate", result.candidate},
         {"precision", result.precision},
         {"seeds", result.fid.n},
         {"trials", result.fid.trials},
         {"fid_mean", number_or_null(result.fid.mean)},
         {"fid_interval95", interval ? Json{interval->low, interval->high} : Json(nullptr)},
         {"updates_per_second", number_or_null(result.updates_per_second)},
         {"speedup", number_or_null(result.speedup)},
         {"overlaps", result.overlaps ? Json(*result.overlaps) : Json(nullptr)}});
  }
  return {{"precision", choice.precision}, {"reason", choice.reason}, {"results", results}};
}

std::string to_text(const PrecisionChoice& choice) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.4g}", *value) : std::string("-");
  };
  std::string text = fmt::format("{}: {}\n\n", choice.precision, choice.reason);
  for (const auto& result : choice.results) {
    const auto& interval = result.fid.interval95;
    text += fmt::format(
        "{} {}: fid {} {}, {} of {} seeds, {} updates/s, speed-up {}{}\n", result.candidate,
        result.precision, number(result.fid.mean),
        interval ? fmt::format("[{:.4g}, {:.4g}]", interval->low, interval->high) : "[-]",
        result.fid.n, result.fid.trials, number(result.updates_per_second), number(result.speedup),
        result.overlaps ? (*result.overlaps ? ", meets fp32" : ", apart from fp32") : "");
  }
  return text;
}

}  // namespace ganselect
