// Random numbers of LibTorch from named streams; the global generator is never used.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string_view>

namespace ganselect {

// A fresh generator of the device's kind, seeded; draws depend on nothing else.
torch::Generator make_generator(std::uint64_t seed, torch::Device device = torch::kCPU);

// The generator of the stream `name` of a run's seed (base/seeds.h).
torch::Generator make_stream(std::uint64_t seed, std::string_view name,
                             torch::Device device = torch::kCPU);

// The generator's whole state as a uint8 tensor on the CPU, and back: draws go on where they stood.
torch::Tensor generator_state(const torch::Generator& generator);
void set_generator_state(torch::Generator& generator, const torch::Tensor& state);

}  // namespace ganselect
