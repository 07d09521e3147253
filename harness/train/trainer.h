#pragma once
// One trainer for every candidate. It knows no loss, penalty or optimizer by name: it calls the
// tables. A step does not wait for the device: what it measures is summed there and read by
// `read_row`. Shape legend: B batch, C channels, H height, W width, Z latent.
#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/shape.h"
#include "base/torch/device_stream.h"
#include "base/torch/safetensors.h"
#include "datasets/dataset.h"
#include "harness/train/capture/step_runner.h"
#include "harness/train/condition_source.h"
#include "harness/train/curve.h"
#include "harness/train/ema.h"
#include "harness/train/meter.h"
#include "harness/train/optimizers.h"
#include "harness/train/probe.h"
#include "harness/train/settings.h"
#include "models/build.h"
#include "models/candidates.h"

namespace ganselect {

class Trainer {
 public:
  // Builds networks, optimizers and random streams from the settings and the data's shape and
  // classes alone, and sets the calling thread's CPU threads; that thread must also make the steps.
  // Throws kUsage for settings that cannot be met and kData for an empty data set, one without the
  // labels that the candidate needs, or held-out data of another shape. held_out may be null: no
  // held-out accuracy. On a GPU all work is on a stream of its own.
  Trainer(const TrainSettings& settings, const Dataset& train, const Dataset* held_out = nullptr,
          const StepOptions& how = {});
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // n_critic critic updates, or with n_gen > 1 one before every n_gen-th step only; then one
  // generator update, then the moving average.
  void step();

  std::int64_t steps_done() const { return steps_done_; }
  // "eager" or "captured", see step_runner.h.
  std::string step_mode() const { return runner_->mode(); }

  // Means over the steps since the last row, plus the probes of diversity and held-out accuracy;
  // step and `seconds` are written into it. Waits for the device. kFailed without a step since the
  // last row.
  CurveRow read_row(double seconds);

  // Waits until the device has done all that this trainer asked of it.
  void synchronize() const { stream_.synchronize(); }

  // Whoever uses the networks from outside does so on the trainer's stream: hold this meanwhile.
  std::unique_ptr<c10::StreamGuard> use_stream() const { return stream_.use(); }

  // Everything that another trainer of the same settings and data needs to go on bit for bit (CPU,
  // same number of threads): weights, buffers, average, optimizers, random streams, sums of the
  // open curve row. Copies.
  TensorFile state() const;

  // Takes over a state. kData naming the tensor if one is missing, unknown or of another shape;
  // then the trainer must not be used.
  void restore(const TensorFile& state);

  const TrainSettings& settings() const { return settings_; }
  const CandidateSpec& candidate() const { return candidate_; }
  const SampleShape& shape() const { return shape_; }
  torch::Device device() const { return device_; }
  Networks& networks() { return networks_; }
  const Networks& networks() const { return networks_; }

  // The generator that is evaluated and saved: the moving average where there is one, else the
  // trained one.
  Generator& evaluated_generator() { return ema_ ? ema_->average() : *networks_.generator; }
  bool has_ema() const { return ema_ != nullptr; }
  // What samples of it can be asked for; empty for an unconditional candidate.
  const ConditionTable& conditions() const { return conditions_; }
  const Conditioning& conditioning() const { return conditioning_; }

 private:
  // Independent random streams on the device, by purpose.
  struct Streams {
    torch::Generator data, latent, penalty, dropout, probe, condition, augment, dequantize, mirror;
  };
  using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

  Iteration make_iteration(std::function<void()> work);
  void update_critic();
  void update_generator();
  std::int64_t generator_batch() const;
  void make_optimizers();
  ConditionedBatch real_batch(std::int64_t n);
  ConditionedBatch generate(const Condition& condition, std::int64_t n);
  // What the critic is given of samples: altered where the candidate augments, then in packs.
  torch::Tensor shown(const torch::Tensor& samples);
  torch::Tensor score(const torch::Tensor& shown_samples, const Condition& condition);
  NamedTensors state_tensors() const;
  std::vector<std::pair<std::string, torch::Generator>> named_streams() const;

  TrainSettings settings_;
  CandidateSpec candidate_;
  const Precision& precision_;
  const LossSpec& loss_;
  SampleShape shape_;
  Conditioning conditioning_;
  ConditionTable conditions_;
  torch::Device device_;
  DeviceStream stream_;
  std::unique_ptr<c10::StreamGuard> building_;  // the stream is current while members are made
  Networks networks_;
  Streams streams_;
  std::unique_ptr<ConditionSource> batches_;
  std::unique_ptr<Optimizer> optimizer_g_;
  std::unique_ptr<Optimizer> optimizer_d_;
  std::unique_ptr<Ema> ema_;
  torch::Tensor updates_;  // int64 scalar on the device: generator updates done
  Probe probe_;
  StepMeter meter_;
  std::int64_t steps_done_ = 0;
  std::unique_ptr<StepRunner> runner_;            // critic and generator
  std::unique_ptr<StepRunner> generator_runner_;  // of steps without a critic update, if any
};

// How the trainer's networks are built from a data set of this shape that tells them so much.
BuildSettings build_settings(const TrainSettings& settings, const SampleShape& shape,
                             const Conditioning& conditioning);

}  // namespace ganselect
