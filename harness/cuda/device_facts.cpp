// What CUDA alone tells of a device: its name and the driver. Part of the module that is loaded
// where there is a GPU.
#include <cuda_runtime_api.h>

#include <string>

#include "base/json.h"
#include "harness/train/capture/graph_module.h"

extern "C" __attribute__((visibility("default"))) const char* ganselect_device_facts(int version,
                                                                                     int index) {
  if (version != ganselect::kGraphModuleVersion) return nullptr;
  cudaDeviceProp properties{};
  int driver = 0;
  if (cudaGetDeviceProperties(&properties, index) != cudaSuccess ||
      cudaDriverGetVersion(&driver) != cudaSuccess) {
    cudaGetLastError();  // the next call must not meet this one's error
    return nullptr;
  }
  thread_local std::string text;
  text = ganselect::Json{{"name", properties.name},
                         {"capability", std::to_string(properties.major) + "." +
                                            std::to_string(properties.minor)},
                         {"multiprocessors", properties.multiProcessorCount},
                         {"driver", driver}}
             .dump();
  return text.c_str();
}
