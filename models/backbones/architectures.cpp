#include "models/backbones/architectures.h"

#include <cmath>

#include "models/backbones/backbones.h"

namespace ganselect {
namespace {

std::vector<ArchitectureSpec> architecture_rows() {
  return {
      {.name = "fc",
       .source = "Goodfellow et al. 2014, arXiv 1406.2661",
       .generator = "z 100 -> 1200 ReLU -> 1200 ReLU -> pixels, tanh",
       .critic = "dropout 0.2 -> maxout 240 units of 5 pieces, twice, dropout 0.5 after each -> 1",
       .first_weights = "U(-0.05, 0.05) in the generator, U(-0.005, 0.005) in the critic",
       .told_generator = "z 100 uniform -> 200 ReLU, label -> 1000 ReLU, joined -> 1200 ReLU -> "
                         "pixels, sigmoid; dropout 0.5 after each (Mirza & Osindero 2014)",
       .told_critic =
           "image -> maxout 240 units of 5 pieces, label -> maxout 50 units of 5 pieces, "
           "joined -> maxout 240 units of 4 pieces, dropout 0.5 after each -> 1 (Mirza "
           "& Osindero 2014)",
       .conditionings = {"labels"},
       .dropout_d = 0.5,
       .input_dropout_d = 0.2,
       .latent_bound = std::sqrt(3.0),
       .make_generator = make_fc_generator,
       .make_critic = make_fc_critic},
      {.name = "maxout-conv",
       .source = "Goodfellow et al. 2014, arXiv 1406.2661 (published code)",
       .generator =
           "z 100 -> 8000 ReLU -> 8000 sigmoid = 80x10x10 -> 5x5 stride-3 deconvolution -> "
           "channels, tanh",
       .critic =
           "dropout 0.2 -> maxout convolutions of 2 pieces 32 (8x8), 32 (8x8), 192 (5x5), each "
           "with overlapping max pooling -> maxout 500 units of 5 pieces -> 1, dropout 0.5 "
           "after each",
       .first_weights = "U(-0.05, 0.05) in the generator, U(-0.005, 0.005) in the critic",
       .dropout_d = 0.5,
       .input_dropout_d = 0.2,
       .make_generator = make_maxout_conv_generator,
       .make_critic = make_maxout_conv_critic},
      {.name = "conv-deconv",
       .source = "Radford et al. 2016, arXiv 1511.06434, without batch norm",
       .generator = "dcgan's without batch norm, ReLU",
       .critic = "dcgan's without batch norm, LeakyReLU 0.2",
       .first_weights = "N(0, 0.02)",
       .batch_norm_allowed = false,
       .conditionings = {"labels"},
       .make_generator = make_dcgan_generator,
       .make_critic = make_dcgan_critic},
      {.name = "dcgan",
       .source = "Radford et al. 2016, arXiv 1511.06434",
       .generator = "z 100 -> 4x4x512 -> 4x4 stride-2 deconvolutions 256, 128 -> channels, batch "
                    "norm and ReLU, tanh at the end",
       .critic = "4x4 stride-2 convolutions 64, 128, 256, 512 -> 1, batch norm but in the first, "
                 "LeakyReLU 0.2",
       .first_weights = "N(0, 0.02)",
       .batch_norm_g = true,
       .batch_norm_d = true,
       .conditionings = {"labels"},
       .make_generator = make_dcgan_generator,
       .make_critic = make_dcgan_critic},
      {.name = "sngan-cnn",
       .source = "Miyato et al. 2018, arXiv 1802.05957, table 3",
       .generator = "z 128 -> 4x4x512 -> 4x4 stride-2 deconvolutions 256, 128, 64, batch norm and "
                    "ReLU -> 3x3 convolution, tanh",
       .critic = "3x3 64, 4x4s2 64, 3x3 128, 4x4s2 128, 3x3 256, 4x4s2 256, 3x3 512, LeakyReLU "
                 "0.1 -> 1",
       .first_weights = "N(0, 0.02)",
       .batch_norm_g = true,
       .conditionings = {"projection", "instances", "instances-labels"},
       .make_generator = make_sngan_generator,
       .make_critic = make_sngan_critic},
      {.name = "gp-cnn",
       .source = "Gulrajani et al. 2017, arXiv 1704.00028 (published code, gan_cifar.py)",
       .generator =
           "z 128 -> 4x4x512 -> 5x5 stride-2 deconvolutions 256, 128 -> channels, batch norm "
           "and ReLU, tanh at the end",
       .critic = "5x5 stride-2 convolutions 128, 256, 512, LeakyReLU 0.2 -> 1",
       .first_weights =
           "uniform: He's gain on convolutions, Glorot's on linear layers, by both fans",
       .batch_norm_g = true,
       .conditionings = {"projection", "instances", "instances-labels"},
       .make_generator = make_gp_cnn_generator,
       .make_critic = make_gp_cnn_critic},
      {.name = "resnet",
       .source = "Miyato et al. 2018, arXiv 1802.05957, table 4",
       .generator = "z 128 -> 4x4x256, three up-sampling residual blocks of 256, batch norm and "
                    "ReLU -> 3x3 convolution, tanh",
       .critic = "residual blocks of 128 (down, down, same, same), sum over places -> 1",
       .first_weights = "Glorot uniform, gain sqrt(2) on the residual path",
       .pooling = "sum",
       .batch_norm_g = true,
       .conditionings = {"projection", "instances", "instances-labels"},
       .optimizer = OptimizerSpec{.lr = 2e-4, .beta1 = 0.0, .beta2 = 0.9},
       .n_critic = 5,
       .make_generator = make_resnet_generator,
       .make_critic = make_resnet_critic},
      {.name = "gp-resnet",
       .source = "Gulrajani et al. 2017, arXiv 1704.00028 (published code, gan_cifar_resnet.py)",
       .generator = "z 128 -> 4x4x128, three up-sampling residual blocks of 128, batch norm and "
                    "ReLU -> 3x3 convolution, tanh",
       .critic = "residual blocks of 128 (down, down, same, same), mean over places -> 1",
       .first_weights = "Glorot uniform, gain sqrt(2) on the residual path",
       .pooling = "mean",
       .batch_norm_g = true,
       .conditionings = {"projection", "instances", "instances-labels"},
       .optimizer = OptimizerSpec{.lr = 2e-4, .beta1 = 0.0, .beta2 = 0.9},
       .n_critic = 5,
       .make_generator = make_gp_resnet_generator,
       .make_critic = make_gp_resnet_critic},
      {.name = "maxout-mlp",
       .source = "Lin et al. 2018, arXiv 1712.04086 (published code, 2DRing)",
       .generator = "z 2 -> 400, four times, batch norm and ReLU -> 2; points alone",
       .critic = "maxout 200 units of 5 pieces, three times -> 1",
       .first_weights = "N(0, 0.02)",
       .batch_norm_g = true,
       .points_only = true,
       .optimizer = OptimizerSpec{.lr = 1e-4, .beta1 = 0.8, .beta2 = 0.999},
       .batch = 100,
       .make_generator = make_maxout_mlp_generator,
       .make_critic = make_maxout_mlp_critic},
  };
}

}  // namespace

const NamedTable<ArchitectureSpec>& architectures() {
  static const NamedTable<ArchitectureSpec> table("architecture", architecture_rows());
  return table;
}

}  // namespace ganselect
