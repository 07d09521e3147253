#include "harness/train/capture/graph_module.h"

#include <dlfcn.h>

#include <system_error>

#include "base/torch/device.h"

namespace ganselect {

namespace {

constexpr const char* kModuleName = "ganselect_cuda.so";

GraphSupport find_cuda_support() {
  if (const std::string reason = load_cuda(); !reason.empty()) return {.reason = reason};
  return load_graph_module(graph_module_file());
}

}  // namespace

std::filesystem::path graph_module_file() {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const auto installed = folder.parent_path() / "lib" / "ganselect" / kModuleName;
  return fs::exists(folder / kModuleName, error) || !fs::exists(installed, error)
             ? folder / kModuleName
             : installed;
}

GraphSupport load_graph_module(const std::filesystem::path& file) {
  std::error_code unseen;
  if (!std::filesystem::exists(file, unseen))
    return {.reason = file.string() + " was not built with this program"};
  // Never closed: recorders and what they registered with LibTorch live on.
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return {.reason = ::dlerror()};
  const auto entry = reinterpret_cast<GraphModuleEntry>(::dlsym(handle, kGraphModuleEntry));
  if (entry == nullptr) return {.reason = file.string() + " is no module of this program"};
  const std::unique_ptr<Recorder> tried(entry(kGraphModuleVersion));
  if (!tried) return {.reason = file.string() + " is of another version of this program"};
  return {.make = [entry] { return std::unique_ptr<Recorder>(entry(kGraphModuleVersion)); }};
}

GraphSupport graph_support(torch::Device device) {
  if (!device.is_cuda())
    return {.reason = "only a GPU's work can be captured, not that of " + device.str()};
  static const GraphSupport cuda = find_cuda_support();
  return cuda;
}

}  // namespace ganselect
