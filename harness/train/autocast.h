#pragma once
// bfloat16 autocast for the current thread and scope. LibTorch's headers have no such guard.
#include <ATen/autocast_mode.h>

namespace ganselect {

class Autocast {
 public:
  // Does nothing where `on` is false. The cache of cast weights is off, as captured graphs need it.
  Autocast(at::DeviceType device, bool on)
      : device_(device),
        on_(on),
        was_on_(at::autocast::is_autocast_enabled(device)),
        was_cached_(at::autocast::is_autocast_cache_enabled()),
        was_type_(at::autocast::get_autocast_dtype(device)) {
    if (!on_) return;
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_cache_enabled(false);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, was_on_);
    at::autocast::set_autocast_dtype(device_, was_type_);
    at::autocast::set_autocast_cache_enabled(was_cached_);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool on_, was_on_, was_cached_;
  at::ScalarType was_type_;
};

}  // namespace ganselect
