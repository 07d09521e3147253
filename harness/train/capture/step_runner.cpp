#include "harness/train/capture/step_runner.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/torch/device_gate.h"
#include "base/torch/run_ahead.h"
#include "harness/train/capture/graph_module.h"

namespace ganselect {

namespace {

// Does it once, operation by operation, with products rounded as the iteration asks. Holds nobody
// up who asks the same.
void run_eagerly(const Iteration& iteration) {
  std::optional<ProductRounding> rounding;
  if (iteration.tf32) rounding.emplace(*iteration.tf32);
  iteration.work();
}

class EagerRunner : public StepRunner {
 public:
  explicit EagerRunner(Iteration iteration) : iteration_(std::move(iteration)) {}
  void step() override { run_eagerly(iteration_); }
  std::string mode() const override { return "eager"; }

 private:
  Iteration iteration_;
};

class CapturedRunner : public StepRunner {
 public:
  CapturedRunner(Iteration iteration, std::unique_ptr<Recorder> recorder, torch::Device device,
                 bool insists)
      : iteration_(std::move(iteration)),
        recorder_(std::move(recorder)),
        run_ahead_(device, kReplaysAhead),
        insists_(insists) {}
  ~CapturedRunner() override {
    if (!recorder_) return;
    const auto alone = recording_lock();
    recorder_.reset();
  }

  void step() override {
    if (recorder_ && !captured_ && warmed_up_ == kWarmUpSteps) record();
    if (captured_) return replay();
    if (recorder_) return warm_up();
    run_eagerly(iteration_);
  }

  std::string mode() const override { return recorder_ ? "captured" : "eager"; }

 private:
  void replay() {
    run_ahead_.before();
    recorder_->replay();
    run_ahead_.after();
  }

  void warm_up() {
    const auto alone = recording_lock();
    run_eagerly(iteration_);
    if (iteration_.wait) iteration_.wait();
    ++warmed_up_;
  }

  void record() {
    const auto alone = recording_lock();
    std::optional<ProductRounding> rounding;
    if (iteration_.tf32) rounding.emplace(*iteration_.tf32);
    try {
      recorder_->record(iteration_.work, iteration_.generators);
      captured_ = true;
    } catch (const std::exception& error) {
      const std::string why = error.what();
      recorder_.reset();
      if (insists_) {
        fail(ErrorKind::kFailed, {.where = "capturing an iteration",
                                  .expected = "operations that a graph can hold",
                                  .got = why.substr(0, why.find('\n')),
                                  .hint = "--graph off runs them one by one"});
      }
      log_warn(
          "an iteration could not be captured in a graph and is run operation by operation: {}",
          why.substr(0, why.find('\n')));
    }
  }

  Iteration iteration_;
  std::unique_ptr<Recorder> recorder_;  // none: refused, the iteration is run eagerly
  RunAhead run_ahead_;
  bool insists_;
  bool captured_ = false;
  int warmed_up_ = 0;
};

}  // namespace

const NamedTable<GraphMode>& graph_modes() {
  static const NamedTable<GraphMode> table(
      "graph",
      {{.name = "auto",
        .explanation = "iterations are captured in a graph and replayed where the device can",
        .tries = true},
       {.name = "on",
        .explanation = "captured and replayed, or an error",
        .tries = true,
        .insists = true},
       {.name = "off", .explanation = "operation by operation"}});
  return table;
}

std::unique_ptr<StepRunner> make_step_runner(Iteration iteration, torch::Device device,
                                             const StepOptions& options) {
  const GraphMode& mode = graph_modes().at(options.graph);
  if (!mode.tries) return std::make_unique<EagerRunner>(std::move(iteration));
  GraphSupport support{.make = options.recorder};
  if (!support.make) support = graph_support(device);
  if (!support.make) {
    if (mode.insists) {
      fail(ErrorKind::kUsage, {.where = "graph",
                               .expected = "a device whose work can be captured",
                               .got = support.reason,
                               .hint = "--graph auto runs without"});
    }
    if (!device.is_cpu()) log_warn("iterations are not captured in a graph: {}", support.reason);
    return std::make_unique<EagerRunner>(std::move(iteration));
  }
  return std::make_unique<CapturedRunner>(std::move(iteration), support.make(), device,
                                          mode.insists);
}

}  // namespace ganselect
