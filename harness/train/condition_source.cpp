#include "harness/train/condition_source.h"

#include <ATen/core/PhiloxRNGEngine.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/seeds.h"
#include "base/text.h"
#include "base/torch/device_copy.h"
#include "datasets/batches.h"
#include "datasets/partition.h"
#include "harness/train/instance_source.h"
#include "harness/train/visible_source.h"

namespace ganselect {

namespace {

// Real samples with their labels, those they were stored with or those of a partition; conditions
// are the labels of further draws, so that classes come as often as in the data.
class DatasetSource : public ConditionSource {
 public:
  // labels: int64 (N), or undefined for unconditional candidates.
  DatasetSource(const Dataset& data, torch::Device device, SourceStreams streams,
                const torch::Tensor& labels)
      : batches_(data, device, std::move(streams.data)),
        condition_stream_(std::move(streams.condition)) {
    if (labels.defined()) labels_ = shared_copy(labels, device);
  }

  ConditionedBatch next(std::int64_t n) override {
    const auto rows = batches_.draw_indices(n);
    return {.samples = batches_.at(rows).samples,
            .condition = {.labels = labels_.defined() ? labels_.index_select(0, rows) : labels_}};
  }

  Condition conditions(std::int64_t n) override {
    if (!labels_.defined()) return {};
    const auto rows = torch::randint(0, labels_.size(0), {n}, condition_stream_, labels_.options());
    return {.labels = labels_.index_select(0, rows)};
  }

 private:
  BatchSource batches_;
  torch::Tensor labels_;  // undefined: unconditional
  torch::Generator condition_stream_;
};

const Partition& partition_for(const CandidateSpec& candidate, const Dataset& data) {
  if (data.partition && data.partition->labels.size(0) == data.size()) return *data.partition;
  fail(ErrorKind::kData, {.where = "data " + data.name,
                          .expected = "clusters, which " + candidate.name + " needs",
                          .got = data.partition ? "those of another set" : "none",
                          .hint = "ganselect partition build makes them"});
}

// What each sample of the data is labelled by, as the candidate is told it.
torch::Tensor told_labels(const CandidateSpec& candidate, const Dataset& data) {
  const auto& told = conditionings().at(candidate.conditioning);
  if (told.needs_clusters) return partition_for(candidate, data).labels;
  return told.needs_labels ? data.labels : torch::Tensor();
}

// Two 32-bit draws make one number of [0, 1) with 53 bits.
double unit_draw(std::uint64_t stream, std::uint64_t index) {
  at::Philox4_32 engine(stream, index);
  const std::uint64_t high = engine(), low = engine();
  return static_cast<double>((high << 32 | low) >> 11) * 0x1p-53;
}

}  // namespace

Conditioning data_conditioning(const CandidateSpec& candidate, const Dataset& data) {
  const auto& told = conditionings().at(candidate.conditioning);
  Conditioning conditioning;
  if (told.needs_instances) conditioning.instance_features = instance_width(candidate, data);
  if (told.needs_visible) conditioning.visible = data.shape.channels;
  if (told.needs_clusters) conditioning.classes = partition_for(candidate, data).clusters();
  if (!told.needs_labels) return conditioning;
  if (!data.labels.defined() || data.class_names.empty()) {
    fail(ErrorKind::kData, {.where = "data " + data.name,
                            .expected = "class labels, which " + candidate.name + " needs",
                            .got = "none",
                            .hint = "a folder with a subfolder for each class has labels"});
  }
  conditioning.classes = static_cast<std::int64_t>(data.class_names.size());
  return conditioning;
}

std::unique_ptr<ConditionSource> make_condition_source(const CandidateSpec& candidate,
                                                       const Dataset& data, torch::Device device,
                                                       SourceStreams streams) {
  const auto conditioning = data_conditioning(candidate, data);
  if (conditioning.instance_features > 0)
    return make_instance_source(candidate, data, device, std::move(streams));
  if (conditioning.visible > 0)
    return make_visible_source(candidate, data, device, std::move(streams));
  return std::make_unique<DatasetSource>(data, device, std::move(streams),
                                         told_labels(candidate, data));
}

ConditionTable ConditionTable::only_class(std::int64_t label) const {
  const auto classes = static_cast<std::int64_t>(class_names.size());
  if (label < 0 || label >= classes || !rows.labels.defined()) {
    fail(ErrorKind::kUsage,
         {.where = "class",
          .expected = classes > 0 ? "0 to " + std::to_string(classes - 1)
                                  : std::string("a generator that is told classes"),
          .got = std::to_string(label)});
  }
  const auto chosen = rows.labels.eq(label).nonzero().squeeze(1);
  return {.rows = rows.at(chosen),
          .weights = weights.index_select(0, chosen),
          .class_names = class_names,
          .law = "class " + class_names[static_cast<std::size_t>(label)]};
}

ConditionTable make_condition_table(const CandidateSpec& candidate, const Dataset& data) {
  const auto conditioning = data_conditioning(candidate, data);
  if (conditioning.instance_features > 0) return make_instance_table(candidate, data);
  if (conditioning.visible > 0) return make_visible_table(candidate, data);
  const auto classes = conditioning.classes;
  if (classes == 0) return {};
  const bool made = candidate.needs_clusters;
  return {.rows = {.labels = torch::arange(classes, torch::kInt64)},
          .weights = told_labels(candidate, data).bincount({}, classes).to(torch::kFloat64),
          .class_names = made ? cluster_names(classes) : data.class_names,
          .law = std::string("drawn by the ") + (made ? "sizes of the clusters" : "frequencies") +
                 " of the training data"};
}

std::int64_t class_of(const ConditionTable& table, const std::string& text) {
  const auto& names = table.class_names;
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return found - names.begin();
  const bool number = !text.empty() && text.size() < 10 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (number && std::stoll(text) < static_cast<std::int64_t>(names.size())) return std::stoll(text);
  const auto nearest = nearest_name(text, names);
  fail(ErrorKind::kUsage,
       {.where = "class",
        .expected = names.empty() ? std::string("a generator that is told classes")
                                  : "one of " + join(names) + ", or its number",
        .got = "'" + text + "'",
        .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
}

torch::Tensor draw_table_rows(const ConditionTable& table, std::uint64_t seed, std::int64_t first,
                              std::int64_t count) {
  const auto limits = table.weights.to(torch::kFloat64).cumsum(0).contiguous();
  const double* begin = limits.const_data_ptr<double>();
  const double* end = begin + limits.size(0);
  const double total = end == begin ? 0.0 : *(end - 1);
  if (!(total > 0)) {
    fail(ErrorKind::kData, {.where = "conditions",
                            .expected = "at least one that can be drawn",
                            .got = std::to_string(limits.size(0)) + " of weight 0"});
  }
  const std::uint64_t stream = stream_seed(seed, "sample-conditions");
  auto rows = torch::empty({count}, torch::kInt64);
  auto* out = rows.mutable_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < count; ++i) {
    const double at = total * unit_draw(stream, static_cast<std::uint64_t>(first + i));
    // The first entry whose cumulated weight is beyond; entries of weight 0 are never hit.
    out[i] = std::upper_bound(begin, end - 1, at) - begin;
  }
  return rows;
}

}  // namespace ganselect
