// `export`: a trained generator in a form that other programs read.
#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "harness/commands/commands.h"
#include "harness/commands/output_files.h"
#include "harness/evaluate/export_onnx.h"
#include "harness/evaluate/export_script.h"
#include "harness/evaluate/sample_source.h"

namespace ganselect {
namespace {

struct ExportFlags {
  std::string run, torchscript, onnx;
  bool levels = false;
};

int run_export(const ExportFlags& f) {
  if (f.torchscript.empty() && f.onnx.empty()) {
    fail(ErrorKind::kUsage, {.where = "export",
                             .expected = "--torchscript FILE or --onnx FILE",
                             .got = "no file to write"});
  }
  if (f.torchscript == f.onnx) {
    fail(ErrorKind::kUsage,
         {.where = "export", .expected = "two files", .got = "one for --torchscript and --onnx"});
  }
  for (const auto& file : {f.torchscript, f.onnx}) {
    if (!file.empty()) check_output(file, {});
  }
  const SavedGenerator saved = load_run(f.run);
  const auto values = f.levels ? ExportedValues::kLevels : ExportedValues::kUnit;
  std::string written;
  if (!f.torchscript.empty()) {
    export_torchscript(saved, f.torchscript, values);
    written = "TorchScript in " + f.torchscript;
  }
  if (!f.onnx.empty()) {
    export_onnx(saved, f.onnx, values);
    written += (written.empty() ? "" : ", ") + fmt::format("ONNX {} in {}", kOnnxOpset, f.onnx);
  }
  std::string arguments = fmt::format("z (N, {})", saved.generator->latent_dim);
  if (saved.conditions.rows.labels.defined())
    arguments += fmt::format(", labels (N) below {}", saved.conditions.class_names.size());
  if (saved.conditions.rows.instances.defined())
    arguments += fmt::format(", instances (N, {})", saved.conditions.rows.instances.size(1));
  log_info("{} (step {}, {} weights) as {}: forward({})", saved.candidate.name, saved.step,
           saved.weights, written, arguments);
  return 0;
}

}  // namespace

CommandAction attach_export(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<ExportFlags>();
  app.add_option("run", flags->run, "a trial's folder or its generator.safetensors")->required();
  app.add_option("--torchscript", flags->torchscript,
                 "write a module that torch.jit.load reads: latents, and labels or instance "
                 "features where it is told any, to images in [-1, 1]");
  app.add_option("--onnx", flags->onnx,
                 "write an ONNX model of the same inputs, its output `images` or `points`");
  app.add_flag("--levels", flags->levels,
               "images as the whole numbers 0 to 255 (uint8) that samples are stored in, as "
               "torch-fidelity wants them");
  return [flags] { return run_export(*flags); };
}

}  // namespace ganselect
