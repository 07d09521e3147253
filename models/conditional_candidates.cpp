// The named candidates that are told what to make.
#include <utility>

#include "models/candidate_rows.h"

namespace ganselect {

std::vector<CandidateSpec> label_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("cgan", "dcgan+labels/non-saturating", {1, 2},
                       "Mirza & Osindero 2014, arXiv 1411.1784; Radford et al. 2016, arXiv "
                       "1511.06434 (published code)",
                       "",
                       {{"networks",
                         "the convolutional form, on class labels; cgan-fc is the "
                         "source's own"},
                        {"latent", "N(0, I) in place of uniform"},
                        {"batch", "64 in place of 128"},
                        {"weight_decay", "none in place of 2.5e-5"}}));
  rows.back().regularization = {"batch-norm-g", "batch-norm-d"};
  rows.push_back(
      named("cgan-fc", "fc+labels/non-saturating/dropout", {1, 2},
            "Mirza & Osindero 2014, arXiv 1411.1784", "",
            {{"images", "of 32x32 in place of 28x28"},
             {"momentum_steps",
              "249 epochs, as in the published code of Goodfellow et al. 2014: the paper "
              "does not say"},
             {"stopping",
              "after a given number of updates in place of the best Parzen-window "
              "log-likelihood of validation images"}}));
  rows.back().optimizer = maxout_descent(0.1, 500);
  rows.back().optimizer.lr_decay_factor = 1.00004;
  rows.back().batch = 100;
  rows.back().revision = 1;
  add_goodfellow_deviations(rows.back());
  return rows;
}

namespace {

// As the authors' configurations for 64x64 have it, on other networks.
CandidateSpec instance_candidate(std::string name, const std::string& form) {
  auto row =
      named(std::move(name), "sngan-cnn+" + form + "/hinge/spectral-norm", {},
            "Casanova et al. 2021, arXiv 2109.05070",
            "facebookresearch/ic_gan, BigGAN_PyTorch/config_files/ImageNet/*icgan_res64.json");
  row.optimizer = {.lr = 1e-4, .beta1 = 0.0, .beta2 = 0.999};
  row.ema_decay = 0.9999;
  row.mirror = true;
  row.fresh_conditions = true;
  row.revision = 1;
  differs(row, "networks",
          "SNGAN's in place of BigGAN's, whose features of an instance pass a linear layer of 512 "
          "and join the latent vector on its way to each batch norm; features are standardized");
  differs(row, "batch", "64 in place of 256, for a CPU");
  differs(row, "adam_epsilon", "1e-8 in place of 1e-6");
  differs(row, "ema_start",
          "the average begins at the first update, forgetting sooner at first, where the source's "
          "is the generator itself until update 20,000");
  differs(row, "latent_dim", "128 in place of 120");
  return row;
}

// ic-gan's networks and training, told a cluster of the data in place of an instance.
CandidateSpec clustered_candidate(std::int64_t clusters) {
  auto row =
      named("clustered-gan-" + std::to_string(clusters), "sngan-cnn+clusters/hinge/spectral-norm",
            {}, "Sage et al. 2018, arXiv 1712.04407; Liu et al. 2020, arXiv 2006.10728", "",
            {{"code",
              "none was held against: networks and training are ic-gan's, so that the two "
              "differ in what they are told alone"},
             {"clusters",
              "k-means of fixed features before training, as Sage et al. 2018 have them; "
              "Liu et al. 2020 make them of the critic's features again and again"}});
  const auto alike = instance_candidate("ic-gan", "instances");
  row.optimizer = alike.optimizer;
  row.ema_decay = alike.ema_decay;
  row.mirror = alike.mirror;
  row.fresh_conditions = alike.fresh_conditions;
  row.clusters = clusters;
  return row;
}

CandidateSpec inpainting_candidate(std::string name, std::string mask) {
  auto row =
      named(std::move(name), "dcgan+visible/non-saturating", {},
            "Mirza & Osindero 2014, arXiv 1411.1784; Isola et al. 2017, arXiv 1611.07004", "",
            {{"code",
              "none is published for this case, which Mirza & Osindero 2014 name: networks "
              "and settings are DCGAN's, with an encoder as Isola et al. 2017 have it"},
             {"loss of pixels",
              "none: the critic alone says what a filling should be, so that it may vary"}});
  row.regularization = {"batch-norm-g", "batch-norm-d"};
  row.mask = std::move(mask);
  return row;
}

}  // namespace

std::vector<CandidateSpec> conditional_extensions() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("projection-cgan", "resnet+projection/hinge/spectral-norm", {},
                       "Miyato & Koyama 2018, arXiv 1802.05637",
                       "pfnet-research/sngan_projection, configs/sn_cifar10_conditional.yml",
                       {{"networks", "CIFAR-10's of Miyato et al. 2018"},
                        {"labels",
                         "generated samples of a critic step take those of its real "
                         "samples, in place of a second draw from the same distribution"}}));
  set_resnet_training(rows.back(), 50000);
  rows.push_back(instance_candidate("ic-gan", "instances"));
  rows.push_back(instance_candidate("ic-cgan", "instances-labels"));
  for (const std::int64_t clusters : {10, 100, 1000}) rows.push_back(clustered_candidate(clusters));
  rows.push_back(inpainting_candidate("cgan-inpaint", "center"));
  rows.push_back(inpainting_candidate("cgan-inpaint-random", "random"));
  return rows;
}

}  // namespace ganselect
