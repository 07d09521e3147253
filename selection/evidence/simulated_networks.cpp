#include "selection/evidence/simulated_networks.h"

#include <fmt/format.h>

#include <cmath>
#include <tuple>
#include <utility>

#include "base/parallel.h"
#include "base/seeds.h"
#include "selection/evidence/bootstrap.h"
#include "selection/evidence/meta_analysis.h"

namespace ganselect {
namespace {

std::string treatment_name(std::size_t number) { return "t" + std::to_string(number); }

std::vector<std::pair<std::size_t, std::size_t>> edges_of(std::size_t treatments) {
  std::vector<std::pair<std::size_t, std::size_t>> edges;
  for (std::size_t t = 0; t < treatments; ++t) edges.emplace_back(t, (t + 1) % treatments);
  edges.emplace_back(0, treatments / 2);
  edges.emplace_back(1, treatments - 2);
  return edges;
}

// How many of the contrasts' intervals hold the truth.
std::pair<std::size_t, std::size_t> held_by(const std::vector<NetworkStudy>& studies,
                                            const std::vector<double>& truth) {
  const NetworkFit fit = fit_network(studies);
  std::size_t held = 0, all = 0;
  for (std::size_t a = 0; a < truth.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto contrast = fit.contrast(treatment_name(a), treatment_name(b));
      const double true_contrast = truth[a] - truth[b];
      held +=
          contrast.interval95->low <= true_contrast && true_contrast <= contrast.interval95->high
              ? 1
              : 0;
      ++all;
    }
  }
  return {held, all};
}

}  // namespace

SimulatedNetwork simulated_network(const SimulationSettings& settings, std::uint64_t seed) {
  DrawStream stream(stream_seed(seed, "simulated network"));
  SimulatedNetwork out;
  for (std::size_t t = 0; t < settings.treatments; ++t) out.truth.push_back(0.5 * stream.normal());
  std::vector<std::vector<double>> habits(settings.sources);
  for (auto& row : habits) {
    for (std::size_t t = 0; t < settings.treatments; ++t)
      row.push_back(settings.tau_source / std::sqrt(2.0) * stream.normal());
  }
  for (const auto& [a, b] : edges_of(settings.treatments)) {
    for (int repeat = 0; repeat < 2; ++repeat) {
      const std::size_t source = stream.bits() % settings.sources;
      NetworkStudy study{"study-" + std::to_string(out.studies.size()),
                         "source-" + std::to_string(source),
                         false,
                         {}};
      const double level = 3.0 + stream.normal();
      for (const std::size_t t : {a, b}) {
        const double deviation =
            settings.least_deviation *
            std::pow(settings.most_deviation / settings.least_deviation, stream.uniform());
        NetworkArm arm{treatment_name(t)};
        arm.y = level + out.truth[t] + habits[source][t] +
                settings.tau_study / std::sqrt(2.0) * stream.normal() + deviation * stream.normal();
        arm.variance = deviation * deviation;
        study.arms.push_back(std::move(arm));
      }
      out.studies.push_back(std::move(study));
    }
  }
  return out;
}

Coverage simulated_coverage(std::size_t networks, const SimulationSettings& settings,
                            std::uint64_t seed) {
  struct Counts {
    std::size_t held = 0, independent = 0, all = 0;
  };
  std::vector<Counts> counts(networks);
  parallel_for(networks, [&](std::size_t i) {
    auto network = simulated_network(settings, mix_bits(seed) ^ i);
    std::tie(counts[i].held, counts[i].all) = held_by(network.studies, network.truth);
    for (auto& study : network.studies) study.source = study.id;
    counts[i].independent = held_by(network.studies, network.truth).first;
  });
  Coverage out{networks};
  std::size_t independent = 0;
  for (const auto& one : counts) {
    out.held += one.held;
    out.intervals += one.all;
    independent += one.independent;
  }
  if (out.intervals == 0) return out;
  out.share = static_cast<double>(out.held) / static_cast<double>(out.intervals);
  out.share_as_independent = static_cast<double>(independent) / static_cast<double>(out.intervals);
  return out;
}

Json coverage_to_json(const Coverage& coverage) {
  return {{"networks", coverage.networks},
          {"intervals", coverage.intervals},
          {"held", coverage.share},
          {"held_as_if_independent", coverage.share_as_independent}};
}

std::string coverage_to_text(const Coverage& coverage) {
  return fmt::format(
      "95 % intervals on {} simulated networks of known truth: {:.1f} % hold it\n"
      "  ({:.1f} % where studies of one source are taken for independent ones)\n",
      coverage.networks, 100.0 * coverage.share, 100.0 * coverage.share_as_independent);
}

}  // namespace ganselect
