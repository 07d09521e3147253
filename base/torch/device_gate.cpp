#include "base/torch/device_gate.h"

#include <ATen/Context.h>

namespace ganselect {
namespace {

std::shared_mutex& gate() {
  static std::shared_mutex mutex;
  return mutex;
}

// The process's switch as it was asked for, and how many want it off for now.
struct Tf32State {
  std::mutex mutex;
  bool wanted = false;
  int exact = 0;
};

Tf32State& tf32_state() {
  static Tf32State state;
  return state;
}

void apply_tf32(const Tf32State& state) {
  const bool on = state.wanted && state.exact == 0;
  at::globalContext().setAllowTF32CuBLAS(on);
  at::globalContext().setAllowTF32CuDNN(on);
}

thread_local int exact_depth = 0;

}  // namespace

std::unique_lock<std::shared_mutex> recording_lock() { return std::unique_lock(gate()); }

std::shared_lock<std::shared_mutex> running_lock() { return std::shared_lock(gate()); }

void set_tf32(bool on) {
  auto& state = tf32_state();
  const std::scoped_lock lock(state.mutex);
  state.wanted = on;
  apply_tf32(state);
}

ExactProducts::ExactProducts() {
  if (exact_depth++ == 0) running_ = running_lock();
  auto& state = tf32_state();
  const std::scoped_lock lock(state.mutex);
  ++state.exact;
  apply_tf32(state);
}

ExactProducts::~ExactProducts() {
  {
    auto& state = tf32_state();
    const std::scoped_lock lock(state.mutex);
    --state.exact;
    apply_tf32(state);
  }
  --exact_depth;
}

}  // namespace ganselect
