// A judge as a detector: features and class scores of images in the form that the sample measures
// read.
#pragma once

#include <filesystem>
#include <memory>

#include "metrics/detectors/detector.h"
#include "metrics/detectors/judge_files.h"

namespace ganselect {

// Takes uint8 (N,C,H,W); those of another size than the judge was trained on are resized
// (detector_input.h). A judge of grey images also takes images of three channels, as Stacked MNIST
// has them: each channel is a digit of its own, features (N,3D), logits (N,3,K). kData for another
// number of channels. Computes in float32 whatever the judge was trained in.
std::unique_ptr<Detector> make_judge_detector(Judge judge, torch::Device device);

// The judge of a file of `judge train`, named by that file: a judge of the same data set as a
// shipped one is another feature space. Throws as load_judge.
std::unique_ptr<Detector> load_judge_detector(const std::filesystem::path& file,
                                              torch::Device device);

}  // namespace ganselect
