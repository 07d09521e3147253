// What trainings and evaluations that share a process must agree on before they use an accelerator:
// who may record (alone) and who may go on meanwhile, and whether products round to TF32, a switch
// that belongs to the process.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace ganselect {

// Work is being recorded, or made ready for it: nothing else may record, replay or measure.
// LibTorch 2.11 marks the default generator while any thread records, and a replay in another
// thread then fails.
std::unique_lock<std::shared_mutex> recording_lock();

// Replays and measuring: any number at once, but not while something is recorded. Not to be taken
// twice by one thread.
std::shared_lock<std::shared_mutex> running_lock();

// From now on float32 products and convolutions on an accelerator may round their inputs to TF32,
// or not; while an ExactProducts lives they do not.
void set_tf32(bool on);

// Products of float32 in full precision for as long as one of these lives; several may overlap,
// also on one thread. Holds a running_lock, so nothing is recorded with the switch in this place.
class ExactProducts {
 public:
  ExactProducts();
  ~ExactProducts();
  ExactProducts(const ExactProducts&) = delete;
  ExactProducts& operator=(const ExactProducts&) = delete;

 private:
  std::shared_lock<std::shared_mutex> running_;  // of the thread's outermost only
};

}  // namespace ganselect
