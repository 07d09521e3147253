// Operators of the pretended accelerator: each runs on the CPU's kernel over the same memory.
#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "tests/accelerator/simulated_device.h"
#include "tests/accelerator/simulated_state.h"

namespace ganselect::test {
namespace {

bool is_simulated(const at::Tensor& t) { return t.defined() && t.device().type() == kDeviceType; }

// The same memory as a CPU tensor.
at::Tensor host_view(const at::Tensor& t) {
  auto* keeper = new c10::Storage(t.storage());
  at::DataPtr bytes(
      keeper->mutable_data(), keeper, [](void* held) { delete static_cast<c10::Storage*>(held); },
      at::kCPU);
  auto view = at::detail::make_tensor<c10::TensorImpl>(
      c10::Storage(c10::Storage::use_byte_size_t(), keeper->nbytes(), std::move(bytes),
                   at::getCPUAllocator(), /*resizable=*/true),
      c10::DispatchKeySet(c10::DispatchKey::CPU), t.dtype());
  view.unsafeGetTensorImpl()->set_sizes_and_strides(t.sizes(), t.strides(), t.storage_offset());
  return view;
}

at::Tensor on_storage(c10::Storage storage, const at::Tensor& like) {
  auto t = at::detail::make_tensor<c10::TensorImpl>(
      std::move(storage), c10::DispatchKeySet(c10::DispatchKey::HPU), like.dtype());
  t.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides(),
                                                 like.storage_offset());
  return t;
}

at::Tensor to_simulated(const at::Tensor& host) {
  const auto bytes = host.storage().nbytes();
  c10::Storage storage(c10::Storage::use_byte_size_t(), bytes,
                       simulated_allocator().allocate(bytes), &simulated_allocator(), true);
  std::memcpy(storage.mutable_data(), host.storage().data(), bytes);
  return on_storage(std::move(storage), host);
}

// Operators whose result's shape depends on values; on a GPU they wait.
const std::set<std::string> kValueShapes = {
    "aten::nonzero",    "aten::masked_select", "aten::_unique",          "aten::_unique2",
    "aten::unique_dim", "aten::bincount",      "aten::repeat_interleave"};

void note_operator(const c10::OperatorHandle& op) {
  auto& d = pretended();
  const std::scoped_lock lock(d.mutex);
  ++d.operators;
  const auto& schema = op.schema();
  bool waits = kValueShapes.count(schema.name()) > 0;
  for (const auto& result : schema.returns()) {
    const auto& type = result.type()->str();
    waits = waits || type.find("Tensor") == std::string::npos;
  }
  if (!waits) return;
  if (d.watching) d.found.insert(schema.name());
  TORCH_CHECK(!recording(), schema.name(), " is not permitted while recording");
}

class InsideHostCall {
 public:
  InsideHostCall() : was_(std::exchange(inside_host_call, true)) {}
  ~InsideHostCall() { inside_host_call = was_; }

 private:
  bool was_;
  at::AutoDispatchBelowADInplaceOrView below_;
};

// One operator's arguments on the host.
class HostCall {
 public:
  HostCall(const c10::OperatorHandle& op, torch::jit::Stack* stack) : op_(op) {
    const auto count = op.schema().arguments().size();
    const auto arguments = torch::jit::last(*stack, count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto* alias = op.schema().arguments()[i].alias_info();
      // Batch norm's schema does not say that it writes its running statistics.
      const bool statistics = op.schema().name() == "aten::native_batch_norm" && (i == 3 || i == 4);
      inputs_.push_back(
          translate(arguments[i], statistics || (alias != nullptr && alias->isWrite())));
    }
    torch::jit::drop(*stack, count);
  }

  void run(torch::jit::Stack* stack) {
    auto results = inputs_;
    call(results);
    for (auto& result : results) stack->push_back(back(result));
    if (!recording()) return;
    pretended().tape->entries.push_back([op = op_, inputs = inputs_, fresh = fresh_] {
      auto again = inputs;
      {
        const InsideHostCall inside;
        op.callBoxed(&again);
      }
      for (const auto& [place, storage] : fresh) {
        const auto& result = again[place.first];
        const at::Tensor made =
            place.second < 0 ? result.toTensor()
                             : result.toTensorVector()[static_cast<std::size_t>(place.second)];
        std::memcpy(const_cast<void*>(storage.data()), made.storage().data(), storage.nbytes());
      }
    });
  }

 private:
  using Place = std::pair<std::size_t, std::int64_t>;  // result, and its element if it is a list

  void call(torch::jit::Stack& stack) const {
    const InsideHostCall inside;
    op_.callBoxed(&stack);
  }

  at::Tensor translate_tensor(const at::Tensor& t, bool writes) {
    if (!t.defined()) return t;
    if (!is_simulated(t)) {
      auto& d = pretended();
      const std::scoped_lock lock(d.mutex);
      const bool number = t.dim() == 0 && t.unsafeGetTensorImpl()->is_wrapped_number();
      if (!number && d.watching) d.found.insert(op_.schema().name() + " with a host tensor");
      TORCH_CHECK(number || t.dim() == 0, op_.schema().name(),
                  ": expected all tensors on one device");
      return t;
    }
    note_use(t, writes, op_.schema().name());
    auto host = host_view(t);
    pairs_.emplace_back(host, t);
    return host;
  }

  c10::IValue translate(const c10::IValue& value, bool writes) {
    if (value.isTensor()) return translate_tensor(value.toTensor(), writes);
    if (value.isTensorList()) {
      std::vector<at::Tensor> all;
      for (const auto& t : value.toTensorVector()) all.push_back(translate_tensor(t, writes));
      return all;
    }
    if (value.isOptionalTensorList()) {
      c10::List<std::optional<at::Tensor>> all;
      for (const std::optional<at::Tensor> t : value.toOptionalTensorList()) {
        all.push_back(t && t->defined() ? std::optional(translate_tensor(*t, writes)) : t);
      }
      return all;
    }
    if (value.isGenerator()) return translate_generator(value.toGenerator());
    if (value.isDevice()) return at::Device(at::kCPU);
    return value;
  }

  static c10::IValue translate_generator(const at::Generator& generator) {
    if (generator.device().type() != kDeviceType) return generator;
    if (recording()) {
      const auto& allowed = pretended().tape->generators;
      TORCH_CHECK(std::find(allowed.begin(), allowed.end(), generator) != allowed.end(),
                  "a generator that is not registered with the recording");
      auto* used = static_cast<SimulatedGenerator*>(generator.unsafeGetGeneratorImpl());
      pretended().tape->generators_before.try_emplace(used, used->inner().get_state().clone());
    }
    return static_cast<SimulatedGenerator*>(generator.unsafeGetGeneratorImpl())->inner();
  }

  at::Tensor back_tensor(const at::Tensor& host, Place place) {
    if (!host.defined()) return host;
    for (const auto& [view, original] : pairs_) {
      if (!host.is_same(view)) continue;
      if (host.storage().data() != original.storage().data()) take_over(host, original, place);
      return original;
    }
    for (const auto& [view, original] : pairs_) {
      if (host.numel() > 0 && host.storage().data() == view.storage().data()) {
        return on_storage(original.storage(), host);
      }
    }
    auto made = to_simulated(host);
    note_use(made, true, op_.schema().name());
    fresh_.emplace_back(place, made.storage());
    return made;
  }

  // An argument that the operator resized moves into memory of its new size.
  void take_over(const at::Tensor& host, const at::Tensor& original, Place place) {
    const auto made = to_simulated(host);
    auto* moved = original.unsafeGetTensorImpl();
    moved->set_storage_keep_dtype(made.storage());
    moved->set_sizes_and_strides(host.sizes(), host.strides(), host.storage_offset());
    note_use(original, true, op_.schema().name());
    fresh_.emplace_back(place, made.storage());
  }

  c10::IValue back(const c10::IValue& result) {
    const auto index = results_++;
    if (result.isTensor()) return back_tensor(result.toTensor(), {index, -1});
    if (result.isTensorList()) {
      std::vector<at::Tensor> all;
      for (const auto& t : result.toTensorVector()) {
        all.push_back(back_tensor(t, {index, static_cast<std::int64_t>(all.size())}));
      }
      return all;
    }
    return result;
  }

  c10::OperatorHandle op_;
  torch::jit::Stack inputs_;
  std::vector<std::pair<at::Tensor, at::Tensor>> pairs_;  // host view, original
  std::vector<std::pair<Place, c10::Storage>> fresh_;
  std::size_t results_ = 0;
};

void run_on_host(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  note_operator(op);
  HostCall(op, stack).run(stack);
}

at::Tensor empty(at::IntArrayRef sizes, std::optional<at::ScalarType> type,
                 std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
  const auto options = at::TensorOptions().dtype(type.value_or(at::kFloat));
  const auto meta = at::empty(sizes, options.device(at::kMeta), format);
  const auto bytes = meta.storage().nbytes();
  return on_storage(
      c10::Storage(c10::Storage::use_byte_size_t(), bytes, simulated_allocator().allocate(bytes),
                   &simulated_allocator(), true),
      meta);
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides,
                         std::optional<at::ScalarType> type, std::optional<at::Layout>,
                         std::optional<at::Device>, std::optional<bool>) {
  const auto options = at::TensorOptions().dtype(type.value_or(at::kFloat));
  const auto meta = at::empty_strided(sizes, strides, options.device(at::kMeta));
  const auto bytes = meta.storage().nbytes();
  return on_storage(
      c10::Storage(c10::Storage::use_byte_size_t(), bytes, simulated_allocator().allocate(bytes),
                   &simulated_allocator(), true),
      meta);
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
  auto& d = pretended();
  const bool crosses = !is_simulated(from) || !is_simulated(to);
  {
    const std::scoped_lock lock(d.mutex);
    ++d.operators;
    if (crosses && d.watching) d.found.insert("a copy between host and device");
  }
  TORCH_CHECK(!crosses || !recording(), "a copy between host and device while recording");
  if (is_simulated(from)) note_use(from, false, "copy");
  if (is_simulated(to)) note_use(to, true, "copy");
  const auto source = is_simulated(from) ? host_view(from) : from;
  auto target = is_simulated(to) ? host_view(to) : to;
  {
    const InsideHostCall inside;
    target.copy_(source);
  }
  if (recording()) {
    d.tape->entries.push_back([source, target]() mutable {
      const InsideHostCall inside;
      target.copy_(source);
    });
  }
  if (crosses) {  // such copies wait
    const std::scoped_lock lock(d.mutex);
    d.waited[current_stream] = d.stamp;
  }
  return to;
}

// LibTorch asks a device of its own for whole convolutions; the host knows them by other names.
void run_as(const char* name, torch::jit::Stack* stack) {
  run_on_host(c10::Dispatcher::singleton().findSchemaOrThrow(name, ""), stack);
}
void convolution(const c10::OperatorHandle&, torch::jit::Stack* stack) {
  run_as("aten::convolution", stack);
}
void convolution_backward(const c10::OperatorHandle&, torch::jit::Stack* stack) {
  // The host's form also takes the bias' sizes, before the stride.
  constexpr std::size_t kArguments = 10, kStride = 3;
  const auto arguments = torch::jit::pop(*stack, kArguments);
  const auto channels = arguments[0].toTensor().size(1);
  for (std::size_t i = 0; i < kArguments; ++i) {
    if (i == kStride) stack->push_back(std::vector<std::int64_t>{channels});
    stack->push_back(arguments[i]);
  }
  run_as("aten::convolution_backward", stack);
}

}  // namespace

TORCH_LIBRARY_IMPL(_, HPU, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_host>());
}
TORCH_LIBRARY_IMPL(aten, HPU, m) {
  m.impl("empty.memory_format", TORCH_FN(empty));
  m.impl("empty_strided", TORCH_FN(empty_strided));
  m.impl("_copy_from", TORCH_FN(copy_from));
  m.impl("convolution_overrideable", torch::CppFunction::makeFromBoxedFunction<&convolution>());
  m.impl("convolution_backward_overrideable",
         torch::CppFunction::makeFromBoxedFunction<&convolution_backward>());
}

}  // namespace ganselect::test
