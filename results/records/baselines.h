// What scores are read beside: measures of noise and of real images, by data set and detector. The
// file is written by scripts/benchmark baselines from `ganselect evaluate --baseline`.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/spec.h"
#include "results/records/record.h"

namespace ganselect {

struct Baseline {
  std::string kind;  ///< "noise" or "real"
  std::string dataset;
  std::string detector_digest;  ///< SHA-256
  std::int64_t n_fake = 0;      ///< samples measured
  Measures measures;            ///< with their protocol
};

/// The entries of `path`; nothing where there is no such file. kData for another form.
std::vector<Baseline> load_baselines(const std::filesystem::path& path);

/// The entry of this kind for the record's data, the detector that `measure` was seen by and its
/// number of samples; nullptr when there is none.
const Baseline* find_baseline(std::span<const Baseline> baselines, const std::string& kind,
                              const Record& record, const std::string& measure);

}  // namespace ganselect
