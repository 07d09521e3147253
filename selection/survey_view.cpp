#include "selection/survey_view.h"

namespace ganselect {

const NamedTable<SurveyView>& survey_views() {
  static const char* const kDivergence =
      "a choice of divergence; the GAN, KL and squared Hellinger ones give equally realistic "
      "samples";
  static const NamedTable<SurveyView> table(
      "survey view",
      {{"fcgan", "simple, but falls behind convolutional GANs on images"},
       {"conv-gan", "convolution suits images better than full connection"},
       {"dcgan",
        "a sound base for images; its critic overfits more than those of loss-sensitive GAN and "
        "SNGAN"},
       {"cgan", "lets the class be chosen where labels are at hand"},
       {"wgan", "its critic's loss falls as samples get better; clipping limits the critic"},
       {"wgan-gp",
        "high diversity and quality; the penalty raises quality but does not steady training and "
        "costs time"},
       {"fgan-kl", kDivergence},
       {"fgan-reverse-kl", "a choice of divergence; reverse KL leans towards few modes"},
       {"fgan-pearson", "a choice of divergence; least squares GAN rests on the same one"},
       {"fgan-squared-hellinger", kDivergence},
       {"fgan-jensen-shannon", "a choice of divergence; the original GAN's, up to a constant"},
       {"fgan-gan", kDivergence},
       {"geometric-gan",
        "the hinge loss lets samples beyond the margin rest; less prone to lose modes"},
       {"lsgan",
        "high diversity and quality; gradients do not vanish for samples far from the boundary"},
       {"rsgan", "high diversity and quality; the critic compares real with generated samples"},
       {"rasgan", "as the relativistic GAN, comparing with averages"},
       {"rsgan-gp", "the relativistic GAN with a penalty: better samples for more time"},
       {"rlsgan", "least squares and relativism together are better than either"},
       {"ralsgan", "least squares and relativism together are better than either"},
       {"loss-sensitive-gan", "generalizes better: a margin keeps the critic from overfitting"},
       {"gls-gan", "a family that holds both loss-sensitive and Wasserstein GAN"},
       {"sngan",
        "high diversity and quality, generalizes well, and cheaper than a gradient penalty"}});
  return table;
}

}  // namespace ganselect
