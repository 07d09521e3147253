#pragma once
// Finds what can record a device's work. CUDA's recorder needs symbols of LibTorch's CUDA library,
// which the program itself does not link: it stands in a module that is loaded where there is a
// GPU.
#include <torch/types.h>

#include <filesystem>
#include <string>

#include "harness/train/capture/step_runner.h"

namespace ganselect {

// Either a maker, or the reason why there is none.
struct GraphSupport {
  RecorderMaker make;
  std::string reason;
};

// The device's own recorder; the module is looked for once.
GraphSupport graph_support(torch::Device device);

// Loads a module by its path. Its reason names the file and what the loader or the module said.
GraphSupport load_graph_module(const std::filesystem::path& file);

// Where the module belongs: beside the program, else lib/ganselect beside the program's folder.
std::filesystem::path graph_module_file();

// What the module exports; the version guards against a module of another build.
inline constexpr int kGraphModuleVersion = 1;
inline constexpr const char* kGraphModuleEntry = "ganselect_make_recorder";
using GraphModuleEntry = Recorder* (*)(int version);  // null for another version

// Also exported: what CUDA alone tells of a device, as JSON; null for another version or where it
// tells nothing. The text is the thread's until its next call.
inline constexpr const char* kDeviceFactsEntry = "ganselect_device_facts";
using DeviceFactsEntry = const char* (*)(int version, int index);

}  // namespace ganselect
