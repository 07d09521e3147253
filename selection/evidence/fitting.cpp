#include "selection/evidence/fitting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "results/records/at_checkpoint.h"
#include "selection/criteria/data_facts.h"

namespace ganselect {
namespace {

constexpr double kNearFactor = 2.0;  // factor below which a number is as good as the asked one

// Adds the distance of two numbers, and a misfit where they are far apart.
void compare_numbers(Misfit misfit, double asked, double there, GroupFit& fit) {
  const double factor = std::abs(std::log(asked / there));
  fit.distance += factor;
  if (factor < std::log(kNearFactor) - 1e-9) return;
  fit.misfits.push_back(std::move(misfit));
  ++fit.deciding;
}

void fit_images(const Record& record, const AskedFacts& facts, GroupFit& fit) {
  if (!facts.train_images || record.dataset.count < 1) return;
  compare_numbers({"train_images", fmt::format("{} training images", *facts.train_images),
                   std::to_string(record.dataset.count)},
                  static_cast<double>(*facts.train_images),
                  static_cast<double>(record.dataset.count), fit);
}

void fit_size(const Record& record, const AskedFacts& facts, GroupFit& fit) {
  if (!facts.image_size) return;
  const auto size = image_size_of_data(record);
  if (size && *size == *facts.image_size) return;
  fit.misfits.push_back({"image_size", fmt::format("{0:g} x {0:g} pixels", *facts.image_size),
                         size ? fmt::format("{0:g} x {0:g}", *size) : "no images"});
  ++fit.deciding;
  fit.distance += size ? std::abs(std::log(*facts.image_size / *size)) : std::log(1e3);
}

// Updates at which anything of the group was measured in full: the largest within the budget, else
// the smallest there is.
std::optional<std::int64_t> nearest_step(const ComparableGroup& group, std::int64_t updates) {
  std::optional<std::int64_t> within, least;
  for (const auto* record : group.records) {
    for (const auto step : measured_steps(*record)) {
      if (step <= updates && (!within || step > *within)) within = step;
      if (!least || step < *least) least = step;
    }
  }
  return within ? within : least;
}

void fit_updates(const ComparableGroup& group, const AskedFacts& facts, GroupFit& fit) {
  if (!facts.budget.updates) return;
  const auto step = nearest_step(group, *facts.budget.updates);
  if (!step) return;
  const std::size_t before = fit.deciding;
  compare_numbers(
      {"updates", fmt::format("{} updates", *facts.budget.updates), std::to_string(*step)},
      static_cast<double>(*facts.budget.updates), static_cast<double>(*step), fit);
  if (*step <= *facts.budget.updates || fit.deciding > before) return;
  fit.misfits.push_back(
      {"updates", fmt::format("{} updates", *facts.budget.updates), std::to_string(*step)});
  ++fit.deciding;
}

void fit_device(const Record& record, const AskedFacts& facts, GroupFit& fit) {
  if (!facts.device) return;
  const auto device = record.provenance.find("device");
  if (device == record.provenance.end() || !device->is_string()) return;
  const std::string there = device->get<std::string>().starts_with("cpu") ? "cpu" : "gpu";
  if (there == *facts.device) return;
  fit.misfits.push_back({"device", *facts.device == "gpu" ? "times on a GPU" : "times on a CPU",
                         there == "gpu" ? "on a GPU" : "on a CPU"});
  ++fit.deciding;
}

void fit_seconds(const ComparableGroup& group, const AskedFacts& facts, GroupFit& fit) {
  if (!facts.budget.seconds) return;
  double longest = 0.0;
  for (const auto* record : group.records)
    longest = std::max(longest, record->measure("train_seconds").value_or(0.0));
  if (longest <= 0.0 || *facts.budget.seconds <= kNearFactor * longest) return;
  fit.misfits.push_back({"train_seconds", human_seconds(*facts.budget.seconds) + " of training",
                         "at most " + human_seconds(longest)});
}

void fit_candidates(const ComparableGroup& group, const AskedFacts& facts, GroupFit& fit) {
  for (const auto& asked : facts.candidates) {
    const bool there =
        std::any_of(group.records.begin(), group.records.end(),
                    [&](const Record* record) {
                      return record->candidate.name == asked.name ||
                             training_name(record->candidate) == asked.training;
                    }) ||
        std::any_of(group.copies.begin(), group.copies.end(), [&](const PointCopy& copy) {
          return copy.record->candidate.name == asked.name;
        });
    if (there) continue;
    fit.misfits.push_back({"candidate", asked.name, ""});
    ++fit.deciding;
  }
}

std::vector<AskedCandidate> named_candidates(const Json& names, std::span<const Json> catalogue) {
  std::vector<AskedCandidate> asked;
  for (const auto& name : names) {
    AskedCandidate one{name.get<std::string>(), name.get<std::string>()};
    for (const auto& json : catalogue) {
      if (json.value("name", "") != one.name) continue;
      const auto same = json.find("same_training");
      if (same != json.end() && same->is_string()) one.training = same->get<std::string>();
    }
    asked.push_back(std::move(one));
  }
  return asked;
}

}  // namespace

AskedFacts facts_of(const UseCase& use_case, std::span<const Json> catalogue) {
  AskedFacts facts;
  facts.train_images = use_case.train_images;
  facts.device = use_case.device;
  facts.budget.updates = use_case.updates;
  if (use_case.image_size) facts.image_size = static_cast<double>(*use_case.image_size);
  for (const auto& constraint : use_case.constraints) {
    if (constraint.key == "image_size") facts.image_size = constraint.value.get<double>();
    if (constraint.key == "candidate" && constraint.op == "in")
      facts.candidates = named_candidates(constraint.value, catalogue);
    if (constraint.key != "train_seconds") continue;
    const double seconds = constraint.value.get<double>();
    facts.budget.seconds = std::min(facts.budget.seconds.value_or(seconds), seconds);
  }
  return facts;
}

GroupFit fit_of(const ComparableGroup& group, const AskedFacts& facts) {
  GroupFit fit;
  const Record& record = *group.records.front();
  fit_images(record, facts, fit);
  fit_size(record, facts, fit);
  fit_updates(group, facts, fit);
  fit_device(record, facts, fit);
  fit_seconds(group, facts, fit);
  fit_candidates(group, facts, fit);
  return fit;
}

AskedBudget reachable_budget(const ComparableGroup& group, const AskedBudget& asked) {
  AskedBudget budget = asked;
  if (!asked.updates) return budget;
  if (const auto step = nearest_step(group, *asked.updates))
    budget.updates = std::max(*asked.updates, *step);
  return budget;
}

UseCase without_misfits(UseCase use_case, const std::vector<Misfit>& misfits) {
  const bool other_size = std::any_of(misfits.begin(), misfits.end(), [](const Misfit& misfit) {
    return misfit.fact == "image_size";
  });
  if (other_size)
    std::erase_if(use_case.constraints, [](const auto& c) { return c.key == "image_size"; });
  return use_case;
}

std::string misfit_text(const Misfit& misfit) {
  return misfit.nearest.empty() ? misfit.asked
                                : misfit.asked + " (nearest: " + misfit.nearest + ")";
}

}  // namespace ganselect
