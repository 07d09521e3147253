#include "metrics/from_files.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "base/torch/finite.h"
#include "base/torch/npy.h"
#include "base/torch/npy_rows.h"

namespace ganselect {
namespace {

using Path = std::optional<std::filesystem::path>;

void check_request(const MetricsRequest& request) {
  const auto refuse = [](const char* expected, const char* got) {
    fail(ErrorKind::kUsage, {.where = "metrics", .expected = expected, .got = got});
  };
  const bool real = request.real || request.real_statistics;
  const bool fake = request.fake || request.fake_statistics;
  if ((request.real && request.real_statistics) || (request.fake && request.fake_statistics))
    refuse("features or statistics of a side", "both");
  if (real != fake) {
    refuse("--real and --fake (or their statistics) together",
           real ? "--real alone" : "--fake alone");
  }
  if (request.heldout && !request.real)
    refuse("--real and --fake beside held-out features", "held-out features alone");
  if (request.fake_probabilities && request.fake_logits)
    refuse("either --fake-probabilities or --fake-logits", "both");
  if (request.fake_labels && !request.classes)
    refuse("--classes K beside --fake-labels", "no number of classes");
  if (request.real_labels && !request.fake_labels)
    refuse("--fake-labels beside the real labels", "real labels alone");
  if (request.classes && *request.classes < 1) refuse("--classes of at least 1", "less");
  if (request.real_bin_counts.has_value() != request.fake_bin_counts.has_value()) {
    refuse("--real-bin-counts and --fake-bin-counts together", "one of them");
  }
  if (!real && !request.fake_probabilities && !request.fake_logits && !request.fake_labels &&
      !request.real_bin_counts) {
    refuse("features, class scores, labels or bin counts", "nothing to measure");
  }
}

[[noreturn]] void refuse_array(const std::filesystem::path& path, const std::string& expected,
                               const torch::Tensor& got) {
  fail(ErrorKind::kData, {.where = path.string(),
                          .expected = expected,
                          .got = std::string(c10::toString(got.scalar_type())) + " of shape " +
                                 c10::str(got.sizes())});
}

torch::Tensor load_floats(const Path& path, const char* shape) {
  if (!path) return {};
  const auto array = load_npy(*path);
  if (!array.is_floating_point() || array.dim() != 2 || array.numel() == 0) {
    refuse_array(*path, std::string("floating point numbers of shape ") + shape, array);
  }
  if (!all_finite(array)) {
    fail(ErrorKind::kData,
         {.where = path->string(), .expected = "finite numbers", .got = "NaN or infinity"});
  }
  return array;
}

torch::Tensor load_integers(const Path& path, const char* shape) {
  if (!path) return {};
  const auto array = load_npy(*path);
  const bool whole = !array.is_floating_point() && array.scalar_type() != torch::kBool;
  if (!whole || array.dim() != 1 || array.numel() == 0) {
    refuse_array(*path, std::string("integers of shape ") + shape, array);
  }
  return array.to(torch::kInt64);
}

// What the figures were made from: the files' digests.
Json file_protocol(const MetricsRequest& request) {
  Json protocol = {{"detector", nullptr},    {"detector_digest", nullptr}, {"data", nullptr},
                   {"data_digest", nullptr}, {"split", nullptr},           {"seed", nullptr},
                   {"mode", "files"},        {"files", Json::object()}};
  const std::pair<const char*, const Path*> files[] = {
      {"real", &request.real},
      {"fake", &request.fake},
      {"real_statistics", &request.real_statistics},
      {"fake_statistics", &request.fake_statistics},
      {"heldout", &request.heldout},
      {"fake_probabilities", &request.fake_probabilities},
      {"fake_logits", &request.fake_logits},
      {"fake_labels", &request.fake_labels},
      {"real_labels", &request.real_labels},
      {"real_bin_counts", &request.real_bin_counts},
      {"fake_bin_counts", &request.fake_bin_counts}};
  for (const auto& [name, path] : files) {
    if (*path)
      protocol["files"][name] = {{"name", utf8_text((*path)->filename().string())},
                                 {"sha256", sha256_file(**path)}};
  }
  if (request.real) {
    protocol["data"] = utf8_text(request.real->filename().string());
    protocol["data_digest"] = protocol["files"]["real"]["sha256"];
  }
  return protocol;
}

}  // namespace

namespace {

constexpr std::array<std::pair<const char*, const char*>, 2> kStatisticsNames = {
    {{"mu", "sigma"}, {"mean", "cov"}}};

// A covariance that others computed may be off by rounding, no further.
void check_covariance(const torch::Tensor& covariance, const std::string& where) {
  constexpr double kSlack = 1e-6;
  const double scale = covariance.abs().max().item<double>();
  const double skew = (covariance - covariance.t()).abs().max().item<double>();
  const auto variances = torch::linalg_eigvalsh((covariance + covariance.t()) / 2);
  const double least = variances.min().item<double>();
  if (skew <= kSlack * scale && least >= -kSlack * std::max(scale, variances.max().item<double>()))
    return;
  fail(ErrorKind::kData,
       {.where = where,
        .expected = "a covariance: symmetric, no variance below 0",
        .got = skew > kSlack * scale
                   ? "a matrix that differs from its transpose by " + shortest(skew)
                   : "a direction of variance " + shortest(least)});
}

}  // namespace

bool holds_statistics(const std::filesystem::path& file) {
  const auto arrays = npz_headers(file);
  return std::any_of(kStatisticsNames.begin(), kStatisticsNames.end(), [&](const auto& names) {
    return arrays.contains(names.first) && arrays.contains(names.second);
  });
}

FeatureStatistics load_statistics(const std::filesystem::path& file) {
  const auto arrays = npz_headers(file);
  const bool short_names = arrays.contains("mu") || !arrays.contains("mean");
  const auto& names = kStatisticsNames[short_names ? 0 : 1];
  const auto whole = [&](const char* member) {
    NpyRows rows(file, member);
    const auto all = rows.size() > 0 ? rows.next(rows.size()) : torch::Tensor();
    return all.defined() ? all.to(torch::kFloat64) : torch::empty({0}, torch::kFloat64);
  };
  FeatureStatistics statistics{
      .mean = whole(names.first), .covariance = whole(names.second), .count = {}};
  const auto& [mean, covariance, count] = statistics;
  const auto d = mean.dim() == 1 ? mean.size(0) : 0;
  if (d < 1 || covariance.sizes() != torch::IntArrayRef({d, d})) {
    fail(ErrorKind::kData, {.where = file.string(),
                            .expected = "mu (D) and sigma (D,D)",
                            .got = c10::str(mean.sizes(), " and ", covariance.sizes())});
  }
  if (!all_finite(mean) || !all_finite(covariance)) {
    fail(ErrorKind::kData,
         {.where = file.string(), .expected = "finite mu and sigma", .got = "NaN or infinity"});
  }
  check_covariance(covariance, file.string() + ": " + names.second);
  return statistics;
}

Measures measure_files(const MetricsRequest& request) {
  check_request(request);
  EvaluationInput input;
  input.real.features = load_floats(request.real, "(N,D)");
  input.fake.features = load_floats(request.fake, "(N,D)");
  if (request.real_statistics) input.real_statistics = load_statistics(*request.real_statistics);
  if (request.fake_statistics) input.fake_statistics = load_statistics(*request.fake_statistics);
  input.heldout.features = load_floats(request.heldout, "(N,D)");
  input.fake.scores_are_probabilities = request.fake_probabilities.has_value();
  input.fake.logits = load_floats(
      request.fake_probabilities ? request.fake_probabilities : request.fake_logits, "(N,K)");
  input.fake_labels = load_integers(request.fake_labels, "(N)");
  input.real_labels = load_integers(request.real_labels, "(N)");
  input.classes = request.classes.value_or(0);
  input.real_bin_counts = load_integers(request.real_bin_counts, "(B)");
  input.fake_bin_counts = load_integers(request.fake_bin_counts, "(B)");
  input.protocol = file_protocol(request);
  auto settings = request.settings;
  if (request.no_shuffle) settings.shuffle_scores = false;
  return measure_samples(input, settings);
}

Json metrics_from_files(const MetricsRequest& request) { return to_json(measure_files(request)); }

}  // namespace ganselect
