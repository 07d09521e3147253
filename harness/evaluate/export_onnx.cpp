// The traced forward (export_script.cpp), its weights frozen in, is rewritten operator by operator;
// LibTorch's own serializer and checker of ONNX do the rest.
#include "harness/evaluate/export_onnx.h"

#include <fmt/format.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>
// LibTorch is built with ONNX's messages under this name, which its header asks for.
#define ONNX_NAMESPACE onnx_torch
#include <torch/csrc/jit/serialization/export.h>

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/wire_format.h"

namespace ganselect {
namespace {

using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
using Symbol = c10::Symbol;

// One value of the script's: a number, a list of them, or a tensor of the weights; else computed.
class OnnxBuilder {
 public:
  explicit OnnxBuilder(std::string where) : where_(std::move(where)) {}

  Graph& graph() { return *graph_; }
  std::shared_ptr<Graph> shared_graph() const { return graph_; }

  void bind(const Value* script, Value* onnx) { values_[script] = onnx; }

  // The node's i-th argument as a value of the new graph; a number becomes a float32 scalar.
  Value* tensor(const Node& node, std::size_t i) { return of(node.input(i)); }
  Value* of(Value* script) {
    if (const auto found = values_.find(script); found != values_.end()) return found->second;
    const auto constant = torch::jit::toIValue(script);
    if (!constant) refuse("a value that can be told", script->node()->kind().toQualString());
    if (!constant->isTensor() && !constant->isScalar())
      refuse("a number or a tensor", constant->tagKind() + " in its place");
    auto* made = constant->isTensor()
                     ? constant_tensor(constant->toTensor())
                     : constant_tensor(torch::scalar_tensor(constant->toScalar(), torch::kFloat32));
    values_[script] = made;
    return made;
  }

  c10::IValue known(const Node& node, std::size_t i) const {
    const auto constant = torch::jit::toIValue(node.input(i));
    if (!constant) refuse("an argument that is known beforehand", node.kind().toQualString());
    return *constant;
  }
  bool is_none(const Node& node, std::size_t i) const {
    const auto constant = torch::jit::toIValue(node.input(i));
    return constant && constant->isNone();
  }
  std::vector<std::int64_t> integers(const Node& node, std::size_t i) const {
    return known(node, i).toIntVector();
  }

  Value* constant_tensor(const torch::Tensor& tensor) {
    auto* node = append("Constant", {});
    node->t_(Symbol::attr("value"), tensor.detach().cpu().contiguous());
    return node->output();
  }
  Value* constant_integers(const std::vector<std::int64_t>& numbers) {
    return constant_tensor(torch::tensor(numbers, torch::kInt64));
  }

  Node* append(const char* name, const std::vector<Value*>& inputs) {
    auto* node = graph_->create(Symbol::fromQualString(std::string("onnx::") + name), inputs, 1);
    graph_->appendNode(node);
    return node;
  }
  Value* apply(const char* name, const std::vector<Value*>& inputs) {
    return append(name, inputs)->output();
  }

  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
    fail(ErrorKind::kFailed, {.where = where_,
                              .expected = expected,
                              .got = got,
                              .hint = "--torchscript exports every generator"});
  }

 private:
  std::string where_;
  std::shared_ptr<Graph> graph_ = std::make_shared<Graph>();
  std::unordered_map<const Value*, Value*> values_;
};

const Symbol kAxis = Symbol::attr("axis");

// Of height and width; LibTorch takes one number for both.
std::vector<std::int64_t> both(std::vector<std::int64_t> numbers) {
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  return numbers;
}

Value* convolution(OnnxBuilder& b, const Node& n) {
  std::vector<Value*> inputs = {b.tensor(n, 0), b.tensor(n, 1)};
  if (!b.is_none(n, 2)) inputs.push_back(b.tensor(n, 2));
  const bool transposed = b.known(n, 6).toBool();
  auto* node = b.append(transposed ? "ConvTranspose" : "Conv", inputs);
  const auto pad = both(b.integers(n, 4));
  node->is_(Symbol::attr("strides"), both(b.integers(n, 3)))
      ->is_(Symbol::attr("pads"), {pad[0], pad[1], pad[0], pad[1]})
      ->is_(Symbol::attr("dilations"), both(b.integers(n, 5)))
      ->i_(Symbol::attr("group"), b.known(n, 8).toInt());
  if (transposed) node->is_(Symbol::attr("output_padding"), both(b.integers(n, 7)));
  return node->output();
}

Value* linear(OnnxBuilder& b, const Node& n) {
  std::vector<Value*> inputs = {b.tensor(n, 0), b.tensor(n, 1)};
  if (!b.is_none(n, 2)) inputs.push_back(b.tensor(n, 2));
  return b.append("Gemm", inputs)->i_(Symbol::attr("transB"), 1)->output();
}

Value* batch_norm(OnnxBuilder& b, const Node& n) {
  if (b.known(n, 5).toBool()) b.refuse("batch norm by stored statistics", "one of the batch's");
  const auto mean = b.known(n, 3).toTensor();
  const auto scale = [&](std::size_t i, double else_all) {
    return b.is_none(n, i) ? b.constant_tensor(torch::full_like(mean, else_all)) : b.tensor(n, i);
  };
  return b
      .append("BatchNormalization",
              {b.tensor(n, 0), scale(1, 1.0), scale(2, 0.0), b.tensor(n, 3), b.tensor(n, 4)})
      ->f_(Symbol::attr("epsilon"), b.known(n, 7).toDouble())
      ->output();
}

Value* leaky_relu(OnnxBuilder& b, const Node& n) {
  const double slope = b.known(n, 1).toScalar().toDouble();
  if (slope == 0.0) return b.apply("Relu", {b.tensor(n, 0)});
  return b.append("LeakyRelu", {b.tensor(n, 0)})->f_(Symbol::attr("alpha"), slope)->output();
}

Value* view(OnnxBuilder& b, const Node& n) {
  return b.apply("Reshape", {b.tensor(n, 0), b.constant_integers(b.integers(n, 1))});
}

// A size of -1 stays what it is.
Value* expand(OnnxBuilder& b, const Node& n) {
  auto sizes = b.integers(n, 1);
  for (auto& size : sizes) size = size == -1 ? 1 : size;
  return b.apply("Expand", {b.tensor(n, 0), b.constant_integers(sizes)});
}

Value* concatenate(OnnxBuilder& b, const Node& n) {
  std::vector<Value*> inputs;
  for (auto* part : n.input(0)->node()->inputs()) inputs.push_back(b.of(part));
  return b.append("Concat", inputs)->i_(kAxis, b.known(n, 1).toInt())->output();
}

Value* unsqueeze(OnnxBuilder& b, const Node& n) {
  return b.apply("Unsqueeze", {b.tensor(n, 0), b.constant_integers({b.known(n, 1).toInt()})});
}

Value* slice(OnnxBuilder& b, const Node& n) {
  const auto whole = [&](std::size_t i) {
    return b.constant_integers({b.is_none(n, i) ? 0 : b.known(n, i).toInt()});
  };
  auto* end =
      b.is_none(n, 3) ? b.constant_integers({std::numeric_limits<std::int64_t>::max()}) : whole(3);
  return b.apply("Slice", {b.tensor(n, 0), whole(2), end, whole(1), whole(4)});
}

// To a size, the first two axes staying as they are; nearest by the rounding of LibTorch.
Value* upsample(OnnxBuilder& b, const Node& n) {
  if (b.is_none(n, 1)) b.refuse("an enlargement to a size", "one by a factor");
  auto* shape = b.apply("Shape", {b.tensor(n, 0)});
  auto* first_two = b.apply("Slice", {shape, b.constant_integers({0}), b.constant_integers({2}),
                                      b.constant_integers({0}), b.constant_integers({1})});
  auto* sizes = b.append("Concat", {first_two, b.constant_integers(b.integers(n, 1))})
                    ->i_(kAxis, 0)
                    ->output();
  auto* nothing = b.constant_tensor(torch::empty({0}));  // in the place of what is not used
  return b.append("Resize", {b.tensor(n, 0), nothing, nothing, sizes})
      ->s_(Symbol::attr("mode"), "nearest")
      ->s_(Symbol::attr("coordinate_transformation_mode"), "asymmetric")
      ->s_(Symbol::attr("nearest_mode"), "floor")
      ->output();
}

Value* cast(OnnxBuilder& b, const Node& n) {
  static const std::map<c10::ScalarType, std::int64_t> types = {{torch::kFloat32, 1},
                                                                {torch::kUInt8, 2},
                                                                {torch::kInt64, 7},
                                                                {torch::kBool, 9},
                                                                {torch::kFloat64, 11}};
  const auto argument = b.known(n, 1);
  const auto found = argument.isInt() ? types.find(argument.toScalarType()) : types.end();
  if (found == types.end()) b.refuse("a cast to a type of numbers", "aten::to of another kind");
  return b.append("Cast", {b.tensor(n, 0)})->i_(Symbol::attr("to"), found->second)->output();
}

Value* clamp(OnnxBuilder& b, const Node& n) {
  return b.apply("Clip", {b.tensor(n, 0), b.tensor(n, 1), b.tensor(n, 2)});
}

// a + alpha b and a - alpha b.
template <const char* const& kName>
Value* plus(OnnxBuilder& b, const Node& n) {
  auto* second = b.tensor(n, 1);
  if (b.known(n, 2).toScalar().toDouble() != 1.0) second = b.apply("Mul", {second, b.tensor(n, 2)});
  return b.apply(kName, {b.tensor(n, 0), second});
}

// Of the same shape and another content: what is written into an empty tensor.
Value* filled(OnnxBuilder& b, const Node& n) {
  auto* nothing =
      b.apply("Mul", {b.tensor(n, 0), b.constant_tensor(torch::scalar_tensor(0, torch::kFloat32))});
  return b.apply("Add", {nothing, b.tensor(n, 1)});
}

Value* itself(OnnxBuilder& b, const Node& n) { return b.tensor(n, 0); }

constexpr const char *kAdd = "Add", *kSub = "Sub", *kMul = "Mul", *kTanh = "Tanh",
                     *kSigmoid = "Sigmoid", *kErf = "Erf", *kEqual = "Equal", *kMatMul = "MatMul";
template <const char* const& kName>
Value* unary(OnnxBuilder& b, const Node& n) {
  return b.apply(kName, {b.tensor(n, 0)});
}
template <const char* const& kName>
Value* binary(OnnxBuilder& b, const Node& n) {
  return b.apply(kName, {b.tensor(n, 0), b.tensor(n, 1)});
}

using Rewrite = Value* (*)(OnnxBuilder&, const Node&);
const std::map<std::string, Rewrite>& rewrites() {
  static const std::map<std::string, Rewrite> table = {{"aten::_convolution", convolution},
                                                       {"aten::linear", linear},
                                                       {"aten::batch_norm", batch_norm},
                                                       {"aten::leaky_relu", leaky_relu},
                                                       {"aten::tanh", unary<kTanh>},
                                                       {"aten::sigmoid", unary<kSigmoid>},
                                                       {"aten::erf", unary<kErf>},
                                                       {"aten::add", plus<kAdd>},
                                                       {"aten::add_", plus<kAdd>},
                                                       {"aten::sub", plus<kSub>},
                                                       {"aten::sub_", plus<kSub>},
                                                       {"aten::mul", binary<kMul>},
                                                       {"aten::eq", binary<kEqual>},
                                                       {"aten::matmul", binary<kMatMul>},
                                                       {"aten::clamp", clamp},
                                                       {"aten::to", cast},
                                                       {"aten::view", view},
                                                       {"aten::expand", expand},
                                                       {"aten::unsqueeze", unsqueeze},
                                                       {"aten::cat", concatenate},
                                                       {"aten::slice", slice},
                                                       {"aten::upsample_nearest2d", upsample},
                                                       {"aten::empty_like", itself},
                                                       {"aten::fill_", filled}};
  return table;
}

// An operator that writes into its argument is rewritten as one that does not, which is the same
// where nothing else reads what it overwrites.
void check_writes(const OnnxBuilder& b, const Node& node) {
  const std::string name = node.kind().toQualString();
  if (name.ends_with('_') && node.input(0)->uses().size() != 1)
    b.refuse("an overwritten value that nothing else reads", name);
}

void rewrite(OnnxBuilder& b, const Graph& script) {
  for (const Node* node : script.nodes()) {
    const std::string name = node->kind().toQualString();
    if (name == "prim::Constant" || name == "prim::ListConstruct") continue;
    const auto found = rewrites().find(name);
    if (found == rewrites().end()) b.refuse("an operator that ONNX export knows", name);
    check_writes(b, *node);
    b.bind(node->output(), found->second(b, *node));
  }
}

void add_input(OnnxBuilder& b, const ExportedInput& input, const Value* script) {
  auto* made = b.graph().addInput(input.name);
  made->setType(c10::TensorType::create(input.examples.contiguous()));
  b.bind(script, made);
}

// ModelProto's metadata_props are its field 14, pairs of a key (1) and a value (2).
std::string metadata_bytes(const std::string& name, const std::string& value) {
  return wire_bytes(14, wire_bytes(1, name) + wire_bytes(2, value));
}

std::string described(const SavedGenerator& saved) {
  std::string out = metadata_bytes("ganselect", export_origin(saved)) +
                    metadata_bytes("latent_dim", std::to_string(saved.generator->latent_dim));
  if (!saved.conditions.rows.labels.defined()) return out;
  const auto& names = saved.conditions.class_names;
  return out + metadata_bytes("num_classes", std::to_string(names.size())) +
         metadata_bytes("class_names", Json(names).dump());
}

}  // namespace

std::string onnx_of(const SavedGenerator& saved, ExportedValues values) {
  const auto module = torch::jit::freeze(torchscript_of(saved, values), std::nullopt,
                                         /*optimize_numerics=*/false);
  const auto script = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*script);
  OnnxBuilder b("ONNX export of " + saved.candidate.name);
  const auto inputs = exported_inputs(saved, 1);
  std::unordered_map<std::string, std::unordered_map<std::int64_t, std::string>> free_axes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {  // the script's first is the module itself
    add_input(b, inputs[i], script->inputs().at(i + 1));
    free_axes[inputs[i].name] = {{0, "N"}};
  }
  rewrite(b, *script);
  const std::string name = saved.shape.points ? "points" : "images";
  auto* output = b.of(script->outputs().at(0));
  std::vector<torch::jit::IValue> examples;
  for (const auto& input : inputs) examples.emplace_back(input.examples);
  auto frozen = module;
  output->setType(c10::TensorType::create(frozen.forward(examples).toTensor().contiguous()));
  output->setDebugName(name);
  free_axes[name] = {{0, "N"}};
  b.graph().registerOutput(output);
  const auto model = std::get<0>(
      torch::jit::export_onnx(b.shared_graph(), {}, kOnnxOpset, free_axes,
                              /*defer_weight_export=*/false,
                              ::torch::onnx::OperatorExportTypes::ONNX, /*strip_doc_string=*/true,
                              /*keep_initializers_as_inputs=*/false));
  std::string bytes = torch::jit::serialize_model_proto_to_string(model) + described(saved);
  torch::jit::check_onnx_proto(bytes);
  return bytes;
}

void export_onnx(const SavedGenerator& saved, const std::filesystem::path& file,
                 ExportedValues values) {
  write_file_atomically(file, onnx_of(saved, values));
}

}  // namespace ganselect
