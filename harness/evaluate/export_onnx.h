// A trained generator as an ONNX model (onnx.ai), for runtimes that know nothing of LibTorch.
#pragma once

#include <torch/script.h>

#include <filesystem>
#include <string>

#include "harness/evaluate/export_script.h"

namespace ganselect {

inline constexpr std::int64_t kOnnxOpset = 13;

// The model's bytes, of operator set 13. Inputs as exported_inputs() names them, the output
// `images` float32 (N,C,H,W) in [-1,1], uint8 as levels, or `points` float32 (N,2); N may be any
// number. Metadata: ganselect ("dcgan at step 800"), latent_dim, and num_classes and class_names (a
// JSON array) where it is told classes. Checked by ONNX's own checker. kFailed for an operator that
// has no row here; kUsage for the levels of points.
std::string onnx_of(const SavedGenerator& saved, ExportedValues values = ExportedValues::kUnit);

// The same into a file, which appears whole.
void export_onnx(const SavedGenerator& saved, const std::filesystem::path& file,
                 ExportedValues values = ExportedValues::kUnit);

}  // namespace ganselect
