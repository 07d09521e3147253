// CUDA's recorder: an iteration as a CUDA graph. Built into a module of its own, which is loaded
// where there is a GPU (harness/train/capture/graph_module.h); nothing else of the program links
// CUDA.
//
// What LibTorch 2.11 asks for, and why each line below stands:
//  - a stream other than the default one, which capture cannot use;
//  - every generator but the default one is registered by hand, so that a replay goes on in its
//    sequence of random numbers;
//  - memory that the graph uses lies in a pool of its own and is kept as long as the graph;
//  - thread-local capture, so that other threads may allocate and copy meanwhile.
// The callers see to it that one thread records at a time and none replays then (device_gate.h).
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <optional>

#include "harness/train/capture/graph_module.h"

namespace ganselect {
namespace {

class CudaGraphRecorder : public Recorder {
 public:
  ~CudaGraphRecorder() override {
    if (stream_) cudaStreamSynchronize(stream_->stream());  // a replay may still be running
  }

  void record(const std::function<void()>& work,
              const std::vector<at::Generator>& generators) override {
    TORCH_CHECK(!stream_, "a recorder records once");
    stream_ = c10::cuda::getCurrentCUDAStream();
    TORCH_CHECK(*stream_ != c10::cuda::getDefaultCUDAStream(stream_->device_index()),
                "work on the default stream cannot be recorded");
    stream_->synchronize();
    graph_.emplace();
    for (const auto& generator : generators) graph_->register_generator_state(generator);
    graph_->capture_begin(/*pool: its own*/ {0, 0}, cudaStreamCaptureModeThreadLocal);
    try {
      work();
      graph_->capture_end();
    } catch (...) {
      abandon(generators);
      throw;
    }
  }

  void replay() override { graph_->replay(); }

 private:
  // Ends a capture that failed on its way, so that other threads can go on: the stream leaves
  // capture mode, the allocator stops using the pool, and generators (the default one too, which
  // LibTorch registers by itself) get a state that no graph holds.
  void abandon(const std::vector<at::Generator>& generators) noexcept {
    const auto ignoring = [](const auto& call) {
      try {
        call();
      } catch (...) {
        // The first error is the one that tells.
      }
    };
    cudaGraph_t broken = nullptr;
    if (cudaStreamEndCapture(stream_->stream(), &broken) == cudaSuccess && broken != nullptr) {
      cudaGraphDestroy(broken);
    }
    cudaGetLastError();
    const auto device = stream_->device_index();
    ignoring([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(device, graph_->pool()); });
    auto all = generators;
    all.push_back(at::cuda::detail::getDefaultCUDAGenerator(device));
    for (auto& generator : all) {
      ignoring([&] {
        auto fresh = at::make_generator<at::CUDAGeneratorImpl>(device);
        fresh.set_current_seed(generator.current_seed());
        fresh.set_offset(generator.get_offset());
        generator.graphsafe_set_state(fresh);
      });
    }
  }

  std::optional<at::cuda::CUDAGraph> graph_;
  std::optional<c10::cuda::CUDAStream> stream_;
};

}  // namespace
}  // namespace ganselect

extern "C" __attribute__((visibility("default"))) ganselect::Recorder* ganselect_make_recorder(
    int version) {
  if (version != ganselect::kGraphModuleVersion) return nullptr;
  return new ganselect::CudaGraphRecorder();
}
