// Published studies and own trials as studies of one network.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/literature/study.h"
#include "selection/evidence/arm_variances.h"
#include "selection/evidence/evidence.h"
#include "selection/evidence/network.h"

namespace ganselect {

// Which studies and arms count; absent: any.
struct LiteratureFilter {
  std::optional<std::string>
      dataset;  // as studies write it; case, spaces and hyphens do not matter
  std::optional<std::int64_t> resolution;
  std::optional<StudyLabels> labels;
  std::optional<std::int64_t> least_images, most_images;  // a study that does not say is left out
  std::optional<std::string> backbone;                    // architecture of an arm
  // Arms that only their loss shares with a candidate count as treatments of their own.
  bool loose = false;
  // Reruns and second tables of studies that are in already; they would count one source's work
  // twice.
  bool overlapping = false;
  // Studies of low reliability: a known flaw, tiny samples, failed arms or no clean contrast.
  bool unreliable = false;
  // A larger FID is that of a training that failed, whose size says nothing: it counts as this.
  double most_fid = 150.0;
};

// Studies on the scale of one measure, and what was left out, in words.
struct LiteratureNetwork {
  std::vector<NetworkStudy> studies;
  std::map<std::string, std::string> citations;  // of each source that is in
  std::vector<std::string> notes;
};

// The arms of `studies` that have `measure` (effect_scale.h) and pass the filter. A treatment is
//   the candidate             of an exact or close match, and of what is outside the vocabulary
//   "CANDIDATE (loose)"       of a loose match, where the filter lets it in.
// A spread counts where it is one between trainings: sd, or se times the root of the number of
// trainings. kUsage for an unknown measure, data set or backbone, with those that are there; kData
// where nothing passes.
LiteratureNetwork network_from_studies(std::span<const Study> studies, const std::string& measure,
                                       const LiteratureFilter& filter = {});

// Whether two names mean one data set: "LSUN bedroom" and "lsun-bedroom", "CIFAR-10" and "cifar10".
bool same_dataset(const std::string& a, const std::string& b);

// The data sets of the studies, by name, once each.
std::vector<std::string> datasets_of(std::span<const Study> studies);

// A group of own trials as a study of source "own": for each candidate the mean over seeds of the
// measure on its scale, with the variance that seed_spread.h moderates over all candidates. Trials
// without the measure (diverged ones) are left out and counted in `notes`; so is a candidate with
// none. Nothing where fewer than two candidates have it, or records have no such measure.
std::optional<NetworkStudy> study_from_group(const Evidence& evidence, const std::string& measure,
                                             std::vector<std::string>& notes);

// The variance of one training that candidates of a group have in common (log or logit scale), for
// studies that give none. Nothing where no candidate has two seeds.
std::optional<double> training_variance_of(const NetworkStudy& own);

}  // namespace ganselect
