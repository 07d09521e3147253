#pragma once
// Optimizers as few multi-tensor calls. All state, step counts included, is in device tensors, so
// that a step needs nothing from the host.
#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/candidates.h"

namespace ganselect {

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // One update of the parameters by `gradients`: one tensor a parameter, same order, shape and
  // memory layout.
  virtual void step(const std::vector<torch::Tensor>& gradients) = 0;

  // The state's tensors by a name that is unique within the optimizer; handles, not copies.
  virtual std::vector<std::pair<std::string, torch::Tensor>> state() const = 0;

  const std::vector<torch::Tensor>& parameters() const { return parameters_; }

 protected:
  explicit Optimizer(std::vector<torch::Tensor> parameters) : parameters_(std::move(parameters)) {}
  std::vector<torch::Tensor> parameters_;
};

// What an optimizer may read besides gradients.
struct OptimizerContext {
  // int64 scalar on the parameters' device: generator updates done, by which schedules go. It is
  // counted by whoever trains. Undefined: 0 throughout.
  torch::Tensor updates;
  // Which parameter alone decays, for specifications that say so.
  std::optional<std::size_t> last_weight;
};

// The optimizer of the specification's kind over `parameters`: float32 leaves of one device.
// Weight decay is added to the gradient (as torch's Adam and RMSprop do), not decoupled.
// Adam: Kingma & Ba 2015, algorithm 1, epsilon 1e-8. RMSProp: Tieleman & Hinton 2012, alpha 0.99,
// epsilon 1e-8. SGD: v <- m v - lr g, w <- w + v, as Pylearn2 has it.
// kFailed where a last weight decays and none is named.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec,
                                          std::vector<torch::Tensor> parameters,
                                          OptimizerContext context = {});

// The learning rate after so many generator updates (LrLaw).
double scheduled_rate(const OptimizerSpec& spec, std::int64_t updates);

// Gradients of `loss` (a scalar) with respect to `parameters`, each in its parameter's memory
// layout.
std::vector<torch::Tensor> gradients_of(const torch::Tensor& loss,
                                        const std::vector<torch::Tensor>& parameters);

// Euclidean norm over all the tensors together: float32 scalar on their device, no wait.
torch::Tensor joint_norm(const std::vector<torch::Tensor>& tensors);

}  // namespace ganselect
