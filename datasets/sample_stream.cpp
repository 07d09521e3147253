#include "datasets/sample_stream.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "base/torch/finite.h"
#include "base/torch/npy_rows.h"
#include "datasets/dataset.h"
#include "datasets/formats/array_layout.h"
#include "datasets/formats/image_folder.h"
#include "datasets/formats/image_io.h"

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

std::string size_text(const torch::Tensor& image) {
  return std::to_string(image.size(2)) + "x" + std::to_string(image.size(1));
}

class FolderStream : public SampleStream {
 public:
  FolderStream(fs::path root, const std::optional<SampleDraw>& draw)
      : root_(std::move(root)),
        names_(list_images(root_, root_.string())),
        labels_(subfolder_labels(names_)),
        all_(size()) {
    if (!draw || draw->count >= all_) return;
    const auto rows = drawn_rows(all_, *draw);
    std::vector<std::string> drawn;
    for (int64_t i = 0; i < rows.size(0); ++i)
      drawn.push_back(names_[static_cast<std::size_t>(rows[i].item<int64_t>())]);
    names_ = std::move(drawn);
    if (labels_.labels.defined()) labels_.labels = labels_.labels.index_select(0, rows);
  }
  int64_t drawn_from() const override { return all_; }
  int64_t size() const override { return static_cast<int64_t>(names_.size()); }
  torch::Tensor labels() const override { return labels_.labels; }
  std::vector<std::string> class_names() const override { return labels_.classes; }

  torch::Tensor next() override {
    const auto n = std::min(kStreamBatch, size() - done_);
    if (n < 1) return {};
    torch::Tensor batch;
    for (int64_t i = 0; i < n; ++i, ++done_) {
      const auto image = read(done_);
      if (i == 0)
        batch = torch::empty({n, image.size(0), image.size(1), image.size(2)}, torch::kUInt8);
      batch[i].copy_(image);
    }
    return pad_28_to_32(batch);
  }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> found;
    if (lossy_ > 0) found.push_back(lossy_warning(lossy_, done_));
    if (labels_.mixed)
      found.emplace_back("mixed_folder: images beside subfolders, the set is taken as unlabelled");
    return found;
  }

 private:
  // uint8 (1 or 3,H,W), alike for all.
  torch::Tensor read(int64_t at) {
    const auto file = root_ / names_[static_cast<std::size_t>(at)];
    const auto decoded = decode_image(read_file(file), file.string());
    lossy_ += decoded.lossy ? 1 : 0;
    const auto image = decoded.grey ? decoded.pixels.narrow(0, 0, 1) : decoded.pixels;
    if (!first_.defined()) first_ = image;
    const auto refuse = [&](const std::string& expected, const std::string& got) {
      fail(ErrorKind::kData, {.where = file.string(),
                              .expected = expected + " as the first one, " + names_.front(),
                              .got = got,
                              .hint = "samples of one generator are alike"});
    };
    const auto kind = [](const torch::Tensor& x) {
      return std::string(x.size(0) == 1 ? "a grey-scale" : "a colour") + " image";
    };
    if (image.size(0) != first_.size(0)) refuse(kind(first_), kind(image));
    if (image.sizes() != first_.sizes())
      refuse("an image of " + size_text(first_), size_text(image));
    return image;
  }

  fs::path root_;
  std::vector<std::string> names_;
  SubfolderLabels labels_;
  int64_t all_ = 0;
  torch::Tensor first_;
  int64_t done_ = 0, lossy_ = 0;
};

constexpr float kRangeSlack = 1e-3F;  // rounding of whoever scaled the images

// Floating images -> uint8; `first` of them comes at the beginning of the file.
torch::Tensor floats_to_pixels(const torch::Tensor& images, const std::string& where, bool first) {
  const auto values = images.to(torch::kFloat32);
  if (!all_finite(values)) {
    fail(ErrorKind::kData, {.where = where, .expected = "finite pixels", .got = "NaN or infinity"});
  }
  const auto least = values.min().item<float>(), most = values.max().item<float>();
  const bool beyond = least < -1 - kRangeSlack || most > 1 + kRangeSlack;
  if (beyond || (first && least >= 0 && most > 0)) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = "floating images in [-1,1]",
          .got = "values from " + shortest(std::round(least * 1e4) / 1e4) + " to " +
                 shortest(std::round(most * 1e4) / 1e4) + (beyond ? "" : ", which look like [0,1]"),
          .hint = "store uint8 0 to 255, or scale to [-1,1]"});
  }
  return to_uint8(values);
}

class ArrayStream : public SampleStream {
 public:
  ArrayStream(const fs::path& file, const std::optional<SampleDraw>& draw)
      : packed_(to_lower(file.extension().string()) == ".npz"),
        where_(file.string() + (packed_ ? ": arr_0" : "")),
        rows_(file, packed_ ? "arr_0" : ""),
        size_(std::min(rows_.size(), draw ? draw->count : rows_.size())),
        layout_(array_layout(rows_.header().type, rows_.header().shape, where_, /*floats=*/true)) {
    if (rows_.size() < 1)
      fail(ErrorKind::kData, {.where = where_, .expected = "at least one sample", .got = "none"});
    if (layout_.kind == ArrayKind::kFeatures) {
      fail(ErrorKind::kData,
           {.where = where_, .expected = "images or points", .got = "features (N,D)"});
    }
    if (draw && size_ < rows_.size()) drawn_ = drawn_rows(rows_.size(), *draw);
    if (packed_) read_labels(file);
  }
  int64_t size() const override { return size_; }
  int64_t drawn_from() const override { return rows_.size(); }
  torch::Tensor labels() const override { return labels_; }
  std::vector<std::string> class_names() const override {
    std::vector<std::string> numbers;
    const auto classes = labels_.defined() ? labels_.max().item<int64_t>() + 1 : 0;
    for (int64_t k = 0; k < classes; ++k) numbers.push_back(std::to_string(k));
    return numbers;
  }

  torch::Tensor next() override {
    auto batch = next_rows();
    if (!batch.defined()) return {};
    const bool first = std::exchange(done_, done_ + batch.size(0)) == 0;
    if (layout_.kind == ArrayKind::kPoints) return batch.to(torch::kFloat32);
    if (batch.is_floating_point()) batch = floats_to_pixels(batch, where_, first);
    if (layout_.kind == ArrayKind::kImagesLast) batch = batch.permute({0, 3, 1, 2});
    return pad_28_to_32(batch).contiguous();
  }

  std::vector<std::string> warnings() const override {
    if (layout_.ambiguous) return {ambiguous_axes_warning()};
    return {};
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

  void read_labels(const fs::path& file) {
    if (!npz_headers(file).contains("arr_1")) return;
    NpyRows rows(file, "arr_1");
    const auto array = rows.next(std::max<int64_t>(1, rows.size()));
    labels_ = checked_labels(array.defined() ? array : torch::empty({0}, torch::kInt64),
                             rows_.size(), file.string() + ": arr_1");
    if (drawn_.defined()) labels_ = labels_.index_select(0, drawn_);
  }

  bool packed_;
  std::string where_;
  NpyRows rows_;
  int64_t size_, done_ = 0, read_ = 0;
  ArrayLayout layout_;
  torch::Tensor labels_;
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
                                            const std::optional<SampleDraw>& draw) {
  return std::make_unique<FolderStream>(folder, draw);
}

std::unique_ptr<SampleStream> stream_array(const fs::path& file,
                                           const std::optional<SampleDraw>& draw) {
  return std::make_unique<ArrayStream>(file, draw);
}

}  // namespace ganselect
