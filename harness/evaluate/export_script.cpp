// Tracing records what the generator's own code does, so that a new backbone is exported without a
// line here. It fixes every size that the code reads but that of a batch, which no layer reads.
#include "harness/evaluate/export_script.h"

#include <fmt/format.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/torch.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "datasets/formats/pixels.h"
#include "harness/train/sampler.h"

namespace ganselect {
namespace {

constexpr double kAgreement = 1e-5;
constexpr std::int64_t kTracedBatch = 2;
constexpr const char* kOrigin = "ganselect";  // attribute that tells where a module comes from
constexpr const char* kLabels = "condition_labels";
constexpr const char* kInstances = "condition_instances";
constexpr const char* kVisible = "condition_visible";
constexpr const char* kWeights = "condition_weights";
constexpr const char* kLaw = "condition_law";
constexpr const char* kClassNames = "class_names";

std::vector<torch::Tensor> forward_inputs(const SavedGenerator& saved, std::int64_t n) {
  std::vector<torch::Tensor> inputs;
  for (auto& input : exported_inputs(saved, n)) inputs.push_back(std::move(input.examples));
  return inputs;
}

torch::Tensor generated(const SavedGenerator& saved, const std::vector<torch::Tensor>& inputs,
                        ExportedValues values) {
  Condition condition;
  std::size_t next = 1;
  if (saved.conditions.rows.labels.defined()) condition.labels = inputs.at(next++);
  if (saved.conditions.rows.instances.defined()) condition.instances = inputs.at(next++);
  if (saved.conditions.rows.visible.defined()) condition.visible = inputs.at(next++);
  const auto images = saved.generator->forward(inputs[0], condition);
  return values == ExportedValues::kLevels ? to_uint8(images) : images;
}

// The same tensors under names without dots, which an attribute cannot have.
void register_weights(const torch::nn::Module& network, torch::jit::Module& module) {
  const auto plain = [](std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
  };
  for (const auto& item : network.named_parameters())
    module.register_parameter(plain(item.key()), item.value(), /*is_buffer=*/false);
  for (const auto& item : network.named_buffers())
    module.register_buffer(plain(item.key()), item.value());
}

void trace_forward(const SavedGenerator& saved, torch::jit::Module& module, ExportedValues values) {
  torch::jit::Stack inputs;
  std::vector<std::string> names;
  for (auto& input : exported_inputs(saved, kTracedBatch)) {
    inputs.emplace_back(std::move(input.examples));
    names.push_back(std::move(input.name));
  }
  const auto forward = [&](torch::jit::Stack given) -> torch::jit::Stack {
    std::vector<torch::Tensor> tensors;
    for (const auto& value : given) tensors.push_back(value.toTensor());
    return {generated(saved, tensors, values)};
  };
  const auto unnamed = [](const torch::autograd::Variable&) { return std::string(); };
  const auto traced = torch::jit::tracer::trace(inputs, forward, unnamed, /*strict=*/true,
                                                /*force_outplace=*/false, &module, names);
  const c10::QualifiedName name(*module.type()->name(), "forward");
  module.type()->addMethod(
      module._ivalue()->compilation_unit()->create_function(name, traced.first->graph));
}

void add_text(torch::jit::Module& module, const char* name, const std::string& text) {
  module.register_attribute(name, c10::StringType::get(), text);
}

void describe_export(const SavedGenerator& saved, torch::jit::Module& module) {
  const auto& conditions = saved.conditions;
  add_text(module, kOrigin, export_origin(saved));
  module.register_attribute("latent_dim", c10::IntType::get(), saved.generator->latent_dim);
  if (conditions.empty()) return;
  add_text(module, kLaw, conditions.law);
  module.register_buffer(kWeights, conditions.weights.to(torch::kFloat64).contiguous());
  if (conditions.rows.labels.defined()) {
    c10::List<std::string> names;
    for (const auto& one : conditions.class_names) names.push_back(one);
    module.register_attribute(kClassNames, c10::ListType::ofStrings(), names);
    module.register_attribute("num_classes", c10::IntType::get(),
                              static_cast<std::int64_t>(conditions.class_names.size()));
    module.register_buffer(kLabels, conditions.rows.labels.contiguous());
  }
  if (conditions.rows.instances.defined())
    module.register_buffer(kInstances, conditions.rows.instances.contiguous());
  if (conditions.rows.visible.defined())
    module.register_buffer(kVisible, conditions.rows.visible.contiguous());
}

// At other batch sizes than the traced one.
void check_agreement(const SavedGenerator& saved, torch::jit::Module& module,
                     ExportedValues values) {
  const double most = values == ExportedValues::kLevels ? 1 : kAgreement;
  for (const std::int64_t n : {1, 5}) {
    const auto inputs = forward_inputs(saved, n);
    const auto ours = generated(saved, inputs, values);
    const auto theirs = module.forward({inputs.begin(), inputs.end()}).toTensor();
    const bool shaped = theirs.sizes() == ours.sizes() && theirs.dtype() == ours.dtype();
    const double apart =
        shaped ? (theirs.to(torch::kFloat64) - ours.to(torch::kFloat64)).abs().max().item<double>()
               : 0;
    if (shaped && apart <= most) continue;
    fail(ErrorKind::kFailed,
         {.where = "export of " + saved.candidate.name,
          .expected = fmt::format("the generator's own images of {} latents to {}", n, most),
          .got = shaped ? fmt::format("a difference of {}", apart)
                        : c10::str("images ", theirs.sizes()),
          .hint = ""});
  }
}

torch::Tensor kept_tensor(const torch::jit::Module& module, const char* name) {
  return module.hasattr(name) ? module.attr(name).toTensor() : torch::Tensor();
}

}  // namespace

std::vector<ExportedInput> exported_inputs(const SavedGenerator& saved, std::int64_t n) {
  std::vector<ExportedInput> inputs = {{"z", draw_latents(0, 0, n, saved.generator->latent_dim)}};
  if (saved.conditions.empty()) return inputs;
  const auto told = saved.conditions.rows.at(draw_table_rows(saved.conditions, 0, 0, n));
  if (told.labels.defined()) inputs.push_back({"labels", told.labels});
  if (told.instances.defined()) inputs.push_back({"instances", told.instances});
  if (told.visible.defined()) inputs.push_back({"visible", told.visible});
  return inputs;
}

std::string export_origin(const SavedGenerator& saved) {
  return fmt::format("{} at step {}", saved.candidate.name, saved.step);
}

torch::jit::Module torchscript_of(const SavedGenerator& saved, ExportedValues values) {
  if (values == ExportedValues::kLevels && saved.shape.points) {
    fail(ErrorKind::kUsage, {.where = "export of " + saved.candidate.name,
                             .expected = "a generator of images, for their levels",
                             .got = "one of points"});
  }
  const torch::NoGradGuard no_gradients;
  saved.generator->eval();
  torch::jit::Module module("__torch__.Generator");
  register_weights(*saved.generator, module);
  trace_forward(saved, module, values);
  describe_export(saved, module);
  module.eval();
  check_agreement(saved, module, values);
  return module;
}

void export_torchscript(const SavedGenerator& saved, const std::filesystem::path& file,
                        ExportedValues values) {
  const auto module = torchscript_of(saved, values);
  write_path_atomically(
      file, [&](const std::filesystem::path& temporary) { module.save(temporary.string()); });
}

std::optional<ConditionTable> exported_conditions(const torch::jit::Module& module) {
  if (!module.hasattr(kOrigin)) return std::nullopt;
  ConditionTable table;
  if (!module.hasattr(kWeights)) return table;
  table.rows = {.labels = kept_tensor(module, kLabels),
                .instances = kept_tensor(module, kInstances),
                .visible = kept_tensor(module, kVisible)};
  table.weights = kept_tensor(module, kWeights);
  table.law = module.attr(kLaw).toStringRef();
  if (module.hasattr(kClassNames)) {
    for (const auto& name : module.attr(kClassNames).toListRef())
      table.class_names.push_back(name.toStringRef());
  }
  return table;
}

}  // namespace ganselect
