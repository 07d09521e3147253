#include "selection/survey/claims.h"

#include <fmt/format.h>

#include "selection/evidence/bootstrap.h"
#include "selection/survey/claim_tests.h"

namespace ganselect {
namespace {

constexpr double kSignificance = 0.05;

Json interval_to_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json();
}

ClaimVerdict verdict_of(const ClaimSpec& spec, ClaimTest test) {
  ClaimVerdict verdict{spec.name, spec.claim, "undecided", std::move(test), {}, {}};
  verdict.reason = verdict.test.reason;
  return verdict;
}

// Holm over the claims that have a p-value at all.
void correct_p_values(std::vector<ClaimVerdict>& verdicts) {
  std::vector<double> raw;
  for (const auto& verdict : verdicts) {
    if (verdict.test.p_value) raw.push_back(*verdict.test.p_value);
  }
  const auto corrected = holm(raw);
  std::size_t next = 0;
  for (auto& verdict : verdicts) {
    if (verdict.test.p_value) verdict.p_corrected = corrected[next++];
  }
}

}  // namespace

const NamedTable<ClaimSpec>& claim_specs() {
  using namespace claim_tests;
  static const NamedTable<ClaimSpec> table(
      "claim",
      {{"C1", "WGAN-GP, LSGAN, RSGAN and SNGAN give diversity and quality together",
        "each above the median of all candidates in FID, coverage and recall, by seed",
        named_four_above_median},
       {"C2", "Least squares joined with relativism is better than either alone",
        "RaLSGAN or RLSGAN has a lower FID than LSGAN and than RSGAN, by seed",
        least_squares_with_relativism},
       {"C3", "Loss-sensitive GAN and SNGAN generalize better",
        "generalization score of each above DCGAN's, by seed", better_generalization},
       {"C4", "A gradient penalty improves quality",
        "FID with and without it, all else alike (where there is no such pair, but for batch "
        "norm), by "
        "seed",
        penalty_improves_quality},
       {"C5", "A gradient penalty does not stabilize training",
        "stability score with it is not 0.05 higher than without, by seed",
        penalty_does_not_steady},
       {"C6", "Spectral norm costs less than a gradient penalty",
        "seconds an update and seconds to the lowest FID that both reach, the one against the "
        "other, "
        "all else alike, one machine, by seed",
        spectral_norm_is_cheaper},
       {"C7", "Batch norm helps in the generator and hurts in the critic",
        "FID with each switched, all else alike, by seed", batch_norm_helps_g_hurts_d},
       {"C8", "The GAN, KL and squared Hellinger divergences give equally realistic samples",
        "FIDs within a tenth of each other: two one-sided tests for each pair, by seed",
        three_divergences_alike},
       {"C9", "Fully connected GANs fall behind convolutional ones on images",
        "DCGAN has a lower FID than FCGAN, by seed", convolution_beats_full},
       {"C10", "WGAN's critic loss falls with sample quality",
        "rank correlation along training of the critic's distance with FID, WGAN above DCGAN, by "
        "seed",
        wasserstein_loss_means_quality}});
  return table;
}

std::vector<ClaimVerdict> judge_claims(const Evidence& evidence) {
  std::vector<ClaimVerdict> verdicts;
  for (const auto& spec : claim_specs())
    verdicts.push_back(verdict_of(spec, spec.measure(evidence)));
  correct_p_values(verdicts);
  for (auto& verdict : verdicts) {
    if (!verdict.p_corrected) continue;
    if (*verdict.p_corrected <= kSignificance) {
      verdict.verdict = verdict.test.as_claimed ? "supported" : "contradicted";
      verdict.reason = fmt::format("corrected p = {:.3g}", *verdict.p_corrected);
    } else {
      const std::string limit = verdict.test.reason.empty() ? "" : "; " + verdict.test.reason;
      verdict.reason = fmt::format("corrected p = {:.3g}{}", *verdict.p_corrected, limit);
    }
  }
  return verdicts;
}

Json claims_to_json(const std::vector<ClaimVerdict>& verdicts) {
  Json all = Json::array();
  for (const auto& verdict : verdicts) {
    all.push_back({{"id", verdict.name},
                   {"claim", verdict.claim},
                   {"verdict", verdict.verdict},
                   {"effect", number_or_null(verdict.test.effect)},
                   {"interval", interval_to_json(verdict.test.interval95)},
                   {"p_value", number_or_null(verdict.p_corrected)},
                   {"trials", verdict.test.trials},
                   {"unit", verdict.test.unit},
                   {"reason", verdict.reason},
                   {"test", claim_specs().at(verdict.name).test},
                   {"p_value_uncorrected", number_or_null(verdict.test.p_value)}});
  }
  return all;
}

std::string claims_to_text(const std::vector<ClaimVerdict>& verdicts) {
  std::string text;
  for (const auto& verdict : verdicts) {
    text += fmt::format("{:<4} {:<12} {}\n", verdict.name, verdict.verdict, verdict.claim);
    std::string line = "     ";
    if (verdict.test.effect) {
      line += fmt::format("effect {:+.3g} {}", *verdict.test.effect, verdict.test.unit);
      if (verdict.test.interval95)
        line += fmt::format(" [{:.3g}, {:.3g}]", verdict.test.interval95->low,
                            verdict.test.interval95->high);
      line += fmt::format(", {} trials; ", verdict.test.trials.size());
    }
    text += line + (verdict.reason.empty() ? "no reason" : verdict.reason) + "\n";
  }
  return text;
}

}  // namespace ganselect
