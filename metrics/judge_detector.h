// A judge as a detector: features and class scores of images in the form that the sample measures
// read.
#pragma once

#include <memory>

#include "metrics/detector.h"
#include "metrics/judge_files.h"

namespace ganselect {

// Takes uint8 (N,C,H,W) of the size that the judge was trained on; kData for any other, since
// nothing is resized. A judge of grey images also takes images of three channels, as Stacked MNIST
// has them: each channel is a digit of its own, features (N,3D), logits (N,3,K). Computes in
// float32 whatever the judge was trained in.
std::unique_ptr<Detector> make_judge_detector(Judge judge, torch::Device device);

}  // namespace ganselect
