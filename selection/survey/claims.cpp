#include "selection/survey/claims.h"

#include <fmt/format.h>

#include <algorithm>

#include "selection/evidence/bootstrap.h"
#include "selection/survey/claim_tests.h"

namespace ganselect {
namespace {

constexpr double kClaimLevel = 0.05;

Json interval_to_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json();
}

// A gain that is shown stands, however small; else what is surer of the two: that there is a
// difference, or that there is none that matters.
bool alike_decides(const ClaimTest& test) {
  if (!test.p_alike || !test.p_value) return false;
  const bool gain_shown = test.as_claimed && *test.p_value <= kClaimLevel;
  return !gain_shown && *test.p_alike < *test.p_value;
}

ClaimVerdict verdict_of(const ClaimSpec& spec, ClaimTest test, const LiteratureSource& literature) {
  ClaimVerdict verdict;
  verdict.name = spec.name;
  verdict.claim = spec.claim;
  verdict.verdict = "undecided";
  verdict.alike = alike_decides(test);
  verdict.p_deciding = verdict.alike ? test.p_alike : test.p_value;
  verdict.method = verdict.alike ? "two one-sided " + test.method : test.method;
  verdict.reason = test.reason;
  verdict.test = std::move(test);
  auto said = literature ? literature(spec.name)
                         : LiteratureSaid{std::nullopt, "no published studies were given"};
  verdict.literature = std::move(said.verdict);
  verdict.literature_reason = std::move(said.reason);
  return verdict;
}

// Holm over the claims that have a p-value at all.
void correct_p_values(std::vector<ClaimVerdict>& verdicts) {
  std::vector<double> raw;
  for (const auto& verdict : verdicts) {
    if (verdict.p_deciding) raw.push_back(*verdict.p_deciding);
  }
  const auto corrected = holm(raw);
  std::size_t next = 0;
  for (auto& verdict : verdicts) {
    if (verdict.p_deciding) verdict.p_corrected = corrected[next++];
  }
}

// "corrected p = 0.012 by moderated t with 6.1 degrees (uncorrected 0.0012; sign flips 0.0039)"
std::string basis_of(const ClaimVerdict& verdict) {
  std::string text =
      fmt::format("corrected p = {:.3g} by {}", *verdict.p_corrected, verdict.method);
  if (verdict.test.p_t && verdict.test.degrees)
    text += fmt::format(" with {:.1f} degrees", *verdict.test.degrees);
  text += fmt::format(" (uncorrected {:.3g}", *verdict.p_deciding);
  if (verdict.test.p_t && verdict.test.p_sign_flip)
    text += fmt::format("; sign flips {:.3g}", *verdict.test.p_sign_flip);
  return text + ")";
}

void decide(ClaimVerdict& verdict) {
  if (!verdict.p_corrected) return;
  verdict.reason = basis_of(verdict);
  if (*verdict.p_corrected > kClaimLevel) return;
  const bool supported = verdict.test.as_claimed && !verdict.alike;
  verdict.verdict = supported ? "supported" : "contradicted";
  if (verdict.alike) verdict.reason += "; no difference that matters";
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
        "other, all else alike, by seed; with speeds measured alone where there are such",
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

std::vector<ClaimVerdict> judge_claims(std::span<const Evidence> groups,
                                       const LiteratureSource& literature) {
  std::vector<ClaimVerdict> verdicts;
  for (const auto& spec : claim_specs()) {
    const auto* tested_on = &groups.front();
    auto test = spec.measure(*tested_on);
    for (std::size_t i = 1; i < groups.size() && !test.p_value; ++i) {
      auto other = spec.measure(groups[i]);
      if (!other.p_value) continue;
      test = std::move(other);
      tested_on = &groups[i];
    }
    verdicts.push_back(verdict_of(spec, std::move(test), literature));
    verdicts.back().evidence = tested_on->description;
  }
  correct_p_values(verdicts);
  for (auto& verdict : verdicts) decide(verdict);
  return verdicts;
}

std::vector<ClaimVerdict> judge_claims(const Evidence& evidence,
                                       const LiteratureSource& literature) {
  return judge_claims(std::span(&evidence, 1), literature);
}

Json literature_to_json(const std::optional<LiteratureVerdict>& literature) {
  if (!literature) return Json();
  return {{"direction", literature->direction},
          {"estimate", literature->estimate},
          {"interval", interval_to_json(literature->interval95)},
          {"unit", literature->unit},
          {"studies", literature->studies},
          {"sources", literature->sources},
          {"citations", literature->citations}};
}

std::string literature_words(const LiteratureVerdict& literature) {
  return fmt::format("{}, {:+.3g} {} [{:.3g}, {:.3g}], {} studies of {} sources",
                     literature.direction, literature.estimate, literature.unit,
                     literature.interval95.low, literature.interval95.high, literature.studies,
                     literature.sources);
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
                   {"p_value_uncorrected", number_or_null(verdict.p_deciding)},
                   {"method", verdict.method.empty() ? Json() : Json(verdict.method)},
                   {"scale", verdict.test.scale.empty() ? Json() : Json(verdict.test.scale)},
                   {"standard_error", number_or_null(verdict.test.standard_error)},
                   {"degrees_of_freedom", number_or_null(verdict.test.degrees)},
                   {"p_value_t", number_or_null(verdict.test.p_t)},
                   {"p_value_sign_flip", number_or_null(verdict.test.p_sign_flip)},
                   {"p_value_alike", number_or_null(verdict.test.p_alike)},
                   {"evidence", verdict.evidence},
                   {"literature", literature_to_json(verdict.literature)},
                   {"literature_reason",
                    verdict.literature_reason.empty() ? Json() : Json(verdict.literature_reason)}});
  }
  return all;
}

std::string claims_to_text(const std::vector<ClaimVerdict>& verdicts) {
  std::string text;
  const bool one_group = std::all_of(verdicts.begin(), verdicts.end(), [&](const auto& verdict) {
    return verdict.evidence == verdicts.front().evidence;
  });
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
    if (!one_group && verdict.p_deciding) text += "     of " + verdict.evidence + "\n";
    if (verdict.literature) {
      text += "     published: " + literature_words(*verdict.literature) + "\n";
    } else {
      text += "     published: " + verdict.literature_reason + "\n";
    }
  }
  return text;
}

}  // namespace ganselect
