// Synthetic trials with a known truth, for tests of rankings and answers.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "selection/evidence/bootstrap.h"
#include "tests/support/fake_records.h"

namespace ganselect::test {

/// Measures of a healthy trial; `q` from 0 to 1 moves quality, `d` diversity.
inline std::map<std::string, std::optional<double>> healthy_measures(double q, double d) {
  return {{"fid", 60.0 - 50.0 * q},
          {"precision", 0.3 + 0.6 * q},
          {"inception_score_1split", std::pow(10.0, 0.3 + 0.6 * q)},
          {"recall", 0.1 + 0.8 * d},
          {"coverage", 0.1 + 0.8 * d},
          {"mode_kl", 0.5 * (1.0 - d)},
          {"modes", 10.0},
          {"fid_best", 60.0 - 50.0 * q},
          {"fid_last", 62.0 - 50.0 * q},
          {"oscillation_fid", 1.0},
          {"vanishing_share", 0.0},
          {"collapsed", 0.0},
          {"updates_per_second", 10.0},
          {"train_seconds", 20.0},
          {"peak_memory_bytes", 5e8},
          {"parameters_g", 3e5},
          {"parameters_d", 2e5}};
}

inline Record healthy_record(const std::string& candidate, std::uint64_t seed, double q, double d) {
  return make_record(candidate, seed, healthy_measures(q, d));
}

/// `seeds` trials of a candidate whose quality and diversity vary by `sd` from seed to seed.
inline void add_trials(std::vector<Record>& records, const std::string& candidate,
                       std::size_t seeds, double q, double d, double sd, DrawStream& stream) {
  for (std::size_t seed = 0; seed < seeds; ++seed)
    records.push_back(
        healthy_record(candidate, seed, q + sd * stream.normal(), d + sd * stream.normal()));
}

/// A point with its four parameters and batch norm switches.
struct FakePoint {
  std::string name;
  std::string architecture = "dcgan";
  std::string loss = "non-saturating";
  std::vector<std::string> regularization = {};
  std::optional<std::string> divergence = {};
  bool batch_norm_g = true;
  bool batch_norm_d = false;
  int n_critic = 1;
};

inline Record record_of_point(const FakePoint& point, std::uint64_t seed,
                              const std::map<std::string, std::optional<double>>& measures) {
  Json json = fake_record(point.name, seed, measures);
  Json& candidate = json["candidate"];
  candidate["architecture"] = point.architecture;
  candidate["loss"] = point.loss;
  candidate["regularization"] = point.regularization;
  candidate["divergence"] = point.divergence ? Json(*point.divergence) : Json();
  candidate["batch_norm_g"] = point.batch_norm_g;
  candidate["batch_norm_d"] = point.batch_norm_d;
  candidate["n_critic"] = point.n_critic;
  return parse_record(json, "fake point " + point.name);
}

}  // namespace ganselect::test
