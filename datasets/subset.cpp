#include "datasets/subset.h"

#include <torch/torch.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "datasets/random.h"

namespace ganselect {
namespace {

// Selection sampling (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
std::vector<int64_t> selection(int64_t n, int64_t count, SampleRandom random) {
  std::vector<int64_t> rows;
  rows.reserve(static_cast<std::size_t>(count));
  for (int64_t row = 0; row < n && static_cast<int64_t>(rows.size()) < count; ++row) {
    const auto wanted = static_cast<double>(count) - static_cast<double>(rows.size());
    if (random.uniform() * static_cast<double>(n - row) < wanted) rows.push_back(row);
  }
  return rows;
}

// Shares of `count` in proportion to `sizes`, the largest remainders rounded up.
std::vector<int64_t> shares(const std::vector<int64_t>& sizes, int64_t n, int64_t count) {
  std::vector<int64_t> taken, order(sizes.size());
  for (const auto size : sizes) taken.push_back(count * size / n);
  std::iota(order.begin(), order.end(), 0);
  const auto remainder = [&](int64_t k) { return count * sizes[static_cast<std::size_t>(k)] % n; };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return remainder(a) > remainder(b); });
  const auto left = count - std::accumulate(taken.begin(), taken.end(), int64_t{0});
  for (int64_t i = 0; i < left; ++i)
    ++taken[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])];
  return taken;
}

void check_draw(int64_t n, const SampleDraw& draw) {
  if (n >= 1 && draw.count >= 1) return;
  fail(ErrorKind::kData, {.where = "drawn samples",
                          .expected = "at least one sample",
                          .got = std::to_string(std::min(n, draw.count))});
}

}  // namespace

torch::Tensor drawn_rows(int64_t n, const SampleDraw& draw) {
  check_draw(n, draw);
  if (draw.count >= n) return torch::arange(n, torch::kInt64);
  return torch::tensor(selection(n, draw.count, SampleRandom(draw.seed, 0)), torch::kInt64);
}

torch::Tensor drawn_rows(int64_t n, const torch::Tensor& labels, const SampleDraw& draw) {
  check_draw(n, draw);
  if (!labels.defined() || draw.count >= n) return drawn_rows(n, draw);
  const auto classes = std::get<0>(at::_unique(labels));
  std::vector<torch::Tensor> members;
  std::vector<int64_t> sizes;
  for (int64_t k = 0; k < classes.size(0); ++k) {
    members.push_back(labels.eq(classes[k]).nonzero().squeeze(1));
    sizes.push_back(members.back().size(0));
  }
  const auto taken = shares(sizes, n, draw.count);
  std::vector<torch::Tensor> rows;
  for (std::size_t k = 0; k < members.size(); ++k) {
    // A stream to a class, so that one class's size does not move another's draw.
    const auto chosen = selection(sizes[k], taken[k], SampleRandom(draw.seed, 1 + k));
    rows.push_back(members[k].index_select(0, torch::tensor(chosen, torch::kInt64)));
  }
  return std::get<0>(torch::cat(rows).sort());
}

Json draw_protocol(int64_t n, bool by_class, const SampleDraw& draw) {
  if (draw.count >= n) return nullptr;
  return {{"of", n}, {"seed", draw.seed}, {"by", by_class ? "class" : "chance"}};
}

}  // namespace ganselect
