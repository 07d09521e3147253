#include "results/literature/study.h"

namespace ganselect {
namespace {

std::vector<LiteratureMeasure> literature_measure_rows() {
  using enum MeasureScale;
  using enum Direction;
  return {
      {.name = "fid", .ours = "fid", .explanation = "Frechet inception distance as reported"},
      {.name = "fid_best", .explanation = "FID of the best checkpoint, by curves or logs"},
      {.name = "fid_last", .explanation = "FID of the last checkpoint, by curves or logs"},
      {.name = "fid_second_best", .explanation = "FID of the search's second model"},
      {.name = "fid_300k", .explanation = "FID after 300k updates, where fid is after 200k"},
      {.name = "fid_readme", .explanation = "FID by the README, where fid is by the raw files"},
      {.name = "fid_ckpt_min", .explanation = "smallest FID over a run's checkpoints"},
      {.name = "fid_ckpt_max", .explanation = "largest FID over a run's checkpoints"},
      {.name = "fid_ckpt_sd",
       .scale = kOther,
       .direction = kNone,
       .explanation = "standard deviation of FID over a run's checkpoints"},
      {.name = "ifid", .explanation = "FID within each class, averaged"},
      {.name = "kid",
       .least = std::nullopt,
       .ours = "kid_mean",
       .explanation = "kernel inception distance; unbiased, so it may fall below 0"},
      {.name = "is",
       .direction = kHigher,
       .least = 1.0,
       .ours = "inception_score_mean",
       .explanation = "inception score"},
      {.name = "precision",
       .scale = kShare,
       .direction = kHigher,
       .ours = "precision",
       .explanation = "share of samples that look real"},
      {.name = "recall",
       .scale = kShare,
       .direction = kHigher,
       .ours = "recall",
       .explanation = "share of the data that the generator can produce"},
      {.name = "density",
       .direction = kHigher,
       .ours = "density",
       .explanation = "how densely real samples surround the generated ones; may exceed 1"},
      {.name = "coverage",
       .scale = kShare,
       .direction = kHigher,
       .ours = "coverage",
       .explanation = "share of real samples with a generated one near"},
      {.name = "f_8",
       .scale = kShare,
       .direction = kHigher,
       .explanation = "F8 of precision and recall distributions, recall weighs more"},
      {.name = "f_1/8",
       .scale = kShare,
       .direction = kHigher,
       .explanation = "F1/8 of precision and recall distributions, precision weighs more"},
      {.name = "modes",
       .scale = kShare,
       .direction = kHigher,
       .whole = 0.0,
       .ours = "modes",
       .explanation = "modes of the data that samples reach"},
      {.name = "high_quality_pct",
       .scale = kShare,
       .direction = kHigher,
       .whole = 100.0,
       .ours = "high_quality_share",
       .explanation = "percentage of points near a true center"},
      {.name = "kl", .ours = "mode_kl", .explanation = "divergence of the histogram over modes"},
      {.name = "reverse_kl", .explanation = "the same, in the reverse direction"},
      {.name = "ivom_mse",
       .explanation = "squared error of training images from their nearest sample"},
  };
}

}  // namespace

const NamedTable<LiteratureMeasure>& literature_measures() {
  static const NamedTable<LiteratureMeasure> table("measure of a study", literature_measure_rows());
  return table;
}

std::optional<double> measure_whole(const LiteratureMeasure& measure, const Study& study) {
  if (measure.scale != MeasureScale::kShare) return std::nullopt;
  if (measure.whole > 0.0) return measure.whole;
  if (!study.modes) return std::nullopt;
  return static_cast<double>(*study.modes);
}

}  // namespace ganselect
