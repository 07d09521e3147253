#include "base/torch/run_ahead.h"

#include <c10/core/impl/VirtualGuardImpl.h>

namespace ganselect {

void RunAhead::before() {
  if (ends_.size() < most_) return;
  ends_.front().synchronize();
}

void RunAhead::after() {
  if (device_.is_cpu()) return;
  if (ends_.size() < most_) {
    ends_.emplace_back(device_.type());
  } else {  // the oldest has been waited for: its event is used again
    ends_.push_back(std::move(ends_.front()));
    ends_.pop_front();
  }
  ends_.back().record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
}

}  // namespace ganselect
