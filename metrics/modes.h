// Which modes of the data a generator reaches, by the classes of a detector or by labels; the
// centres of a mixture are in point_modes.h.
//
// Shapes: N samples, K classes.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include "metrics/detectors/detector.h"

namespace ganselect {

// The likeliest class of each sample and its probability; joint classes for grouped scores.
struct ClassPredictions {
  torch::Tensor labels;      // int64 (N)
  torch::Tensor confidence;  // float64 (N), in [0,1]
  int64_t classes = 0;
};
ClassPredictions predict_classes(const Detections& detections);

// int64 (classes): how often each label occurs. labels: any integer type (N), in [0, classes), else
// kData.
torch::Tensor class_histogram(const torch::Tensor& labels, int64_t classes);

// sum p ln(p/q) in nats of two histograms (K), each divided by its sum first; 0 ln 0 = 0; infinite
// when q lacks a class of p. kData when the lengths differ, an entry is negative or a sum is 0.
double histogram_kl(const torch::Tensor& p, const torch::Tensor& q);
// -sum p ln p in nats.
double histogram_entropy(const torch::Tensor& p);

}  // namespace ganselect
