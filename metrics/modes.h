// Which modes of the data a generator reaches: classes of a detector, labels, or the centres of a
// mixture.
//
// Shapes: N samples, K classes or M centres.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include "metrics/detector.h"

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

// Points against the centres of a mixture (Srivastava et al. 2017, section 4.1).
struct PointModes {
  torch::Tensor histogram;        // int64 (M): points within the radius of their nearest centre
  double high_quality_share = 0;  // share of points within it
};
// points: floating (N,2), N >= 1; centres: (M,2); radius > 0 in the points' unit.
PointModes count_point_modes(const torch::Tensor& points, const torch::Tensor& centres,
                             double radius);

}  // namespace ganselect
