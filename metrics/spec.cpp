#include "metrics/spec.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

namespace ganselect {
namespace {

constexpr auto kSample = MetricGroup::kSample;
constexpr auto kStability = MetricGroup::kStability;
constexpr auto kCost = MetricGroup::kCost;
constexpr auto kNone = Direction::kNone;
constexpr auto kLower = Direction::kLower;
constexpr auto kHigher = Direction::kHigher;

constexpr const char* kFeatures = "features of real and generated samples";
constexpr const char* kScores = "class scores of generated samples";
constexpr const char* kCurve = "the training curve";
constexpr const char* kCheckpoints = "FID at several steps of training";

std::vector<MetricSpec> distance_rows() {
  return {
      {"fid", kSample, "", kLower, ">= 0", kFeatures,
       "distance between real and generated features, both taken as Gaussians; biased upwards for "
       "few samples",
       "|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), S with N - 1, float64",
       "Heusel et al. 2017 (arXiv:1706.08500)", true},
      {"fid_infinity", kSample, "", kLower, "about 0 for equal distributions", kFeatures,
       "FID freed of the bias of the number of generated samples; that of the reference stays",
       "intercept of FID over 1/n at 15 counts n of generated samples",
       "Chong & Forsyth 2020 (arXiv:1911.07023)", true},
      {"kid_mean", kSample, "", kLower, "any; about 0 for equal distributions", kFeatures,
       "kernel distance averaged over subsets; unbiased, so it may fall below 0",
       "mean over subsets of the unbiased MMD^2 with kernel (x.y/d + 1)^3",
       "Binkowski et al. 2018 (arXiv:1801.01401)", true},
      {"kid_std", kSample, "", kNone, ">= 0", kFeatures,
       "spread of the kernel distance over its subsets: how sure kid_mean is",
       "population standard deviation over the subsets", "Binkowski et al. 2018 (arXiv:1801.01401)",
       true},
      {"kid_exact", kSample, "", kLower, "any; about 0 for equal distributions", kFeatures,
       "kernel distance from all pairs of samples at once; no subsets, no randomness",
       "unbiased MMD^2 with kernel (x.y/d + 1)^3 over all pairs",
       "Gretton et al. 2012, JMLR 13; Binkowski et al. 2018", true},
      {"inception_score_mean", kSample, "", kHigher, "[1, classes]", kScores,
       "sure and varied class predictions, mean over splits of the shuffled samples",
       "exp E KL(p(y|x) || p(y)), mean over 10 splits", "Salimans et al. 2016 (arXiv:1606.03498)",
       true},
      {"inception_score_std", kSample, "", kNone, ">= 0", kScores,
       "spread of the inception score over its splits",
       "population standard deviation over 10 splits", "Salimans et al. 2016 (arXiv:1606.03498)",
       true},
      {"inception_score_1split", kSample, "", kHigher, "[1, classes]", kScores,
       "inception score of all samples at once, which no order of samples can change",
       "exp E KL(p(y|x) || p(y)) over all samples",
       "Salimans et al. 2016; Barratt & Sharma 2018 (arXiv:1801.01973)", true},
  };
}

std::vector<MetricSpec> manifold_rows() {
  return {
      {"precision", kSample, "", kHigher, "[0, 1]", kFeatures,
       "share of generated samples that look real: inside some real sample's k-NN ball",
       "mean_j any_i |f_j - r_i| < radius_k(r_i), k = 5",
       "Kynkaanniemi et al. 2019 (arXiv:1904.06991)", true},
      {"recall", kSample, "", kHigher, "[0, 1]", kFeatures,
       "share of real samples the generator can produce: inside some generated sample's k-NN ball",
       "mean_i any_j |f_j - r_i| < radius_k(f_j), k = 5",
       "Kynkaanniemi et al. 2019 (arXiv:1904.06991)", true},
      {"precision_k3", kSample, "", kHigher, "[0, 1]", kFeatures,
       "precision as its authors publish it, with k = 3",
       "mean_j any_i |f_j - r_i| <= radius_k(r_i), k = 3",
       "Kynkaanniemi et al. 2019 (arXiv:1904.06991)", true},
      {"recall_k3", kSample, "", kHigher, "[0, 1]", kFeatures,
       "recall as its authors publish it, with k = 3",
       "mean_i any_j |f_j - r_i| <= radius_k(f_j), k = 3",
       "Kynkaanniemi et al. 2019 (arXiv:1904.06991)", true},
      {"density", kSample, "", kHigher, ">= 0; may exceed 1", kFeatures,
       "how densely real samples surround the generated ones; sturdier against outliers than "
       "precision",
       "mean_j #{i: |f_j - r_i| < radius_k(r_i)} / k, k = 5",
       "Naeem et al. 2020 (arXiv:2002.09797)", true},
      {"coverage", kSample, "", kHigher, "[0, 1]", kFeatures,
       "share of real samples with a generated one in their k-NN ball",
       "mean_i any_j |f_j - r_i| < radius_k(r_i), k = 5", "Naeem et al. 2020 (arXiv:2002.09797)",
       true},
  };
}

std::vector<MetricSpec> mode_rows() {
  return {
      {"modes", kSample, "modes", kHigher, "[0, modes of the data]",
       "classes of generated samples, or the true centres of a point set",
       "modes of the data that the generator reaches: once, or in a point set by more than chance",
       "classes with a sample of top probability >= 0.5; of points: centres m whose n_m samples "
       "within r = 3 sd are too many for Binomial(N_m, r / R_m), N_m those within R_m, half way to "
       "the next centre; Benjamini-Hochberg at 0.01",
       "Che et al. 2017 (arXiv:1612.02136); for points the rule is this project's", true},
      {"modes_any", kSample, "modes", kHigher, "[0, modes of the data]",
       "points and the true centres",
       "centres of a point set with any sample near, as papers count: chance reaches most of them",
       "centres with a sample within 3 sd",
       "Srivastava et al. 2017 (arXiv:1705.07761); Lin et al. 2018 (arXiv:1712.04086)"},
      {"mode_kl", kSample, "nats", kLower, ">= 0", "classes of generated samples",
       "how unevenly the modes are hit, compared with the data",
       "KL(p_generated || p_data) over the modes", "Srivastava et al. 2017 (arXiv:1705.07761)",
       true},
      {"mode_entropy", kSample, "nats", kHigher, "[0, ln(modes)]", "classes of generated samples",
       "evenness of the generated classes by themselves",
       "-sum p ln p of the generated class histogram", "Shannon 1948", true},
      {"high_quality_share", kSample, "", kHigher, "[0, 1]", "points and the true centres",
       "share of generated points near a true centre", "share with |x - nearest centre| <= 3 sd",
       "Srivastava et al. 2017 (arXiv:1705.07761)"},
      {"ndb", kSample, "bins", kLower, "[0, bins]",
       "counts in k-means bins of the training features",
       "bins of the data that the generator fills too much or too little; about 5% of them by "
       "chance",
       "bins with |p - q| / sqrt(P (1 - P)(1/Nt + 1/Ng)) beyond the two-sided 5% point",
       "Richardson & Weiss 2018 (arXiv:1805.12462)", true},
      {"jsd", kSample, "nats", kLower, "[0, ln 2]",
       "counts in k-means bins of the training features",
       "divergence between the two histograms over the bins",
       "KL(p || m)/2 + KL(q || m)/2, m = (p + q)/2; the divergence, not its root",
       "Lin 1991; Richardson & Weiss 2018", true},
      {"memorization", kSample, "", kLower, "[0, 1]; 0.01 for fresh samples",
       "features of training, held-out and generated samples",
       "share of samples nearer to a training image than all but 1% of held-out images are: copies",
       "share with d(f, train) < 1% quantile of d(held-out, train)",
       "after Meehan et al. 2020 (arXiv:2004.05675)", true},
      {"fid_gap", kSample, "", kLower, "any",
       "features of training, held-out and generated samples",
       "FID to held-out images minus FID to as many training images: above 0, the generator leans "
       "on its training images",
       "FID(held-out, generated) - FID(train, generated), equal counts",
       "definition of this project", true},
      {"reconstruction_error", kSample, "squared pixel range / 4", kLower, "[0, 1]",
       "the generator itself and held-out images",
       "how far held-out images are from the nearest image the generator can make",
       "mean over images of min_z mean_pixels ((G(z) - x)/2)^2", "Qi 2020 (arXiv:1701.06264)"},
  };
}

std::vector<MetricSpec> class_rows() {
  constexpr const char* kAsked = "classes that samples were asked to be";
  constexpr const char* kByClass = "features and classes of real and generated samples";
  return {
      {"label_accuracy", kSample, "", kHigher, "[0, 1]", kAsked,
       "share of samples of a conditional generator that show the class they were asked to be",
       "mean_j [argmax p(y|f_j) = asked_j] by the detector's class scores",
       "after Odena et al. 2017 (arXiv:1610.09585)", true},
      {"class_accuracy_*", kSample, "", kHigher, "[0, 1]", kAsked,
       "label_accuracy of the samples asked to be of the class numbered in the name",
       "mean over j with asked_j = * of [argmax p(y|f_j) = *]",
       "after Odena et al. 2017 (arXiv:1610.09585)", true},
      {"class_fid_mean", kSample, "", kLower, ">= 0", kByClass,
       "FID within each class, averaged over classes; strongly biased upwards for few samples",
       "mean over classes c of FID(real of c, samples asked to be c)",
       "Benny et al. 2021 (arXiv:2004.12361)", true},
      {"class_fid_*", kSample, "", kLower, ">= 0", kByClass,
       "FID within the class numbered in the name", "FID(real of *, samples asked to be *)",
       "Benny et al. 2021 (arXiv:2004.12361)", true},
      {"class_coverage_mean", kSample, "", kHigher, "[0, 1]", kByClass,
       "coverage within each class, averaged over classes",
       "mean over classes c of coverage(real of c, samples asked to be c), k = 5",
       "after Naeem et al. 2020 (arXiv:2002.09797)", true},
      {"worst_class_coverage", kSample, "", kHigher, "[0, 1]", kByClass,
       "coverage within the class that is covered least: low when one class is dropped or blurred",
       "min over classes c of coverage(real of c, samples asked to be c), k = 5",
       "after Naeem et al. 2020 (arXiv:2002.09797)", true},
      {"worst_class", kSample, "", kNone, "[0, classes)", kByClass,
       "number of the class that is covered least; a warning gives its name",
       "argmin over classes of coverage within the class", "definition of this project", true},
      {"class_coverage_*", kSample, "", kHigher, "[0, 1]", kByClass,
       "coverage within the class numbered in the name",
       "coverage(real of *, samples asked to be *), k = 5",
       "after Naeem et al. 2020 (arXiv:2002.09797)", true},
      {"classifier_accuracy", kSample, "", kHigher, "[0, 1]",
       "generated samples with the classes they were asked to be, labelled held-out images",
       "accuracy on real images of a small classifier trained on generated ones alone: low when "
       "classes are confused or lack variety",
       "share of held-out images classified rightly; 10 passes over the samples",
       "after Ravuri & Vinyals 2019 (arXiv:1905.10887)"},
      {"class_samples_*", kSample, "samples", kNone, ">= 0", kAsked,
       "generated samples asked to be of the class numbered in the name", "count",
       "definition of this project"},
      {"class_reference_*", kSample, "samples", kNone, ">= 0", "labels of real samples",
       "real samples of the class numbered in the name that they are compared with", "count",
       "definition of this project"},
  };
}

std::vector<MetricSpec> instance_rows() {
  constexpr const char* kUnseen =
      "features of images of classes left out of training, and of samples";
  constexpr const char* kInstanced = "samples that were conditioned on instances";
  constexpr const char* kIcGan = "Casanova et al. 2021 (arXiv:2109.05070)";
  return {
      {"fid_unseen", kSample, "", kLower, ">= 0", kUnseen,
       "FID to images of classes never trained on; a generator conditioned on instances is given "
       "such images",
       "FID(unseen classes, samples conditioned on their images)", kIcGan, true},
      {"coverage_unseen", kSample, "", kHigher, "[0, 1]", kUnseen,
       "share of images of classes never trained on with a sample in their k-NN ball",
       "coverage(unseen classes, samples conditioned on their images), k = 5", kIcGan, true},
      {"fid_unseen_unswapped", kSample, "", kLower, ">= 0", kUnseen,
       "FID to images of classes never trained on, of samples conditioned on training images",
       "FID(unseen classes, samples conditioned on training images)", kIcGan, true},
      {"coverage_unseen_unswapped", kSample, "", kHigher, "[0, 1]", kUnseen,
       "coverage of classes never trained on by samples conditioned on training images",
       "coverage(unseen classes, samples conditioned on training images), k = 5", kIcGan, true},
      {"fid_neighborhood_mean", kSample, "", kLower, ">= 0", kInstanced,
       "FID of samples of one instance to its neighbourhood, mean over instances; few samples "
       "each, so compare equal counts only",
       "mean_i FID(A_i, samples conditioned on i), as many samples as neighbours", kIcGan, true},
      {"fid_neighborhood_worst", kSample, "", kLower, ">= 0", kInstanced,
       "the same for the instance that fares worst", "max_i FID(A_i, samples conditioned on i)",
       kIcGan, true},
      {"own_instance_share", kSample, "", kHigher, "[0, 1]", kInstanced,
       "share of samples nearer to the instance they were asked for than to any other stored one",
       "mean_j [argmax_m cos(f(x_j), h_m) = asked instance of j]", "definition of this project"},
  };
}

std::vector<MetricSpec> stability_rows() {
  return {
      {"diverged_at_step", kStability, "updates", kHigher, ">= 1; missing when it never happened",
       kCurve, "generator update at which a loss, parameter or sample was no longer finite",
       "first step with a non-finite value", "definition of this project"},
      {"collapsed", kStability, "", kLower, "0 or 1", kCheckpoints,
       "1 when quality fell apart after its best point",
       "FID above twice its best, or at most half of its modes left, after the best checkpoint",
       "definition of this project"},
      {"fid_best", kStability, "", kLower, ">= 0", kCheckpoints, "lowest FID of all checkpoints",
       "min over checkpoints", "Lucic et al. 2018 (arXiv:1711.10337)", true},
      {"fid_last", kStability, "", kLower, ">= 0", kCheckpoints, "FID of the last checkpoint",
       "FID at the end", "definition of this project", true},
      {"fid_area", kStability, "", kLower, ">= 0", kCheckpoints,
       "FID averaged over training: fast and steady learning is low",
       "trapezoid area under FID over steps, divided by the steps", "definition of this project",
       true},
      {"steps_to_fid_*", kStability, "updates", kLower, ">= 0; missing when never reached",
       kCheckpoints, "generator updates until FID first fell to the number in the name",
       "first checkpoint with FID <= *", "definition of this project", true},
      {"seconds_to_fid_*", kStability, "s", kLower, ">= 0; missing when never reached",
       kCheckpoints, "training time until FID first fell to the number in the name",
       "seconds at the first checkpoint with FID <= *", "definition of this project", true},
      {"oscillation_loss", kStability, "", kLower, ">= 0", kCurve,
       "jumpiness of the critic's loss late in training",
       "standard deviation of the differenced critic loss over the last third",
       "definition of this project"},
      {"oscillation_fid", kStability, "", kLower, ">= 0", kCheckpoints,
       "jumpiness of FID late in training",
       "standard deviation of the differenced FID over the last third",
       "definition of this project", true},
      {"grad_norm_g_median", kStability, "", kNone, ">= 0", kCurve,
       "typical size of the generator's gradient",
       "median over steps of the 2-norm over all parameters", "definition of this project"},
      {"grad_norm_g_p99", kStability, "", kLower, ">= 0", kCurve,
       "size of the generator's gradient spikes", "99th percentile of the 2-norm over steps",
       "definition of this project"},
      {"vanishing_share", kStability, "", kLower, "[0, 1]", kCurve,
       "share of steps in which the generator got next to no gradient",
       "share of steps with a generator gradient norm below 1e-6",
       "after Arjovsky & Bottou 2017 (arXiv:1701.04862)"},
      {"grad_norm_d_median", kStability, "", kNone, ">= 0", kCurve,
       "typical size of the critic's gradient",
       "median over steps of the 2-norm over all parameters", "definition of this project"},
      {"grad_norm_d_p99", kStability, "", kLower, ">= 0", kCurve,
       "size of the critic's gradient spikes", "99th percentile of the 2-norm over steps",
       "definition of this project"},
      {"critic_accuracy_real", kStability, "", kNone, "[0, 1]", "critic scores of training images",
       "share of training images the critic takes for real; near 1 with critic_accuracy_fake near "
       "1: the critic wins",
       "share on the real side of the critic's threshold", "definition of this project"},
      {"critic_accuracy_fake", kStability, "", kNone, "[0, 1]", "critic scores of generated images",
       "share of generated images the critic takes for fake",
       "share on the fake side of the critic's threshold", "definition of this project"},
      {"critic_accuracy_heldout", kStability, "", kHigher, "[0, 1]",
       "critic scores of held-out images",
       "share of held-out images the critic takes for real; far below critic_accuracy_real: the "
       "critic has overfitted",
       "share on the real side of the critic's threshold",
       "after Brock et al. 2019 (arXiv:1809.11096)"},
  };
}

std::vector<MetricSpec> cost_rows() {
  return {
      {"train_seconds", kCost, "s", kLower, ">= 0", "the clock",
       "time spent in training, evaluation left out", "sum of the steps' times",
       "definition of this project"},
      {"updates_per_second", kCost, "1/s", kHigher, "> 0", "the clock",
       "generator updates a second", "generator updates / train_seconds",
       "definition of this project"},
      {"images_per_second", kCost, "1/s", kHigher, "> 0", "the clock",
       "real images the critic sees a second", "batch * critic updates / train_seconds",
       "definition of this project"},
      {"peak_memory_bytes", kCost, "bytes", kLower, ">= 0", "the device's or system's count",
       "largest memory in use while training",
       "peak allocated on the GPU, or peak resident set on the CPU", "definition of this project"},
      {"parameters_g", kCost, "", kLower, ">= 1", "the generator",
       "trainable numbers in the generator", "sum of parameter sizes",
       "definition of this project"},
      {"parameters_d", kCost, "", kLower, ">= 1", "the critic", "trainable numbers in the critic",
       "sum of parameter sizes", "definition of this project"},
      {"flops_per_update", kCost, "FLOP", kLower, "> 0", "the layers' shapes",
       "arithmetic of one generator update with its critic updates, as executed",
       "multiply-adds of matrix products and convolutions x 2", "definition of this project"},
      {"published_flops_per_update", kCost, "FLOP", kLower, "> 0", "the layers' shapes",
       "the same for the layers as their sources write them",
       "multiply-adds of matrix products and convolutions x 2", "definition of this project"},
      {"extra_passes_per_update", kCost, "passes", kLower, ">= 0", "the candidate",
       "critic passes beyond the plain GAN's, for penalties and further critic updates",
       "forward and backward passes in an update minus the plain GAN's",
       "definition of this project"},
  };
}

void append(std::vector<MetricSpec>& all, std::vector<MetricSpec> rows) {
  all.insert(all.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
}

// "steps_to_fid_*" stands for "steps_to_fid_50" and "steps_to_fid_12.5".
bool matches_pattern(std::string_view pattern, std::string_view measure) {
  if (pattern.empty() || pattern.back() != '*') return false;
  pattern.remove_suffix(1);
  if (!measure.starts_with(pattern) || measure.size() == pattern.size()) return false;
  measure.remove_prefix(pattern.size());
  const bool digits = std::all_of(measure.begin(), measure.end(),
                                  [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
  return digits && std::count(measure.begin(), measure.end(), '.') <= 1 && measure.front() != '.' &&
         measure.back() != '.';
}

}  // namespace

std::string_view group_name(MetricGroup group) {
  switch (group) {
    case MetricGroup::kSample:
      return "sample";
    case MetricGroup::kStability:
      return "stability";
    case MetricGroup::kCost:
      return "cost";
  }
  return "";
}

std::string_view direction_name(Direction direction) {
  switch (direction) {
    case Direction::kNone:
      return "none";
    case Direction::kLower:
      return "lower";
    case Direction::kHigher:
      return "higher";
  }
  return "";
}

const NamedTable<MetricSpec>& metric_specs() {
  static const NamedTable<MetricSpec> table("measure", [] {
    std::vector<MetricSpec> all;
    for (auto rows : {distance_rows(), manifold_rows(), mode_rows(), class_rows(), instance_rows(),
                      stability_rows(), cost_rows()})
      append(all, rows);
    return all;
  }());
  return table;
}

const MetricSpec* find_metric_spec(std::string_view measure) {
  if (const auto* row = metric_specs().find(measure)) return row;
  for (const auto& row : metric_specs()) {
    if (matches_pattern(row.name, measure)) return &row;
  }
  return nullptr;
}

void Measures::set(const std::string& name, double value) {
  if (!std::isfinite(value)) return set_missing(name, "not a finite number");
  values[name] = value;
  reason.erase(name);
}

void Measures::set_missing(const std::string& name, const std::string& why) {
  values[name] = std::nullopt;
  reason[name] = why;
}

void Measures::warn(const std::string& code, const std::string& measure,
                    const std::string& message) {
  warnings.push_back({{"code", code},
                      {"measure", measure.empty() ? Json() : Json(measure)},
                      {"message", message}});
}

std::optional<double> Measures::value(const std::string& name) const {
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : found->second;
}

Json to_json(const Measures& measures) {
  Json json = Json::object();
  for (const auto& row : metric_specs()) {
    for (const auto& [name, value] : measures.values) {
      if (name == row.name || matches_pattern(row.name, name)) json[name] = number_or_null(value);
    }
  }
  for (const auto& [name, value] : measures.values) {
    if (!json.contains(name)) json[name] = number_or_null(value);
  }
  json["protocol"] = measures.protocol;
  json["reason"] = Json(measures.reason);
  json["warnings"] = Json(measures.warnings);
  if (!measures.intervals.empty()) json["intervals"] = intervals_to_json(measures.intervals);
  return json;
}

Json intervals_to_json(const std::map<std::string, MeasureInterval>& intervals) {
  Json json = Json::object();
  for (const auto& [name, interval] : intervals)
    json[name] = {{"low", interval.low}, {"high", interval.high}};
  return json;
}

std::map<std::string, MeasureInterval> intervals_from_json(const Json& json,
                                                           const std::string& where) {
  std::map<std::string, MeasureInterval> intervals;
  if (!json.is_object())
    fail(ErrorKind::kUsage,
         {.where = where, .expected = "an object of intervals", .got = json.type_name()});
  for (const auto& item : json.items()) {
    const auto& interval = item.value();
    const auto end = [&](const char* key) {
      if (interval.is_object() && interval.contains(key) && interval[key].is_number())
        return interval[key].get<double>();
      fail(ErrorKind::kUsage, {.where = where + ": intervals." + item.key(),
                               .expected = "numbers low and high",
                               .got = interval.dump()});
    };
    intervals[item.key()] = {.low = end("low"), .high = end("high")};
  }
  return intervals;
}

Measures measures_from_json(const Json& json, const std::string& where) {
  if (!json.is_object())
    fail(ErrorKind::kUsage,
         {.where = where, .expected = "an object of measures", .got = json.type_name()});
  Measures measures;
  measures.protocol = json.value("protocol", Json::object());
  const Json reasons = json.value("reason", Json::object());
  measures.intervals = intervals_from_json(json.value("intervals", Json::object()), where);
  for (const auto& warning : json.value("warnings", Json::array()))
    measures.warnings.push_back(warning);
  for (const auto& [name, value] : json.items()) {
    if (name == "protocol" || name == "reason" || name == "warnings" || name == "intervals")
      continue;
    if (value.is_number()) {
      measures.set(name, value.get<double>());
    } else if (value.is_null()) {
      const auto found = reasons.find(name);
      if (found == reasons.end() || !found->is_string()) {
        fail(ErrorKind::kUsage,
             {.where = where + ": " + name, .expected = "a reason beside null", .got = "none"});
      }
      measures.set_missing(name, found->get<std::string>());
    } else {
      fail(
          ErrorKind::kUsage,
          {.where = where + ": " + name, .expected = "a number or null", .got = value.type_name()});
    }
  }
  return measures;
}

std::string display_name(const std::string& measure, const Json& protocol) {
  const auto* spec = find_metric_spec(measure);
  const auto detector = protocol.find("detector");
  if (spec == nullptr || !spec->per_detector || detector == protocol.end() ||
      !detector->is_string())
    return measure;
  return measure + "[" + detector->get<std::string>() + "]";
}

}  // namespace ganselect
