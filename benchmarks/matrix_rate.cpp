#include "benchmarks/matrix_rate.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/cpu/Utils.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/torch/generators.h"

namespace ganselect {
namespace {

constexpr std::int64_t kCpuSize = 1536;
constexpr std::int64_t kGpuSize = 8192;
constexpr int kProducts = 12;

bool computes_in_bfloat16(torch::Device device) {
  if (!device.is_cpu()) return true;
  const auto capabilities = at::cpu::get_cpu_capabilities();
  for (const char* name : {"avx512_bf16", "amx_bf16", "bf16"}) {
    const auto found = capabilities.find(name);
    if (found != capabilities.end() && found->second.isBool() && found->second.toBool())
      return true;
  }
  return false;
}

void wait_for(torch::Device device) {
  if (!device.is_cpu()) at::accelerator::synchronizeDevice(device.index());
}

}  // namespace

MatrixRate measure_matrix_rate(torch::Device device, int threads) {
  using Clock = std::chrono::steady_clock;
  const torch::NoGradGuard no_grad;
  at::set_num_threads(threads);
  const auto size = device.is_cpu() ? kCpuSize : kGpuSize;
  const auto type = computes_in_bfloat16(device) ? torch::kBFloat16 : torch::kFloat32;
  auto random = make_stream(0, "matrix-rate", device);
  const auto options = torch::TensorOptions().device(device);
  const auto a = torch::randn({size, size}, random, options).to(type);
  const auto b = torch::randn({size, size}, random, options).to(type);
  auto product = torch::mm(a, b);  // first-use costs of the libraries
  double shortest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kProducts; ++i) {
    wait_for(device);
    const auto start = Clock::now();
    torch::mm_out(product, a, b);
    wait_for(device);
    shortest = std::min(shortest, std::chrono::duration<double>(Clock::now() - start).count());
  }
  const auto n = static_cast<double>(size);
  return {.flops_per_second = 2 * n * n * n / shortest,
          .dtype = type == torch::kBFloat16 ? "bfloat16" : "float32"};
}

}  // namespace ganselect
