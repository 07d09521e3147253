#include "metrics/fid.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "tests/metrics/feature_sets.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::gaussian;
using test::thrown_by;

// In two dimensions tr (S1 S2)^(1/2) has a closed form: (a + b)^2 = a^2 + b^2 + 2 a b for the two
// roots a and b.
double fid_in_the_plane(const torch::Tensor& x, const torch::Tensor& y) {
  const auto s1 = x.t().cov(), s2 = y.t().cov();
  const double product = s1.mm(s2).trace().item<double>();
  const double determinants = (torch::det(s1) * torch::det(s2)).item<double>();
  const double root = std::sqrt(product + 2 * std::sqrt(determinants));
  return (x.mean(0) - y.mean(0)).square().sum().item<double>() + (s1 + s2).trace().item<double>() -
         2 * root;
}

}  // namespace

TEST_CASE("FID of two squares, worked by hand, divides by N - 1", "[fast]") {
  const auto real = torch::tensor({{0., 0.}, {2., 0.}, {0., 2.}, {2., 2.}}, torch::kFloat64);
  const auto fake = torch::tensor({{1., 1.}, {5., 1.}, {1., 5.}, {5., 5.}}, torch::kFloat64);
  // Means (1,1) and (3,3): 8. Covariances 4/3 and 16/3 times the unit matrix: 2 (4/3 + 16/3 - 2 *
  // 8/3) = 8/3. Dividing by N instead would give 8 + 2 (1 + 4 - 4) = 10.
  CHECK_THAT(frechet_inception_distance(real, fake), WithinAbs(8 + 8.0 / 3, 1e-12));
}

TEST_CASE("FID agrees with the closed form in the plane where covariances do not commute",
          "[fast]") {
  const auto turn = torch::tensor({{1.0, 0.7}, {-0.2, 0.3}}, torch::kFloat64);
  const auto real = gaussian(50, 2, 1), fake = gaussian(31, 2, 2, 0.5).mm(turn);
  CHECK_THAT(frechet_inception_distance(real, fake),
             WithinRel(fid_in_the_plane(real, fake), 1e-12));
}

TEST_CASE("FID of a shifted or scaled set is known, also with fewer samples than dimensions",
          "[fast]") {
  for (const int64_t n : {200, 12}) {
    INFO("samples " << n);
    const auto real = gaussian(n, 20, 3);
    CHECK_THAT(frechet_inception_distance(real, real), WithinAbs(0, 1e-11));
    // Equal covariances: only the means count, 20 * 0.3^2.
    CHECK_THAT(frechet_inception_distance(real, real + 0.3), WithinAbs(1.8, 1e-10));
    // Covariance a^2 S beside S: (a - 1)^2 tr S; the mean moves by (a - 1) m.
    const double trace = real.var(0).sum().item<double>(),
                 centre = real.mean(0).square().sum().item<double>();
    CHECK_THAT(frechet_inception_distance(real, real * 3), WithinRel(4 * (trace + centre), 1e-10));
  }
}

TEST_CASE("FID of constant, huge and tiny features stays finite", "[fast]") {
  const auto one = torch::full({10, 3}, 2.0, torch::kFloat64),
             other = torch::full({12, 3}, 5.0, torch::kFloat64);
  CHECK_THAT(frechet_inception_distance(one, other), WithinAbs(27, 1e-12));
  const auto real = gaussian(40, 8, 4), fake = gaussian(40, 8, 5, 0.2);
  const double plain = frechet_inception_distance(real, fake);
  CHECK_THAT(frechet_inception_distance(real * 1e4, fake * 1e4), WithinRel(plain * 1e8, 1e-9));
  CHECK_THAT(frechet_inception_distance(real * 1e-6, fake * 1e-6), WithinRel(plain * 1e-12, 1e-9));
  // Squares beyond the range of float64 give a missing value, not NaN.
  const auto overflow = test::measure_family("fid", test::feature_input(real * 1e200, fake));
  CHECK_FALSE(overflow.value("fid").has_value());
  CHECK(overflow.reason.at("fid") == "not a finite number");
}

TEST_CASE("FID agrees with singular values whether or not eigenvalues decide it", "[fast]") {
  // Spectra that fall slowly, where the eigenvalues' error bound is met, and fast, where it is not.
  for (const double power : {0.5, 1.0, 2.0, 6.0}) {
    INFO(power);
    const auto scale = torch::arange(1, 521, torch::kFloat64).pow(-power);
    const auto turn = std::get<0>(torch::linalg_qr(gaussian(520, 520, 71)));
    const auto a = gaussian_factor(gaussian(700, 520, 72) * scale);
    const auto b = gaussian_factor((gaussian(700, 520, 73) * scale).mm(turn) + 0.1);
    const auto cross = a.factor.mm(b.factor.t());
    const double expected = ((a.mean - b.mean).square().sum() + a.factor.square().sum() +
                             b.factor.square().sum() - 2 * torch::linalg_svdvals(cross).sum())
                                .item<double>();
    CHECK_THAT(frechet_distance(a, b), WithinRel(expected, 1e-10));
  }
}

TEST_CASE("FID does not change with the order of samples or a rotation of the space", "[fast]") {
  const auto real = gaussian(70, 6, 6), fake = gaussian(55, 6, 7, 0.4, 1.3);
  const double plain = frechet_inception_distance(real, fake);
  CHECK_THAT(frechet_inception_distance(test::reversed_rows(real), fake), WithinRel(plain, 1e-11));
  CHECK_THAT(frechet_inception_distance(fake, real), WithinRel(plain, 1e-11));
  const auto rotation = std::get<0>(torch::linalg_qr(gaussian(6, 6, 8)));
  CHECK_THAT(frechet_inception_distance(real.mm(rotation), fake.mm(rotation)),
             WithinRel(plain, 1e-11));
}

TEST_CASE("more noise makes FID worse", "[fast]") {
  const auto real = gaussian(300, 5, 9), base = gaussian(300, 5, 10), noise = gaussian(300, 5, 11);
  double before = frechet_inception_distance(real, base);
  for (const double amount : {0.5, 1.0, 2.0}) {
    const double now = frechet_inception_distance(real, base + noise * amount);
    CHECK(now > before);
    before = now;
  }
}

TEST_CASE("moments are the same from pieces of any size", "[fast]") {
  const auto features =
      gaussian(256, 7, 12, 1000, 0.01);  // a mean far from 0 loses digits when squares are summed
  const auto whole = feature_moments(features);
  CHECK(torch::allclose(whole.covariance(), features.t().cov(), 1e-10, 0));
  for (const int64_t chunk : {1, 17, 256}) {
    const auto parts = feature_moments(features, chunk);
    CHECK(parts.count == 256);
    CHECK(torch::allclose(parts.mean, whole.mean, 1e-14, 0));
    CHECK(torch::allclose(parts.covariance(), whole.covariance(), 1e-9, 1e-16));
  }
  const auto joined =
      merge(feature_moments(features.slice(0, 0, 100)), feature_moments(features.slice(0, 100)));
  CHECK(torch::allclose(joined.covariance(), whole.covariance(), 1e-9, 1e-16));
}

TEST_CASE("moments of rows that drift far away keep what lies between the chunks", "[fast]") {
  const auto place = torch::arange(10, torch::kFloat64).repeat_interleave(30).unsqueeze(1) * 1e4;
  const auto features = gaussian(300, 5, 13, 0, 1.0).to(torch::kFloat64) + place;
  const auto centred = features - features.mean(0);
  const auto expected = centred.t().mm(centred) / 299;
  for (const int64_t chunk : {7, 30, 299, 1000}) {
    CHECK(torch::allclose(feature_moments(features, chunk).covariance(), expected, 1e-12, 0));
  }
}

TEST_CASE("FID from sums agrees with FID from samples", "[fast]") {
  for (const int64_t n : {120, 9}) {
    const auto real = gaussian(n, 16, 13), fake = gaussian(n + 3, 16, 14, 0.1, 1.5);
    const double samples = frechet_distance(gaussian_factor(real), gaussian_factor(fake));
    const double sums = frechet_distance(gaussian_factor(feature_moments(real)),
                                         gaussian_factor(feature_moments(fake)));
    CHECK_THAT(
        sums,
        WithinRel(samples, 1e-6));  // roots of eigenvalues that rounding made 1e-16 instead of 0
  }
}

TEST_CASE("whichever way suits the size, the statistics give one FID", "[fast]") {
  // Well-conditioned sets are summed, nearly singular ones are not: variances fall to 1, 1e-6,
  // 1e-10 of the largest, around a mean far from 0.
  for (const double power : {0.0, 1.7, 2.8}) {
    INFO(power);
    const auto scale = torch::arange(1, 65, torch::kFloat64).pow(-power);
    const auto real = gaussian(500, 64, 81) * scale + 3, fake = gaussian(400, 64, 82) * scale + 3.1;
    CHECK(stable_factor(feature_moments(real)).has_value() == (power < 2.2));
    const double samples = frechet_distance(gaussian_factor(real), gaussian_factor(fake));
    CHECK_THAT(frechet_inception_distance(real, fake), WithinRel(samples, 1e-9));
  }
}

TEST_CASE("FID of many dimensions is that of the closed form, singular or not", "[fast]") {
  // A set and its scaled, shifted copy commute: |shift|^2 d + (scale - 1)^2 tr S.
  const int64_t d = 520;
  const auto full = gaussian(1100, d, 31), flat = gaussian(1100, 40, 32).mm(gaussian(40, d, 33));
  for (const auto& real : {full, flat}) {
    const auto moments = feature_moments(real, 300);
    CHECK(torch::allclose(moments.covariance(), real.t().cov(), 1e-12, 1e-12));
    const auto fake = real * 1.5 + 0.25;
    const double expected = 0.25 * moments.covariance().trace().item<double>() +
                            (fake.mean(0) - real.mean(0)).square().sum().item<double>();
    CHECK_THAT(frechet_distance(gaussian_factor(moments), gaussian_factor(feature_moments(fake))),
               WithinRel(expected, 1e-8));
    CHECK_THAT(frechet_distance(gaussian_factor(real), gaussian_factor(fake)),
               WithinRel(expected, 1e-9));
  }
}

TEST_CASE("FID is missing below two samples and carries a warning below the number of dimensions",
          "[fast]") {
  const auto one =
      test::measure_family("fid", test::feature_input(gaussian(1, 4, 15), gaussian(9, 4, 16)));
  CHECK_FALSE(one.value("fid").has_value());
  CHECK(one.reason.at("fid") == "needs at least 2 samples of each, got 1 real and 9 generated");
  const auto few =
      test::measure_family("fid", test::feature_input(gaussian(30, 4, 15), gaussian(4, 4, 16)));
  CHECK(few.value("fid").has_value());
  REQUIRE(few.warnings.size() == 1);
  CHECK(few.warnings[0]["code"] == "fewer_samples_than_dimensions");
  CHECK(test::contains(few.warnings[0]["message"].get<std::string>(),
                       "4 generated samples in 4 dimensions"));
  CHECK(test::measure_family("fid", test::feature_input(gaussian(30, 4, 15), gaussian(5, 4, 16)))
            .warnings.empty());
  CHECK(thrown_by([] { gaussian_factor(gaussian(1, 4, 15)); }).kind == ErrorKind::kData);
  CHECK(thrown_by([] { frechet_inception_distance(gaussian(9, 4, 1), gaussian(9, 5, 1)); }).kind ==
        ErrorKind::kData);
}

TEST_CASE("the FID gap is above 0 for copies of training samples", "[fast]") {
  auto input = test::feature_input(gaussian(400, 6, 17), {});
  input.heldout.features = gaussian(150, 6, 18);
  input.fake.features = input.real.features + gaussian(400, 6, 19, 0, 0.01);
  const double copied = *test::measure_family("fid_gap", input).value("fid_gap");
  // The 150 that are drawn are among the 400 copied, which lie around them too.
  CHECK(copied > 0.01);
  input.fake.features = input.heldout.features + gaussian(150, 6, 19, 0, 0.01);
  CHECK(*test::measure_family("fid_gap", input).value("fid_gap") < -0.05);
  CHECK(test::measure_family("fid_gap", input).protocol["measures"]["fid_gap"]["n_reference"] ==
        150);
}

TEST_CASE("the gap of a reference sorted by class is that of a shuffled one", "[fast][fid]") {
  // 600 samples of two classes far apart, sorted; a third as many are held out.
  const auto sorted = torch::cat({gaussian(300, 4, 1), gaussian(300, 4, 2, 6.0)});
  auto input =
      test::feature_input(sorted, torch::cat({gaussian(200, 4, 3), gaussian(200, 4, 4, 6.0)}));
  input.heldout.features = torch::cat({gaussian(100, 4, 5), gaussian(100, 4, 6, 6.0)});
  const auto measured = test::measure_family("fid_gap", input);
  // The first 200 alone would be of one class, at an FID of several times ten.
  CHECK(std::abs(*measured.value("fid_gap")) < 1);
  CHECK(measured.protocol["measures"]["fid_gap"]["seed"] == EvaluationSettings{}.seed);
}
}  // namespace ganselect
