// The named candidates. Settings that are not written in a row are those of its point
// (models/points.h), so that a row shows what is particular to it. Each was held against its
// authors' code (tests/golden/authors.json); where it departs, the row says so and why.
#include "models/candidates.h"

#include <utility>

#include "models/candidate_rows.h"
#include "models/points.h"

namespace ganselect {

CandidateSpec named(std::string name, std::string_view point, std::vector<int> tables,
                    std::string source, std::string code, std::vector<Deviation> deviations) {
  auto candidate = resolve_point(point);
  candidate.name = std::move(name);
  candidate.tables = std::move(tables);
  candidate.source = std::move(source);
  candidate.code = std::move(code);
  candidate.deviations = std::move(deviations);
  return candidate;
}

void differs(CandidateSpec& candidate, std::string setting, std::string text) {
  candidate.deviations.push_back({std::move(setting), std::move(text)});
}

OptimizerSpec maxout_descent(double lr, std::int64_t epoch) {
  return {.kind = OptimizerKind::kSgd,
          .lr = lr,
          .lr_factor_d = 0.5,
          .momentum = 0.5,
          .momentum_final = 0.7,
          .momentum_steps = 249 * epoch,
          .lr_law = LrLaw::kExponential,
          .lr_decay_factor = 1.000004,
          .lr_min = 1e-6};
}

void add_goodfellow_deviations(CandidateSpec& candidate) {
  differs(candidate, "lr_d",
          "half the source's, whose critic minimizes half of the loss that stands here");
  differs(candidate, "order",
          "the generator's step sees the new critic; the source takes both at once, of one batch");
}

void set_resnet_training(CandidateSpec& candidate, std::int64_t decay_steps) {
  candidate.batch_g = 128;
  candidate.dequantize = true;
  candidate.optimizer.lr_law = LrLaw::kLinear;
  candidate.optimizer.lr_decay_steps = decay_steps;
}

namespace {

const Deviation kSmallImages{
    "images", "32x32 in place of the source's 64x64: one stage of each network fewer"};
const Deviation kNoCode{"code",
                        "none is published that could be held against; settings are DCGAN's"};

std::vector<CandidateSpec> goodfellow_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("fcgan", "fc/non-saturating/dropout", {1, 2},
                       "Goodfellow et al. 2014, arXiv 1406.2661",
                       "goodfeli/adversarial, mnist.yaml"));
  rows.back().optimizer = maxout_descent(0.1, 500);
  rows.back().batch = 100;
  add_goodfellow_deviations(rows.back());
  differs(rows.back(), "images",
          "of 32x32 in [-1, 1] with tanh in place of MNIST's 28x28 in [0, 1] with a sigmoid; the "
          "source's wider CIFAR-10 network (8000 units) is left out, so that fc is one "
          "architecture");
  rows.push_back(named("conv-gan", "maxout-conv/non-saturating/dropout", {1, 2},
                       "Goodfellow et al. 2014, arXiv 1406.2661",
                       "goodfeli/adversarial, cifar10_convolutional.yaml"));
  rows.back().optimizer = maxout_descent(0.004, 313);
  rows.back().batch = 128;
  add_goodfellow_deviations(rows.back());
  differs(rows.back(), "images",
          "in [-1, 1] and ended by tanh, in place of global contrast normalization and an "
          "unbounded output, which cannot be turned back into pixels to be measured");
  return rows;
}

constexpr const char* kDcganCode = "soumith/dcgan.torch, main.lua";

std::vector<CandidateSpec> dcgan_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("dcgan", "dcgan/non-saturating", {1, 2, 3, 7},
                       "Radford et al. 2016, arXiv 1511.06434", kDcganCode,
                       {kSmallImages,
                        {"latents",
                         "drawn anew for the generator's step, where the source takes "
                         "the critic's"}}));
  rows.back().regularization = {"batch-norm-g", "batch-norm-d"};
  rows.push_back(named("mm-gan", "dcgan/minimax", {},
                       "Goodfellow et al. 2014, arXiv 1406.2661; Lucic et al. 2018, arXiv "
                       "1711.10337",
                       "google/compare_gan, src/gans",
                       {{"networks",
                         "DCGAN's and its latents in place of InfoGAN's, so that it "
                         "differs from dcgan in the loss alone"},
                        {"latent", "as dcgan's"},
                        {"latent_dim", "as dcgan's"}}));
  rows.back().extension = true;
  return rows;
}

const Deviation kAnyPass{"sampling",
                         "by running statistics of batch norm, where the source's samples take "
                         "those of their own batch"};

std::vector<CandidateSpec> wasserstein_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("wgan", "dcgan/wasserstein/weight-clip", {1, 3, 4},
                       "Arjovsky et al. 2017, arXiv 1701.07875",
                       "martinarjovsky/WassersteinGAN, main.py",
                       {kSmallImages,
                        {"n_critic schedule",
                         "five throughout, without 100 critic steps in each of the first 25 "
                         "generator updates and every 500th: in a budget of a few hundred updates "
                         "those would be most of the work"}}));
  rows.push_back(named("wgan-gp", "gp-cnn/wasserstein/gradient-penalty", {1, 3, 4},
                       "Gulrajani et al. 2017, arXiv 1704.00028",
                       "igul222/improved_wgan_training, gan_cifar.py", {kAnyPass}));
  return rows;
}

std::vector<CandidateSpec> divergence_candidates() {
  std::vector<CandidateSpec> rows;
  for (const auto& divergence : divergences()) {
    rows.push_back(
        named("fgan-" + divergence.name, "dcgan/f-divergence/none/" + divergence.name, {1, 5},
              "Nowozin et al. 2016, arXiv 1606.00709", "",
              {kNoCode, {"loss of the generator", "-E g(fake), the source's practical form"}}));
    // Their losses are those of dcgan, or apart from it by log 2.
    if (divergence.name == "gan" || divergence.name == "jensen-shannon") {
      rows.back().same_training = "dcgan";
    }
  }
  return rows;
}

std::vector<CandidateSpec> margin_candidates() {
  constexpr const char* kMargin =
      "2e-4 at 64x64x3, kept per image at other sizes by dividing the distance by the count of "
      "numbers";
  constexpr const char* kQi = "Qi 2020, arXiv 1701.06264";
  std::vector<CandidateSpec> rows;
  rows.push_back(named("geometric-gan", "dcgan/hinge/weight-decay", {1, 5},
                       "Lim & Ye 2017, arXiv 1705.02894",
                       "lim0606/pytorch-geometric-gan, main.py, scripts", {kSmallImages}));
  rows.back().optimizer = {.kind = OptimizerKind::kRmsprop,
                           .lr = 2e-4,
                           .weight_decay = 1.0 / 64,
                           .weight_decay_scope = DecayScope::kLastLayer};
  rows.back().n_gen = 10;
  rows.push_back(named("lsgan", "dcgan/least-squares", {1, 2, 3, 6},
                       "Mao et al. 2017, arXiv 1611.04076",
                       "xudonmao/LSGAN, stability_comparison/BN_G_ls_adam",
                       {{"networks",
                         "dcgan's, with batch norm in both, where this variant of the "
                         "source has 5x5 kernels and batch norm in the critic alone and "
                         "its main experiment a deeper pair for 112x112"},
                        {"batch_norm_g", "as dcgan's"},
                        {"last_bias", "as dcgan's"},
                        {"latent", "as dcgan's"},
                        {"latent_dim", "as dcgan's"}}));
  rows.push_back(named("loss-sensitive-gan", "dcgan/loss-sensitive", {1, 7}, kQi,
                       "maple-research-lab/lsgan, lsgan.lua",
                       {kSmallImages,
                        {"margin_weight at 32x32", kMargin},
                        {"loss_sensitive_gamma",
                         "absent: the first term of the critic's loss has the factor 0 there"}}));
  rows.back().critic_output = CriticOutput::kNegativeRelu;
  rows.back().latent_bound = 1.0;
  rows.push_back(named("gls-gan", "dcgan/generalized-loss-sensitive/weight-clip", {1, 7}, kQi,
                       "guojunq/glsgan, glsgan.lua",
                       {kSmallImages,
                        {"margin_weight at 32x32", kMargin},
                        {"loss_sensitive_gamma",
                         "absent: the first term of the critic's loss has the factor 0 there"}}));
  rows.back().optimizer.lr = 2e-4;
  rows.back().loss_parameters.gls_slope = 0.0;
  rows.back().penalty_parameters.clip = 0.08;
  rows.back().latent_bound = 1.0;
  return rows;
}

CandidateSpec relativistic(std::string name, const std::string& loss, std::vector<int> tables,
                           const std::string& penalty = "") {
  auto row = named(std::move(name), "sngan-cnn/" + loss + "/" + penalty + "spectral-norm",
                   std::move(tables), "Jolicoeur-Martineau 2019, arXiv 1807.00734",
                   "AlexiaJM/RelativisticGAN, code/stable.sh, code/GAN_losses_iter.py");
  row.batch = 32;
  row.spectral_norm_last = false;
  row.torch_linear_init = true;
  return row;
}

std::vector<CandidateSpec> relativistic_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(relativistic("rsgan", "relativistic", {1, 6}));
  rows.push_back(relativistic("rasgan", "relativistic-average", {1, 6}));
  rows.push_back(relativistic("rsgan-gp", "relativistic", {6}, "gradient-penalty+"));
  rows.back().spectral_norm_last = true;
  differs(
      rows.back(), "spectral_norm_last",
      "of the last layer too: in narrow networks a plain one takes some hundred updates to give "
      "the gradient the norm that the penalty asks for");
  rows.back().torch_linear_init = false;
  differs(rows.back(), "first_weights",
          "N(0, 0.02) of linear layers too, as SNGAN's, whose networks these are");
  rows.push_back(relativistic("rlsgan", "relativistic-least-squares", {1, 6}));
  differs(rows.back(), "code",
          "the published code has the average form alone; settings are those of that form");
  rows.push_back(relativistic("ralsgan", "relativistic-average-least-squares", {1, 6}));
  rows.push_back(relativistic("ra-hinge-gan", "relativistic-average-hinge", {}));
  rows.back().extension = true;
  return rows;
}

constexpr const char* kSnganSource = "Miyato et al. 2018, arXiv 1802.05957, table 3";
constexpr const char* kSnganCode = "pfnet-research/chainer-gan-lib, common/net.py";
const Deviation kSnganPaperNetworks{
    "networks", "those of the paper's table 3, whose critic is narrower than the code's"};
const Deviation kSnganNormalLatent{"latent",
                                   "N(0, I) as in the paper, in place of the code's uniform"};

std::vector<CandidateSpec> residual_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("sngan-resnet", "resnet/hinge/spectral-norm", {},
                       "Miyato et al. 2018, arXiv 1802.05957, table 4",
                       "pfnet-research/sngan_projection, configs/sn_cifar10_unconditional.yml"));
  set_resnet_training(rows.back(), 50000);
  rows.push_back(named("wgan-gp-resnet", "gp-resnet/wasserstein/gradient-penalty", {},
                       "Gulrajani et al. 2017, arXiv 1704.00028",
                       "igul222/improved_wgan_training, gan_cifar_resnet.py",
                       {{"labels",
                         "none: the unsupervised form of the paper, where the file as "
                         "shipped has an auxiliary classifier"},
                        kAnyPass}));
  rows.back().optimizer.lr = 2e-4;
  set_resnet_training(rows.back(), 100000);
  return rows;
}

std::vector<CandidateSpec> later_candidates() {
  std::vector<CandidateSpec> rows;
  rows.push_back(named("wgan-gp-dcgan", "dcgan/wasserstein/gradient-penalty", {},
                       "Gulrajani et al. 2017, arXiv 1704.00028",
                       "igul222/improved_wgan_training, gan_cifar.py",
                       {{"networks",
                         "dcgan's without batch norm in the critic, for a CPU: the "
                         "source's cost some four times as much"},
                        kAnyPass}));
  rows.push_back(named("dragan", "dcgan/non-saturating/dragan", {},
                       "Kodali et al. 2017, arXiv 1705.07215", "kodalinaveen3/DRAGAN, DRAGAN.ipynb",
                       {{"networks",
                         "dcgan's without batch norm in the critic, in place of "
                         "perceptrons for MNIST"},
                        {"batch_norm_g", "dcgan's"},
                        {"first_weights",
                         "of the generator dcgan's; of the critic those of "
                         "gradient penalties, uniform in place of normal"}}));
  rows.back().optimizer = {.lr = 1e-4, .beta1 = 0.5, .beta2 = 0.9};
  rows.back().batch = 128;
  rows.back().latent_bound = 1.0;
  rows.push_back(named("rpgan-r1-r2", "dcgan/relativistic/r1+r2", {},
                       "Huang et al. 2024, arXiv 2501.05441", "brownvc/R3GAN, train.py",
                       {{"networks",
                         "the loss and penalties alone, on dcgan's networks with its "
                         "optimizer: no residual networks, average, augmentation or "
                         "schedules"},
                        {"r1_gamma schedule",
                         "0.05 throughout, where the source's falls to 0.005 "
                         "over 2e7 images"}}));
  rows.back().penalty_parameters.r1_gamma = 0.05;
  for (const char* m : {"2", "4"}) {
    rows.push_back(named(std::string("pacgan") + m, std::string("dcgan/non-saturating/pack") + m,
                         {}, "Lin et al. 2018, arXiv 1712.04086",
                         "fjxmlzn/PacGAN, stacked_MNIST_experiments/VEEGAN_experiment",
                         {{"networks",
                           "dcgan's with its latents, so that it differs from dcgan in "
                           "the pack alone"},
                          {"latent", "as dcgan's"},
                          {"last_bias", "as dcgan's"},
                          {"n_gen",
                           "1 as of dcgan, in place of two on the same latents, which the "
                           "code calls different from the paper"}}));
  }
  rows.push_back(named("dcgan+diffaugment", "dcgan/non-saturating/diffaugment", {},
                       "Zhao et al. 2020, arXiv 2006.10738; Radford et al. 2016, arXiv 1511.06434",
                       "mit-han-lab/data-efficient-gans, DiffAugment_pytorch.py", {kSmallImages}));
  rows.push_back(named("sngan+diffaugment", "sngan-cnn/non-saturating/spectral-norm+diffaugment",
                       {},
                       "Zhao et al. 2020, arXiv 2006.10738; Miyato et al. 2018, arXiv "
                       "1802.05957",
                       "mit-han-lab/data-efficient-gans, DiffAugment_pytorch.py",
                       {kSnganPaperNetworks, kSnganNormalLatent}));
  return rows;
}

void append(std::vector<CandidateSpec>& rows, std::vector<CandidateSpec> more, bool extension) {
  for (auto& row : more) {
    row.extension |= extension;
    rows.push_back(std::move(row));
  }
}

std::vector<CandidateSpec> all_candidates() {
  std::vector<CandidateSpec> rows;
  append(rows, goodfellow_candidates(), false);
  append(rows, dcgan_candidates(), false);
  append(rows, label_candidates(), false);
  append(rows, wasserstein_candidates(), false);
  append(rows, divergence_candidates(), false);
  append(rows, margin_candidates(), false);
  append(rows, relativistic_candidates(), false);
  rows.push_back(named("sngan", "sngan-cnn/non-saturating/spectral-norm", {1, 4, 7}, kSnganSource,
                       kSnganCode, {kSnganPaperNetworks, kSnganNormalLatent}));
  append(rows, residual_candidates(), true);
  append(rows, later_candidates(), true);
  append(rows, conditional_extensions(), true);
  return rows;
}

}  // namespace

const NamedTable<CandidateSpec>& candidates() {
  static const NamedTable<CandidateSpec> table("candidate", all_candidates());
  return table;
}

const LossSpec& loss_of(const CandidateSpec& candidate) { return losses().at(candidate.loss); }

LossContext loss_context(const CandidateSpec& candidate) {
  LossContext context{.parameters = candidate.loss_parameters};
  if (candidate.divergence) context.divergence = &divergences().at(*candidate.divergence);
  return context;
}

int training_revision(const CandidateSpec& point) {
  // Weights that are normalized spectrally were once widened at small widths, as others are.
  return point.revision + (has_regularizer(point, "spectral-norm") ? 1 : 0);
}

bool has_regularizer(const CandidateSpec& candidate, std::string_view name) {
  for (const auto& given : candidate.regularization) {
    if (given == name) return true;
  }
  return false;
}

std::optional<AugmentationPolicies> augmentation_of(const CandidateSpec& candidate) {
  for (const auto& name : candidate.regularization) {
    if (const auto& policies = penalties().at(name).augmentation) return policies;
  }
  return std::nullopt;
}

std::string notes_of(const CandidateSpec& candidate) {
  std::string notes;
  for (const auto& [setting, text] : candidate.deviations) {
    notes += (notes.empty() ? "" : "; ") + setting + ": " + text;
  }
  return notes.empty() ? notes : notes + ".";
}

}  // namespace ganselect
