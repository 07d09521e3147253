// The tests behind the claims; for claims.cpp alone. Each looks up the candidates that its claim
// names, or all pairs of the kind it speaks of.
#pragma once

#include "selection/survey/claims.h"

namespace ganselect::claim_tests {

ClaimTest named_four_above_median(const Evidence& evidence);         // C1
ClaimTest least_squares_with_relativism(const Evidence& evidence);   // C2
ClaimTest better_generalization(const Evidence& evidence);           // C3
ClaimTest penalty_improves_quality(const Evidence& evidence);        // C4
ClaimTest penalty_does_not_steady(const Evidence& evidence);         // C5
ClaimTest spectral_norm_is_cheaper(const Evidence& evidence);        // C6
ClaimTest batch_norm_helps_g_hurts_d(const Evidence& evidence);      // C7
ClaimTest three_divergences_alike(const Evidence& evidence);         // C8
ClaimTest convolution_beats_full(const Evidence& evidence);          // C9
ClaimTest wasserstein_loss_means_quality(const Evidence& evidence);  // C10

/// Spearman's rank correlation of two series of equal length, ties at mean ranks; nothing below
/// four points or when one series is constant.
std::optional<double> rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace ganselect::claim_tests
