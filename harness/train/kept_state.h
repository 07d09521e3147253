#pragma once
// Restores a module's buffers (batch norm's statistics, spectral norm's vectors) and its training
// mode at scope's end.
#include <torch/torch.h>

#include <vector>

namespace ganselect {

class KeptState {
 public:
  explicit KeptState(torch::nn::Module& module)
      : module_(module), was_training_(module.is_training()), buffers_(module.buffers()) {
    for (const auto& buffer : buffers_) copies_.push_back(buffer.clone());
  }
  ~KeptState() {
    torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].copy_(copies_[i]);
    module_.train(was_training_);
  }
  KeptState(const KeptState&) = delete;
  KeptState& operator=(const KeptState&) = delete;

 private:
  torch::nn::Module& module_;
  bool was_training_;
  std::vector<torch::Tensor> buffers_, copies_;
};

}  // namespace ganselect
