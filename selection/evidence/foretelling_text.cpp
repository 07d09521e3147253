// The score of foretelling as JSON and as words (foretelling.h).
#include <fmt/format.h>

#include "selection/evidence/foretelling.h"

namespace ganselect {
namespace {

Json share_json(const OrderShare& share) {
  return {{"share", share.share},
          {"interval95", {share.interval95.low, share.interval95.high}},
          {"right", share.right},
          {"pairs", share.pairs}};
}

Json brier_json(const BrierScore& brier) {
  Json sources = Json::array();
  for (const auto& one : brier.by_source)
    sources.push_back({{"source", one.source}, {"pairs", one.pairs}, {"score", one.score}});
  return {{"over_pairs", brier.over_pairs},
          {"interval95", {brier.interval95.low, brier.interval95.high}},
          {"over_sources", brier.over_sources},
          {"by_source", sources}};
}

Json bins_json(const std::vector<SurenessBin>& bins) {
  Json rows = Json::array();
  for (const auto& bin : bins)
    rows.push_back({{"from", bin.low},
                    {"to", bin.high},
                    {"pairs", bin.pairs},
                    {"foretold", bin.foretold},
                    {"came", bin.came},
                    {"band95", {bin.band95.low, bin.band95.high}},
                    {"inside", bin.inside}});
  return rows;
}

std::string share_line(const OrderShare& share) {
  return fmt::format("  {:<32}{:.3f}  {:.2f} - {:.2f}  {:>5} of {}\n", share.name, share.share,
                     share.interval95.low, share.interval95.high, share.right, share.pairs);
}

std::string brier_lines(const std::string& name, const BrierScore& brier) {
  std::string out = fmt::format("  {:<32}{:.3f}  {:.2f} - {:.2f}  {:.3f}\n", name, brier.over_pairs,
                                brier.interval95.low, brier.interval95.high, brier.over_sources);
  for (const auto& one : brier.by_source) {
    if (one.score > kConstantBrier)
      out += fmt::format("    worse than 1/2 for {} ({:.3f}, {} pairs)\n", one.source, one.score,
                         one.pairs);
  }
  return out;
}

std::string bins_lines(const std::string& name, const std::vector<SurenessBin>& bins) {
  std::string out = "  how sure, " + name + ":\n";
  for (const auto& bin : bins)
    out += fmt::format(
        "    {:.1f} to {:.1f}  {:>5} pairs  said {:.2f}, came {:.2f} ({:.2f} - "
        "{:.2f}){}\n",
        bin.low, bin.high, bin.pairs, bin.foretold, bin.came, bin.band95.low, bin.band95.high,
        bin.inside ? "" : "  off");
  return out;
}

}  // namespace

Json foretelling_to_json(const ForetellingScore& score) {
  return {{"scope", score.scope},
          {"sources", score.sources},
          {"studies", score.studies},
          {"order",
           {{"additive", share_json(score.additive)},
            {"network", share_json(score.network)},
            {"components", share_json(score.components)},
            {"components_all_pairs", share_json(score.components_all)}}},
          {"brier",
           {{"constant", kConstantBrier},
            {"network", brier_json(score.network_brier)},
            {"components", brier_json(score.components_brier)}}},
          {"sureness",
           {{"network", bins_json(score.network_bins)},
            {"components", bins_json(score.components_bins)}}}};
}

std::string foretelling_to_text(const ForetellingScore& score) {
  std::string out = fmt::format("{}: {} studies of {} sources, each source left out in turn\n",
                                score.scope, score.studies, score.sources);
  out += "  order of pairs over 10 % apart    right  over sources\n";
  for (const auto* share :
       {&score.additive, &score.network, &score.components, &score.components_all})
    out += share_line(*share);
  out += fmt::format("  Brier score (1/2 each time: {:.2f})  over sources  each counting once\n",
                     kConstantBrier);
  out += brier_lines("network", score.network_brier);
  out += brier_lines("components, all pairs of arms", score.components_brier);
  return out + bins_lines("network", score.network_bins) +
         bins_lines("components", score.components_bins);
}

}  // namespace ganselect
