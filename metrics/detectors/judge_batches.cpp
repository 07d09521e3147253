#include "metrics/detectors/judge_batches.h"

#include <torch/torch.h>

#include <string>

#include "base/error.h"

namespace ganselect {
namespace {

// Positions -shift .. size-1+shift, mirrored at the border pixels back into the image.
torch::Tensor reflected_positions(int64_t size, int64_t shift) {
  const auto inside = (torch::arange(size + 2 * shift, torch::kInt64) - shift).abs();
  return torch::where(inside >= size, 2 * (size - 1) - inside, inside);
}

void check_batches(const Dataset& data, const JudgeAugmentation& a) {
  if (data.shape.points || data.size() == 0 || !data.labels.defined()) {
    fail(
        ErrorKind::kData,
        {.where = "judge training", .expected = "labelled images", .got = "data set " + data.name});
  }
  const int64_t side = data.samples.size(2);
  if (side == data.samples.size(3) && a.shift >= 0 && a.shift < side && a.cutout >= 0 &&
      a.cutout <= side)
    return;
  fail(ErrorKind::kUsage,
       {.where = "judge augmentation",
        .expected = "square images, and a shift and cutout smaller than they are",
        .got = "shift " + std::to_string(a.shift) + ", cutout " + std::to_string(a.cutout) +
               ", images " + to_string(data.shape)});
}

}  // namespace

JudgeBatches::JudgeBatches(const Dataset& data, const JudgeAugmentation& augmentation,
                           torch::Generator generator)
    : augmentation_(augmentation), generator_(std::move(generator)) {
  check_batches(data, augmentation);
  images_ = data.samples.permute({0, 2, 3, 1}).contiguous();
  labels_ = data.labels;
  reflected_ = reflected_positions(images_.size(1), augmentation.shift);
  mean_ = images_.slice(0, 0, 5000).to(torch::kFloat64).mean({0, 1, 2}).round().to(torch::kUInt8);
  start_epoch();
}

torch::Tensor JudgeBatches::draw(int64_t high, int64_t n) {
  return torch::randint(high, {n}, generator_, torch::kInt64);
}

void JudgeBatches::start_epoch() {
  order_ = torch::randperm(size(), generator_, torch::kInt64);
  position_ = 0;
  if (!augmentation_.mirror) return;
  mirrored_ = mirrored_.defined() ? mirrored_.logical_not() : draw(2, size()) == 1;
}

void JudgeBatches::cover(torch::Tensor& rows_last) {
  const int64_t n = rows_last.size(0), size = rows_last.size(1), side = augmentation_.cutout;
  const auto at = torch::arange(size, torch::kInt64).view({1, -1});
  const auto inside = [&] {
    const auto start = draw(size - side + 1, n).view({-1, 1});
    return (at >= start).logical_and(at < start + side);
  };
  const auto rows = inside(), columns = inside();
  const auto square = rows.view({n, size, 1, 1}).logical_and(columns.view({n, 1, size, 1}));
  rows_last = torch::where(square, mean_, rows_last);
}

torch::Tensor JudgeBatches::degrade(const torch::Tensor& pixels) {
  const int64_t n = pixels.size(0), channels = pixels.size(1);
  auto values = pixels.to(torch::kFloat32);
  const auto chance = [&] { return torch::rand({n, 1, 1, 1}, generator_); };
  if (augmentation_.blur > 0) {
    const auto row = torch::tensor({0.25F, 0.5F, 0.25F});
    const auto filter = torch::outer(row, row).expand({channels, 1, 3, 3}).contiguous();
    namespace nnf = torch::nn::functional;
    const auto padded = nnf::pad(values, nnf::PadFuncOptions({1, 1, 1, 1}).mode(torch::kReflect));
    const auto smooth = nnf::conv2d(padded, filter, nnf::Conv2dFuncOptions().groups(channels));
    values = torch::where(chance() < augmentation_.blur, smooth, values);
  }
  if (augmentation_.noise > 0) {
    const auto touched = (chance() < augmentation_.noisy).to(torch::kFloat32);
    const auto deviation = augmentation_.noise * chance() * touched;
    values = values + deviation * torch::randn(values.sizes(), generator_);
  }
  return values.round()
      .clamp(0, 255)
      .to(torch::kUInt8)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

std::optional<JudgeBatch> JudgeBatches::next(int64_t n) {
  if (position_ + n > size()) return std::nullopt;
  const auto chosen = order_.slice(0, position_, position_ + n);
  position_ += n;
  const int64_t side = images_.size(1);
  const auto offsets = torch::arange(side, torch::kInt64).view({1, -1});
  const auto shifts = 2 * augmentation_.shift + 1;
  const auto rows = draw(shifts, n).view({-1, 1}) + offsets;
  auto columns = offsets.expand({n, side});
  if (augmentation_.mirror) {
    columns =
        torch::where(mirrored_.index_select(0, chosen).view({-1, 1}), side - 1 - columns, columns);
  }
  columns = draw(shifts, n).view({-1, 1}) + columns;
  auto picked = images_.index({chosen.view({-1, 1, 1}), reflected_.index({rows}).unsqueeze(2),
                               reflected_.index({columns}).unsqueeze(1)});
  if (augmentation_.cutout > 0) cover(picked);
  auto pixels = picked.permute({0, 3, 1, 2});
  if (augmentation_.noise > 0 || augmentation_.blur > 0) pixels = degrade(pixels);
  return JudgeBatch{.pixels = pixels, .labels = labels_.index_select(0, chosen)};
}

}  // namespace ganselect
