// How well the studies of other sources foretell a source's own results: each source is left out in
// turn, and the order of every pair of its arms, study by study, is compared with what the rest
// says. Nothing of the source left out enters what foretells it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/records/summary.h"
#include "selection/evidence/components.h"
#include "selection/evidence/network.h"

namespace ganselect {

// Two arms of one study. Each foretold value is absent where no chain of studies joins the two.
struct ForetoldPair {
  std::string source, study, a, b;
  double observed = 0.0;                    // a - b on the scale g
  std::optional<double> additive, network;  // a - b, foretold
  std::optional<double> network_below;      // probability that a comes out below b
  double components = 0.0, components_below = 0.5;
};

// Every pair of arms of different treatments of every study, each foretold without its source, by
//   additive    y = study + treatment, each source counting once: the simple thing to beat
//   network     meta_analysis.h
//   components  components.h
std::vector<ForetoldPair> foretell(std::span<const NetworkStudy> studies,
                                   const ComponentOptions& options = {});

// A share of pairs whose order was foretold; the interval by drawing sources anew.
struct OrderShare {
  std::string name;
  std::size_t right = 0, pairs = 0;
  double share = 0.0;
  Interval interval95;
};

// Pairs by how sure the foretold order was.
struct SurenessBin {
  double low = 0.5, high = 1.0;  // of the probability of the likelier order
  std::size_t pairs = 0;
  double foretold = 0.0;  // mean probability
  double came = 0.0;      // share that came out so
  Interval band95;        // of `came`, by drawing sources anew
  bool inside = false;    // foretold within the band
};

// Mean squared distance of the foretold probability from what came (Brier 1950): 0.25 is what
// always saying 1/2 has. A source of many arms has most of the pairs, and they are no independent
// ones, so the mean in which each source counts once stands beside that over pairs.
struct BrierScore {
  struct OfSource {
    std::string source;
    std::size_t pairs = 0;
    double score = 0.0;
  };
  double over_pairs = 0.0, over_sources = 0.0;
  Interval interval95;              // of over_pairs, by drawing sources anew
  std::vector<OfSource> by_source;  // the most pairs first
};

struct ForetellingScore {
  std::string scope;  // "CIFAR-10", "all data sets"
  std::size_t sources = 0, studies = 0;
  // On the pairs over 10 % apart that both foretell.
  OrderShare additive, network;
  // Components on the same pairs, and on all pairs over 10 % apart, arms without a name among them.
  OrderShare components, components_all;
  // On the pairs of network and of components_all.
  BrierScore network_brier, components_brier;
  std::vector<SurenessBin> network_bins, components_bins;
};

inline constexpr double kConstantBrier = 0.25;  // of saying 1/2 each time

struct ScoreOptions {
  double least_ratio = 1.1;  // pairs nearer to each other have no order; on the log scale
  std::size_t draws = 2000;
  std::uint64_t seed = 0;
};

// A pair of arms of one source: what came, and what was said of it, on one scale.
struct OrderedPair {
  std::string source;
  double said = 0.0;  // 0: nothing, which is half right
  double observed = 0.0;
};
OrderShare order_share(const std::string& name, std::span<const OrderedPair> pairs,
                       const ScoreOptions& options = {});

// kData where no pair of any source can be foretold.
ForetellingScore score_foretelling(const std::string& scope, std::span<const ForetoldPair> pairs,
                                   const ScoreOptions& options = {});

Json foretelling_to_json(const ForetellingScore& score);
std::string foretelling_to_text(const ForetellingScore& score);

}  // namespace ganselect
