#include "datasets/sample_stream.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/torch/finite.h"
#include "datasets/formats/array_samples.h"
#include "datasets/formats/image_folder.h"
#include "datasets/formats/image_reader.h"
#include "datasets/formats/pixels.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

class TensorStream : public SampleStream {
 public:
  TensorStream(torch::Tensor samples, torch::Tensor labels, int64_t batch)
      : samples_(std::move(samples)), labels_(std::move(labels)), batch_(batch) {}
  int64_t size() const override { return samples_.size(0); }
  torch::Tensor labels() const override { return labels_; }
  torch::Tensor next() override {
    if (done_ >= size()) return {};
    const auto end = std::min(done_ + batch_, size());
    const auto part = samples_.slice(0, std::exchange(done_, end), end);
    return part.is_floating_point() ? part.to(torch::kFloat32) : pad_28_to_32(part);
  }

 private:
  torch::Tensor samples_, labels_;
  int64_t batch_ = 0, done_ = 0;
};

class RowStream : public SampleStream {
 public:
  RowStream(torch::Tensor samples, torch::Tensor rows)
      : samples_(std::move(samples)), rows_(std::move(rows)) {}
  int64_t size() const override { return rows_.size(0); }
  torch::Tensor next() override {
    const auto part = rows_.slice(0, done_, done_ + kStreamBatch);
    done_ += part.size(0);
    return part.size(0) == 0 ? torch::Tensor() : samples_.index_select(0, part);
  }

 private:
  torch::Tensor samples_, rows_;
  int64_t done_ = 0;
};

class FolderStream : public SampleStream {
 public:
  FolderStream(const fs::path& root, const std::optional<SampleDraw>& draw,
               const SampleReading& reading)
      : listing_(list_images(root, root.string())),
        labels_(subfolder_labels(listing_.names)),
        reader_(reading.images, survey_images(root, listing_.names), root, reading.channels),
        all_(size()) {
    if (!draw || draw->count >= all_) return;
    const auto rows = drawn_rows(all_, *draw);
    std::vector<std::string> drawn;
    for (int64_t i = 0; i < rows.size(0); ++i)
      drawn.push_back(listing_.names[static_cast<std::size_t>(rows[i].item<int64_t>())]);
    listing_.names = std::move(drawn);
    if (labels_.labels.defined()) labels_.labels = labels_.labels.index_select(0, rows);
  }
  int64_t drawn_from() const override { return all_; }
  int64_t size() const override { return static_cast<int64_t>(listing_.names.size()); }
  torch::Tensor labels() const override { return labels_.labels; }
  std::vector<std::string> class_names() const override { return labels_.classes; }

  torch::Tensor next() override {
    const auto n = std::min(kStreamBatch, size() - done_);
    if (n < 1) return {};
    torch::Tensor batch;
    for (int64_t i = 0; i < n; ++i, ++done_) {
      const auto image = reader_.read(listing_.names[static_cast<std::size_t>(done_)]);
      if (i == 0)
        batch = torch::empty({n, image.size(0), image.size(1), image.size(2)}, torch::kUInt8);
      batch[i].copy_(image);
    }
    return pad_28_to_32(batch);
  }

  Json reading() const override { return changed_json(reader_.reading()); }
  std::vector<std::string> warnings() const override {
    auto found = reader_.notes();
    if (labels_.mixed)
      found.emplace_back("mixed_folder: images beside subfolders, the set is taken as unlabelled");
    if (auto skipped = skipped_warning(listing_); !skipped.empty())
      found.push_back(std::move(skipped));
    return found;
  }

 private:
  FolderListing listing_;
  SubfolderLabels labels_;
  ImageReader reader_;
  int64_t all_ = 0, done_ = 0;
};

class ArrayStream : public SampleStream {
 public:
  ArrayStream(const fs::path& file, const std::optional<SampleDraw>& draw,
              const SampleReading& reading)
      : array_(stored_samples(file)),
        rows_(file, array_.member),
        size_(std::min(rows_.size(), draw ? draw->count : rows_.size())) {
    if (array_.layout.kind == ArrayKind::kFeatures) {
      fail(ErrorKind::kData,
           {.where = array_.where, .expected = "images or points", .got = "features (N,D)"});
    }
    if (array_.layout.images()) range_ = &stored_range(array_, reading.images.values);
    classes_ = stored_labels(array_);
    if (!draw || size_ >= rows_.size()) return;
    drawn_ = drawn_rows(rows_.size(), *draw);
    if (classes_.labels.defined()) classes_.labels = classes_.labels.index_select(0, drawn_);
  }
  int64_t size() const override { return size_; }
  int64_t drawn_from() const override { return rows_.size(); }
  torch::Tensor labels() const override { return classes_.labels; }
  std::vector<std::string> class_names() const override { return classes_.names; }

  torch::Tensor next() override {
    auto batch = next_rows();
    if (!batch.defined()) return {};
    done_ += batch.size(0);
    if (range_ == nullptr) return batch.to(torch::kFloat32);
    if (batch.is_floating_point()) watch(batch);
    const auto pixels = values_to_pixels(channels_first(batch, array_.layout), *range_);
    return pad_28_to_32(pixels).contiguous();
  }

  Json reading() const override {
    return range_ == nullptr ? Json::object() : Json{{"values", range_->name}};
  }
  std::vector<std::string> warnings() const override {
    auto found = reading_notes(array_, range_, classes_);
    if (clamped_ > 0)
      found.push_back(
          fmt::format("clamped_pixels: {} values lie outside of {}", clamped_, range_->name));
    return found;
  }

 private:
  // Rows of the file as they are stored; of a draw as many as one read holds, but at least one.
  torch::Tensor next_rows() {
    if (done_ >= size_) return {};
    if (!drawn_.defined()) return rows_.next(std::min(kStreamBatch, size_ - done_));
    while (true) {
      auto read = rows_.next(kStreamBatch);
      if (!read.defined()) return {};
      const auto from = std::exchange(read_, read_ + read.size(0));
      const auto inside = drawn_.masked_select(drawn_.ge(from).logical_and(drawn_.lt(read_)));
      if (inside.size(0) > 0) return read.index_select(0, inside - from);
    }
  }

  void watch(const torch::Tensor& values) {
    if (!all_finite(values)) {
      fail(ErrorKind::kData,
           {.where = array_.where, .expected = "finite pixels", .got = "NaN or infinity"});
    }
    clamped_ += values.lt(range_->black).logical_or(values.gt(range_->white)).sum().item<int64_t>();
  }

  StoredArray array_;
  NpyRows rows_;
  int64_t size_, done_ = 0, read_ = 0, clamped_ = 0;
  const ValueRange* range_ = nullptr;  // null: points
  NumberedClasses classes_;
  torch::Tensor drawn_;  // int64 (N): rows of the file; undefined: all
};

}  // namespace

std::unique_ptr<SampleStream> stream_tensor(torch::Tensor samples, torch::Tensor labels,
                                            int64_t batch) {
  return std::make_unique<TensorStream>(std::move(samples), std::move(labels), batch);
}

std::unique_ptr<SampleStream> stream_rows(torch::Tensor samples, torch::Tensor rows) {
  return std::make_unique<RowStream>(std::move(samples), std::move(rows));
}

std::unique_ptr<SampleStream> stream_folder(const fs::path& folder,
                                            const std::optional<SampleDraw>& draw,
                                            const SampleReading& reading) {
  return std::make_unique<FolderStream>(folder, draw, reading);
}

std::unique_ptr<SampleStream> stream_array(const fs::path& file,
                                           const std::optional<SampleDraw>& draw,
                                           const SampleReading& reading) {
  return std::make_unique<ArrayStream>(file, draw, reading);
}

}  // namespace ganselect
