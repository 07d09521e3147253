// FID at infinitely many generated samples (Chong & Forsyth 2020, arXiv:1911.07023): FID of n
// samples is, to first order, a line in 1/n, so several counts tell its value at 1/n = 0.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace ganselect {

struct FidExtrapolation {
  double value = 0;             // at 1/n = 0; may fall below 0 by chance
  double slope = 0;             // of FID over 1/n: the bias at n samples is slope / n
  double r_squared = 0;         // of the line
  std::vector<int64_t> counts;  // samples of each point
  std::vector<double> fids;     // FID of each point
};

// Least squares through the points (1/counts[i], fids[i]); at least two distinct counts (kData).
FidExtrapolation extrapolate_fid(std::vector<int64_t> counts, std::vector<double> fids);

}  // namespace ganselect
