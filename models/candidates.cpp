// The named candidates. Settings that are not written in a row are those of its point
// (models/points.h), so that a row shows what is particular to it.
#include "models/candidates.h"

#include <utility>

#include "models/points.h"

namespace ganselect {
namespace {

CandidateSpec named(std::string name, std::string_view point, std::vector<int> tables,
                    std::string source, std::string notes = "") {
  auto candidate = resolve_point(point);
  candidate.name = std::move(name);
  candidate.tables = std::move(tables);
  candidate.source = std::move(source);
  candidate.notes = std::move(notes);
  return candidate;
}

constexpr const char* kCommonAdam =
    "Adam 2e-4 with beta1 0.5, the survey's common setting, in place of the source's own.";

std::vector<CandidateSpec> original_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("fcgan", "fc/non-saturating/dropout", {1, 2},
                       "Goodfellow et al. 2014, arXiv 1406.2661",
                       "Adam in place of the source's gradient descent with momentum and decaying "
                       "rate; z from N(0, I) in place of uniform; one width for all data sets."));
  rows.push_back(named("conv-gan", "conv-deconv/non-saturating", {1, 2},
                       "Goodfellow et al. 2014, arXiv 1406.2661; Radford et al. 2016, arXiv "
                       "1511.06434",
                       "The source's convolutional network is not fully described; this is DCGAN's "
                       "without batch norm."));
  rows.push_back(named("dcgan", "dcgan/non-saturating", {1, 2, 3, 7},
                       "Radford et al. 2016, arXiv 1511.06434",
                       "z from N(0, I) in place of uniform; batch 64 in place of 128."));
  rows.back().regularization = {"batch-norm-g", "batch-norm-d"};
  rows.push_back(named("cgan", "dcgan+labels/non-saturating", {1, 2},
                       "Mirza & Osindero 2014, arXiv 1411.1784; Radford et al. 2016, arXiv "
                       "1511.06434 (published code)",
                       "The convolutional form, on class labels; cgan-fc is the source's own. z "
                       "from N(0, I) in place of uniform; batch 64 in place of 128; no weight "
                       "decay."));
  rows.back().regularization = {"batch-norm-g", "batch-norm-d"};
  rows.push_back(named("cgan-fc", "fc+labels/non-saturating/dropout", {1, 2},
                       "Mirza & Osindero 2014, arXiv 1411.1784",
                       "Adam in place of the source's gradient descent with momentum and decaying "
                       "rate; batch 64 in place of 100; images of 32x32 in place of 28x28."));
  rows.push_back(named("wgan", "dcgan/wasserstein/weight-clip", {1, 3, 4},
                       "Arjovsky et al. 2017, arXiv 1701.07875",
                       "The source's 100 critic steps at the start and at every 500th generator "
                       "step are left out: five throughout."));
  rows.push_back(
      named("wgan-gp", "dcgan/wasserstein/gradient-penalty", {1, 3, 4},
            "Gulrajani et al. 2017, arXiv 1704.00028",
            "Adam (0.5, 0.9) of the source's published code; its paper gives (0, 0.9)."));
  return rows;
}

std::vector<CandidateSpec> divergence_candidates() {
  std::vector<CandidateSpec> rows;
  for (const auto& divergence : divergences()) {
    rows.push_back(named("fgan-" + divergence.name, "dcgan/f-divergence/none/" + divergence.name,
                         {1, 5}, "Nowozin et al. 2016, arXiv 1606.00709",
                         "The generator minimizes -E g(fake), the source's practical form."));
  }
  return rows;
}

std::vector<CandidateSpec> later_candidates() {
  constexpr const char* kRelativistic = "Jolicoeur-Martineau 2019, arXiv 1807.00734";
  std::vector<CandidateSpec> rows;
  rows.push_back(named("geometric-gan", "dcgan/hinge/weight-decay", {1, 5},
                       "Lim & Ye 2017, arXiv 1705.02894", kCommonAdam));
  rows.push_back(named("lsgan", "dcgan/least-squares", {1, 2, 3, 6},
                       "Mao et al. 2017, arXiv 1611.04076", kCommonAdam));
  rows.push_back(named("rsgan", "dcgan/relativistic", {1, 6}, kRelativistic));
  rows.push_back(named("rasgan", "dcgan/relativistic-average", {1, 6}, kRelativistic));
  rows.push_back(named("rsgan-gp", "dcgan/relativistic/gradient-penalty", {6}, kRelativistic));
  rows.push_back(named("rlsgan", "dcgan/relativistic-least-squares", {1, 6}, kRelativistic));
  rows.push_back(
      named("ralsgan", "dcgan/relativistic-average-least-squares", {1, 6}, kRelativistic));
  rows.push_back(named("loss-sensitive-gan", "dcgan/loss-sensitive/weight-decay", {1, 7},
                       "Qi 2020, arXiv 1701.06264",
                       "Without the first term of the critic's loss, as in the source's code; the "
                       "margin of 2e-4 at 64x64x3 is kept per image at other sizes."));
  rows.push_back(named("gls-gan", "dcgan/generalized-loss-sensitive/weight-decay", {1, 7},
                       "Qi 2020, arXiv 1701.06264",
                       "Slope 0.01; the margin of 2e-4 at 64x64x3 is kept per image at other "
                       "sizes."));
  rows.push_back(named("sngan", "sngan-cnn/non-saturating/spectral-norm", {1, 4, 7},
                       "Miyato et al. 2018, arXiv 1802.05957",
                       "One critic step; the source also trains it with five and with the hinge."));
  return rows;
}

std::vector<CandidateSpec> extension_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(
      named("sngan-resnet", "resnet/hinge/spectral-norm", {},
            "Miyato et al. 2018, arXiv 1802.05957, table 4",
            "Generator batches of 64 in place of 128; the learning rate does not decay."));
  rows.push_back(named("wgan-gp-resnet", "resnet/wasserstein/gradient-penalty", {},
                       "Gulrajani et al. 2017, arXiv 1704.00028",
                       "The generator has 256 channels and the critic no layer norm; the learning "
                       "rate does not decay."));
  rows.back().optimizer.lr = 2e-4;
  rows.push_back(named("dragan", "dcgan/non-saturating/dragan", {},
                       "Kodali et al. 2017, arXiv 1705.07215", kCommonAdam));
  rows.push_back(named("ra-hinge-gan", "dcgan/relativistic-average-hinge", {},
                       "Jolicoeur-Martineau 2019, arXiv 1807.00734"));
  rows.push_back(named("r3gan", "dcgan/relativistic/r1+r2", {},
                       "Huang et al. 2024, arXiv 2501.05441",
                       "The loss and penalties alone, on DCGAN's networks; gamma 0.1 where the "
                       "source's CIFAR-10 run starts at 0.05."));
  rows.back().penalty_parameters.r1_gamma = 0.1;
  rows.push_back(named("projection-cgan", "resnet+projection/hinge/spectral-norm", {},
                       "Miyato & Koyama 2018, arXiv 1802.05637",
                       "CIFAR-10's networks of Miyato et al. 2018; generated samples of a critic "
                       "step take the labels of its real samples, in place of a second draw from "
                       "the same distribution; generator batches of 64 in place of 128; the "
                       "learning rate does not decay."));
  constexpr const char* kIcGanNotes =
      "On SNGAN's networks in place of BigGAN's, whose features of an instance pass a linear layer "
      "of 512 and join the latent vector on its way to each batch norm; features are standardized; "
      "one critic step.";
  for (const char* form : {"instances", "instances-labels"}) {
    rows.push_back(named(std::string(form) == "instances" ? "ic-gan" : "ic-cgan",
                         "sngan-cnn+" + std::string(form) + "/hinge/spectral-norm", {},
                         "Casanova et al. 2021, arXiv 2109.05070", kIcGanNotes));
  }
  for (auto& row : rows) row.extension = true;
  return rows;
}

}  // namespace

std::string to_string(OptimizerKind kind) {
  return kind == OptimizerKind::kAdam ? "adam" : "rmsprop";
}

const NamedTable<CandidateSpec>& candidates() {
  static const NamedTable<CandidateSpec> table("candidate", [] {
    auto rows = original_candidates();
    for (auto part : {divergence_candidates(), later_candidates(), extension_candidates()}) {
      for (auto& row : part) rows.push_back(std::move(row));
    }
    return rows;
  }());
  return table;
}

const LossSpec& loss_of(const CandidateSpec& candidate) { return losses().at(candidate.loss); }

LossContext loss_context(const CandidateSpec& candidate) {
  LossContext context{.parameters = candidate.loss_parameters};
  if (candidate.divergence) context.divergence = &divergences().at(*candidate.divergence);
  return context;
}

bool has_regularizer(const CandidateSpec& candidate, std::string_view name) {
  for (const auto& given : candidate.regularization) {
    if (given == name) return true;
  }
  return false;
}

}  // namespace ganselect
