#include "datasets/batches.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/randint.h>

#include <utility>

#include "base/error.h"
#include "base/torch/device_copy.h"

namespace ganselect {

BatchSource::BatchSource(const Dataset& data, torch::Device device, torch::Generator generator)
    : generator_(std::move(generator)) {
  if (data.size() == 0) {
    fail(ErrorKind::kData,
         {.where = "data " + data.name, .expected = "at least one sample", .got = "none"});
  }
  samples_ = shared_copy(data.samples, device);
  if (data.labels.defined()) labels_ = shared_copy(data.labels, device);
}

torch::Tensor BatchSource::draw_indices(int64_t n) {
  return at::randint(0, size(), {n}, generator_, samples_.options().dtype(torch::kInt64));
}

Batch BatchSource::next(int64_t n) { return at(draw_indices(n)); }

Batch BatchSource::at(const torch::Tensor& indices) const {
  Batch batch;
  batch.samples = to_training_range(at::index_select(samples_, 0, indices));
  if (labels_.defined()) batch.labels = at::index_select(labels_, 0, indices);
  return batch;
}

}  // namespace ganselect
