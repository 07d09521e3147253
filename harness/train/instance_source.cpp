#include "harness/train/instance_source.h"

#include <utility>

#include "base/error.h"
#include "base/torch/device_copy.h"
#include "datasets/batches.h"

namespace ganselect {

namespace {

class InstanceSource : public ConditionSource {
 public:
  struct Told {
    bool labels, mirrored;
  };
  InstanceSource(const Dataset& data, torch::Device device, SourceStreams streams, Told told)
      : batches_(data, device, streams.data),
        streams_(std::move(streams)),
        features_(data.neighborhoods->scaled_features().to(device)),
        neighbors_(shared_copy(data.neighborhoods->neighbors, device)) {
    if (told.labels) labels_ = shared_copy(data.labels, device);
    if (told.mirrored) mirrored_ = data.neighborhoods->scaled_mirrored().to(device);
  }

  ConditionedBatch next(std::int64_t n) override {
    const auto drawn = draw(n, streams_.data);
    return {.samples = batches_.at(drawn.neighbor).samples,
            .condition = condition_of(drawn, streams_.data)};
  }

  Condition conditions(std::int64_t n) override {
    return condition_of(draw(n, streams_.condition), streams_.condition);
  }

 private:
  struct Drawn {
    torch::Tensor instance, neighbor;  // int64 (n): i, and j of A_i
  };

  Drawn draw(std::int64_t n, torch::Generator& stream) const {
    const auto options = neighbors_.options().dtype(torch::kInt64);
    const auto instance = torch::randint(0, neighbors_.size(0), {n}, stream, options);
    const auto place = torch::randint(0, neighbors_.size(1), {n, 1}, stream, options);
    const auto near = neighbors_.index_select(0, instance).gather(1, place).squeeze(1);
    return {.instance = instance, .neighbor = near.to(torch::kInt64)};
  }

  // The instance is told mirrored or not by a draw of its own, whichever way its neighbour stands,
  // as in the authors' code.
  Condition condition_of(const Drawn& drawn, torch::Generator& stream) const {
    auto told = features_.index_select(0, drawn.instance);
    if (mirrored_.defined()) {
      const auto turned = torch::randint(0, 2, {told.size(0), 1}, stream, drawn.instance.options())
                              .to(torch::kBool);
      told = torch::where(turned, mirrored_.index_select(0, drawn.instance), told);
    }
    return {.labels = labels_.defined() ? labels_.index_select(0, drawn.neighbor) : labels_,
            .instances = told};
  }

  BatchSource batches_;
  SourceStreams streams_;
  torch::Tensor features_, neighbors_;
  torch::Tensor labels_, mirrored_;  // undefined: not told
};

}  // namespace

std::unique_ptr<ConditionSource> make_instance_source(const CandidateSpec& candidate,
                                                      const Dataset& data, torch::Device device,
                                                      SourceStreams streams) {
  if (candidate.mirror && !data.neighborhoods->mirrored.defined()) {
    fail(ErrorKind::kData,
         {.where = "neighbourhoods of " + data.name,
          .expected = "features of mirrored images, which " + candidate.name + " is told",
          .got = "none",
          .hint = "build them again: ganselect neighbors build"});
  }
  return std::make_unique<InstanceSource>(
      data, device, std::move(streams),
      InstanceSource::Told{.labels = conditionings().at(candidate.conditioning).needs_labels,
                           .mirrored = candidate.mirror});
}

ConditionTable make_instance_table(const CandidateSpec& candidate, const Dataset& data) {
  const auto& neighborhoods = *data.neighborhoods;
  const auto rows = neighborhoods.stored.to(torch::kInt64);
  ConditionTable table;
  table.rows.instances = neighborhoods.scaled_features().index_select(0, rows);
  table.weights = neighborhoods.stored_counts.to(torch::kFloat64);
  table.law = "drawn from " + std::to_string(rows.size(0)) +
              " stored instances by the number of training images that each stands for";
  table.instances = std::make_shared<const StoredInstances>(
      StoredInstances{.images = data.samples.index_select(0, rows),
                      .rows = neighborhoods.stored,
                      .scale = neighborhoods.scale,
                      .detector = neighborhoods.detector,
                      .detector_digest = neighborhoods.detector_digest});
  if (conditionings().at(candidate.conditioning).needs_labels) {
    table.rows.labels = data.labels.index_select(0, rows);
    table.class_names = data.class_names;
  }
  return table;
}

std::int64_t instance_width(const CandidateSpec& candidate, const Dataset& data) {
  if (data.neighborhoods && data.neighborhoods->size() == data.size())
    return data.neighborhoods->features.size(1);
  fail(ErrorKind::kData, {.where = "data " + data.name,
                          .expected = "neighbourhoods, which " + candidate.name + " needs",
                          .got = data.neighborhoods ? "those of another set" : "none",
                          .hint = "ganselect neighbors build makes them"});
}

}  // namespace ganselect
