#include "base/torch/generators.h"

#include <ATen/Context.h>

#include <mutex>

#include "base/error.h"
#include "base/seeds.h"

namespace ganselect {

torch::Generator make_generator(std::uint64_t seed, torch::Device device) {
  torch::Generator generator = device.is_cpu() ? at::detail::createCPUGenerator(seed)
                                               : at::globalContext()
                                                     .getAcceleratorHooksInterface(device.type())
                                                     .getNewGenerator(device.index());
  generator.set_current_seed(seed);
  return generator;
}

torch::Generator make_stream(std::uint64_t seed, std::string_view name, torch::Device device) {
  return make_generator(stream_seed(seed, name), device);
}

torch::Tensor generator_state(const torch::Generator& generator) {
  torch::Generator handle = generator;  // the lock lies in the shared implementation
  std::scoped_lock lock(handle.mutex());
  return handle.get_state().clone();
}

void set_generator_state(torch::Generator& generator, const torch::Tensor& state) {
  std::scoped_lock lock(generator.mutex());
  try {
    generator.set_state(state);
  } catch (const c10::Error& e) {
    fail(ErrorKind::kData, {.where = "generator state",
                            .expected = "a state of this kind of generator",
                            .got = e.what_without_backtrace()});
  }
}

}  // namespace ganselect
