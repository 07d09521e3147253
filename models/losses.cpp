// The losses, one row each. To add one: its two functions and its row; the tests visit every row.
// `real` and `fake` are the critic's raw scores C(x_r) and C(x_f), s is softplus, E the mean over
// the batch.
#include "models/losses.h"

#include "base/error.h"

namespace ganselect {
namespace {

using torch::Tensor;

// s(v) = log(1 + e^v) for any v; LibTorch's own cuts off at 20, which costs ten digits in float64.
Tensor s(const Tensor& v) { return -torch::log_sigmoid(-v); }

Tensor logistic_critic(const CriticScores& c, const LossContext&) {
  return s(-c.real).mean() + s(c.fake).mean();
}
Tensor minimax_generator(const CriticScores& c, const LossContext&) { return -s(c.fake).mean(); }
Tensor non_saturating_generator(const CriticScores& c, const LossContext&) {
  return s(-c.fake).mean();
}

Tensor wasserstein_critic(const CriticScores& c, const LossContext&) {
  return c.fake.mean() - c.real.mean();
}
Tensor raise_fake_generator(const CriticScores& c, const LossContext&) { return -c.fake.mean(); }

Tensor least_squares_critic(const CriticScores& c, const LossContext& context) {
  const auto& p = context.parameters;
  return 0.5 * (c.real - p.least_squares_b).square().mean() +
         0.5 * (c.fake - p.least_squares_a).square().mean();
}
Tensor least_squares_generator(const CriticScores& c, const LossContext& context) {
  return 0.5 * (c.fake - context.parameters.least_squares_c).square().mean();
}

Tensor hinge_critic(const CriticScores& c, const LossContext&) {
  return torch::relu(1 - c.real).mean() + torch::relu(1 + c.fake).mean();
}

// The relativistic losses of the generator are those of the critic with the two roles swapped.
CriticScores swapped(const CriticScores& c) { return {.real = c.fake, .fake = c.real}; }

Tensor relativistic_critic(const CriticScores& c, const LossContext&) {
  return s(-(c.real - c.fake)).mean();
}
Tensor relativistic_generator(const CriticScores& c, const LossContext& context) {
  return relativistic_critic(swapped(c), context);
}

Tensor relativistic_average_critic(const CriticScores& c, const LossContext&) {
  return s(-(c.real - c.fake.mean())).mean() + s(c.fake - c.real.mean()).mean();
}
Tensor relativistic_average_generator(const CriticScores& c, const LossContext& context) {
  return relativistic_average_critic(swapped(c), context);
}

Tensor relativistic_ls_critic(const CriticScores& c, const LossContext&) {
  return (c.real - c.fake - 1).square().mean();
}
Tensor relativistic_ls_generator(const CriticScores& c, const LossContext& context) {
  return relativistic_ls_critic(swapped(c), context);
}

Tensor relativistic_average_ls_critic(const CriticScores& c, const LossContext&) {
  return (c.real - c.fake.mean() - 1).square().mean() +
         (c.fake - c.real.mean() + 1).square().mean();
}
Tensor relativistic_average_ls_generator(const CriticScores& c, const LossContext& context) {
  return relativistic_average_ls_critic(swapped(c), context);
}

Tensor relativistic_average_hinge_critic(const CriticScores& c, const LossContext&) {
  return torch::relu(1 - (c.real - c.fake.mean())).mean() +
         torch::relu(1 + (c.fake - c.real.mean())).mean();
}
Tensor relativistic_average_hinge_generator(const CriticScores& c, const LossContext& context) {
  return relativistic_average_hinge_critic(swapped(c), context);
}

// With the loss L = -C: L(x_r) = -real, L(x_f) = -fake.
Tensor loss_sensitive_critic(const CriticScores& c, const LossContext& context) {
  const auto margins = torch::relu(context.margin - c.real + c.fake).mean();
  const auto gamma = context.parameters.loss_sensitive_gamma;
  return gamma ? -c.real.mean() + margins / *gamma : margins;
}

Tensor generalized_loss_sensitive_critic(const CriticScores& c, const LossContext& context) {
  return torch::leaky_relu(context.margin - c.real + c.fake, context.parameters.gls_slope).mean();
}

Tensor f_critic(const CriticScores& c, const LossContext& context) {
  const auto& f = *context.divergence;
  return f.conjugate_of_activation(c.fake).mean() - f.activation(c.real).mean();
}
Tensor f_generator(const CriticScores& c, const LossContext& context) {
  const auto& f = *context.divergence;
  return context.parameters.exact_f_generator ? -f.conjugate_of_activation(c.fake).mean()
                                              : -f.activation(c.fake).mean();
}

constexpr const char* kGoodfellow = "Goodfellow et al. 2014, Generative Adversarial Nets";
constexpr const char* kJolicoeur =
    "Jolicoeur-Martineau 2019, The relativistic discriminator: a key element missing from standard "
    "GAN";
constexpr const char* kQi =
    "Qi 2020, Loss-Sensitive Generative Adversarial Networks on Lipschitz Densities";
constexpr const char* kTwoSidedHint =
    "Both losses stay near their common start; one sinking to 0 while the other climbs means that "
    "one side wins.";
constexpr const char* kNoReadingTrouble =
    "The value says nothing of sample quality: look at samples and FID.";

std::vector<LossSpec> classic_rows() {
  return {
      {.name = "minimax",
       .paper = kGoodfellow,
       .arxiv = "1406.2661",
       .critic_formula = "E s(-real) + E s(fake)",
       .generator_formula = "-E s(fake)",
       .minimizes = "Jensen-Shannon",
       .critic = logistic_critic,
       .generator = minimax_generator,
       .curve_hint = "Critic starts at 2 log 2 = 1.386 and generator at -0.693, their values at a "
                     "tie; the generator's going to 0 means that the critic wins.",
       .known_trouble = "Saturates: a critic that is sure of the fakes leaves the generator no "
                        "gradient, early in training above all."},
      {.name = "non-saturating",
       .aliases = {"ns", "nsgan"},
       .paper = kGoodfellow,
       .arxiv = "1406.2661",
       .critic_formula = "E s(-real) + E s(fake)",
       .generator_formula = "E s(-fake)",
       .minimizes = "Jensen-Shannon",
       .critic = logistic_critic,
       .generator = non_saturating_generator,
       .curve_hint =
           "At a tie the critic has 1.386 and the generator 0.693. Healthy runs hover with "
           "the critic at 0.5 to 1.3 and the generator at 0.7 to 3; critic at 0 with the "
           "generator climbing past 5 is a critic that won.",
       .known_trouble = std::string(kNoReadingTrouble) + " Mode collapse, oscillation."},
      {.name = "wasserstein",
       .aliases = {"wgan"},
       .paper = "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN",
       .arxiv = "1701.07875",
       .critic_formula = "E fake - E real",
       .generator_formula = "-E fake",
       .minimizes = "Wasserstein-1",
       .needs_bound = true,
       .critic = wasserstein_critic,
       .generator = raise_fake_generator,
       .curve_hint =
           "Minus the critic's loss estimates the Wasserstein distance up to the critic's "
           "Lipschitz constant: it jumps up first, then should fall steadily, and does so "
           "as samples improve. The generator's loss alone drifts and means nothing.",
       .known_trouble = "Needs a bounded critic; too tight a bound learns slowly, too loose a one "
                        "oscillates. Momentum hurts."},
      {.name = "least-squares",
       .aliases = {"ls", "lsgan"},
       .paper = "Mao et al. 2017, Least Squares Generative Adversarial Networks",
       .arxiv = "1611.04076",
       .critic_formula = "0.5 E (real - b)^2 + 0.5 E (fake - a)^2",
       .generator_formula = "0.5 E (fake - c)^2; (a, b, c) = (0, 1, 1), or (-1, 1, 0) for Pearson",
       .minimizes = "Pearson chi^2",
       .critic = least_squares_critic,
       .generator = least_squares_generator,
       .curve_hint = "At a tie (every score halfway) the critic has 0.25 and the generator 0.125; "
                     "critic near 0 with the generator at 0.5 is a critic that won.",
       .known_trouble = "Squares of far-off scores make spikes; often mistaken for the "
                        "loss-sensitive GAN, whose short name is the same."},
      {.name = "hinge",
       .aliases = {"geometric"},
       .paper = "Lim & Ye 2017, Geometric GAN",
       .arxiv = "1705.02894",
       .critic_formula = "E max(0, 1 - real) + E max(0, 1 + fake)",
       .generator_formula = "-E fake",
       .minimizes = "reverse KL / total variation type",
       .critic = hinge_critic,
       .generator = raise_fake_generator,
       .curve_hint = "Critic starts at 2, its value at a tie within the margins, and should stay "
                     "between 0.5 and 2; at 0 every sample is outside its margin and the critic "
                     "learns nothing more.",
       .known_trouble = "The generator's loss has no scale of its own and drifts."},
  };
}

std::vector<LossSpec> relativistic_rows() {
  return {
      {.name = "relativistic",
       .aliases = {"rsgan"},
       .paper = kJolicoeur,
       .arxiv = "1807.00734",
       .critic_formula = "E s(-(real - fake)), paired",
       .generator_formula = "E s(-(fake - real)), paired",
       .minimizes = "Jensen-Shannon type",
       .paired = true,
       .generator_needs_real = true,
       .critic = relativistic_critic,
       .generator = relativistic_generator,
       .curve_hint = std::string("Both are log 2 = 0.693 at a tie. ") + kTwoSidedHint,
       .known_trouble =
           std::string(kNoReadingTrouble) + " One more critic pass per generator step."},
      {.name = "relativistic-average",
       .aliases = {"rasgan"},
       .paper = kJolicoeur,
       .arxiv = "1807.00734",
       .critic_formula = "E s(-(real - E fake)) + E s(fake - E real)",
       .generator_formula = "E s(-(fake - E real)) + E s(real - E fake)",
       .minimizes = "Jensen-Shannon type",
       .generator_needs_real = true,
       .critic = relativistic_average_critic,
       .generator = relativistic_average_generator,
       .curve_hint = std::string("Both are 2 log 2 = 1.386 at a tie. ") + kTwoSidedHint,
       .known_trouble = "The mean over the batch makes the loss biased for small batches."},
      {.name = "relativistic-least-squares",
       .aliases = {"rlsgan"},
       .paper = kJolicoeur,
       .arxiv = "1807.00734",
       .critic_formula = "E (real - fake - 1)^2, paired",
       .generator_formula = "E (fake - real - 1)^2, paired",
       .minimizes = "Pearson chi^2 type",
       .paired = true,
       .generator_needs_real = true,
       .critic = relativistic_ls_critic,
       .generator = relativistic_ls_generator,
       .curve_hint = "Both are 1 at a tie; the generator's at 4 with the critic's at 0 is a critic "
                     "that won.",
       .known_trouble = "Penalizes pairs that are further apart than the target, real ones too."},
      {.name = "relativistic-average-least-squares",
       .aliases = {"ralsgan"},
       .paper = kJolicoeur,
       .arxiv = "1807.00734",
       .critic_formula = "E (real - E fake - 1)^2 + E (fake - E real + 1)^2",
       .generator_formula = "E (fake - E real - 1)^2 + E (real - E fake + 1)^2",
       .minimizes = "Pearson chi^2 type",
       .generator_needs_real = true,
       .critic = relativistic_average_ls_critic,
       .generator = relativistic_average_ls_generator,
       .curve_hint =
           "Both are 2 at a tie of equal scores; the generator's at 8 with the critic's at "
           "0 is a critic that won.",
       .known_trouble = "Without batch norm or a penalty often unstable; sensitive to the batch "
                        "size."},
      {.name = "relativistic-average-hinge",
       .aliases = {"rahinge"},
       .paper = kJolicoeur,
       .arxiv = "1807.00734",
       .critic_formula = "E max(0, 1 - (real - E fake)) + E max(0, 1 + (fake - E real))",
       .generator_formula = "E max(0, 1 - (fake - E real)) + E max(0, 1 + (real - E fake))",
       .minimizes = "reverse KL / total variation type",
       .generator_needs_real = true,
       .critic = relativistic_average_hinge_critic,
       .generator = relativistic_average_hinge_generator,
       .curve_hint = "Both are 2 at a tie; a critic at 0 has every sample outside its margin.",
       .known_trouble = "As hinge; the critic learns nothing more once all margins are met."},
  };
}

std::vector<LossSpec> other_rows() {
  return {
      {.name = "loss-sensitive",
       .paper = kQi,
       .arxiv = "1701.06264",
       .critic_formula = "L = -C, D = margin(x_r, x_f): E L(x_r) + (1/gamma) E max(0, D + L(x_r) - "
                         "L(x_f)); by default without the first term, as in the authors' code",
       .generator_formula = "E L(x_f)",
       .minimizes = "integral probability metric (Wasserstein-1 type)",
       .paired = true,
       .needs_margin = true,
       .lr = 1e-4,
       .critic = loss_sensitive_critic,
       .generator = raise_fake_generator,
       .curve_hint =
           "The critic's loss starts at the mean margin of a pair and falls; 0 means that "
           "every pair keeps its margin, and rising again that the generator catches up.",
       .known_trouble = "The margin is a distance of pixels, of little meaning for pairs that were "
                        "drawn at random. Not least-squares, whose short name is the same."},
      {.name = "generalized-loss-sensitive",
       .aliases = {"gls"},
       .paper = kQi,
       .arxiv = "1701.06264",
       .critic_formula = "E l(D + L(x_r) - L(x_f)), l leaky ReLU of slope nu, L = -C",
       .generator_formula = "E L(x_f)",
       .minimizes = "integral probability metric (Wasserstein-1 type)",
       .paired = true,
       .needs_margin = true,
       .lr = 1e-4,
       .critic = generalized_loss_sensitive_critic,
       .generator = raise_fake_generator,
       .curve_hint = "As loss-sensitive, but it may go slowly below 0: pairs beyond their margin "
                     "still pull with weight nu.",
       .known_trouble = "The nearer nu is to 1, the more the critic needs a bound, as in "
                        "wasserstein."},
      {.name = "f-divergence",
       .aliases = {"f", "fgan"},
       .paper = "Nowozin, Cseke & Tomioka 2016, f-GAN: Training Generative Neural Samplers using "
                "Variational Divergence Minimization",
       .arxiv = "1606.00709",
       .critic_formula = "-(E g(real) - E f*(g(fake)))",
       .generator_formula =
           "-E g(fake), the paper's practical form; or -E f*(g(fake)), the exact one",
       .minimizes = "the divergence named",
       .needs_divergence = true,
       .critic = f_critic,
       .generator = f_generator,
       .curve_hint =
           "Minus the critic's loss is a lower bound of the divergence; see the divergence.",
       .known_trouble = "Divergences with exponentials spike; see the divergence."},
  };
}

void require_scores(const LossSpec& loss, const Tensor& scores, const char* what) {
  if (scores.defined() && scores.dim() == 1 && scores.size(0) > 0 && scores.is_floating_point()) {
    return;
  }
  fail(ErrorKind::kFailed,
       {.where = "loss " + loss.name,
        .expected = std::string(what) + ", (N,) of a floating type",
        .got = scores.defined() ? "shape " + c10::str(scores.sizes()) : std::string("none"),
        .hint = ""});
}

void require_same_length(const LossSpec& loss, const Tensor& a, const Tensor& b, const char* what) {
  if (a.sizes() == b.sizes()) return;
  fail(ErrorKind::kFailed, {.where = "loss " + loss.name,
                            .expected = std::string(what) + " of one length",
                            .got = c10::str(a.sizes()) + " and " + c10::str(b.sizes()),
                            .hint = ""});
}

void require_context(const LossSpec& loss, const LossContext& context) {
  if (loss.needs_divergence != (context.divergence != nullptr)) {
    fail(ErrorKind::kFailed, {.where = "loss " + loss.name,
                              .expected = loss.needs_divergence ? "a divergence" : "no divergence",
                              .got = context.divergence ? context.divergence->name : "none",
                              .hint = ""});
  }
}

}  // namespace

const NamedTable<LossSpec>& losses() {
  static const NamedTable<LossSpec> table("loss", [] {
    auto rows = classic_rows();
    for (auto& row : relativistic_rows()) rows.push_back(std::move(row));
    for (auto& row : other_rows()) rows.push_back(std::move(row));
    return rows;
  }());
  return table;
}

Tensor critic_loss(const LossSpec& loss, const CriticScores& scores, const LossContext& context) {
  require_scores(loss, scores.real, "real scores");
  require_scores(loss, scores.fake, "fake scores");
  require_context(loss, context);
  if (loss.paired) require_same_length(loss, scores.real, scores.fake, "real and fake scores");
  if (loss.needs_margin) {
    require_scores(loss, context.margin, "margins");
    require_same_length(loss, scores.real, context.margin, "scores and margins");
  }
  return loss.critic(scores, context);
}

Tensor generator_loss(const LossSpec& loss, const CriticScores& scores,
                      const LossContext& context) {
  require_scores(loss, scores.fake, "fake scores");
  require_context(loss, context);
  if (loss.generator_needs_real) {
    require_scores(loss, scores.real, "real scores");
    if (loss.paired) require_same_length(loss, scores.real, scores.fake, "real and fake scores");
  }
  return loss.generator(scores, context);
}

Tensor pair_margin(const Tensor& real, const Tensor& fake, const LossParameters& parameters) {
  if (real.sizes() != fake.sizes() || real.dim() < 2) {
    fail(ErrorKind::kFailed, {.where = "pair_margin",
                              .expected = "two batches of one shape (N, ...)",
                              .got = c10::str(real.sizes()) + " and " + c10::str(fake.sizes()),
                              .hint = ""});
  }
  constexpr double kNumbersAt64 = 3.0 * 64.0 * 64.0;
  const double numbers = static_cast<double>(real.numel()) / static_cast<double>(real.size(0));
  const torch::NoGradGuard no_grad;
  const auto distance = (real - fake).abs().flatten(1).sum(1);
  return distance * (parameters.margin_weight * kNumbersAt64 / numbers);
}

}  // namespace ganselect
