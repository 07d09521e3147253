// Every case of a folder of reference values, given by GANSELECT_GOLDENS (goldens.json and .npy
// files): values of SciPy, torch-fidelity, prdc, statsmodels and 60-digit arithmetic, each with its
// tolerance. All go through the library function behind `ganselect metrics`, so reading the files
// is part of the test.
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/torch/npy.h"
#include "metrics/from_files.h"
#include "metrics/inception_score.h"
#include "metrics/kid.h"
#include "metrics/modes.h"
#include "metrics/ndb.h"
#include "metrics/numerics/numpy_random.h"
#include "metrics/prdc.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

struct GoldenSet {
  std::filesystem::path folder;
  Json cases;

  std::filesystem::path file(const Json& one, const std::string& role) const {
    return folder / one["files"][role].get<std::string>();
  }
};

std::optional<GoldenSet> golden_set() {
  const char* folder = std::getenv("GANSELECT_GOLDENS");
  if (folder == nullptr) return std::nullopt;
  return GoldenSet{folder, read_json_file(std::filesystem::path(folder) / "goldens.json")["cases"]};
}

// Runs `check` on the cases of one kind; a set without any fails, so that a renamed kind cannot
// pass.
void for_each_case(const std::string& kind,
                   const std::function<void(const GoldenSet&, const Json&)>& check) {
  const auto set = golden_set();
  if (!set) SKIP("GANSELECT_GOLDENS is not set");
  int visited = 0;
  for (const auto& one : set->cases) {
    if (one["kind"] != kind) continue;
    ++visited;
    INFO("case " << one["id"].get<std::string>());
    check(*set, one);
  }
  CHECK(visited > 0);
}

void check_golden(const std::string& name, double ours, double golden, double atol,
                  double rtol = 0) {
  INFO(name);
  CHECK_THAT(ours, WithinAbs(golden, atol + rtol * std::abs(golden)));
}

MetricsRequest feature_request(const GoldenSet& set, const Json& one) {
  MetricsRequest request;
  request.real = set.file(one, "real");
  request.fake = set.file(one, "fake");
  return request;
}

double number(const Json& json, const std::string& key) {
  INFO(key);
  REQUIRE(json[key].is_number());
  return json[key].get<double>();
}

void check_kid(const Json& golden, const Json& ours) {
  const auto& full = golden["full_sample_unbiased_mmd2"];
  check_golden("kid_exact", number(ours, "kid_exact"), full["golden"], full["atol"], full["rtol"]);
  if (!golden.contains("subset_estimate")) {
    CHECK(ours["kid_mean"].is_null());
    CHECK(ours["reason"].contains("kid_mean"));
    return;
  }
  const auto& subsets = golden["subset_estimate"];
  CHECK(ours["protocol"]["measures"]["kid_mean"]["subset_size"] ==
        subsets["params"]["subset_size"]);
  // The subsets are torch-fidelity's own, so the narrow tolerance holds.
  check_golden("kid_mean", number(ours, "kid_mean"), subsets["golden_mean"],
               subsets["atol_same_subsets"], subsets["rtol_same_subsets"]);
  check_golden("kid_std", number(ours, "kid_std"), subsets["golden_std"],
               subsets["atol_same_subsets"], subsets["rtol_same_subsets"]);
  const auto& own = subsets["own_random_subsets"];
  check_golden("kid_mean against all pairs", number(ours, "kid_mean"), own["expected_mean"],
               own["accept_abs"]);
}

void check_manifolds(const GoldenSet& set, const Json& one, const Json& ours) {
  const auto& golden = one["metrics"]["prdc"];
  for (const char* name : {"precision", "recall", "density", "coverage"}) {
    check_golden(name, number(ours, name), golden["golden"][name], 1e-12);
  }
  const auto real = load_npy(set.file(one, "real")), fake = load_npy(set.file(one, "fake"));
  const auto closed = manifold_scores(real, fake, {{.nearest_k = 5, .closed = true}}).front();
  check_golden("precision, closed balls", closed.precision, golden["golden_with_<="]["precision"],
               1e-12);
  check_golden("recall, closed balls", closed.recall, golden["golden_with_<="]["recall"], 1e-12);
  check_golden("density, closed balls", closed.density, golden["golden_with_<="]["density"], 1e-12);
  check_golden("coverage, closed balls", closed.coverage, golden["golden_with_<="]["coverage"],
               1e-12);
  const auto& authors = golden["torch_fidelity_prc"]["k3"];
  // Its figures are shares rounded to float32.
  check_golden("precision_k3", number(ours, "precision_k3"), authors["precision"], 1e-7);
  check_golden("recall_k3", number(ours, "recall_k3"), authors["recall"], 1e-7);
}

void check_bins(const Json& one, const Json& ours) {
  const auto& golden = one["metrics"];
  CHECK(number(ours, "ndb") == golden["ndb"]["golden_ndb"].get<double>());
  check_golden("jsd", number(ours, "jsd"), golden["jsd"]["golden"], golden["jsd"]["atol"],
               golden["jsd"]["rtol"]);
}

// Digits 0 to 9 among MNIST's 60,000 training images.
torch::Tensor stacked_mnist_frequencies() {
  const auto digits =
      torch::tensor({5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}, torch::kFloat64) /
      60000;
  return torch::outer(torch::outer(digits, digits).flatten(), digits).flatten();
}

}  // namespace

TEST_CASE("feature goldens: FID, KID, precision, recall, density and coverage agree",
          "[slow][golden]") {
  for_each_case("features", [](const GoldenSet& set, const Json& one) {
    const auto ours = metrics_from_files(feature_request(set, one));
    const auto& fid = one["metrics"]["fid"];
    check_golden("fid", number(ours, "fid"), fid["golden"], fid["atol"], fid["rtol"]);
    check_kid(one["metrics"]["kid"], ours);
    check_manifolds(set, one, ours);
  });
}

TEST_CASE("feature goldens: KID over stored subsets agrees", "[slow][golden]") {
  int with_indices = 0;
  for_each_case("features", [&](const GoldenSet& set, const Json& one) {
    const auto& kid = one["metrics"]["kid"];
    if (!kid.contains("subset_estimate") || !kid["subset_estimate"].contains("index_files")) return;
    ++with_indices;
    const auto& subsets = kid["subset_estimate"];
    const auto& files = subsets["index_files"];
    const KidSubsets given{
        load_npy(set.folder / files["fake"].get<std::string>()).to(torch::kInt64),
        load_npy(set.folder / files["real"].get<std::string>()).to(torch::kInt64)};
    const auto values =
        kernel_distance(load_npy(set.file(one, "real")), load_npy(set.file(one, "fake")), given)
            .subset_values;
    check_golden("mean", values.mean().item<double>(), subsets["golden_mean"],
                 subsets["atol_same_subsets"], subsets["rtol_same_subsets"]);
    check_golden("std", values.std(false).item<double>(), subsets["golden_std"],
                 subsets["atol_same_subsets"], subsets["rtol_same_subsets"]);
    const auto drawn = draw_kid_subsets(one["n_real"], one["n_fake"], given.fake.size(0),
                                        given.fake.size(1), 2020);
    CHECK(drawn.fake.equal(given.fake));
    CHECK(drawn.real.equal(given.real));
  });
  CHECK(with_indices > 0);
}

TEST_CASE("class score goldens: the inception score agrees, shuffled and not, split by split",
          "[slow][golden]") {
  for_each_case("class_scores", [](const GoldenSet& set, const Json& one) {
    MetricsRequest request;
    const bool logits = one["files"].contains("logits");
    (logits ? request.fake_logits : request.fake_probabilities) =
        set.file(one, logits ? "logits" : "probs");
    const auto& score = one["metrics"]["inception_score"];
    for (const bool shuffled : {false, true}) {
      const auto& golden = score[shuffled ? "shuffled_seed2020" : "no_shuffle"];
      request.no_shuffle = !shuffled;
      const auto ours = metrics_from_files(request);
      check_golden("mean", number(ours, "inception_score_mean"), golden["golden_mean"],
                   golden["atol"], golden["rtol"]);
      check_golden("std", number(ours, "inception_score_std"), golden["golden_std"], golden["atol"],
                   golden["rtol"]);
    }
    Detections scores;
    scores.logits = load_npy(logits ? *request.fake_logits : *request.fake_probabilities);
    scores.scores_are_probabilities = !logits;
    const auto& splits = score["no_shuffle"]["split_scores"];
    const auto ours =
        inception_scores(class_probabilities(scores), static_cast<int64_t>(splits.size()));
    for (std::size_t i = 0; i < splits.size(); ++i) {
      check_golden("split", ours[i], splits[i], score["no_shuffle"]["atol"],
                   score["no_shuffle"]["rtol"]);
    }
    const auto order =
        load_npy(set.file(one, "shuffle_permutation")).to(torch::kInt64).contiguous();
    const auto drawn = NumpyRandom(2020).permutation(order.size(0));
    CHECK(torch::tensor(drawn, torch::kInt64).equal(order));
  });
}

TEST_CASE("label goldens: modes and their divergence agree", "[slow][golden]") {
  for_each_case("mode_labels", [](const GoldenSet& set, const Json& one) {
    MetricsRequest request;
    request.fake_labels = set.file(one, "labels");
    request.classes = one["classes"].get<int64_t>();
    const auto ours = metrics_from_files(request);
    const auto& golden = one["metrics"]["mode_count"];
    CHECK(number(ours, "modes") == golden["modes"].get<double>());
    const auto& uniform = golden["kl_gen_vs_uniform"];
    check_golden("mode_kl", number(ours, "mode_kl"), uniform["golden"], uniform["atol"],
                 uniform["rtol"]);
    const auto& product = golden["kl_gen_vs_mnist_train_product"];
    const auto histogram = class_histogram(load_npy(*request.fake_labels), *request.classes);
    check_golden("kl to the product of digits",
                 histogram_kl(histogram, stacked_mnist_frequencies()), product["golden"],
                 product["atol"], product["rtol"]);
  });
}

TEST_CASE("bin count goldens: NDB, every p-value and JSD agree", "[slow][golden]") {
  for_each_case("bin_counts", [](const GoldenSet& set, const Json& one) {
    MetricsRequest request;
    request.real_bin_counts = set.file(one, "train_counts");
    request.fake_bin_counts = set.file(one, "gen_counts");
    check_bins(one, metrics_from_files(request));
    const auto golden = load_npy(set.file(one, "p_values"));
    const auto ours =
        compare_bins(load_npy(*request.real_bin_counts), load_npy(*request.fake_bin_counts))
            .p_values;
    CHECK(ours.isnan().equal(golden.isnan()));
    CHECK(torch::allclose(ours, golden, /*rtol=*/1e-10, /*atol=*/1e-14, /*equal_nan=*/true));
  });
}

}  // namespace ganselect
