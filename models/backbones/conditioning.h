// What a network can be told besides its input: a class label, an instance's feature vector, or
// both, or a part of the image; and the ways of telling it. N samples of a batch, K classes, F
// instance features, C channels, H height, W width.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "base/named_table.h"

namespace ganselect {

// Sizes of what a network is told; all zero: unconditional.
struct Conditioning {
  std::int64_t classes = 0;            // number of labels
  std::int64_t instance_features = 0;  // width of an instance's feature vector
  std::int64_t visible = 0;            // channels of images of which a part is shown
  std::int64_t pack = 1;               // samples that are judged at once, each with its condition

  bool told() const { return classes > 0 || instance_features > 0 || visible > 0; }
  std::int64_t width() const { return pack * (classes + instance_features); }  // of condition_code
  bool operator==(const Conditioning&) const = default;
};

// What a batch is conditioned on; each may be undefined.
struct Condition {
  torch::Tensor labels;     // int64 (N,), in [0, K)
  torch::Tensor instances;  // float32 (N, F)
  // float32 (N, 1 + C, H, W): the mask, 1 where the image is seen and 0 where it is not, then the
  // image in the training range, 0 where it is not seen.
  torch::Tensor visible;

  bool defined() const { return labels.defined() || instances.defined() || visible.defined(); }
  Condition to(torch::Device device) const;
  // The rows at `rows`, int64 (M,).
  Condition at(const torch::Tensor& rows) const;
};

// How the condition enters the two networks.
enum class ConditionPath {
  kNone,
  kJoined,      // concatenated with what layers read
  kProjection,  // conditional batch norm in the generator, inner product in the critic
};

// A way of conditioning: what a candidate needs of its data, and how its networks are told.
struct ConditioningSpec {
  std::string name;
  std::string source;
  std::string generator, critic;  // how it is told, in words
  ConditionPath path = ConditionPath::kNone;
  bool needs_labels = false;
  bool needs_instances = false;
  bool needs_clusters = false;  // labels that are made of the data (datasets/partition.h)
  bool needs_visible = false;
};
// Rows: none, labels, projection, clusters, instances, instances-labels, visible.
const NamedTable<ConditioningSpec>& conditionings();

// (N, m (K + F)) of the type of `input`, whose N rows of m samples each it goes with: for every
// sample one-hot labels, then instance features, as far as `conditioning` has them; undefined if it
// has neither. The condition has N m rows, those of a pack one after another. Never waits for the
// device, so a label outside [0, K) is not seen and gives a row of zeros. kFailed, naming `where`,
// for a condition that is missing or of another shape.
torch::Tensor condition_code(const Condition& condition, const Conditioning& conditioning,
                             const torch::Tensor& input, const char* where);

// The mask and visible part of a batch that goes with `input` (N, m C, H, W): (N, m (1 + C), H, W)
// of its type, those of a pack's m samples one after another. kFailed as of condition_code.
torch::Tensor visible_part(const Condition& condition, const Conditioning& conditioning,
                           const torch::Tensor& input, const char* where);

// x (N, D) -> (N, D + code's width); x (N, C, H, W) -> the code as constant maps after its
// channels. x itself when the code is undefined.
torch::Tensor join_code(const torch::Tensor& x, const torch::Tensor& code);

}  // namespace ganselect
