// Which group of trials is of what was asked for: so many training images, such images, so many
// updates, such a machine; and what none is of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/groups.h"
#include "selection/evidence/budget.h"
#include "selection/query/use_case.h"

namespace ganselect {

/// A candidate that was named, and the one whose training it is.
struct AskedCandidate {
  std::string name, training;
};

/// Facts of a use case that trials may be of; absent: not said.
struct AskedFacts {
  std::optional<std::int64_t> train_images;
  std::optional<double> image_size;
  std::optional<std::string> device;  ///< "cpu" or "gpu"
  AskedBudget budget;
  std::vector<AskedCandidate> candidates;  ///< that alone are to be ranked
};

/// `catalogue`: candidate objects, by which names of one training are known.
AskedFacts facts_of(const UseCase& use_case, std::span<const Json> catalogue = {});

/// A fact that a group of trials is not of.
struct Misfit {
  std::string fact;     ///< "train_images", "image_size", "updates", "train_seconds", "device",
                        ///< "candidate"
  std::string asked;    ///< "400 training images"
  std::string nearest;  ///< "50000"; what the trials were of; empty: nothing is near
};

/// How far a group is from the facts. Numbers of images and updates fit within less than a factor
/// of two; more time than any trial took is said and chooses nothing.
struct GroupFit {
  std::vector<Misfit> misfits;
  std::size_t deciding = 0;  ///< misfits that choose between groups
  double distance = 0.0;     ///< sum of the logarithms of the factors
};

GroupFit fit_of(const ComparableGroup& group, const AskedFacts& facts);

/// The budget as it can be looked at in this group: where it is smaller than the first checkpoint,
/// that one.
AskedBudget reachable_budget(const ComparableGroup& group, const AskedBudget& asked);

/// The use case without the constraint on the size of images, where no trial is of it: it is said
/// first and does not leave everybody out.
UseCase without_misfits(UseCase use_case, const std::vector<Misfit>& misfits);

/// "400 training images (nearest: 50000)"
std::string misfit_text(const Misfit& misfit);

}  // namespace ganselect
