// Training and testing a judge (metrics/detectors/judge.h).
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/settings_io.h"
#include "datasets/dataset.h"
#include "metrics/detectors/judge.h"
#include "metrics/detectors/judge_batches.h"

namespace ganselect {

// The settings that the shipped judges were trained with are in judge_table.cpp.
// Stochastic gradient descent with Nesterov momentum; the rate rises in a line from 0 to its peak
// over the warm-up share and falls in a line to 0 (one cycle: Smith & Topin 2018,
// arXiv:1708.07120). What is kept is the exponential average of weights and batch statistics.
struct JudgeTrainSettings {
  std::uint64_t seed = 0;
  int64_t epochs = 36;
  int64_t batch = 512;
  double peak_rate = 0.4;
  double warm_up = 0.2;  // share of the steps
  double momentum = 0.9;
  double weight_decay = 5e-4;    // on convolutions and the linear layer
  double label_smoothing = 0.1;  // (Szegedy et al. 2016)
  double average = 0.99;         // decay a step of the kept average; 0: keep the last weights
  JudgeAugmentation augmentation;
  std::vector<int64_t> widths{64, 128, 256};
  int64_t hold_out = 0;  // of the training split, so many last images are kept for testing
  std::string precision =
      "auto";  // "float32", "bfloat16" (autocast), or "auto": bfloat16 where it is fast
  std::string device = "cpu";
};

// After each epoch. Seconds count from the start of training.
struct JudgeEpoch {
  int64_t epoch = 0, epochs = 0;  // 1 .. epochs
  double seconds = 0;
  double rate = 0;            // at the epoch's end
  double loss = 0;            // mean over the epoch, smoothed labels, augmented images
  double train_accuracy = 0;  // over the epoch, augmented images, in [0,1]
};

// Called after each epoch with the averaged network as it would be kept if training ended here, in
// evaluation mode.
using JudgeProgress = std::function<void(const JudgeEpoch&, JudgeNetwork& averaged)>;

// Trains on labelled uint8 images; returns the averaged network, on the CPU, in evaluation mode,
// rounded to its stored precision. The same settings, data, processor and number of threads give
// the same network. Throws kUsage for settings out of range, kData for a set without labels,
// kFailed when the loss is not finite, kInterrupted between two steps after a signal.
std::shared_ptr<JudgeNetwork> train_judge(const JudgeTrainSettings& settings, const Dataset& train,
                                          const JudgeProgress& progress = {});

struct JudgeEvaluation {
  int64_t count = 0, correct = 0;
  torch::Tensor confusion;  // int64 (K,K): row = true class, column = answer
  double accuracy() const {
    return count == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(count);
  }
};

// Float32, evaluation mode, images as they are. kData for a set without labels or images.
JudgeEvaluation evaluate_judge(JudgeNetwork& network, const Dataset& data, int64_t batch = 250);

// First size - last and last `last` images of a set; 0 <= last < size, else kUsage.
struct JudgeSplit {
  Dataset train, test;
};
JudgeSplit split_off_last(const Dataset& data, int64_t last);

// "bfloat16" where the device computes it in hardware, else "float32".
std::string fast_precision(torch::Device device);

// What "auto" stands for on the settings' device; otherwise the setting itself.
std::string training_precision(const JudgeTrainSettings& settings);

// Weights, buffers and all, between networks of one architecture, on any devices.
void copy_judge(const JudgeNetwork& from, JudgeNetwork& to);

template <class V>
void describe(V& v, JudgeAugmentation& s) {
  v.field("shift", s.shift, "pixels at most each way, 0: none", at_least(0));
  v.field("mirror", s.mirror, "left and right exchanged every other epoch");
  v.field("cutout", s.cutout, "side of the covered square, 0: none", at_least(0));
  v.field("noise", s.noise, "largest standard deviation of added noise, pixel units, 0: none",
          between(0, 255));
  v.field("noisy", s.noisy, "share of images that noise is added to", between(0, 1));
  v.field("blur", s.blur, "share of images smoothed, 0: none", between(0, 1));
}

template <class V>
void describe(V& v, JudgeTrainSettings& s) {
  v.field("seed", s.seed, "of weights, order and augmentation");
  v.field("epochs", s.epochs, "passes over the training images", at_least(1));
  v.field("batch", s.batch, "images a step", at_least(2));
  v.field("peak_rate", s.peak_rate, "learning rate at the top of its cycle", above(0));
  v.field("warm_up", s.warm_up, "share of the steps in which the rate rises", between(0, 1));
  v.field("momentum", s.momentum, "Nesterov momentum", between(0, 1));
  v.field("weight_decay", s.weight_decay, "on convolutions and the linear layer", at_least(0));
  v.field("label_smoothing", s.label_smoothing, "share spread over all classes", between(0, 1));
  v.field("average", s.average, "decay a step of the kept average, 0: keep the last weights",
          between(0, 1));
  v.field("augmentation", s.augmentation, "random changes of the training images");
  v.field("widths", s.widths, "output channels of each block", at_least(1));
  v.field("hold_out", s.hold_out, "last training images kept for testing", at_least(0));
  v.field("precision", s.precision, "auto, float32 or bfloat16",
          one_of({"auto", "float32", "bfloat16"}));
  v.field("device", s.device, "cpu, cuda, cuda:N or auto");
}

}  // namespace ganselect
