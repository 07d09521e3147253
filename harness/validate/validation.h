// Validation of the measures themselves: real images are damaged in graded steps, classes are left
// out, training images are copied, the set is collapsed to few images; every measure that should
// get worse must do so step by step, and those that should not must stay.
//
// The samples, the reference and the held-out images are disjoint rows of one data set, so that an
// undamaged sample set is as good as any can be, and several of them tell the spread of each
// measure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/settings_io.h"
#include "datasets/dataset.h"
#include "metrics/detectors/detector.h"
#include "results/report/defect_cards.h"

namespace ganselect {

struct ValidationSettings {
  std::int64_t samples = 1000;    // of each measured set
  std::int64_t reference = 2000;  // real images compared with
  std::int64_t held_out = 2000;   // real images of neither
  std::int64_t subsets = 10;      // clean sample sets
  std::uint64_t seed = 0;
  double threshold = 5;  // clean standard deviations from which a change counts
};

template <class V>
void describe(V& v, ValidationSettings& s) {
  v.field("samples", s.samples, "images of each measured set", at_least(100));
  v.field("reference", s.reference, "real images compared with", at_least(100));
  v.field("held_out", s.held_out, "real images of neither set", at_least(100));
  v.field("subsets", s.subsets, "clean sample sets, for the spread", at_least(3));
  v.field("seed", s.seed, "of rows, noise and places", between(0, 4294967295.0));
  v.field("threshold", s.threshold, "clean standard deviations from which a change counts",
          above(0));
}

// What a measure should do when a defect grows.
enum class Expected { kWorse, kNotWorse, kOpen };
enum class Verdict { kMoves, kStays, kBlind, kNotMonotone, kMovesWrongly, kOpen, kNoValue };
std::string verdict_words(Verdict verdict);
std::string expected_words(Expected expected);

// By the measures' definitions; kOpen where the definition does not say.
Expected expected_of(const std::string& defect, const std::string& measure);

// A measure along one defect.
struct DefectCurve {
  std::string defect, measure;
  std::vector<std::optional<double>> values;  // by level
  Expected expected = Expected::kOpen;
  Verdict verdict = Verdict::kNoValue;
  std::optional<double> seen_from;  // mildest level from which on all are seen
};

// The verdict on `values`. kMoves: the strongest level is seen and no step leads back by more than
// the clean spread allows (two standard deviations of a difference). kBlind: the strongest level is
// not seen. kStays / kMovesWrongly for kNotWorse: no level is seen, or one is.
Verdict judge_curve(const std::vector<std::optional<double>>& values, const CleanSpread& clean,
                    const std::string& better, Expected expected, double threshold);

// Modes counted by a judge on images of the embedded set, whose true factors are known.
struct CountedModes {
  std::int64_t true_modes = 0;  // shapes among the images
  double counted = 0;           // `modes`
  double true_kl = 0;           // of the true shapes' histogram to the uniform one, nats
  double measured_kl = 0;       // `mode_kl`
  double agreement = 0;         // share of images whose shape the judge names
};

struct Validation {
  MeasuredCards cards;              // all measured values with the clean spread
  std::vector<DefectCurve> curves;  // every defect, every measure with a better side
  std::vector<CountedModes> embedded;
};

// "fid[pixels]" stands for FID in pixel space; the other names are metric_specs()'s.
inline constexpr const char* kPixelFid = "fid[pixels]";

// kData when the data set has too few images for the settings. Labels are needed for the dropped
// modes; without them that defect is left out.
Validation validate_measures(const Dataset& data, Detector& detector,
                             const ValidationSettings& settings);

// `samples` images of the first 1 to 10 shapes each, under `judge` (of the embedded set).
std::vector<CountedModes> count_embedded_modes(Detector& judge, std::int64_t samples,
                                               std::uint64_t seed);

// The study as JSON, as tables, and as a plot.
Json validation_json(const Validation& validation);
std::string validation_markdown(const Validation& validation);
std::string validation_svg(const Validation& validation);

}  // namespace ganselect
