#include "base/torch/device.h"

#include <ATen/Context.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>

#include "base/error.h"

namespace ganselect {
namespace {

std::string try_to_load_cuda() {
  namespace fs = std::filesystem;
  std::error_code code;
  if (!fs::exists("/dev/nvidiactl", code) && !fs::exists("/dev/dxg", code))
    return "no NVIDIA driver on this machine";
  set_cuda_defaults();
  if (::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return std::string("LibTorch's CUDA library is not usable (") + ::dlerror() +
           "); scripts/setup --cuda installs it whole";
  }
  if (!at::globalContext().hasCUDA()) return "the driver answers no device";
  return "";
}

// A device of a kind that another library has taught LibTorch.
std::optional<torch::Device> other_accelerator(const std::string& name) {
  static const std::regex kDeviceName("[a-z]+:[0-9]{1,2}");
  if (!std::regex_match(name, kDeviceName) || name.starts_with("cuda") || name.starts_with("meta"))
    return std::nullopt;
  try {
    const torch::Device device(name);
    if (c10::impl::hasDeviceGuardImpl(device.type())) return device;
  } catch (const c10::Error&) {
    // No such kind; the caller says what there is.
  }
  return std::nullopt;
}

}  // namespace

void set_cuda_defaults() {
  ::setenv("CUDA_DEVICE_MAX_CONNECTIONS", "32", /*overwrite=*/0);
  at::globalContext().setBenchmarkCuDNN(true);
}

std::string load_cuda() {
  static const std::string reason = try_to_load_cuda();
  return reason;
}

torch::Device parse_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name == "auto")
    return load_cuda().empty() ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  if (const auto other = other_accelerator(name)) return *other;
  static const std::regex kCudaName("cuda(:([0-9]{1,2}))?");
  std::smatch match;
  if (!std::regex_match(name, match, kCudaName)) {
    fail(ErrorKind::kUsage,
         {.where = "device", .expected = "auto, cpu, cuda or cuda:N", .got = "'" + name + "'"});
  }
  if (const std::string reason = load_cuda(); !reason.empty()) {
    fail(ErrorKind::kFailed, {.where = "device " + name,
                              .expected = "a usable GPU",
                              .got = reason,
                              .hint = "use --device cpu"});
  }
  const int index = match[2].matched ? std::stoi(match[2]) : 0;
  const auto count = at::globalContext().getAcceleratorHooksInterface(torch::kCUDA).deviceCount();
  if (index >= count) {
    fail(ErrorKind::kUsage, {.where = "device " + name,
                             .expected = "an index below " + std::to_string(count),
                             .got = name});
  }
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(index)};
}

std::string describe_device(torch::Device device) { return device.is_cpu() ? "cpu" : device.str(); }

}  // namespace ganselect
