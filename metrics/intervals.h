// Intervals for every measure from random half-samples: how far a value would move with other
// samples from the same generator and the same data.
#pragma once

#include <cstdint>
#include <functional>

#include "metrics/measure.h"

namespace ganselect {

// Adds to `measures.intervals` one for each value that the families at hand give again on halves.
//
// Half-sample bootstrap: settings.interval_draws times, half of the generated, the real and the
// held-out samples is drawn without replacement (seeded), and every measure computed on it. For
// halves of a set of n, the variance over draws is that of the statistic of n (McCarthy 1969; the
// delete-half case of Shao & Wu 1989, Annals of Statistics 17), so the interval is the value plus
// the quantiles of the draws about their mean. Drawing with replacement would put duplicates into
// k-NN balls and kernel pairs, which real samples do not have, and shift those measures.
//
// What it covers: chance in the samples, about the value expected at this number of samples. FID's
// bias at that number, another training seed and another reference are not in it. No interval for
// measures that look at the generator itself. `progress` hears the draws done.
void add_intervals(const EvaluationInput& input, const EvaluationSettings& settings,
                   Measures& measures, const std::function<void(int64_t draws)>& progress = {});

}  // namespace ganselect
