#include "datasets/batches.h"

#include <torch/torch.h>

#include "base/torch/generators.h"
#include "tests/datasets/support.h"

namespace ganselect::test {
namespace {

// 7 images of 1x2x3 whose first pixel is 10 times their index, with labels 6 down to 0.
Dataset numbered_images() {
  Dataset data;
  data.name = "numbered";
  data.samples =
      torch::arange(7 * 6, torch::kInt64).remainder(5).to(torch::kUInt8).view({7, 1, 2, 3});
  data.samples.select(1, 0).select(1, 0).select(1, 0).copy_(torch::arange(7) * 10);
  data.labels = torch::arange(6, -1, -1, torch::kInt64);
  return data;
}

}  // namespace

TEST_CASE("a batch keeps each sample beside its label and in the training range", "[fast]") {
  BatchSource source(numbered_images(), torch::kCPU, make_generator(5, torch::kCPU));
  const auto batch = source.next(64);
  REQUIRE(batch.samples.sizes() == torch::IntArrayRef({64, 1, 2, 3}));
  REQUIRE(batch.samples.scalar_type() == torch::kFloat32);
  const auto first = (batch.samples.flatten(1).select(1, 0) + 1) * 127.5;
  CHECK(torch::allclose(first, (6 - batch.labels).to(torch::kFloat32) * 10, 0, 1e-4));
}

TEST_CASE("batches depend on the generator alone and go on from its saved state", "[fast]") {
  auto generator = make_generator(11, torch::kCPU);
  BatchSource source(numbered_images(), torch::kCPU, generator);
  BatchSource twin(numbered_images(), torch::kCPU, make_generator(11, torch::kCPU));
  BatchSource other(numbered_images(), torch::kCPU, make_generator(12, torch::kCPU));
  source.next(9);
  twin.next(9);
  const auto state = generator.get_state().clone();
  const auto later = source.draw_indices(40);
  CHECK(torch::equal(later, twin.draw_indices(40)));
  other.next(9);
  CHECK_FALSE(torch::equal(later, other.draw_indices(40)));
  generator.set_state(state);
  CHECK(torch::equal(later, source.draw_indices(40)));
}

TEST_CASE("batches draw every sample equally often", "[fast]") {
  BatchSource source(numbered_images(), torch::kCPU, make_generator(3, torch::kCPU));
  constexpr int64_t kDraws = 70000;
  const auto counts = torch::bincount(source.draw_indices(kDraws), {}, 7).to(torch::kFloat64);
  const double expected = kDraws / 7.0;
  const double chi_square = ((counts - expected).square() / expected).sum().item<double>();
  // 99.9% point of chi-square with 6 degrees of freedom is 22.5; far below 0.3 would be too even to
  // be random.
  CHECK(chi_square < 22.5);
  CHECK(chi_square > 0.3);
}

TEST_CASE("an unlabelled set gives batches without labels", "[fast]") {
  auto data = numbered_images();
  data.labels = torch::Tensor();
  BatchSource source(data, torch::kCPU, make_generator(1, torch::kCPU));
  CHECK_FALSE(source.next(2).labels.defined());
}

TEST_CASE("an empty set has no batches", "[fast]") {
  Dataset empty;
  empty.name = "empty";
  const auto caught =
      thrown_by([&] { BatchSource(empty, torch::kCPU, make_generator(1, torch::kCPU)); });
  CHECK(caught.kind == ErrorKind::kData);
}

}  // namespace ganselect::test
