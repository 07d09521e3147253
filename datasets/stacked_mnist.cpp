#include "datasets/stacked_mnist.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/index_select.h>
#include <fmt/format.h>

#include <algorithm>

#include "datasets/mnist.h"
#include "datasets/random.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec stacked_mnist_dataset();

namespace {

// As many as there are digits in the split: the publications draw between 25,000 and 128,000.
constexpr int64_t kStackedTrain = 60000, kStackedTest = 10000;
constexpr int64_t kStackedModes = 1000;

Dataset load_stacked_mnist(const DatasetSpec& spec, const LoadSettings& settings) {
  const auto digits = load_mnist_digits(spec, settings);
  const auto whole = settings.split == "train" ? kStackedTrain : kStackedTest;
  return stack_digits(digits, std::min(whole, settings.limit.value_or(whole)),
                      stream_seed(settings.seed, "stacked-mnist " + settings.split));
}

}  // namespace

Dataset stack_digits(const Dataset& digits, int64_t count, std::uint64_t stream) {
  const auto picks = torch::empty({3, count}, torch::kInt64);
  auto* pick = picks.data_ptr<int64_t>();
  for (int64_t n = 0; n < count; ++n) {
    SampleRandom random(stream, static_cast<std::uint64_t>(n));
    for (int64_t c = 0; c < 3; ++c) pick[c * count + n] = random.below(digits.size());
  }
  Dataset data;
  std::vector<torch::Tensor> channels;
  data.labels = torch::zeros({count}, torch::kInt64);
  for (int64_t c = 0; c < 3; ++c) {
    channels.push_back(at::index_select(digits.samples, 0, picks[c]));
    data.labels.mul_(10).add_(at::index_select(digits.labels, 0, picks[c]));
  }
  data.samples = at::cat(channels, 1);
  for (int64_t mode = 0; mode < kStackedModes; ++mode)
    data.class_names.push_back(fmt::format("{:03d}", mode));
  return data;
}

DatasetSpec stacked_mnist_dataset() {
  DatasetSpec spec;
  spec.name = "stacked-mnist";
  spec.title =
      "Stacked MNIST: 60,000 + 10,000 colour images of three digits each, 1,000 modes, from "
      "MNIST's files";
  describe_mnist_files(spec);
  spec.detector = "judge-mnist";
  spec.load = [](const std::string&, const LoadSettings& settings) {
    return load_stacked_mnist(stacked_mnist_dataset(), settings);
  };
  return spec;
}

}  // namespace ganselect
