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
// The callers see to it that one thread records or ends a recording at a time (device_gate.h).
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <optional>

#include "harness/train/capture/capture_steps.h"
#include "harness/train/capture/graph_module.h"

namespace ganselect {
namespace {

// One capture on the current stream, into `graph`, with a pool of memory of its own.
class CudaCapture : public CaptureSteps {
 public:
  CudaCapture(std::optional<at::cuda::CUDAGraph>& graph, c10::cuda::CUDAStream stream,
              const std::vector<at::Generator>& generators)
      : graph_(graph), stream_(stream), generators_(generators) {}

  void begin() override {
    graph_.emplace();
    for (const auto& generator : generators_) graph_->register_generator_state(generator);
    graph_->capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
  }
  void end() override { graph_->capture_end(); }

  void end_stream() override {
    cudaGraph_t broken = nullptr;
    if (cudaStreamEndCapture(stream_.stream(), &broken) == cudaSuccess && broken != nullptr) {
      cudaGraphDestroy(broken);
    }
    cudaGetLastError();  // the next call must not meet this one's error
  }
  void close_pool() override {
    c10::cuda::CUDACachingAllocator::endAllocateToPool(device(), pool_);
  }
  void renew_generators() override {
    auto all = generators_;
    // LibTorch registers the default one by itself.
    all.push_back(at::cuda::detail::getDefaultCUDAGenerator(device()));
    for (auto& generator : all) {
      auto fresh = at::make_generator<at::CUDAGeneratorImpl>(device());
      fresh.set_current_seed(generator.current_seed());
      fresh.set_offset(generator.get_offset());
      generator.graphsafe_set_state(fresh);
    }
  }
  void drop_graph() override { graph_.reset(); }
  void release_pool() override {
    using namespace c10::cuda::CUDACachingAllocator;
    if (getPoolUseCount(device(), pool_) > 0) releasePool(device(), pool_);
  }

 private:
  c10::DeviceIndex device() const { return stream_.device_index(); }

  std::optional<at::cuda::CUDAGraph>& graph_;
  c10::cuda::CUDAStream stream_;
  const std::vector<at::Generator>& generators_;
  at::MempoolId_t pool_ = at::cuda::graph_pool_handle();
};

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
    CudaCapture steps(graph_, *stream_, generators);
    capture(steps, work);
  }

  void replay() override { graph_->replay(); }

 private:
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
