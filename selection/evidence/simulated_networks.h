// Networks of studies with a known truth: do the intervals of meta_analysis.h hold it as often as
// they say?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "selection/evidence/network.h"

namespace ganselect {

// Two studies of two arms on each edge of a ring of treatments with two chords. Sources have
// several studies each and habits that these share; deviations differ by a factor of up to six and
// are known.
struct SimulatedNetwork {
  std::vector<NetworkStudy> studies;
  std::vector<double> truth;  // of treatment "t0", "t1", ...
};

struct SimulationSettings {
  std::size_t treatments = 7, sources = 5;
  double tau_source = 0.6, tau_study = 0.1;  // of contrasts
  double least_deviation = 0.05, most_deviation = 0.3;
};

SimulatedNetwork simulated_network(const SimulationSettings& settings, std::uint64_t seed);

struct Coverage {
  std::size_t networks = 0, intervals = 0, held = 0;
  double share = 0.0;
  double share_as_independent = 0.0;  // where each study is taken for a source of its own
};

// 95 % intervals of all contrasts of `networks` simulated networks.
Coverage simulated_coverage(std::size_t networks, const SimulationSettings& settings = {},
                            std::uint64_t seed = 0);

Json coverage_to_json(const Coverage& coverage);
std::string coverage_to_text(const Coverage& coverage);

}  // namespace ganselect
