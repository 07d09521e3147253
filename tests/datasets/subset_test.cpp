#include "datasets/subset.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/errors.h"

namespace ganselect {

TEST_CASE("a draw is ascending, of its size, and of its seed alone", "[fast][subset]") {
  const auto rows = drawn_rows(1000, {.count = 100, .seed = 5});
  CHECK(rows.size(0) == 100);
  CHECK(rows.min().item<std::int64_t>() >= 0);
  CHECK(rows.max().item<std::int64_t>() < 1000);
  CHECK((rows.slice(0, 1) - rows.slice(0, 0, 99)).gt(0).all().item<bool>());
  CHECK(torch::equal(rows, drawn_rows(1000, {.count = 100, .seed = 5})));
  CHECK_FALSE(torch::equal(rows, drawn_rows(1000, {.count = 100, .seed = 6})));
  CHECK(torch::equal(drawn_rows(4, {.count = 9, .seed = 5}), torch::arange(4)));
  CHECK(test::thrown_by([] { drawn_rows(0, {.count = 5}); }).kind == ErrorKind::kData);
  CHECK(test::thrown_by([] { drawn_rows(5, {.count = 0}); }).kind == ErrorKind::kData);
}

TEST_CASE("every row is drawn as often as any other", "[fast][subset]") {
  constexpr int kDraws = 4000;
  auto counts = torch::zeros({20}, torch::kFloat64);
  for (int seed = 0; seed < kDraws; ++seed)
    counts.index_add_(0, drawn_rows(20, {.count = 5, .seed = static_cast<std::uint64_t>(seed)}),
                      torch::ones({5}, torch::kFloat64));
  // Binomial with p = 1/4; five standard deviations for each of twenty.
  const double expected = kDraws / 4.0, deviation = std::sqrt(kDraws * 0.25 * 0.75);
  CHECK((counts - expected).abs().max().item<double>() < 5 * deviation);
}

TEST_CASE("a draw by class takes each class's share of a sorted set", "[fast][subset]") {
  // 600, 300, 99 and 1 of class 0, 2, 3 and 7; 4 is of no one.
  const auto labels = torch::cat(
      {torch::full({600}, 0), torch::full({300}, 2), torch::full({99}, 3), torch::full({1}, 7)});
  const SampleDraw draw{.count = 101, .seed = 8};
  const auto drawn = labels.index_select(0, drawn_rows(1000, labels, draw));
  // Shares 60.6, 30.3, 9.999 and 0.101: the two largest remainders are rounded up.
  CHECK(torch::bincount(drawn).equal(torch::tensor({61, 0, 30, 10})));
  CHECK(torch::equal(drawn_rows(1000, {}, draw), drawn_rows(1000, draw)));
  CHECK(torch::equal(drawn_rows(1000, labels, {.count = 1000}), torch::arange(1000)));
}

TEST_CASE("a protocol names a draw, and nothing where all are taken", "[fast][subset]") {
  CHECK(draw_protocol(10, true, {.count = 4, .seed = 3}) ==
        Json{{"of", 10}, {"seed", 3}, {"by", "class"}});
  CHECK(draw_protocol(10, false, {.count = 4, .seed = 3})["by"] == "chance");
  CHECK(draw_protocol(10, false, {.count = 10}).is_null());
}

}  // namespace ganselect
