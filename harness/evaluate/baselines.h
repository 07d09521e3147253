// What scores are read beside: samples that know nothing of the data, and further samples of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/named_table.h"
#include "harness/evaluate/sample_source.h"

namespace ganselect {

struct BaselineKind {
  std::string name;         // "noise", "real"
  std::string explanation;  // one line for help texts
  // Samples of the data's own form, (N,C,H,W) uint8 or (N,2) float32: `count` of them, or fewer
  // where the data hold no more.
  torch::Tensor (*draw)(const Dataset& data, const EvaluationPlan& plan);
};
const NamedTable<BaselineKind>& baseline_kinds();

// The samples of a kind as `evaluate` takes them. kData where there are none: every training sample
// is one of the reference.
SourcedSamples baseline_samples(const std::string& kind, const Dataset& data,
                                const EvaluationPlan& plan);

}  // namespace ganselect
