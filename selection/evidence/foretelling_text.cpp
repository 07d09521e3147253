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
            {"network", score.network_brier},
            {"components", score.components_brier}}},
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
  out += fmt::format("  Brier score: network {:.3f}, components {:.3f}; always 1/2: {:.2f}\n",
                     score.network_brier, score.components_brier, kConstantBrier);
  return out + bins_lines("network", score.network_bins) +
         bins_lines("components", score.components_bins);
}

}  // namespace ganselect
