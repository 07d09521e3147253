#include "harness/train/trainer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/torch/device.h"
#include "base/torch/device_gate.h"
#include "base/torch/generators.h"
#include "harness/train/autocast.h"
#include "harness/train/initial_weights.h"
#include "models/augmentation.h"
#include "models/packing.h"

namespace ganselect {

namespace {

torch::Device prepare_device(const TrainSettings& settings) {
  const auto device = parse_device(settings.device);
  at::set_num_threads(static_cast<int>(settings.threads));
  return device;
}

void move_to(torch::nn::Module& module, torch::Device device) {
  module.to(device);
  use_channels_last(module);
  module.train();
}

void append_module(std::vector<std::pair<std::string, torch::Tensor>>& tensors,
                   const std::string& prefix, const torch::nn::Module& module) {
  for (const auto& item : module.named_parameters()) {
    tensors.emplace_back(prefix + "/" + item.key(), item.value());
  }
  for (const auto& item : module.named_buffers()) {
    tensors.emplace_back(prefix + "/" + item.key(), item.value());
  }
}

void append_named(std::vector<std::pair<std::string, torch::Tensor>>& tensors,
                  const std::string& prefix,
                  const std::vector<std::pair<std::string, torch::Tensor>>& named) {
  for (const auto& [name, tensor] : named) tensors.emplace_back(prefix + "/" + name, tensor);
}

const torch::Tensor& stored_tensor(const TensorFile& file, const std::string& name) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    fail(ErrorKind::kData,
         {.where = "training state", .expected = "a tensor '" + name + "'", .got = "none"});
  }
  return found->second;
}

std::string sizes_text(const torch::Tensor& tensor) {
  std::string text = "(";
  for (const auto size : tensor.sizes()) text += std::to_string(size) + ",";
  return text + ") " + std::string(c10::toString(tensor.scalar_type()));
}

constexpr const char* kStepsKey = "steps_done";

// Where the weight of the layer that gives the score lies among the critic's trained parameters.
std::optional<std::size_t> last_weight_of(const Critic& critic,
                                          const std::vector<torch::Tensor>& trained) {
  const auto named = critic.named_parameters();
  const auto* last = named.find("out.weight");
  for (std::size_t i = 0; last != nullptr && i < trained.size(); ++i) {
    if (trained[i].is_same(*last)) return i;
  }
  return std::nullopt;
}

// x of [-1, 1] at 256 levels -> [-1, 1) with uniform noise of one level's width, as Gulrajani et
// al. 2017's and Miyato et al. 2018's codes do it.
torch::Tensor dequantized(const torch::Tensor& x, torch::Generator& random) {
  return (x + 1.0) * (127.5 / 128) - 1.0 + torch::rand(x.sizes(), random, x.options()) / 128;
}

}  // namespace

BuildSettings build_settings(const TrainSettings& settings, const SampleShape& shape,
                             const Conditioning& conditioning) {
  return {.shape = shape, .width = settings.width, .conditioning = conditioning};
}

Trainer::Trainer(const TrainSettings& settings, const Dataset& train, const Dataset* held_out,
                 const StepOptions& how)
    : settings_(settings),
      candidate_(resolve_candidate(settings)),
      precision_(precisions().at(settings.precision)),
      loss_(loss_of(candidate_)),
      shape_(train.shape),
      conditioning_(data_conditioning(candidate_, train)),
      conditions_(make_condition_table(
          candidate_, candidate_.needs_visible && held_out != nullptr ? *held_out : train)),
      device_(prepare_device(settings)),
      stream_(device_),
      building_(stream_.use()),
      networks_(build_networks(candidate_, build_settings(settings, shape_, conditioning_),
                               settings.seed)),
      streams_{.data = make_stream(settings.seed, "data", device_),
               .latent = make_stream(settings.seed, "latent", device_),
               .penalty = make_stream(settings.seed, "penalty", device_),
               .dropout = make_stream(settings.seed, "dropout", device_),
               .probe = make_stream(settings.seed, "probe", device_),
               .condition = make_stream(settings.seed, "condition", device_),
               .augment = make_stream(settings.seed, "augment", device_),
               .dequantize = make_stream(settings.seed, "dequantize", device_),
               .mirror = make_stream(settings.seed, "mirror", device_)},
      batches_(make_condition_source(candidate_, train, device_,
                                     {.data = streams_.data, .condition = streams_.condition})),
      updates_(torch::zeros({}, torch::TensorOptions().dtype(torch::kInt64).device(device_))),
      probe_(candidate_, train, held_out, candidate_.batch, device_, streams_.probe),
      meter_(device_) {
  if (held_out != nullptr && held_out->shape != shape_) {
    fail(ErrorKind::kData, {.where = "held-out data " + held_out->name,
                            .expected = "samples of " + to_string(shape_),
                            .got = to_string(held_out->shape)});
  }
  move_to(*networks_.generator, device_);
  move_to(*networks_.critic, device_);
  networks_.critic->set_noise(streams_.dropout);
  networks_.generator->set_noise(streams_.dropout);
  make_optimizers();
  if (candidate_.ema_decay > 0) {
    auto average = build_generator(candidate_, build_settings(settings_, shape_, conditioning_),
                                   settings_.seed);
    move_to(*average, device_);
    ema_ = std::make_unique<Ema>(networks_.generator, std::move(average), candidate_.ema_decay);
  }
  if (!settings_.init_from.empty())
    load_initial_weights(settings_.init_from, networks_, ema_ ? ema_->network().get() : nullptr);
  const auto whole = [this] {
    for (int i = 0; i < candidate_.n_critic; ++i) update_critic();
    update_generator();
  };
  runner_ = make_step_runner(make_iteration(whole), device_, how);
  if (candidate_.n_gen > 1) {
    generator_runner_ =
        make_step_runner(make_iteration([this] { update_generator(); }), device_, how);
  }
  building_.reset();
}

void Trainer::make_optimizers() {
  check_frozen(networks_, settings_.freeze);
  optimizer_g_ =
      make_optimizer(generator_optimizer(settings_, candidate_),
                     trained_parameters(*networks_.generator, "generator", settings_.freeze),
                     {.updates = updates_});
  const auto trained = trained_parameters(*networks_.critic, "critic", settings_.freeze);
  optimizer_d_ = make_optimizer(
      critic_optimizer(settings_, candidate_), trained,
      {.updates = updates_, .last_weight = last_weight_of(*networks_.critic, trained)});
}

Trainer::~Trainer() {
  try {
    synchronize();
  } catch (const std::exception&) {
    // A device that has failed says so at the next call that may throw.
  }
}

Iteration Trainer::make_iteration(std::function<void()> work) {
  Iteration iteration;
  iteration.work = std::move(work);
  iteration.wait = [this] { synchronize(); };
  if (!device_.is_cpu()) iteration.tf32 = precision_.tf32;
  for (const auto& [name, stream] : named_streams()) iteration.generators.push_back(stream);
  return iteration;
}

std::int64_t Trainer::generator_batch() const {
  return candidate_.batch_g > 0 ? candidate_.batch_g : candidate_.batch;
}

ConditionedBatch Trainer::real_batch(std::int64_t n) {
  auto batch = batches_->next(n);
  if (batch.samples.dim() == 4) {
    if (candidate_.mirror) batch.samples = mirrored_at_random(batch.samples, streams_.mirror);
    if (candidate_.dequantize) batch.samples = dequantized(batch.samples, streams_.dequantize);
    batch.samples = batch.samples.contiguous(torch::MemoryFormat::ChannelsLast);
  }
  return batch;
}

ConditionedBatch Trainer::generate(const Condition& condition, std::int64_t n) {
  const auto latents = torch::randn({n, networks_.generator->latent_dim}, streams_.latent,
                                    torch::TensorOptions().device(device_));
  const Autocast autocast(device_.type(), precision_.autocast);
  return {.samples = networks_.generator->forward(latents, condition).to(torch::kFloat32),
          .condition = condition};
}

torch::Tensor Trainer::shown(const torch::Tensor& samples) {
  const auto policies = augmentation_of(candidate_);
  return packed(policies ? diffaugment(samples, streams_.augment, *policies) : samples,
                pack_of(candidate_));
}

torch::Tensor Trainer::score(const torch::Tensor& shown_samples, const Condition& condition) {
  const Autocast autocast(device_.type(), precision_.autocast);
  return networks_.critic->forward(shown_samples, condition).to(torch::kFloat32);
}

void Trainer::update_critic() {
  const auto real = real_batch(candidate_.batch);
  const auto asked =
      candidate_.fresh_conditions ? batches_->conditions(candidate_.batch) : real.condition;
  torch::Tensor real_shown, fake_shown;
  {
    torch::NoGradGuard no_grad;
    real_shown = shown(real.samples);
    fake_shown = shown(generate(asked, candidate_.batch).samples);
  }
  const CriticScores scores{.real = score(real_shown, real.condition),
                            .fake = score(fake_shown, asked)};
  LossContext context = loss_context(candidate_);
  if (loss_.needs_margin) context.margin = pair_margin(real_shown, fake_shown, context.parameters);
  auto loss = critic_loss(loss_, scores, context);
  torch::Tensor penalty;
  {
    const Autocast autocast(device_.type(), precision_.autocast);
    penalty = penalty_sum(candidate_.regularization,
                          {.critic = *networks_.critic,
                           .condition = real.condition,
                           .real = real_shown,
                           .fake = fake_shown,
                           .noise = streams_.penalty},
                          candidate_.penalty_parameters);
  }
  if (penalty.defined()) loss = loss + penalty;
  const auto gradients = gradients_of(loss, optimizer_d_->parameters());
  meter_.add_critic(loss, joint_norm(gradients), scores);
  optimizer_d_->step(gradients);
  torch::NoGradGuard no_grad;
  after_critic_step(candidate_.regularization, *networks_.critic, candidate_.penalty_parameters);
}

void Trainer::update_generator() {
  CriticScores scores;
  Condition asked;
  if (loss_.generator_needs_real) {
    torch::NoGradGuard no_grad;
    const auto real = real_batch(generator_batch());
    scores.real = score(shown(real.samples), real.condition);
    asked = real.condition;
  } else {
    asked = batches_->conditions(generator_batch());
  }
  scores.fake = score(shown(generate(asked, generator_batch()).samples), asked);
  const auto loss = generator_loss(loss_, scores, loss_context(candidate_));
  const auto gradients = gradients_of(loss, optimizer_g_->parameters());
  meter_.add_generator(loss, joint_norm(gradients));
  optimizer_g_->step(gradients);
  if (ema_) ema_->update(updates_);
  updates_.add_(1);
}

void Trainer::step() {
  const auto on_stream = use_stream();
  const bool critic_too = steps_done_ % candidate_.n_gen == 0;
  (critic_too ? runner_ : generator_runner_)->step();
  ++steps_done_;
}

CurveRow Trainer::read_row(double seconds) {
  const auto on_stream = use_stream();
  CurveRow row{.step = steps_done_, .seconds = seconds};
  meter_.read(row);
  std::optional<ProductRounding> rounding;
  if (!device_.is_cpu()) rounding.emplace(precision_.tf32);
  probe_.read(networks_, streams_.dropout, precision_, row);
  return row;
}

Trainer::NamedTensors Trainer::state_tensors() const {
  NamedTensors tensors;
  append_module(tensors, "generator", *networks_.generator);
  append_module(tensors, "critic", *networks_.critic);
  if (ema_) append_module(tensors, "ema", *ema_->network());
  tensors.emplace_back("updates", updates_);
  append_named(tensors, "optimizer_g", optimizer_g_->state());
  append_named(tensors, "optimizer_d", optimizer_d_->state());
  append_named(tensors, "meter", meter_.state());
  return tensors;
}

std::vector<std::pair<std::string, torch::Generator>> Trainer::named_streams() const {
  std::vector<std::pair<std::string, torch::Generator>> streams = {
      {"stream/data", streams_.data},
      {"stream/latent", streams_.latent},
      {"stream/penalty", streams_.penalty},
      {"stream/dropout", streams_.dropout},
      {"stream/probe", streams_.probe}};
  // Unconditional trials never draw from it, and their checkpoints stay as they were.
  if (conditioning_.told()) streams.emplace_back("stream/condition", streams_.condition);
  if (augmentation_of(candidate_)) streams.emplace_back("stream/augment", streams_.augment);
  if (candidate_.dequantize) streams.emplace_back("stream/dequantize", streams_.dequantize);
  if (candidate_.mirror) streams.emplace_back("stream/mirror", streams_.mirror);
  return streams;
}

TensorFile Trainer::state() const {
  const auto on_stream = use_stream();
  TensorFile file;
  for (const auto& [name, tensor] : state_tensors()) {
    file.tensors[name] =
        tensor.detach().to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true).contiguous();
  }
  for (const auto& [name, stream] : named_streams()) file.tensors[name] = generator_state(stream);
  file.metadata[kStepsKey] = std::to_string(steps_done_);
  return file;
}

void Trainer::restore(const TensorFile& state) {
  const auto on_stream = use_stream();
  torch::NoGradGuard no_grad;
  std::size_t used = 0;
  for (auto& [name, tensor] : state_tensors()) {
    const auto& stored = stored_tensor(state, name);
    if (stored.sizes() != tensor.sizes() || stored.scalar_type() != tensor.scalar_type()) {
      fail(ErrorKind::kData, {.where = "training state, tensor '" + name + "'",
                              .expected = sizes_text(tensor),
                              .got = sizes_text(stored)});
    }
    auto target = tensor;
    target.copy_(stored);
    ++used;
  }
  for (auto& [name, stream] : named_streams()) {
    auto target = stream;
    set_generator_state(target, stored_tensor(state, name));
    ++used;
  }
  const auto steps = state.metadata.find(kStepsKey);
  if (steps == state.metadata.end() || used != state.tensors.size()) {
    fail(ErrorKind::kData, {.where = "training state",
                            .expected = std::to_string(used) + " tensors and the step",
                            .got = std::to_string(state.tensors.size()) + " tensors",
                            .hint = "it was written for other settings"});
  }
  steps_done_ = std::stoll(steps->second);
}

}  // namespace ganselect
