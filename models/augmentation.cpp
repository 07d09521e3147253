#include "models/augmentation.h"

namespace ganselect {
namespace {

using torch::Tensor;

constexpr double kShiftShare = 0.125, kCutShare = 0.5;

// Of each image, uniform in [low, high).
Tensor drawn_factors(const Tensor& x, double low, double high, torch::Generator& random) {
  return torch::rand({x.size(0), 1, 1, 1}, random, x.options()) * (high - low) + low;
}

// int64 (N), uniform over low, ..., high.
Tensor drawn_whole(const Tensor& x, std::int64_t low, std::int64_t high, torch::Generator& random) {
  return torch::randint(low, high + 1, {x.size(0)}, random,
                        torch::TensorOptions().dtype(torch::kInt64).device(x.device()));
}

Tensor colored(const Tensor& x, torch::Generator& random) {
  auto y = x + drawn_factors(x, -0.5, 0.5, random);
  const auto grey = y.mean(1, /*keepdim=*/true);
  y = (y - grey) * drawn_factors(x, 0.0, 2.0, random) + grey;
  const auto mean = y.mean({1, 2, 3}, /*keepdim=*/true);
  return (y - mean) * drawn_factors(x, 0.5, 1.5, random) + mean;
}

// (N, size, size): row i of matrix n is the unit vector of i - shift[n], or zero outside.
Tensor shift_matrix(const Tensor& shift, std::int64_t size, const Tensor& like) {
  const auto places = torch::arange(size, shift.options());
  const auto from = places.view({1, size, 1}) - shift.view({-1, 1, 1});
  return from.eq(places.view({1, 1, size})).to(like.scalar_type());
}

// (N, size): 1 within the square's side.
Tensor within(const Tensor& centre, std::int64_t side, std::int64_t size) {
  const auto offset =
      torch::arange(size, centre.options()).view({1, size}) - centre.view({-1, 1}) + side / 2;
  return offset.ge(0).logical_and(offset.lt(side));
}

}  // namespace

// Products with 0/1 matrices in place of an indexed copy: their derivatives are products too, and a
// shift of 32 x 32 pixels costs less than a first convolution.
Tensor shifted(const Tensor& x, const Tensor& down, const Tensor& right) {
  const auto rows = shift_matrix(down, x.size(2), x).unsqueeze(1);
  const auto columns = shift_matrix(right, x.size(3), x).unsqueeze(1);
  return torch::matmul(torch::matmul(rows, x), columns.transpose(2, 3));
}

Tensor cut_out(const Tensor& x, const Tensor& row, const Tensor& column, std::int64_t side) {
  const auto rows = within(row, side, x.size(2)).unsqueeze(2);
  const auto columns = within(column, side, x.size(3)).unsqueeze(1);
  return x * rows.logical_and(columns).logical_not().unsqueeze(1).to(x.scalar_type());
}

Tensor diffaugment(const Tensor& x, torch::Generator& random, AugmentationPolicies policies) {
  const auto size = x.size(2);
  auto y = policies.color ? colored(x, random) : x;
  if (policies.translation) {
    const auto reach = static_cast<std::int64_t>(static_cast<double>(size) * kShiftShare + 0.5);
    const auto down = drawn_whole(x, -reach, reach, random);
    const auto right = drawn_whole(x, -reach, reach, random);
    y = shifted(y, down, right);
  }
  if (policies.cutout) {
    const auto side = static_cast<std::int64_t>(static_cast<double>(size) * kCutShare + 0.5);
    const auto last = size - side % 2;
    const auto row = drawn_whole(x, 0, last, random), column = drawn_whole(x, 0, last, random);
    y = cut_out(y, row, column, side);
  }
  return y.contiguous(torch::MemoryFormat::ChannelsLast);
}

Tensor mirrored_at_random(const Tensor& x, torch::Generator& random) {
  const auto mirrors = drawn_whole(x, 0, 1, random).to(torch::kBool).view({-1, 1, 1, 1});
  return torch::where(mirrors, x.flip(3), x).contiguous(x.suggest_memory_format());
}

}  // namespace ganselect
