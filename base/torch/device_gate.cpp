#include "base/torch/device_gate.h"

#include <ATen/Context.h>

#include <condition_variable>
#include <cstdint>

#include "base/error.h"

namespace ganselect {
namespace {

// The switch, how many hold it where it stands, and who is next: as at a counter, everybody draws a
// number and is let in in this order.
struct Tf32Switch {
  std::mutex mutex;
  std::condition_variable changed;
  bool on = false;
  int holders = 0;
  std::uint64_t drawn = 0, next = 0;
};

Tf32Switch& tf32_switch() {
  static auto* only = new Tf32Switch;  // outlives threads that are still running at exit
  return *only;
}

void turn(Tf32Switch& tf32, bool on) {
  tf32.on = on;
  at::globalContext().setAllowTF32CuBLAS(on);
  at::globalContext().setAllowTF32CuDNN(on);
}

// Of the thread: how many live, and what they ask.
thread_local int rounding_depth = 0;
thread_local bool rounding_asked = false;

}  // namespace

std::unique_lock<std::mutex> recording_lock() {
  static auto* only = new std::mutex;
  return std::unique_lock(*only);
}

ProductRounding::ProductRounding(bool tf32) {
  if (rounding_depth > 0 && rounding_asked != tf32) {
    fail(ErrorKind::kFailed, {.where = "rounding of products",
                              .expected = "one way at a time on a thread",
                              .got = "TF32 and full precision, one within the other"});
  }
  if (rounding_depth++ > 0) return;
  rounding_asked = tf32;
  auto& shared = tf32_switch();
  std::unique_lock lock(shared.mutex);
  const auto mine = shared.drawn++;
  shared.changed.wait(
      lock, [&] { return shared.next == mine && (shared.holders == 0 || shared.on == tf32); });
  if (shared.holders++ == 0) turn(shared, tf32);
  ++shared.next;
  shared.changed.notify_all();
}

ProductRounding::~ProductRounding() {
  if (--rounding_depth > 0) return;
  auto& shared = tf32_switch();
  const std::scoped_lock lock(shared.mutex);
  if (--shared.holders > 0) return;
  if (shared.on) turn(shared, false);
  shared.changed.notify_all();
}

}  // namespace ganselect
