#pragma once
// What one trial is: every choice that changes its outcome, and nothing else. How a trial is run
// (folder, checkpoint interval, callbacks) is TrialOptions in trial.h.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"
#include "base/settings_io.h"
#include "models/candidates.h"
#include "models/masks.h"

namespace ganselect {

struct TrainSettings {
  std::string point = "dcgan";  // candidate name or ARCHITECTURE/LOSS[/REGULARIZATION][/DIVERGENCE]
  std::string dataset = "cifar10";  // as `data list` names it; recorded, the data set is passed in
  std::int64_t dataset_limit = 0;   // use only N samples of the training split; 0: all
  // Seed of the draw of those N, from each class its share; null: the first N, as in trials from
  // before there was a draw. Not the trial's seed, so that seeds share their data.
  std::optional<std::uint64_t> dataset_draw = 0;
  std::uint64_t seed = 0;      // the one number that all random streams of the trial derive from
  std::int64_t steps = 50000;  // generator updates
  double width = 1.0;          // factor on the backbone's channels; 1: as published
  std::string device = "cpu";  // as base/torch/device.h parses it
  std::string precision = "fp32";    // a row of precisions()
  std::int64_t threads = 1;          // CPU threads inside one operation; part of the result's bits
  std::int64_t curve_interval = 50;  // steps a curve row averages over, and between host reads
  std::int64_t evaluation_interval = 0;  // steps between evaluations; 0: only after the last step
  std::string on_collapse = "warn";      // a row of collapse_actions()
  std::vector<std::string> without_classes;  // left out of training, for transfer to them
  // Fine-tuning (initial_weights.h): the folder of a trial whose networks this one begins with, the
  // SHA-256 of its checkpoint, and layers that stay as they are there.
  std::string init_from, init_digest;
  std::vector<std::string> freeze;
  // Departures from the candidate's own figures; absent: as the candidate says.
  std::optional<std::int64_t> batch;              // samples a side of a critic update
  std::optional<std::int64_t> batch_g;            // samples of a generator update
  std::optional<double> lr_g;                     // generator learning rate
  std::optional<double> lr_d;                     // critic learning rate
  std::optional<double> beta1;                    // Adam's first moment decay, both networks
  std::optional<double> beta2;                    // Adam's second moment decay, both networks
  std::optional<std::int64_t> n_critic;           // critic updates a generator update
  std::optional<std::int64_t> n_gen;              // generator updates a critic update
  std::optional<double> ema_decay;                // of the generator's moving average; 0: none
  std::optional<std::int64_t> lr_decay_steps;     // updates until the learning rate is 0; 0: never
  std::optional<std::int64_t> clusters;           // of the data, that a candidate is told
  std::optional<std::string> mask;                // what is hidden of images: a row of mask_laws()
  std::optional<bool> mirror;                     // real images by chance one half
  std::optional<double> gls_slope;                // nu of generalized-loss-sensitive
  std::optional<double> gradient_penalty_weight;  // lambda of gradient-penalty and dragan
  std::optional<double> r1_gamma;                 // gamma of r1 and r1+r2
  std::optional<double> clip;                     // bound of weight-clip
};

// One numeric mode of the device's matrix units.
struct Precision {
  std::string name;         // "fp32", "tf32", "bf16"
  std::string explanation;  // one line for help texts
  bool tf32 = false;        // CUDA only: matrix products and convolutions may round inputs to TF32
  bool autocast = false;    // networks run under bfloat16 autocast; parameters stay float32
};
const NamedTable<Precision>& precisions();

// What a trial does when the collapse guard fires.
struct CollapseAction {
  std::string name;         // "warn", "stop"
  std::string explanation;  // one line for help texts
  bool stops = false;
};
const NamedTable<CollapseAction>& collapse_actions();

// The candidate the trial trains: the settings' departures applied, the optimizer's rates and betas
// apart. Throws kUsage for an unknown point, for a departure that the candidate has no use for, and
// for batches that a pack does not divide.
CandidateSpec resolve_candidate(const TrainSettings& settings);

// The candidate's optimizer with the settings' departures; weight decay is the critic's alone.
OptimizerSpec generator_optimizer(const TrainSettings& settings, const CandidateSpec& candidate);
OptimizerSpec critic_optimizer(const TrainSettings& settings, const CandidateSpec& candidate);

// Throws kUsage naming `where` and the field for a value out of its range, as reading from JSON
// does.
void check_settings(const TrainSettings& settings, const std::string& where);

// Every setting, but those newer than published records only where they are not at their default,
// so that such records keep their ids.
Json identity_json(const TrainSettings& settings);

// First 8 hexadecimal digits of the SHA-256 of all settings but the seed, so that the trials of one
// arm share them. `extra` is what TrialOptions::extra_settings adds; an empty object adds nothing.
std::string settings_digest(const TrainSettings& settings, const Json& extra = Json::object());

// Documents every field with its range; base/settings_io.h reads, writes and lists by it.
template <class Visitor>
void describe(Visitor& v, TrainSettings& s) {
  v.field("point", s.point, "candidate, or ARCHITECTURE/LOSS[/REGULARIZATION[+...]][/DIVERGENCE]");
  v.field("dataset", s.dataset, "data set, as `data list` names it");
  v.field("dataset_limit", s.dataset_limit, "N training samples only; 0: all", at_least(0));
  v.field("dataset_draw", s.dataset_draw,
          "seed of the draw of those samples; null: the first ones");
  v.field("seed", s.seed, "seed of every random stream of the trial");
  v.field("steps", s.steps, "generator updates", at_least(1));
  v.field("width", s.width, "factor on the backbone's channels; 1: as published", above(0));
  v.field("device", s.device, "cpu, cuda, cuda:N or auto");
  v.field("precision", s.precision, "numbers the networks compute in",
          one_of(precisions().names()));
  v.field("threads", s.threads, "CPU threads inside one operation", at_least(1));
  v.field("curve_interval", s.curve_interval, "steps a curve row averages over", at_least(1));
  v.field("evaluation_interval", s.evaluation_interval,
          "steps between evaluations; 0: only after the last step", at_least(0));
  v.field("on_collapse", s.on_collapse, "when samples collapse",
          one_of(collapse_actions().names()));
  v.field("without_classes", s.without_classes, "classes left out of training, for transfer");
  v.field("init_from", s.init_from, "begin with the networks of this trial's folder");
  v.field("init_digest", s.init_digest, "SHA-256 of its checkpoint [as it is found]");
  v.field("freeze", s.freeze, "layers that stay as they are there: critic/conv0");
  v.field("batch", s.batch, "samples a side of a critic update [the candidate's]", at_least(2));
  v.field("batch_g", s.batch_g, "samples of a generator update [the candidate's]", at_least(2));
  v.field("lr_g", s.lr_g, "generator learning rate [the candidate's]", above(0));
  v.field("lr_d", s.lr_d, "critic learning rate [the candidate's]", above(0));
  v.field("beta1", s.beta1, "Adam's beta1 [the candidate's]", between(0, 0.999999));
  v.field("beta2", s.beta2, "Adam's beta2 [the candidate's]", between(0, 0.999999));
  v.field("n_critic", s.n_critic, "critic updates a generator update [the candidate's]",
          at_least(1));
  v.field("n_gen", s.n_gen, "generator updates a critic update [the candidate's]", at_least(1));
  v.field("ema_decay", s.ema_decay,
          "decay of the generator's moving average, 0: none [the candidate's]",
          between(0, 0.999999));
  v.field("lr_decay_steps", s.lr_decay_steps,
          "generator updates over which learning rates fall to 0, 0: they stay [the "
          "candidate's]",
          at_least(0));
  v.field("clusters", s.clusters,
          "clusters of the data, one of which is told, at least 2 [the candidate's]", at_least(2));
  v.field("mask", s.mask, "what is hidden of an image that is filled in [the candidate's]",
          one_of(mask_laws().names()));
  v.field("mirror", s.mirror,
          "real images are mirrored left to right by a chance of one half [the candidate's]");
  v.field("gls_slope", s.gls_slope,
          "slope below 0 of generalized-loss-sensitive, at most 1 [the candidate's]", at_most(1));
  v.field("gradient_penalty_weight", s.gradient_penalty_weight,
          "lambda of gradient-penalty or dragan [the candidate's]", at_least(0));
  v.field("r1_gamma", s.r1_gamma, "gamma of r1 or r1+r2 [the candidate's]", at_least(0));
  v.field("clip", s.clip, "bound of weight-clip [the candidate's]", above(0));
}

}  // namespace ganselect
