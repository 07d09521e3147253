#include "selection/evidence/foretelling.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "base/seeds.h"
#include "selection/evidence/bootstrap.h"
#include "selection/evidence/mixed_model.h"

namespace ganselect {
namespace {

using Eigen::Index;

// y = study + treatment by least squares in each joined part, an arm weighing one over its source's
// arms.
class AdditiveModel {
 public:
  explicit AdditiveModel(std::span<const NetworkStudy> studies) {
    std::map<std::string, double> arms;
    for (const auto& study : studies) arms[study.source] += static_cast<double>(study.arms.size());
    for (const auto& part : connected_parts(studies)) add_part(studies, part, arms);
  }

  std::optional<double> contrast(const std::string& a, const std::string& b) const {
    const auto one = at_.find(a), two = at_.find(b);
    if (one == at_.end() || two == at_.end() || one->second.part != two->second.part)
      return std::nullopt;
    return one->second.effect - two->second.effect;
  }

 private:
  void add_part(std::span<const NetworkStudy> studies, const NetworkPart& part,
                const std::map<std::string, double>& arms) {
    std::map<std::string, Index> column;
    for (const auto& name : part.treatments)
      column.emplace(name, static_cast<Index>(part.studies.size() + column.size()) - 1);
    std::vector<double> ys, variances;
    std::vector<std::pair<Index, Index>> ones;  // study, treatment
    for (std::size_t s = 0; s < part.studies.size(); ++s) {
      const auto& study = studies[part.studies[s]];
      for (const auto& arm : study.arms) {
        ys.push_back(arm.y);
        variances.push_back(arms.at(study.source));
        ones.emplace_back(static_cast<Index>(s), column.at(arm.treatment));
      }
    }
    MixedModel model;
    const auto n = static_cast<Index>(ys.size());
    const auto first = static_cast<Index>(part.studies.size());
    model.y = Eigen::Map<Eigen::VectorXd>(ys.data(), n);
    model.variance = Eigen::Map<Eigen::VectorXd>(variances.data(), n);
    model.x = Eigen::MatrixXd::Zero(n, first + static_cast<Index>(part.treatments.size()) - 1);
    for (Index i = 0; i < n; ++i) {
      const auto [study, treatment] = ones[static_cast<std::size_t>(i)];
      model.x(i, study) = 1.0;
      if (treatment >= first) model.x(i, treatment) = 1.0;
    }
    const MixedFit fit = fit_at(model, {});
    const int number = parts_++;
    for (const auto& [name, at] : column) at_[name] = {number, at >= first ? fit.beta(at) : 0.0};
  }

  struct Place {
    int part = 0;
    double effect = 0.0;
  };
  std::map<std::string, Place> at_;
  int parts_ = 0;
};

std::vector<ForetoldPair> foretell_source(std::span<const NetworkStudy> studies,
                                          const std::string& source,
                                          const ComponentOptions& options) {
  std::vector<NetworkStudy> rest;
  for (const auto& study : studies) {
    if (study.source != source) rest.push_back(study);
  }
  const AdditiveModel additive(rest);
  const NetworkFit network = fit_network(rest, options.meta);
  const ComponentEstimate components = fit_components(rest, options);
  std::vector<ForetoldPair> pairs;
  for (const auto& study : studies) {
    if (study.source != source) continue;
    for (std::size_t i = 0; i < study.arms.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const auto &a = study.arms[i], &b = study.arms[j];
        if (a.treatment == b.treatment) continue;
        ForetoldPair pair{source, study.id, a.treatment, b.treatment, a.y - b.y};
        pair.additive = additive.contrast(a.treatment, b.treatment);
        const auto* part = network.find(a.treatment);
        if (part != nullptr && part == network.find(b.treatment)) {
          const auto contrast = part->contrast(a.treatment, b.treatment);
          pair.network = contrast.difference;
          pair.network_below = contrast.below;
        }
        const auto sum = components.contrast(a, b);
        pair.components = sum.difference;
        pair.components_below = sum.below.value_or(0.5);
        pairs.push_back(std::move(pair));
      }
    }
  }
  return pairs;
}

// What one source adds to a share or a mean.
struct Tally {
  double sum = 0.0, count = 0.0;
};
using Tallies = std::map<std::string, Tally>;

double ratio(const Tallies& tallies) {
  Tally all;
  for (const auto& [source, one] : tallies) {
    all.sum += one.sum;
    all.count += one.count;
  }
  return all.count > 0.0 ? all.sum / all.count : 0.0;
}

// Sources drawn with replacement; a draw without any pair is drawn again.
Interval over_sources(const Tallies& tallies, const ScoreOptions& options,
                      std::string_view purpose) {
  std::vector<Tally> rows;
  for (const auto& [source, one] : tallies) rows.push_back(one);
  if (rows.empty()) return {};
  DrawStream stream(stream_seed(options.seed, purpose));
  std::vector<double> shares;
  while (shares.size() < options.draws) {
    Tally all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& one = rows[stream.bits() % rows.size()];
      all.sum += one.sum;
      all.count += one.count;
    }
    if (all.count > 0.0) shares.push_back(all.sum / all.count);
  }
  return central_interval(std::move(shares), 0.95);
}

using Foretold = std::function<std::optional<double>(const ForetoldPair&)>;

OrderShare foretold_share(const std::string& name, const std::vector<const ForetoldPair*>& pairs,
                          const Foretold& foretold, const ScoreOptions& options) {
  std::vector<OrderedPair> ordered;
  for (const auto* pair : pairs)
    ordered.push_back({pair->source, foretold(*pair).value_or(0.0), pair->observed});
  return order_share(name, ordered, options);
}

BrierScore brier(const std::string& name, const std::vector<const ForetoldPair*>& pairs,
                 const Foretold& below, const ScoreOptions& options) {
  Tallies tallies;
  for (const auto* pair : pairs) {
    const double came = pair->observed < 0.0 ? 1.0 : 0.0;
    auto& tally = tallies[pair->source];
    tally.sum += std::pow(below(*pair).value_or(0.5) - came, 2);
    tally.count += 1.0;
  }
  BrierScore out;
  out.over_pairs = ratio(tallies);
  out.interval95 = over_sources(tallies, options, "brier " + name);
  for (const auto& [source, one] : tallies) {
    const double score = one.sum / one.count;
    out.over_sources += score / static_cast<double>(tallies.size());
    out.by_source.push_back({source, static_cast<std::size_t>(one.count), score});
  }
  std::stable_sort(out.by_source.begin(), out.by_source.end(),
                   [](const auto& a, const auto& b) { return a.pairs > b.pairs; });
  return out;
}

std::vector<SurenessBin> bins_of(const std::string& name,
                                 const std::vector<const ForetoldPair*>& pairs,
                                 const Foretold& below, const ScoreOptions& options) {
  constexpr int kBins = 5;
  std::vector<SurenessBin> bins(kBins);
  std::vector<Tallies> tallies(kBins);
  for (const auto* pair : pairs) {
    const double p = below(*pair).value_or(0.5);
    const double sure = std::max(p, 1.0 - p);
    const int at = std::min(kBins - 1, static_cast<int>((sure - 0.5) * 2.0 * kBins));
    const bool came = (p >= 0.5) == (pair->observed < 0.0);
    auto& bin = bins[static_cast<std::size_t>(at)];
    bin.foretold += sure;
    ++bin.pairs;
    auto& tally = tallies[static_cast<std::size_t>(at)][pair->source];
    tally.sum += came ? 1.0 : 0.0;
    tally.count += 1.0;
  }
  for (int i = 0; i < kBins; ++i) {
    auto& bin = bins[static_cast<std::size_t>(i)];
    bin.low = 0.5 + 0.5 * i / kBins;
    bin.high = 0.5 + 0.5 * (i + 1) / kBins;
    if (bin.pairs == 0) continue;
    bin.foretold /= static_cast<double>(bin.pairs);
    bin.came = ratio(tallies[static_cast<std::size_t>(i)]);
    bin.band95 = over_sources(tallies[static_cast<std::size_t>(i)], options,
                              "bin " + name + std::to_string(i));
    bin.inside = bin.band95.low <= bin.foretold && bin.foretold <= bin.band95.high;
  }
  std::erase_if(bins, [](const SurenessBin& bin) { return bin.pairs == 0; });
  return bins;
}

}  // namespace

std::vector<ForetoldPair> foretell(std::span<const NetworkStudy> studies,
                                   const ComponentOptions& options) {
  check_studies(studies);
  std::set<std::string> names;
  for (const auto& study : studies) names.insert(study.source);
  const std::vector<std::string> sources(names.begin(), names.end());
  // Where searches start; what they end at does not depend on it.
  const ComponentEstimate whole = fit_components(studies, options);
  ComponentOptions near = options;
  near.near = &whole;
  std::vector<std::vector<ForetoldPair>> by_source(sources.size());
  parallel_for(
      sources.size(),
      [&](std::size_t i) { by_source[i] = foretell_source(studies, sources[i], near); },
      Calls::kLong);
  std::vector<ForetoldPair> pairs;
  for (auto& some : by_source) {
    for (auto& pair : some) pairs.push_back(std::move(pair));
  }
  return pairs;
}

OrderShare order_share(const std::string& name, std::span<const OrderedPair> pairs,
                       const ScoreOptions& options) {
  OrderShare out;
  out.name = name;
  Tallies tallies;
  for (const auto& pair : pairs) {
    const double said = pair.said * pair.observed;
    const double right = said > 0.0 ? 1.0 : said < 0.0 ? 0.0 : 0.5;
    auto& tally = tallies[pair.source];
    tally.sum += right;
    tally.count += 1.0;
    out.right += said > 0.0 ? 1 : 0;
    ++out.pairs;
  }
  out.share = ratio(tallies);
  out.interval95 = over_sources(tallies, options, "order " + name);
  return out;
}

ForetellingScore score_foretelling(const std::string& scope, std::span<const ForetoldPair> pairs,
                                   const ScoreOptions& options) {
  std::vector<const ForetoldPair*> apart, joined;
  std::set<std::string> sources, studies;
  for (const auto& pair : pairs) {
    sources.insert(pair.source);
    studies.insert(pair.study);
    if (std::abs(pair.observed) <= std::log(options.least_ratio)) continue;
    apart.push_back(&pair);
    if (pair.additive && pair.network) joined.push_back(&pair);
  }
  if (joined.empty()) {
    fail(ErrorKind::kData, {.where = "studies of " + scope,
                            .expected = "pairs that other sources foretell",
                            .got = "none"});
  }
  const Foretold additive = [](const ForetoldPair& pair) { return pair.additive; };
  const Foretold network = [](const ForetoldPair& pair) { return pair.network; };
  const Foretold network_below = [](const ForetoldPair& pair) { return pair.network_below; };
  const Foretold sum = [](const ForetoldPair& pair) { return pair.components; };
  const Foretold sum_below = [](const ForetoldPair& pair) { return pair.components_below; };
  ForetellingScore score;
  score.scope = scope;
  score.sources = sources.size();
  score.studies = studies.size();
  score.additive = foretold_share("additive model", joined, additive, options);
  score.network = foretold_share("network", joined, network, options);
  score.components = foretold_share("components", joined, sum, options);
  score.components_all = foretold_share("components, all pairs of arms", apart, sum, options);
  score.network_brier = brier("network", joined, network_below, options);
  score.components_brier = brier("components", apart, sum_below, options);
  score.network_bins = bins_of("network", joined, network_below, options);
  score.components_bins = bins_of("components", apart, sum_below, options);
  return score;
}

}  // namespace ganselect
