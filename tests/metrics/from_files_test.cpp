#include "metrics/from_files.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/files.h"
#include "base/torch/npy.h"
#include "metrics/inception_score.h"
#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::contains;
using test::gaussian;
using test::thrown_by;

// .npy files of one test.
class ArrayFiles {
 public:
  std::filesystem::path operator()(const std::string& name, const torch::Tensor& array) {
    const auto path = folder_ / (name + ".npy");
    save_npy(path, array);
    return path;
  }

 private:
  test::TempDir folder_;
};

Json small_goldens() {
  return read_json_file(std::filesystem::path(GANSELECT_TEST_DIR) / "golden/measures.json");
}

torch::Tensor matrix(const Json& rows) {
  std::vector<double> flat;
  for (const auto& row : rows) {
    for (const auto& value : row) flat.push_back(value.get<double>());
  }
  return torch::tensor(flat, torch::kFloat64).reshape({static_cast<int64_t>(rows.size()), -1});
}

torch::Tensor integers(const Json& values) {
  return torch::tensor(values.get<std::vector<int64_t>>(), torch::kInt64);
}

}  // namespace

// The values come from scripts/metric_goldens.py: 60-digit arithmetic, rounded to float64.
TEST_CASE("committed feature goldens agree", "[fast][golden]") {
  ArrayFiles files;
  for (const auto& one : small_goldens()["features"]) {
    INFO(one["name"].get<std::string>());
    MetricsRequest request;
    request.real = files("real", matrix(one["real"]));
    request.fake = files("fake", matrix(one["fake"]));
    request.heldout = files("heldout", matrix(one["heldout"]));
    request.settings.options["memorization.quantile"] = 0.1;
    request.settings.metrics = metric_families().names();
    const auto measured = measure_files(request);
    for (const auto& [name, golden] : one["values"].items()) {
      INFO(name);
      REQUIRE(measured.value(name).has_value());
      // A covariance of less than full rank loses half the digits of its smallest eigenvalues'
      // roots.
      const double tolerance = name == "fid" ? 1e-9 : 1e-12;
      CHECK_THAT(*measured.value(name), WithinAbs(golden.get<double>(), tolerance));
    }
  }
}

TEST_CASE("committed class score, label and bin goldens agree", "[fast][golden]") {
  ArrayFiles files;
  const auto goldens = small_goldens();
  const auto& scores = goldens["scores"];
  MetricsRequest request;
  request.settings.score_splits = scores["splits"].get<int64_t>();
  request.fake_logits = files("logits", matrix(scores["logits"]));
  request.fake_labels = files("labels", integers(goldens["labels"]["labels"]).to(torch::kInt32));
  request.classes = goldens["labels"]["classes"].get<int64_t>();
  request.real_bin_counts = files("real_bins", integers(goldens["bins"]["real"]));
  request.fake_bin_counts = files("fake_bins", integers(goldens["bins"]["fake"]));
  auto measured = measure_files(request);
  const auto near = [&](const char* name, const Json& golden) {
    INFO(name);
    REQUIRE(measured.value(name).has_value());
    CHECK_THAT(*measured.value(name), WithinAbs(golden.get<double>(), 1e-12));
  };
  near("inception_score_mean", scores["values"]["shuffled"][0]);
  near("inception_score_std", scores["values"]["shuffled"][1]);
  near("inception_score_1split", scores["values"]["one_split"]);
  for (const char* name : {"modes", "mode_entropy", "mode_kl"})
    near(name, goldens["labels"]["values"][name]);
  for (const char* name : {"ndb", "jsd"}) near(name, goldens["bins"]["values"][name]);
  request.no_shuffle = true;
  measured = measure_files(request);
  near("inception_score_mean", scores["values"]["in_order"][0]);
  near("inception_score_std", scores["values"]["in_order"][1]);
  const auto rows = torch::arange(23, torch::kFloat64).unsqueeze(1);
  CHECK(shuffle_rows(rows, 2020).flatten().to(torch::kInt64).equal(integers(scores["order"])));
}

TEST_CASE("every sample measure stands in the JSON, with a reason where it is null", "[fast]") {
  ArrayFiles files;
  MetricsRequest request;
  request.real = files("r", gaussian(150, 3, 1).to(torch::kFloat32));
  request.fake = files("f", gaussian(160, 3, 2).to(torch::kFloat32));
  request.settings.metrics = metric_families().names();
  const auto json = metrics_from_files(request);
  for (const auto& spec : metric_specs()) {
    if (spec.group != MetricGroup::kSample || spec.name.back() == '*') continue;
    INFO(spec.name);
    REQUIRE(json.contains(spec.name));
    CHECK(json[spec.name].is_null() == json["reason"].contains(spec.name));
  }
  for (const char* name :
       {"fid", "kid_mean", "kid_std", "kid_exact", "precision", "recall", "density", "coverage"}) {
    CHECK(json[name].is_number());
  }
  CHECK(json["reason"]["inception_score_mean"] == "needs class scores of generated samples");
  CHECK(contains(json["reason"]["ndb"].get<std::string>(), "at least 1000 samples"));
  const auto& protocol = json["protocol"];
  CHECK(protocol["n_real"] == 150);
  CHECK(protocol["n_fake"] == 160);
  CHECK(protocol["data"] == "r.npy");
  CHECK(protocol["data_digest"] == sha256_file(*request.real));
  CHECK(protocol["files"]["fake"]["sha256"] == sha256_file(*request.fake));
  CHECK(protocol["detector"].is_null());
  CHECK(json["warnings"].is_array());
}

TEST_CASE("real and fake keep their roles from the files on", "[fast]") {
  ArrayFiles files;
  const auto real = gaussian(200, 4, 3),
             collapsed = real.slice(0, 0, 1) + gaussian(180, 4, 4, 0, 1e-3);
  MetricsRequest request;
  request.real = files("r", real);
  request.fake = files("f", collapsed);
  const auto json = metrics_from_files(request);
  CHECK(json["precision"].get<double>() >= 0.99);
  CHECK(json["recall"].get<double>() <= 0.01);
}

TEST_CASE("the types of arrays that programs write are read alike", "[fast]") {
  ArrayFiles files;
  const auto real = torch::randint(-9, 9, {40, 3}, make_stream(5, "x"), torch::kFloat64);
  const auto fake = torch::randint(-9, 9, {50, 3}, make_stream(6, "x"), torch::kFloat64);
  MetricsRequest request;
  request.real = files("r", real);
  request.fake = files("f", fake);
  const double plain = metrics_from_files(request)["fid"].get<double>();
  for (const auto type : {torch::kFloat16, torch::kFloat32}) {
    request.real = files("r", real.to(type));
    CHECK(metrics_from_files(request)["fid"].get<double>() == plain);
  }
  MetricsRequest labels;
  labels.classes = 4;
  for (const auto type :
       {torch::kUInt8, torch::kInt8, torch::kInt16, torch::kInt32, torch::kInt64}) {
    labels.fake_labels = files("l", torch::tensor({0, 3, 3, 1}).to(type));
    CHECK(metrics_from_files(labels)["modes"] == 3.0);
  }
  labels.real_labels = files("d", torch::tensor({0, 1, 3, 3}));
  CHECK_THAT(metrics_from_files(labels)["mode_kl"].get<double>(), WithinAbs(0, 1e-15));
}

TEST_CASE("requests that contradict themselves are refused", "[fast]") {
  ArrayFiles files;
  const auto features = files("x", gaussian(20, 3, 1));
  const auto labels = files("l", torch::tensor({0, 1}));
  const auto counts = files("c", torch::tensor({3, 4}));
  const std::pair<MetricsRequest, const char*> wrong[] = {
      {{}, "nothing to measure"},
      {{.real = features}, "--real alone"},
      {{.fake = features}, "--fake alone"},
      {{.fake_probabilities = features, .fake_logits = features},
       "either --fake-probabilities or --fake-logits"},
      {{.fake_labels = labels}, "no number of classes"},
      {{.fake_labels = labels, .classes = 0}, "--classes of at least 1"},
      {{.real_bin_counts = counts}, "--real-bin-counts and --fake-bin-counts together"},
      {{.heldout = features, .fake_logits = features}, "held-out features alone"}};
  for (const auto& [request, message] : wrong) {
    const auto thrown = thrown_by([&request = request] { metrics_from_files(request); });
    INFO(message);
    CHECK(thrown.kind == ErrorKind::kUsage);
    CHECK(contains(thrown.message, message));
  }
}

TEST_CASE("files that do not fit have one clear error each", "[fast]") {
  ArrayFiles files;
  const auto features = files("x", gaussian(20, 3, 1));
  const auto refused = [](const MetricsRequest& request) {
    const auto thrown = thrown_by([&] { metrics_from_files(request); });
    CHECK(thrown.kind == ErrorKind::kData);
    return thrown.message;
  };
  CHECK(contains(refused({.real = features, .fake = files("w", gaussian(20, 4, 1))}),
                 "same number of dimensions"));
  CHECK(contains(refused({.real = features, .fake = files("v", gaussian(20, 4, 1).flatten())}),
                 "shape (N,D)"));
  CHECK(
      contains(refused({.real = features, .fake = files("i", torch::ones({5, 3}, torch::kInt64))}),
               "floating point"));
  CHECK(contains(refused({.real = features, .fake = files("e", torch::zeros({0, 3}))}),
                 "shape (N,D)"));
  CHECK(
      contains(refused({.real = features, .fake = files("n", torch::full({5, 3}, NAN))}), "n.npy"));
  CHECK(contains(refused({.real = features, .fake = features.parent_path() / "none.npy"}),
                 "none.npy"));
  CHECK(contains(refused({.fake_labels = files("f", torch::ones({4})), .classes = 3}),
                 "integers of shape (N)"));
  CHECK(contains(refused({.fake_labels = files("o", torch::tensor({7})), .classes = 3}),
                 "expected 0 to 2, got 7"));
  const auto counts = files("c", torch::tensor({3, 4}));
  CHECK(contains(
      refused({.real_bin_counts = counts, .fake_bin_counts = files("d", torch::tensor({3}))}),
      "number of bins"));
  CHECK(contains(
      refused({.real_bin_counts = counts, .fake_bin_counts = files("z", torch::tensor({0, 0}))}),
      "bin counts"));
}

TEST_CASE("one sample, identical sets and more dimensions than samples give values or reasons",
          "[fast]") {
  ArrayFiles files;
  MetricsRequest request;
  request.real = request.fake = files("same", gaussian(12, 30, 7));
  auto json = metrics_from_files(request);
  CHECK_THAT(json["fid"].get<double>(), WithinAbs(0, 1e-10));
  CHECK(json["precision"] == 1.0);
  CHECK(json["density"].get<double>() == 1.0);
  CHECK(json["warnings"].size() == 2);
  request.fake = files("one", gaussian(1, 30, 8));
  json = metrics_from_files(request);
  for (const char* name : {"fid", "kid_mean", "kid_exact", "precision", "coverage"}) {
    CHECK(json[name].is_null());
    CHECK(contains(json["reason"][name].get<std::string>(), "12 real and 1 generated"));
  }
}

TEST_CASE("statistics of an npz stand in for the features of either side", "[fast]") {
  const test::TempDir folder;
  const auto real = torch::randn({40, 3}, make_generator(1), torch::kFloat64);
  const auto fake = torch::randn({50, 3}, make_generator(2), torch::kFloat64) + 0.5;
  save_npy(folder / "real.npy", real);
  save_npy(folder / "fake.npy", fake);
  const auto moments = feature_moments(real);
  save_npz(folder / "real.npz", {{"mu", moments.mean}, {"sigma", moments.covariance()}});
  MetricsRequest features{.real = folder / "real.npy", .fake = folder / "fake.npy"};
  MetricsRequest mixed{.fake = folder / "fake.npy", .real_statistics = folder / "real.npz"};
  const auto whole = measure_files(features), some = measure_files(mixed);
  CHECK(std::abs(*whole.value("fid") - *some.value("fid")) < 1e-10);
  CHECK(test::contains(some.reason.at("kid_exact"), "serve FID only"));
  CHECK(some.protocol["files"]["real_statistics"]["sha256"] == sha256_file(folder / "real.npz"));
  mixed.real = folder / "real.npy";
  CHECK(test::thrown_by([&] { measure_files(mixed); }).kind == ErrorKind::kUsage);
  save_npz(folder / "bad.npz", {{"mu", torch::zeros({3})}, {"sigma", torch::zeros({3, 4})}});
  MetricsRequest bad{.fake = folder / "fake.npy", .real_statistics = folder / "bad.npz"};
  CHECK(test::contains(test::thrown_by([&] { measure_files(bad); }).message,
                       "bad.npz] expected mu (D) and sigma (D,D)"));
  save_npz(folder / "named.npz", {{"mean", moments.mean}, {"cov", moments.covariance()}});
  MetricsRequest named{.fake = folder / "fake.npy", .real_statistics = folder / "named.npz"};
  CHECK(*measure_files(named).value("fid") == *some.value("fid"));
  auto skew = moments.covariance().clone();
  skew[0][1] += 0.5;
  const auto negative = torch::diag(torch::tensor({1.0, 2.0, -0.5}, torch::kFloat64));
  for (const auto& [matrix, words] : {std::pair(skew, "differs from its transpose by 0.5"),
                                      std::pair(negative, "a direction of variance -0.5")}) {
    save_npz(folder / "bad.npz", {{"mu", moments.mean}, {"sigma", matrix}});
    CHECK(test::contains(test::thrown_by([&] { measure_files(bad); }).message, words));
  }
}

}  // namespace ganselect
