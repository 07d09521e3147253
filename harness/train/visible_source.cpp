#include "harness/train/visible_source.h"

#include <utility>

#include "base/error.h"
#include "base/seeds.h"
#include "base/torch/device_copy.h"
#include "base/torch/generators.h"
#include "datasets/batches.h"
#include "datasets/subset.h"
#include "models/masks.h"

namespace ganselect {

namespace {

constexpr std::int64_t kMostPictures = 1000;

class VisibleSource : public ConditionSource {
 public:
  VisibleSource(const Dataset& data, torch::Device device, SourceStreams streams,
                const MaskLaw& law)
      : batches_(data, device, streams.data), streams_(std::move(streams)), law_(law) {}

  ConditionedBatch next(std::int64_t n) override {
    auto samples = batches_.next(n).samples;
    auto condition = hide(samples, streams_.data);
    return {.samples = std::move(samples), .condition = std::move(condition)};
  }

  Condition conditions(std::int64_t n) override {
    const auto rows = torch::randint(
        0, batches_.size(), {n}, streams_.condition,
        torch::TensorOptions().dtype(torch::kInt64).device(streams_.condition.device()));
    return hide(batches_.at(rows).samples, streams_.condition);
  }

 private:
  Condition hide(const torch::Tensor& samples, torch::Generator& random) const {
    const auto masks = law_.draw(samples.size(0), samples.size(2), random);
    return {.visible = masked_image(samples, masks)};
  }

  BatchSource batches_;
  SourceStreams streams_;
  const MaskLaw& law_;
};

void require_images(const CandidateSpec& candidate, const Dataset& data) {
  if (!data.shape.points) return;
  fail(ErrorKind::kData, {.where = "data " + data.name,
                          .expected = "images, a part of which " + candidate.name + " is shown",
                          .got = to_string(data.shape)});
}

}  // namespace

torch::Tensor StoredPictures::visible() const {
  return masked_image(to_training_range(images), masks.to(torch::kFloat32));
}

std::unique_ptr<ConditionSource> make_visible_source(const CandidateSpec& candidate,
                                                     const Dataset& data, torch::Device device,
                                                     SourceStreams streams) {
  require_images(candidate, data);
  return std::make_unique<VisibleSource>(data, device, std::move(streams),
                                         mask_laws().at(candidate.mask));
}

ConditionTable table_of_pictures(StoredPictures pictures, std::string law) {
  ConditionTable table;
  table.rows.visible = pictures.visible();
  table.weights = torch::ones({pictures.images.size(0)}, torch::kFloat64);
  table.law = std::move(law);
  table.pictures = std::make_shared<const StoredPictures>(std::move(pictures));
  return table;
}

ConditionTable make_visible_table(const CandidateSpec& candidate, const Dataset& data) {
  require_images(candidate, data);
  const auto rows =
      drawn_rows(data.size(), {.count = kMostPictures, .seed = stream_seed(0, "stored pictures")});
  auto random = make_stream(0, "masks of stored pictures");
  const auto masks = mask_laws()
                         .at(candidate.mask)
                         .draw(rows.size(0), data.shape.height, random)
                         .to(torch::kUInt8);
  return table_of_pictures(
      {.images = data.samples.index_select(0, rows), .masks = masks},
      "visible parts of " + std::to_string(rows.size(0)) + " images of " + data.name + ", " +
          data.split + ", each as likely; hidden: " + mask_laws().at(candidate.mask).explanation);
}

}  // namespace ganselect
