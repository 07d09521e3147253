#include "harness/validate/validation.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "base/progress.h"
#include "base/seeds.h"
#include "base/torch/generators.h"
#include "datasets/embedded.h"
#include "harness/validate/image_damage.h"
#include "metrics/fid.h"
#include "metrics/measure.h"
#include "metrics/modes.h"

namespace ganselect {
namespace {

using Values = std::map<std::string, std::optional<double>>;

const std::vector<std::string> kFamilies = {"fid",   "kid", "inception_score", "prdc",
                                            "modes", "ndb", "memorization",    "fid_gap"};

// Real images in three disjoint parts: reference, held-out, and a pool to draw samples from. The
// detections of reference and pool stand in one list, so that a set made of rows needs no new ones.
class StudyData {
 public:
  StudyData(const Dataset& data, Detector& detector, const ValidationSettings& settings)
      : settings_(settings), detector_(detector), classes_(data.class_names.size()) {
    const int64_t pool = settings.samples * (settings.subsets + 2);
    const int64_t needed = settings.reference + settings.held_out + pool;
    if (data.shape.points || data.size() < needed) {
      fail(ErrorKind::kData, {.where = "validation on " + data.name,
                              .expected = std::to_string(needed) + " images",
                              .got = std::to_string(data.size()),
                              .hint = "ask for fewer samples, reference images or subsets"});
    }
    auto random = make_stream(settings.seed, "validation rows");
    const auto order = torch::randperm(data.size(), random, torch::kLong);
    const auto heldout = order.slice(0, 0, settings.held_out);
    const auto rows = order.slice(0, settings.held_out, needed);
    images_ = data.samples.index_select(0, rows);
    if (data.labels.defined()) labels_ = data.labels.index_select(0, rows);
    all_ = detect_all(detector, images_);
    heldout_ = detect_all(detector, data.samples.index_select(0, heldout));
    pixel_reference_ = fid_statistics(pixels(images_.slice(0, 0, settings.reference)));
  }

  bool has_labels() const { return labels_.defined(); }
  int64_t classes() const { return static_cast<int64_t>(classes_); }
  const torch::Tensor& labels() const { return labels_; }
  const torch::Tensor& images() const { return images_; }

  // Rows of clean sample set `s`.
  torch::Tensor clean_rows(int64_t s) const {
    const int64_t first = settings_.reference + s * settings_.samples;
    return torch::arange(first, first + settings_.samples, torch::kLong);
  }
  torch::Tensor pool_rows() const {
    return torch::arange(settings_.reference, images_.size(0), torch::kLong);
  }

  Values measure_rows(const torch::Tensor& rows) const {
    Detections fake{.features = all_.features.index_select(0, rows),
                    .scores_are_probabilities = all_.scores_are_probabilities,
                    .foreign_classes = all_.foreign_classes};
    if (all_.logits.defined()) fake.logits = all_.logits.index_select(0, rows);
    return measure(fake, images_.index_select(0, rows));
  }
  Values measure_images(const torch::Tensor& images) const {
    return measure(detect_all(detector_, images), images);
  }

 private:
  static torch::Tensor pixels(const torch::Tensor& images) {
    return images.to(torch::kFloat32).div(255).flatten(1);
  }

  Values measure(const Detections& fake, const torch::Tensor& images) const {
    EvaluationInput input;
    input.real = first_rows(all_, settings_.reference);
    input.fake = fake;
    input.heldout = heldout_;
    if (labels_.defined()) input.real_labels = labels_.slice(0, 0, settings_.reference);
    EvaluationSettings evaluation;
    evaluation.metrics = kFamilies;
    evaluation.seed = settings_.seed;
    Values values = measure_samples(input, evaluation).values;
    values[kPixelFid] = frechet_distance(pixel_reference_, fid_statistics(pixels(images)));
    return values;
  }

  const ValidationSettings& settings_;
  Detector& detector_;
  std::size_t classes_;
  torch::Tensor images_, labels_;
  Detections all_, heldout_;
  GaussianFactor pixel_reference_;
};

struct StudyDefect {
  PlantedDefect planted;
  std::function<Values(const StudyData&, double level)> measure;
};

StudyDefect dropped_modes(const ValidationSettings& settings, int64_t classes) {
  StudyDefect defect{.planted = {"dropped-modes",
                                 "images of the last classes left out",
                                 "classes left out",
                                 std::floor(static_cast<double>(classes) / 2),
                                 {}},
                     .measure = [n = settings.samples](const StudyData& data, double level) {
                       const auto pool = data.pool_rows();
                       const auto kept = data.labels().index_select(0, pool).lt(
                           data.classes() - static_cast<int64_t>(level));
                       return data.measure_rows(pool.masked_select(kept).slice(0, 0, n));
                     }};
  for (int64_t k = 1; k < classes; ++k) defect.planted.levels.push_back(static_cast<double>(k));
  return defect;
}

StudyDefect copies(const ValidationSettings& settings) {
  return {.planted = {"copies",
                      "this share of the samples replaced by reference images",
                      "share",
                      0.5,
                      {0.05, 0.1, 0.25, 0.5, 1}},
          .measure = [n = settings.samples](const StudyData& data, double level) {
            const auto copied = static_cast<int64_t>(level * static_cast<double>(n));
            const auto rows = torch::cat(
                {torch::arange(copied, torch::kLong), data.clean_rows(0).slice(0, copied)});
            return data.measure_rows(rows);
          }};
}

StudyDefect collapse(const ValidationSettings& settings) {
  const auto n = static_cast<double>(settings.samples);
  return {.planted = {"collapse",
                      "so few distinct images, repeated",
                      "distinct images",
                      std::floor(n / 20),
                      {std::floor(n / 2), std::floor(n / 5), std::floor(n / 20), std::floor(n / 50),
                       std::floor(n / 100)}},
          .measure = [n = settings.samples](const StudyData& data, double level) {
            const auto which =
                torch::arange(n, torch::kLong).remainder(static_cast<int64_t>(level));
            return data.measure_rows(data.clean_rows(0).index_select(0, which));
          }};
}

std::vector<StudyDefect> study_defects(const StudyData& data, const ValidationSettings& settings) {
  std::vector<StudyDefect> all;
  for (const auto& damage : image_damages()) {
    all.push_back(
        {.planted = {damage.name, damage.planted, damage.unit, damage.card_level, damage.levels},
         .measure = [&damage, seed = settings.seed](const StudyData& study, double level) {
           const auto clean = study.images().index_select(0, study.clean_rows(0));
           return study.measure_images(damage.apply(clean, level, seed));
         }});
  }
  if (data.has_labels() && data.classes() > 2)
    all.push_back(dropped_modes(settings, data.classes()));
  all.push_back(copies(settings));
  all.push_back(collapse(settings));
  return all;
}

CleanSpread spread_of(const std::vector<double>& values) {
  const auto tensor = torch::tensor(values, torch::kFloat64);
  return {.mean = tensor.mean().item<double>(),
          .sd = tensor.std().item<double>(),
          .minimum = tensor.min().item<double>(),
          .maximum = tensor.max().item<double>()};
}

// Measures with a better side that every clean set has a value of, and their spread.
std::vector<MeasuredCard> clean_cards(const std::vector<Values>& clean) {
  std::vector<MeasuredCard> cards;
  for (const auto& [name, first] : clean.front()) {
    const auto* spec = find_metric_spec(name == kPixelFid ? "fid" : name);
    if (spec == nullptr || spec->direction == Direction::kNone) continue;
    std::vector<double> values;
    for (const auto& one : clean) {
      if (one.at(name)) values.push_back(*one.at(name));
    }
    if (values.size() != clean.size()) continue;
    cards.push_back({.measure = name,
                     .better = std::string(direction_name(spec->direction)),
                     .clean = spread_of(values),
                     .effects = {}});
  }
  return cards;
}

DefectEffect effect_of(const MeasuredCard& card, const std::string& defect, double level,
                       std::optional<double> value, double threshold) {
  DefectEffect effect{.defect = defect, .level = level, .value = value};
  if (!value) return effect;
  effect.effect = defect_effect(*value, card.clean, card.better);
  effect.sees = defect_seen(*value, card.clean, card.better, threshold);
  return effect;
}

DefectCurve curve_of(const MeasuredCard& card, const PlantedDefect& defect, double threshold) {
  DefectCurve curve{.defect = defect.name,
                    .measure = card.measure,
                    .values = {},
                    .expected = expected_of(defect.name, card.measure)};
  for (const auto& effect : card.effects) {
    if (effect.defect != defect.name) continue;
    curve.values.push_back(effect.value);
    if (!effect.sees) {
      curve.seen_from.reset();
    } else if (!curve.seen_from) {
      curve.seen_from = effect.level;
    }
  }
  curve.verdict = judge_curve(curve.values, card.clean, card.better, curve.expected, threshold);
  return curve;
}

Json study_protocol(const Dataset& data, Detector& detector, const ValidationSettings& settings) {
  return {{"detector", detector.name()},
          {"detector_digest", detector.digest()},
          {"preprocessing", detector.preprocessing(data.shape)},
          {"data", data.name},
          {"data_digest", data.digest},
          {"split", data.split},
          {"n_real", settings.reference},
          {"n_fake", settings.samples},
          {"n_heldout", settings.held_out},
          {"clean_subsets", settings.subsets},
          {"seed", settings.seed}};
}

}  // namespace

Validation validate_measures(const Dataset& data, Detector& detector,
                             const ValidationSettings& given) {
  const auto settings =
      settings_from_json<ValidationSettings>(settings_to_json(given), "validation settings");
  const StudyData study(data, detector, settings);
  const auto defects = study_defects(study, settings);
  std::size_t steps = static_cast<std::size_t>(settings.subsets), done = 0;
  for (const auto& defect : defects) steps += defect.planted.levels.size();
  Progress bar("validate", static_cast<double>(steps));
  std::vector<Values> clean;
  for (int64_t s = 0; s < settings.subsets; ++s) {
    clean.push_back(study.measure_rows(study.clean_rows(s)));
    bar.update(static_cast<double>(++done), "clean");
  }
  Validation validation;
  validation.cards = {.schema_version = kDefectCardsSchemaVersion,
                      .protocol = study_protocol(data, detector, settings),
                      .threshold = settings.threshold,
                      .defects = {},
                      .cards = clean_cards(clean)};
  for (const auto& defect : defects) {
    validation.cards.defects.push_back(defect.planted);
    for (const double level : defect.planted.levels) {
      const auto values = defect.measure(study, level);
      for (auto& card : validation.cards.cards) {
        card.effects.push_back(effect_of(card, defect.planted.name, level, values.at(card.measure),
                                         settings.threshold));
      }
      bar.update(static_cast<double>(++done), defect.planted.name);
    }
    for (const auto& card : validation.cards.cards)
      validation.curves.push_back(curve_of(card, defect.planted, settings.threshold));
  }
  bar.finish();
  return validation;
}

std::vector<CountedModes> count_embedded_modes(Detector& judge, std::int64_t samples,
                                               std::uint64_t seed) {
  std::vector<CountedModes> rows;
  const auto factors = embedded_factors();
  const auto shapes = static_cast<int64_t>(factors.levels[kShapeFactor].size());
  for (int64_t kept = 1; kept <= shapes; ++kept) {
    auto random = make_stream(seed, "embedded modes " + std::to_string(kept));
    std::vector<torch::Tensor> columns;
    for (std::size_t f = 0; f < factors.levels.size(); ++f) {
      const auto levels = f == kShapeFactor ? kept : static_cast<int64_t>(factors.levels[f].size());
      columns.push_back(torch::randint(0, levels, {samples}, random, torch::kLong));
    }
    const auto truth = columns[kShapeFactor];
    EvaluationInput input;
    input.fake = detect_all(
        judge, draw_embedded(torch::stack(columns, 1), stream_seed(seed, "embedded modes")));
    EvaluationSettings evaluation;
    evaluation.metrics = {"modes"};
    const auto measured = measure_samples(input, evaluation);
    const auto histogram = class_histogram(truth, shapes);
    rows.push_back({.true_modes = histogram.gt(0).sum().item<int64_t>(),
                    .counted = measured.value("modes").value_or(0),
                    .true_kl = histogram_kl(histogram, torch::ones({shapes}, torch::kFloat64)),
                    .measured_kl = measured.value("mode_kl").value_or(0),
                    .agreement = predict_classes(input.fake)
                                     .labels.eq(truth)
                                     .to(torch::kFloat64)
                                     .mean()
                                     .item<double>()});
  }
  return rows;
}

}  // namespace ganselect
