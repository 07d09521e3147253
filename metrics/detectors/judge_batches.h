// Augmented training batches for a judge: every image once an epoch, shifted, mirrored and partly
// covered.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include "datasets/dataset.h"

namespace ganselect {

struct JudgeAugmentation {
  int64_t shift =
      4;  // pixels at most, each way; what is uncovered is filled by reflection. 0: none
  // Left and right exchanged: at random in the first epoch, from then on in every other one, so
  // that two epochs show both sides (Jordan 2024, arXiv:2404.00498).
  bool mirror = true;
  int64_t cutout = 8;  // side of the square set to the mean colour (DeVries & Taylor 2017,
                       // arXiv:1708.04552). 0: none
  // A share `noisy` of the images gets Gaussian noise of a standard deviation drawn from [0, noise]
  // (in pixel units), and a share `blur` is smoothed by the 3x3 binomial filter. A classifier that
  // has seen neither takes the fine noise of a generator for the whole image (Hendrycks &
  // Dietterich 2019, arXiv:1903.12261; Rusak et al. 2020, arXiv:2001.06057). 0: none
  double noise = 0;
  double noisy = 0.5;
  double blur = 0;
};

struct JudgeBatch {
  torch::Tensor pixels;  // uint8 (n,C,H,W), channels last in memory
  torch::Tensor labels;  // int64 (n)
};

class JudgeBatches {
 public:
  // Labelled images; `generator` (CPU) drives order and augmentation. Throws kData for a set
  // without labels or images, kUsage for a shift or cutout that the image has no room for.
  JudgeBatches(const Dataset& data, const JudgeAugmentation& augmentation,
               torch::Generator generator);

  // Draws a new order and turns every image round.
  void start_epoch();
  // The next n images of the epoch; nothing when fewer are left (the rest joins the next epoch's
  // order).
  std::optional<JudgeBatch> next(int64_t n);

  int64_t size() const { return labels_.size(0); }

 private:
  torch::Tensor draw(int64_t high, int64_t n);  // int64 (n), uniform in [0,high)
  void cover(torch::Tensor& rows_last);         // cutout, in place, (n,H,W,C)
  torch::Tensor degrade(
      const torch::Tensor& pixels);  // blur and noise, uint8 (n,C,H,W) to the same

  torch::Tensor images_;    // uint8 (N,H,W,C)
  torch::Tensor labels_;    // int64 (N)
  torch::Tensor mirrored_;  // bool (N), of this epoch
  torch::Tensor
      reflected_;  // int64 (size + 2*shift): which row lies at each position of the padded image
  torch::Tensor mean_;  // uint8 (C)
  JudgeAugmentation augmentation_;
  torch::Generator generator_;
  torch::Tensor order_;
  int64_t position_ = 0;
};

}  // namespace ganselect
