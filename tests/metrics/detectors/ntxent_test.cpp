#include "metrics/detectors/ntxent.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/torch/generators.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

using Catch::Matchers::WithinAbs;

struct Views {
  torch::Tensor first, second;
};

// Views that agree a little, of unlike lengths.
Views drawn_views(int64_t n, int64_t d) {
  auto random = make_generator(11);
  const auto base = torch::randn({n, d}, random, torch::kFloat64);
  const auto length = torch::rand({n, 1}, random, torch::kFloat64) * 4 + 0.5;
  return {.first = (base + 0.7 * torch::randn({n, d}, random, torch::kFloat64)) * length,
          .second = base + 0.7 * torch::randn({n, d}, random, torch::kFloat64)};
}

// Equation 1 of the paper, term by term.
double ntxent_by_loop(const Views& views, double temperature) {
  const auto all = torch::cat({views.first, views.second});
  const auto n = views.first.size(0), d = all.size(1);
  const auto rows = all.accessor<double, 2>();
  const auto similarity = [&](int64_t i, int64_t j) {
    double dot = 0, a = 0, b = 0;
    for (int64_t c = 0; c < d; ++c) {
      dot += rows[i][c] * rows[j][c];
      a += rows[i][c] * rows[i][c];
      b += rows[j][c] * rows[j][c];
    }
    return dot / std::sqrt(a * b) / temperature;
  };
  double total = 0;
  for (int64_t i = 0; i < 2 * n; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < 2 * n; ++j)
      if (j != i) sum += std::exp(similarity(i, j));
    total += -similarity(i, (i + n) % (2 * n)) + std::log(sum);
  }
  return total / static_cast<double>(2 * n);
}

TEST_CASE("NT-Xent is the paper's sum, term by term", "[fast][embedding]") {
  const auto views = drawn_views(7, 5);
  for (const double temperature : {0.1, 0.5, 2.0}) {
    const double loss = ntxent_loss(views.first, views.second, temperature).item<double>();
    // The same sum in another order.
    CHECK_THAT(loss, WithinAbs(ntxent_by_loop(views, temperature), 1e-12));
  }
}

TEST_CASE("NT-Xent's gradients are those of finite differences", "[fast][embedding]") {
  auto views = drawn_views(4, 3);
  views.first.set_requires_grad(true);
  views.second.set_requires_grad(true);
  ntxent_loss(views.first, views.second, 0.3).backward();
  constexpr double kStep = 1e-5;
  torch::NoGradGuard no_grad;
  for (auto* view : {&views.first, &views.second}) {
    for (int64_t i = 0; i < view->numel(); ++i) {
      auto entry = view->view(-1)[i];
      const double before = entry.item<double>();
      entry.fill_(before + kStep);
      const double up = ntxent_by_loop(views, 0.3);
      entry.fill_(before - kStep);
      const double down = ntxent_by_loop(views, 0.3);
      entry.fill_(before);
      // Central differences err by kStep^2 times a third derivative of order 100, and rounding
      // 1e-16 / kStep.
      CHECK_THAT(view->grad().view(-1)[i].item<double>(),
                 WithinAbs((up - down) / (2 * kStep), 1e-8));
    }
  }
}

TEST_CASE("NT-Xent of views that all coincide is the log of the others' number",
          "[fast][embedding]") {
  const auto same = torch::ones({6, 4}, torch::kFloat64);
  CHECK_THAT(ntxent_loss(same, 3 * same, 0.2).item<double>(), WithinAbs(std::log(11.0), 1e-12));
}

TEST_CASE("NT-Xent falls when a pair is put right", "[fast][embedding]") {
  const auto views = drawn_views(8, 6);
  const auto wrong = views.first.roll(1, 0);
  CHECK(ntxent_loss(views.first, views.second, 0.5).item<double>() + 0.3 <
        ntxent_loss(wrong, views.second, 0.5).item<double>());
}

TEST_CASE("NT-Xent refuses what it cannot be taken of", "[fast][embedding]") {
  const auto x = torch::ones({3, 2});
  CHECK(test::thrown_by([&] { ntxent_loss(x, x, 0.0); }).kind == ErrorKind::kUsage);
  CHECK(test::thrown_by([&] {
          ntxent_loss(x, torch::ones({3, 3}), 1.0);
        }).message ==
        "[NT-Xent] expected two views (N,P) of at least two images, got [3, 2] and [3, 3]");
  CHECK(test::thrown_by([&] { ntxent_loss(x.slice(0, 0, 1), x.slice(0, 0, 1), 1.0); }).kind ==
        ErrorKind::kUsage);
}

}  // namespace
}  // namespace ganselect
