#include "models/masks.h"

namespace ganselect {
namespace {

constexpr std::int64_t kMostHoles = 4;  // of the law `random`

// 1 outside of the rectangles whose rows and columns begin at (n) and are so many (n).
torch::Tensor outside(const torch::Tensor& top, const torch::Tensor& left,
                      const torch::Tensor& height, const torch::Tensor& width, std::int64_t size) {
  const auto places = torch::arange(size, top.options()).view({1, size});
  const auto within = [&](const torch::Tensor& from, const torch::Tensor& count) {
    const auto at = places - from.view({-1, 1});
    return at.ge(0).logical_and(at.lt(count.view({-1, 1})));
  };
  const auto rows = within(top, height).unsqueeze(2);
  const auto columns = within(left, width).unsqueeze(1);
  return rows.logical_and(columns).logical_not().unsqueeze(1).to(torch::kFloat32);
}

torch::TensorOptions whole_on(const torch::Generator& random) {
  return torch::TensorOptions().dtype(torch::kInt64).device(random.device());
}

// int64 (n), uniform over low, ..., high.
torch::Tensor whole_between(std::int64_t low, std::int64_t high, std::int64_t n,
                            torch::Generator& random) {
  return torch::randint(low, high + 1, {n}, random, whole_on(random));
}

torch::Tensor center_mask(std::int64_t n, std::int64_t size, torch::Generator& random) {
  const auto side = torch::full({n}, size / 2, whole_on(random));
  const auto from = torch::full({n}, size / 4, whole_on(random));
  return outside(from, from, side, side, size);
}

torch::Tensor square_mask(std::int64_t n, std::int64_t size, torch::Generator& random) {
  const auto side = torch::full({n}, size / 2, whole_on(random));
  const auto last = size - size / 2;
  const auto top = whole_between(0, last, n, random), left = whole_between(0, last, n, random);
  return outside(top, left, side, side, size);
}

// Each further rectangle is there by a chance of one half; all lie within the image.
torch::Tensor random_mask(std::int64_t n, std::int64_t size, torch::Generator& random) {
  auto mask = torch::ones({n, 1, size, size},
                          torch::TensorOptions().dtype(torch::kFloat32).device(random.device()));
  for (std::int64_t hole = 0; hole < kMostHoles; ++hole) {
    const auto height = whole_between(size / 8, size / 2, n, random);
    const auto width = whole_between(size / 8, size / 2, n, random);
    const auto from = [&](const torch::Tensor& count) {
      const auto share = torch::rand({n}, random, mask.options());
      return (share * (size + 1 - count)).floor().to(torch::kInt64).minimum(size - count);
    };
    const auto top = from(height), left = from(width);
    const auto there = whole_between(hole == 0 ? 1 : 0, 1, n, random);
    mask = mask * outside(top, left, height * there, width * there, size);
  }
  return mask;
}

}  // namespace

const NamedTable<MaskLaw>& mask_laws() {
  static const NamedTable<MaskLaw> table(
      "mask",
      {{.name = "center",
        .explanation = "a square of half the side in the middle (16x16 of 32x32)",
        .draw = center_mask},
       {.name = "square", .explanation = "a square of half the side anywhere", .draw = square_mask},
       {.name = "random",
        .explanation = "one to four rectangles anywhere, each side between an eighth and a "
                       "half of the image's",
        .draw = random_mask}});
  return table;
}

torch::Tensor masked_image(const torch::Tensor& images, const torch::Tensor& masks) {
  return torch::cat({masks, images * masks}, 1);
}

}  // namespace ganselect
