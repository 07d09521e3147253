#include "models/backbones/conditioning.h"

#include <vector>

#include "base/error.h"

namespace ganselect {
namespace {

[[noreturn]] void refuse_condition(const char* where, const std::string& expected,
                                   const torch::Tensor& got) {
  fail(ErrorKind::kFailed, {.where = where,
                            .expected = expected,
                            .got = got.defined() ? std::string(c10::toString(got.scalar_type())) +
                                                       " " + c10::str(got.sizes())
                                                 : std::string("none"),
                            .hint = ""});
}

// Comparisons instead of a scatter: nothing is looked up on the host.
torch::Tensor one_hot_rows(const torch::Tensor& labels, std::int64_t classes) {
  return labels.unsqueeze(1).eq(torch::arange(classes, labels.options()));
}

}  // namespace

Condition Condition::to(torch::Device device) const {
  return {.labels = labels.defined() ? labels.to(device) : labels,
          .instances = instances.defined() ? instances.to(device) : instances,
          .visible = visible.defined() ? visible.to(device) : visible};
}

Condition Condition::at(const torch::Tensor& rows) const {
  return {.labels = labels.defined() ? labels.index_select(0, rows) : labels,
          .instances = instances.defined() ? instances.index_select(0, rows) : instances,
          .visible = visible.defined() ? visible.index_select(0, rows) : visible};
}

const NamedTable<ConditioningSpec>& conditionings() {
  static const NamedTable<ConditioningSpec> table(
      "conditioning",
      {{.name = "none"},
       {.name = "labels",
        .source = "Mirza & Osindero 2014, arXiv 1411.1784; Radford et al. 2016, arXiv 1511.06434 "
                  "(published code)",
        .generator = "one-hot label joined to the latent vector and to every layer's input",
        .critic = "one-hot label joined to the image, as constant maps, and to every layer's input",
        .path = ConditionPath::kJoined,
        .needs_labels = true},
       {.name = "projection",
        .source = "Miyato & Koyama 2018, arXiv 1802.05637",
        .generator = "batch norm with gains and biases of each class",
        .critic = "score + <embedded label, last features>",
        .path = ConditionPath::kProjection,
        .needs_labels = true},
       {.name = "clusters",
        .source = "Sage et al. 2018, arXiv 1712.04407; Liu et al. 2020, arXiv 2006.10728; Miyato & "
                  "Koyama 2018, arXiv 1802.05637",
        .generator = "batch norm with gains and biases of each cluster of the data",
        .critic = "score + <embedded cluster, last features>",
        .path = ConditionPath::kProjection,
        .needs_clusters = true},
       {.name = "instances",
        .source = "Casanova et al. 2021, arXiv 2109.05070",
        .generator = "batch norm with gains and biases linear in the instance's features",
        .critic = "score + <embedded instance features, last features>",
        .path = ConditionPath::kProjection,
        .needs_instances = true},
       {.name = "instances-labels",
        .source = "Casanova et al. 2021, arXiv 2109.05070, class-conditional",
        .generator = "batch norm with gains and biases linear in the instance's features and of "
                     "each class",
        .critic = "score + <embedded instance features and label, last features>",
        .path = ConditionPath::kProjection,
        .needs_labels = true,
        .needs_instances = true},
       {.name = "visible",
        .source = "Mirza & Osindero 2014, arXiv 1411.1784; networks after Isola et al. 2017, arXiv "
                  "1611.07004",
        .generator = "mask and visible part read by an encoder, whose maps are joined to what the "
                     "deconvolutions of their size read; what is visible stays as it is",
        .critic = "mask and visible part joined to the image as further channels",
        .path = ConditionPath::kJoined,
        .needs_visible = true}});
  return table;
}

torch::Tensor condition_code(const Condition& condition, const Conditioning& conditioning,
                             const torch::Tensor& input, const char* where) {
  const auto n = input.size(0) * conditioning.pack;
  std::vector<torch::Tensor> parts;
  if (conditioning.classes > 0) {
    const auto& labels = condition.labels;
    if (!labels.defined() || labels.dim() != 1 || labels.size(0) != n ||
        labels.scalar_type() != torch::kInt64) {
      refuse_condition(where, "int64 labels (" + std::to_string(n) + ")", labels);
    }
    parts.push_back(one_hot_rows(labels, conditioning.classes).to(input.scalar_type()));
  }
  if (conditioning.instance_features > 0) {
    const auto& instances = condition.instances;
    if (!instances.defined() || instances.dim() != 2 || instances.size(0) != n ||
        instances.size(1) != conditioning.instance_features) {
      refuse_condition(where,
                       "instance features (" + std::to_string(n) + ", " +
                           std::to_string(conditioning.instance_features) + ")",
                       instances);
    }
    parts.push_back(instances.to(input.scalar_type()));
  }
  if (parts.empty()) return {};
  const auto code = parts.size() == 1 ? parts[0] : torch::cat(parts, 1);
  return conditioning.pack == 1 ? code : code.reshape({input.size(0), conditioning.width()});
}

torch::Tensor visible_part(const Condition& condition, const Conditioning& conditioning,
                           const torch::Tensor& input, const char* where) {
  const auto n = input.size(0), m = conditioning.pack;
  const auto height = input.size(2), width = input.size(3);
  const auto& visible = condition.visible;
  const std::vector<std::int64_t> expected = {n * m, 1 + conditioning.visible, height, width};
  if (!visible.defined() || visible.sizes() != expected) {
    refuse_condition(where, c10::str("mask and visible part ", c10::IntArrayRef(expected)),
                     visible);
  }
  const auto typed = visible.to(input.scalar_type());
  return m == 1 ? typed : typed.reshape({n, m * (1 + conditioning.visible), height, width});
}

torch::Tensor join_code(const torch::Tensor& x, const torch::Tensor& code) {
  if (!code.defined()) return x;
  const auto typed = code.to(x.scalar_type());
  if (x.dim() == 2) return torch::cat({x, typed}, 1);
  const auto maps = typed.unsqueeze(2).unsqueeze(3).expand({-1, -1, x.size(2), x.size(3)});
  return torch::cat({x, maps}, 1);
}

}  // namespace ganselect
