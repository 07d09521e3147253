// MNIST's digits as its other users in this folder need them.
#pragma once

#include "datasets/table.h"

namespace ganselect {

// The official files of MNIST and where they come from; shared by the sets made of its digits.
void describe_mnist_files(DatasetSpec& spec);

// Digits of one split: samples uint8 (N,1,28,28), labels int64 (N), class_names. `spec` names the
// set in errors. Throws kData.
Dataset load_mnist_digits(const DatasetSpec& spec, const LoadSettings& settings);

// Pairs images (N,28,28) with labels (N), both uint8 as the files hold them; throws kData when they
// do not fit together.
Dataset pair_mnist_digits(const torch::Tensor& images, const torch::Tensor& labels,
                          const std::string& where);

}  // namespace ganselect
