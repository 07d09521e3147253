// `export`: a trained generator in a form that other programs read.
#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "harness/commands/commands.h"
#include "harness/commands/output_files.h"
#include "harness/evaluate/export_script.h"
#include "harness/evaluate/sample_source.h"

namespace ganselect {
namespace {

struct ExportFlags {
  std::string run, torchscript;
  bool levels = false;
};

int run_export(const ExportFlags& f) {
  if (f.torchscript.empty()) {
    fail(ErrorKind::kUsage,
         {.where = "export", .expected = "--torchscript FILE", .got = "no file to write"});
  }
  check_output(f.torchscript, {});
  const SavedGenerator saved = load_run(f.run);
  export_torchscript(saved, f.torchscript,
                     f.levels ? ExportedValues::kLevels : ExportedValues::kUnit);
  std::string arguments = fmt::format("z (N, {})", saved.generator->latent_dim);
  if (saved.conditions.rows.labels.defined())
    arguments += fmt::format(", labels (N) below {}", saved.conditions.class_names.size());
  if (saved.conditions.rows.instances.defined())
    arguments += fmt::format(", instances (N, {})", saved.conditions.rows.instances.size(1));
  log_info("{} (step {}, {} weights) as TorchScript in {}: forward({})", saved.candidate.name,
           saved.step, saved.weights, f.torchscript, arguments);
  return 0;
}

}  // namespace

CommandAction attach_export(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<ExportFlags>();
  app.add_option("run", flags->run, "a trial's folder or its generator.safetensors")->required();
  app.add_option("--torchscript", flags->torchscript,
                 "write a module that torch.jit.load reads: latents, and labels or instance "
                 "features where it is told any, to images in [-1, 1]");
  app.add_flag("--levels", flags->levels,
               "images as the whole numbers 0 to 255 (uint8) that samples are stored in, as "
               "torch-fidelity wants them");
  return [flags] { return run_export(*flags); };
}

}  // namespace ganselect
