#include "harness/train/meter.h"

#include <array>
#include <cmath>
#include <cstddef>

#include "base/error.h"

namespace ganselect {

namespace {

// Places in the sums; the last one counts steps.
enum : std::int64_t {
  kLossD,
  kNormD,
  kRight,
  kRightFake,
  kCriticSteps,
  kLossG,
  kNormG,
  kVanished,
  kSteps,
  kSums
};

}  // namespace

CriticAccuracy critic_accuracy(const CriticScores& scores) {
  torch::NoGradGuard no_grad;
  const auto real = scores.real.detach(), fake = scores.fake.detach();
  const auto middle = 0.5 * (real.mean() + fake.mean());
  return {.real = (real > middle).to(torch::kFloat32).mean(),
          .fake = (fake < middle).to(torch::kFloat32).mean(),
          .middle = middle};
}

StepMeter::StepMeter(torch::Device device) {
  const auto options = torch::TensorOptions().device(device);
  sums_ = torch::zeros({kSums}, options.dtype(torch::kFloat64));
  step_ = torch::zeros({}, options.dtype(torch::kInt64));
  bad_ = torch::zeros({}, options.dtype(torch::kBool));
  first_bad_ = torch::zeros({}, options.dtype(torch::kInt64));
}

void StepMeter::add_critic(const torch::Tensor& loss, const torch::Tensor& gradient_norm,
                           const CriticScores& scores) {
  torch::NoGradGuard no_grad;
  const auto accuracy = critic_accuracy(scores);
  const auto values = torch::stack({loss.detach(), gradient_norm, accuracy.real, accuracy.fake,
                                    torch::ones_like(gradient_norm)});
  sums_.slice(0, kLossD, kLossG).add_(values);
  bad_.logical_or_(values.isfinite().all().logical_not());
}

void StepMeter::add_generator(const torch::Tensor& loss, const torch::Tensor& gradient_norm) {
  torch::NoGradGuard no_grad;
  const auto vanished = (gradient_norm < kVanishingNorm).to(torch::kFloat32);
  const auto values =
      torch::stack({loss.detach(), gradient_norm, vanished, torch::ones_like(gradient_norm)});
  sums_.slice(0, kLossG, kSums).add_(values);
  bad_.logical_or_(values.isfinite().all().logical_not());
  step_.add_(1);
  first_bad_.copy_(torch::where(bad_.logical_and(first_bad_ == 0), step_, first_bad_));
  bad_.zero_();
}

void StepMeter::read(CurveRow& row) {
  const auto host = torch::cat({sums_, first_bad_.to(torch::kFloat64).view({1})}).cpu();
  const double* sums = host.const_data_ptr<double>();
  const double steps = sums[kSteps];
  if (steps < 1) {
    fail(ErrorKind::kFailed,
         {.where = "curve row", .expected = "at least one step since the last row", .got = "none"});
  }
  const auto mean = [&](std::int64_t i) {
    const double value = sums[i] / (i < kCriticSteps ? sums[kCriticSteps] : steps);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  };
  row.loss_d = mean(kLossD);
  row.loss_g = mean(kLossG);
  row.grad_norm_d = mean(kNormD);
  row.grad_norm_g = mean(kNormG);
  row.vanishing_share = mean(kVanished);
  row.critic_accuracy_real = mean(kRight);
  row.critic_accuracy_fake = mean(kRightFake);
  if (sums[kSums] > 0) row.non_finite_step = static_cast<std::int64_t>(sums[kSums]);
  sums_.zero_();
}

std::vector<std::pair<std::string, torch::Tensor>> StepMeter::state() const {
  return {{"sums", sums_}, {"step", step_}, {"bad", bad_}, {"first_bad", first_bad_}};
}

}  // namespace ganselect
