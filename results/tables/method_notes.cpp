#include "results/tables/method_notes.h"

namespace ganselect {

const NamedTable<ArchitectureNote>& architecture_notes() {
  static const NamedTable<ArchitectureNote> table(
      "architecture note",
      {
          {"fc", "small images of simple structure, vectors; ignores where pixels lie",
           "up to 32x32"},
          {"conv-deconv", "images; no normalization to steady deep or wide settings",
           "32x32, 64x64"},
          {"dcgan", "images; batch norm steadies training at batches of 64 or so", "32x32, 64x64"},
          {"sngan-cnn", "images; a deeper critic meant for spectral norm", "32x32, 64x64"},
          {"resnet", "images of more detail, at several times the cost", "32x32, 64x64"},
      });
  return table;
}

const NamedTable<CureNote>& loss_notes() {
  static const NamedTable<CureNote> table(
      "loss note",
      {
          {"minimax", "generative models that need a likelihood or a Markov chain",
           "Goodfellow et al. 2014"},
          {"non-saturating", "minimax's vanishing generator gradient against a sure critic",
           "Goodfellow et al. 2014"},
          {"wasserstein",
           "vanishing gradients where real and generated data do not overlap; losses that say "
           "nothing about quality",
           "Arjovsky et al. 2017"},
          {"least-squares", "vanishing gradients of samples classed as real but far from the data",
           "Mao et al. 2017"},
          {"hinge", "critic updates driven by samples that are classed well already",
           "Lim & Ye 2017"},
          {"relativistic", "a critic that ignores that half of what it sees is generated",
           "Jolicoeur-Martineau 2019"},
          {"relativistic-average",
           "a critic that ignores that half of what it sees is generated, and the noise of "
           "comparing "
           "single pairs",
           "Jolicoeur-Martineau 2019"},
          {"relativistic-least-squares",
           "what least squares and the relativistic critic are each made against",
           "Jolicoeur-Martineau 2019"},
          {"relativistic-average-least-squares",
           "what least squares and the relativistic average critic are each made against",
           "Jolicoeur-Martineau 2019"},
          {"relativistic-average-hinge",
           "what the hinge loss and the relativistic average critic are each made against",
           "Jolicoeur-Martineau 2019"},
          {"loss-sensitive",
           "a critic of unlimited capacity, which overfits and leaves no gradient", "Qi 2020"},
          {"generalized-loss-sensitive",
           "a critic of unlimited capacity, with one slope between loss-sensitive and Wasserstein "
           "GAN",
           "Qi 2020"},
          {"f-divergence", "being bound to one divergence, Jensen-Shannon", "Nowozin et al. 2016"},
      });
  return table;
}

const NamedTable<CureNote>& regularizer_notes() {
  static const NamedTable<CureNote> table(
      "regularizer note",
      {
          {"weight-clip", "a critic that is not Lipschitz", "Arjovsky et al. 2017"},
          {"gradient-penalty", "clipping's wasted capacity and exploding or vanishing gradients",
           "Gulrajani et al. 2017"},
          {"dragan", "sharp critic gradients around the data, which go with collapse",
           "Kodali et al. 2017"},
          {"r1", "training that circles the equilibrium instead of reaching it",
           "Mescheder et al. 2018"},
          {"r1+r2", "training that circles the equilibrium or diverges, by both distributions",
           "Huang et al. 2024"},
          {"r2", "training that circles the equilibrium, by generated data",
           "Mescheder et al. 2018"},
          {"spectral-norm", "a critic that is not Lipschitz, at little cost", "Miyato et al. 2018"},
          {"weight-decay", "a critic whose weights grow without limit", "Lim & Ye 2017"},
          {"batch-norm-g", "poor initialization and gradient flow in the generator",
           "Radford et al. 2016"},
          {"batch-norm-d", "poor initialization and gradient flow in the critic",
           "Radford et al. 2016"},
          {"dropout", "networks that overfit", "Srivastava et al. 2014"},
      });
  return table;
}

}  // namespace ganselect
