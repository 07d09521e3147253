#include "harness/train/device_facts.h"

#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>
#include <torch/version.h>
#include <unistd.h>

#include <functional>

#include "base/provenance.h"
#include "base/torch/device.h"
#include "base/torch/device_stream.h"
#include "harness/train/capture/graph_module.h"

namespace ganselect {

namespace {

// Null, and why, in one place.
void set_missing(Json& facts, const std::string& key, const std::string& why) {
  facts[key] = nullptr;
  facts["reason"][key] = why;
}

// A library that is not there says so by an exception.
void add_library(Json& facts, const std::string& name, const std::function<Json()>& version) {
  try {
    facts["libraries"][name] = version();
  } catch (const std::exception&) {
    facts["libraries"][name] = nullptr;
    facts["reason"]["libraries." + name] = "LibTorch has it not at hand";
  }
}

void add_processor(Json& facts) {
  facts["name"] = provenance().at("cpu");
  facts["memory_bytes"] =
      static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  set_missing(facts, "driver", "a processor has none");
  add_library(facts, "instructions", [] { return Json(at::get_cpu_capability()); });
  add_library(facts, "onednn", [] { return Json(at::get_mkldnn_version()); });
  add_library(facts, "mkl", [] { return Json(at::get_mkl_version()); });
}

// Name and driver are CUDA's to tell; the module that may link it answers in JSON.
void add_cuda(torch::Device device, Json& facts) {
  const auto& hooks = at::detail::getCUDAHooks();
  add_library(facts, "cuda", [&] { return Json(hooks.versionCUDART()); });
  add_library(facts, "cudnn", [&] { return Json(hooks.versionRuntimeCuDNN()); });
  const auto file = graph_module_file();
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto entry = handle == nullptr
                         ? nullptr
                         : reinterpret_cast<DeviceFactsEntry>(::dlsym(handle, kDeviceFactsEntry));
  const char* text = entry == nullptr
                         ? nullptr
                         : entry(kGraphModuleVersion, device.has_index() ? device.index() : 0);
  if (text == nullptr) {
    set_missing(facts, "name", file.string() + " does not tell");
    set_missing(facts, "driver", file.string() + " does not tell");
    return;
  }
  facts.update(parse_json(text, file.string()));
}

}  // namespace

Json device_facts(torch::Device device, std::int64_t threads) {
  Json facts = {{"kind", c10::DeviceTypeName(device.type(), /*lower_case=*/true)},
                {"name", nullptr},
                {"threads", threads},
                {"memory_bytes", nullptr},
                {"driver", nullptr},
                {"libraries", {{"libtorch", TORCH_VERSION}}},
                {"reason", Json::object()}};
  if (device.is_cpu()) {
    add_processor(facts);
    return facts;
  }
  facts["memory_bytes"] = static_cast<std::int64_t>(device_memory(device)->total_bytes);
  if (device.is_cuda()) {
    add_cuda(device, facts);
  } else {
    facts["name"] = describe_device(device);
    set_missing(facts, "driver", "not known of a device of this kind");
  }
  return facts;
}

}  // namespace ganselect
