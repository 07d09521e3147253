#include "metrics/detectors/judge_train.h"

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/torch/device.h"
#include "base/torch/generators.h"

namespace ganselect {
namespace {

// Mixed precision for one forward pass. The flags belong to the thread, so they are put back as
// they were.
class JudgeAutocast {
 public:
  JudgeAutocast(torch::Device device, bool enabled)
      : kind_(device.type()),
        before_(at::autocast::is_autocast_enabled(kind_)),
        dtype_(at::autocast::get_autocast_dtype(kind_)) {
    at::autocast::set_autocast_dtype(kind_, torch::kBFloat16);
    at::autocast::set_autocast_enabled(kind_, enabled);
    at::autocast::increment_nesting();
  }
  ~JudgeAutocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(kind_, before_);
    at::autocast::set_autocast_dtype(kind_, dtype_);
  }
  JudgeAutocast(const JudgeAutocast&) = delete;
  JudgeAutocast& operator=(const JudgeAutocast&) = delete;

 private:
  at::DeviceType kind_;
  bool before_;
  at::ScalarType dtype_;
};

// Everything that a network has: what is learned and what batch norm remembers, in a fixed order.
std::vector<torch::Tensor> judge_state(const JudgeNetwork& network) {
  auto state = network.parameters();
  for (const auto& buffer : network.buffers()) state.push_back(buffer);
  return state;
}

// Triangle from 0 over 1 to 0; `at` in [0,1].
double one_cycle(double at, double warm_up) {
  if (at < warm_up) return at / warm_up;
  return warm_up >= 1.0 ? 1.0 : (1.0 - at) / (1.0 - warm_up);
}

torch::optim::SGD make_judge_optimizer(const JudgeNetwork& network, const JudgeTrainSettings& s) {
  std::vector<torch::Tensor> weights, norms;
  for (const auto& parameter : network.parameters())
    (parameter.dim() > 1 ? weights : norms).push_back(parameter);
  const auto options = [&](double decay) {
    return std::make_unique<torch::optim::SGDOptions>(torch::optim::SGDOptions(s.peak_rate)
                                                          .momentum(s.momentum)
                                                          .nesterov(s.momentum > 0)
                                                          .weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(weights, options(s.weight_decay));
  groups.emplace_back(norms, options(0.0));
  return torch::optim::SGD(std::move(groups), *options(0.0));
}

// One run of train_judge.
class JudgeTraining {
 public:
  JudgeTraining(const JudgeTrainSettings& settings, const Dataset& train)
      : settings_(settings),
        device_(parse_device(settings.device)),
        half_((settings.precision == "auto" ? fast_precision(device_) : settings.precision) ==
              "bfloat16"),
        batches_(train, settings.augmentation, make_stream(settings.seed, "judge/batches")),
        network_(architecture_of(settings, train), make_stream(settings.seed, "judge/init")),
        average_(architecture_of(settings, train), make_stream(settings.seed, "judge/init")),
        optimizer_(make_judge_optimizer(network_, settings)) {
    settings_.batch = std::min(settings_.batch, batches_.size());
    steps_ = settings_.epochs * (batches_.size() / settings_.batch);
    network_.fit_input(train.samples);
    network_.to(device_);
    average_.to(device_);
    copy_judge(network_, average_);
    average_.eval();
  }

  JudgeEpoch epoch(int64_t number) {
    batches_.start_epoch();
    auto loss = torch::zeros({}, torch::TensorOptions(device_).dtype(torch::kFloat64));
    auto correct = torch::zeros({}, torch::TensorOptions(device_).dtype(torch::kInt64));
    int64_t count = 0, batch_count = 0;
    while (const auto batch = batches_.next(settings_.batch)) {
      throw_if_interrupted("the judge's last finished epoch is kept if it was saved");
      step(*batch, loss, correct);
      count += batch->labels.size(0);
      ++batch_count;
    }
    const double mean_loss = loss.item<double>() / static_cast<double>(batch_count);
    if (!std::isfinite(mean_loss)) {
      fail(ErrorKind::kFailed, {.where = "judge training, epoch " + std::to_string(number),
                                .expected = "a finite loss",
                                .got = std::to_string(mean_loss),
                                .hint = "lower the learning rate"});
    }
    return {.epoch = number,
            .epochs = settings_.epochs,
            .rate = rate(),
            .loss = mean_loss,
            .train_accuracy =
                static_cast<double>(correct.item<int64_t>()) / static_cast<double>(count)};
  }

  JudgeNetwork& average() { return average_; }

 private:
  static JudgeArchitecture architecture_of(const JudgeTrainSettings& s, const Dataset& train) {
    return {.channels = train.shape.channels,
            .classes = static_cast<int64_t>(train.class_names.size()),
            .image_size = train.shape.height,
            .widths = s.widths};
  }

  double rate() const {
    return settings_.peak_rate *
           one_cycle(static_cast<double>(done_) / static_cast<double>(steps_), settings_.warm_up);
  }

  void step(const JudgeBatch& batch, torch::Tensor& loss_sum, torch::Tensor& correct) {
    for (auto& group : optimizer_.param_groups()) group.options().set_lr(rate());
    const auto labels = batch.labels.to(device_);
    torch::Tensor logits;
    {
      JudgeAutocast autocast(device_, half_);
      logits = network_.forward(batch.pixels.to(device_)).logits;
    }
    const auto loss = at::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, -100,
                                             settings_.label_smoothing);
    optimizer_.zero_grad();
    loss.backward();
    optimizer_.step();
    ++done_;
    update_average();
    torch::NoGradGuard no_grad;
    loss_sum += loss;
    correct += (logits.argmax(1) == labels).sum();
  }

  void update_average() {
    torch::NoGradGuard no_grad;
    // A young average must not remember the random start for longer than it has seen training.
    const double warm = (1.0 + static_cast<double>(done_)) / (10.0 + static_cast<double>(done_));
    const double keep = std::min(settings_.average, warm);
    at::_foreach_lerp_(judge_state(average_), judge_state(network_), 1.0 - keep);
  }

  JudgeTrainSettings settings_;
  torch::Device device_;
  bool half_;
  JudgeBatches batches_;
  JudgeNetwork network_, average_;
  torch::optim::SGD optimizer_;
  int64_t steps_ = 0, done_ = 0;
};

void check_labelled(const Dataset& data) {
  if (data.size() > 0 && data.labels.defined() && !data.shape.points) return;
  fail(ErrorKind::kData,
       {.where = "judge", .expected = "labelled images", .got = "data set " + data.name});
}

}  // namespace

void copy_judge(const JudgeNetwork& from, JudgeNetwork& to) {
  torch::NoGradGuard no_grad;
  auto target = judge_state(to);
  const auto source = judge_state(from);
  for (std::size_t i = 0; i < target.size(); ++i) target[i].copy_(source[i]);
}

std::string fast_precision(torch::Device device) {
  if (!device.is_cpu()) return "bfloat16";
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16")) return "bfloat16";
#endif
  return "float32";
}

std::string training_precision(const JudgeTrainSettings& settings) {
  return settings.precision == "auto" ? fast_precision(parse_device(settings.device))
                                      : settings.precision;
}

std::shared_ptr<JudgeNetwork> train_judge(const JudgeTrainSettings& settings, const Dataset& train,
                                          const JudgeProgress& progress) {
  // The description holds the ranges, so settings made in code are checked as those read from a
  // file.
  const auto checked =
      settings_from_json<JudgeTrainSettings>(settings_to_json(settings), "judge training");
  check_labelled(train);
  JudgeTraining training(checked, train);
  const auto start = std::chrono::steady_clock::now();
  for (int64_t number = 1; number <= checked.epochs; ++number) {
    auto epoch = training.epoch(number);
    epoch.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (progress) progress(epoch, training.average());
  }
  auto kept = std::make_shared<JudgeNetwork>(training.average().architecture(),
                                             make_stream(checked.seed, "judge/init"));
  copy_judge(training.average(), *kept);
  kept->round_to_storage();
  kept->eval();
  return kept;
}

JudgeEvaluation evaluate_judge(JudgeNetwork& network, const Dataset& data, int64_t batch) {
  check_labelled(data);
  torch::NoGradGuard no_grad;
  network.eval();
  const int64_t classes = network.architecture().classes;
  if (data.labels.max().item<int64_t>() >= classes) {
    fail(ErrorKind::kData, {.where = "judge evaluation",
                            .expected = std::to_string(classes) + " classes",
                            .got = "data set " + data.name + " with label " +
                                   std::to_string(data.labels.max().item<int64_t>())});
  }
  const auto device = network.parameters().front().device();
  JudgeEvaluation result{.count = data.size(),
                         .confusion = torch::zeros({classes, classes}, torch::kInt64)};
  for (int64_t at = 0; at < data.size(); at += batch) {
    const auto answers =
        network.forward(data.samples.slice(0, at, at + batch).to(device)).logits.argmax(1).cpu();
    const auto cells = data.labels.slice(0, at, at + batch) * classes + answers;
    result.confusion += torch::bincount(cells, {}, classes * classes).view({classes, classes});
  }
  result.correct = result.confusion.trace().item<int64_t>();
  return result;
}

JudgeSplit split_off_last(const Dataset& data, int64_t last) {
  if (last < 0 || last >= data.size()) {
    fail(ErrorKind::kUsage, {.where = "held-out images",
                             .expected = "0 to " + std::to_string(data.size() - 1),
                             .got = std::to_string(last)});
  }
  const int64_t first = data.size() - last;
  return {
      .train = rows_of(data, 0, first, data.split + " without its last " + std::to_string(last)),
      .test =
          rows_of(data, first, data.size(), "last " + std::to_string(last) + " of " + data.split)};
}

}  // namespace ganselect
