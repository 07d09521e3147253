#include "datasets/dataset.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/isfinite.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "datasets/table.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::array<const char*, 2> kSplits = {"train", "test"};

void check_load_settings(const DatasetSpec& spec, const LoadSettings& settings) {
  bool known = false;
  for (const auto* split : kSplits) known = known || settings.split == split;
  if (!known) {
    fail(ErrorKind::kUsage,
         {.where = "split", .expected = "train or test", .got = "'" + settings.split + "'"});
  }
  if (settings.limit && *settings.limit < 1) {
    fail(ErrorKind::kUsage,
         {.where = "limit", .expected = "at least 1", .got = std::to_string(*settings.limit)});
  }
  if (settings.image_size && !spec.resizes) {
    fail(ErrorKind::kUsage,
         {.where = "image size",
          .expected = "none: the data set " + spec.name + " has a size of its own",
          .got = std::to_string(*settings.image_size)});
  }
  if (settings.image_size && *settings.image_size < 1) {
    fail(ErrorKind::kUsage, {.where = "image size",
                             .expected = "at least 1",
                             .got = std::to_string(*settings.image_size)});
  }
}

void check_loaded(const Dataset& data) {
  const bool points = data.samples.dim() == 2 && data.samples.size(1) == 2;
  const bool images = data.samples.dim() == 4 && data.samples.scalar_type() == torch::kUInt8;
  if (data.size() == 0 || (!points && !images)) {
    fail(ErrorKind::kData,
         {.where = "data " + data.name,
          .expected = "images or two-dimensional points",
          .got = data.size() == 0 ? "no samples" : "samples of another shape or type"});
  }
}

torch::Tensor first_rows(const torch::Tensor& tensor, int64_t count) {
  return tensor.defined() && tensor.size(0) > count ? tensor.narrow(0, 0, count).contiguous()
                                                    : tensor;
}

void digest_part(const torch::Tensor& tensor, Digest& digest) {
  const auto plain = tensor.to(torch::kCPU).contiguous();
  digest.update(plain.data_ptr(), plain.nbytes());
}

// `total` rows in all, of which `tensor` may be the first few.
void digest_head(const torch::Tensor& tensor, int64_t total, Digest& digest) {
  std::string line = std::string(torch::toString(tensor.scalar_type())) + " ";
  for (int64_t d = 0; d < tensor.dim(); ++d)
    line += (d ? "x" : "") + std::to_string(d == 0 ? total : tensor.size(d));
  digest.update(line + "\n");
}

fs::path environment_path(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

}  // namespace

Dataset load_dataset(const std::string& name, const LoadSettings& settings) {
  const auto reference = parse_dataset_name(name);
  check_load_settings(*reference.spec, settings);
  LoadSettings resolved = settings;
  if (settings.data_dir.empty() && !reference.spec->folder.empty())
    resolved.data_dir = resolve_data_dir();
  Dataset data = reference.spec->load(reference.argument, resolved);
  data.name = name;
  data.split = settings.split;
  check_loaded(data);
  if (settings.limit) {
    data.samples = first_rows(data.samples, *settings.limit);
    data.labels = first_rows(data.labels, *settings.limit);
    if (data.factors) data.factors->values = first_rows(data.factors->values, *settings.limit);
  }
  data.samples = pad_28_to_32(data.samples).contiguous();
  data.shape =
      data.samples.dim() == 2
          ? SampleShape::point()
          : SampleShape::image(data.samples.size(1), data.samples.size(2), data.samples.size(3));
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

Dataset rows_of(const Dataset& data, int64_t from, int64_t to, const std::string& split) {
  if (from < 0 || from >= to || to > data.size()) {
    fail(ErrorKind::kUsage, {.where = "part of " + data.name,
                             .expected = "rows within 0 to " + std::to_string(data.size()),
                             .got = std::to_string(from) + " to " + std::to_string(to)});
  }
  Dataset part = data;
  part.split = split;
  part.samples = data.samples.slice(0, from, to);
  if (data.labels.defined()) part.labels = data.labels.slice(0, from, to);
  if (part.factors) part.factors->values = data.factors->values.slice(0, from, to);
  part.digest = content_digest(part.samples, part.labels);
  return part;
}

Dataset rows_at(const Dataset& data, const torch::Tensor& rows, const std::string& split) {
  Dataset part = data;
  part.split = split;
  part.samples = data.samples.index_select(0, rows).contiguous();
  if (data.labels.defined()) part.labels = data.labels.index_select(0, rows).contiguous();
  if (part.factors) part.factors->values = data.factors->values.index_select(0, rows);
  part.neighborhoods.reset();
  part.digest = content_digest(part.samples, part.labels);
  return part;
}

std::string content_digest(const torch::Tensor& samples, const torch::Tensor& labels) {
  ContentDigest digest;
  digest.add(samples, samples.dim() > 0 ? samples.size(0) : 0);
  return digest.hex(labels);
}

void ContentDigest::add(const torch::Tensor& samples, int64_t total) {
  if (!begun_) digest_head(samples, total, digest_);
  begun_ = true;
  digest_part(samples, digest_);
}

std::string ContentDigest::hex(const torch::Tensor& labels) {
  if (labels.defined()) {
    digest_head(labels, labels.size(0), digest_);
    digest_part(labels, digest_);
  }
  return digest_.hex();
}

torch::Tensor pad_28_to_32(const torch::Tensor& images) {
  if (images.dim() != 4 || images.size(2) != 28 || images.size(3) != 28) return images;
  return at::constant_pad_nd(images, {2, 2, 2, 2}, 0);
}

torch::Tensor to_training_range(const torch::Tensor& samples) {
  if (samples.is_floating_point()) return samples.to(torch::kFloat32);
  return samples.to(torch::kFloat32).div_(127.5).sub_(1);
}

torch::Tensor to_uint8(const torch::Tensor& images) {
  const auto levels = images.to(torch::kFloat32).mul(127.5).add_(128);
  if (!at::isfinite(levels).all().item<bool>()) {
    fail(ErrorKind::kFailed, {.where = "pixels",
                              .expected = "finite values",
                              .got = "infinity or not-a-number",
                              .hint = "the generator that made them has diverged"});
  }
  return levels.clamp(0, 255).to(torch::kUInt8);
}

fs::path resolve_data_dir(const fs::path& flag) {
  if (!flag.empty()) return flag;
  if (const auto path = environment_path("GANSELECT_DATA"); !path.empty()) return path;
  if (const auto path = environment_path("XDG_CACHE_HOME"); !path.empty())
    return path / "ganselect" / "data";
  if (const auto path = environment_path("HOME"); !path.empty())
    return path / ".cache" / "ganselect" / "data";
  fail(ErrorKind::kUsage,
       {.where = "data folder",
        .expected = "--data-dir, GANSELECT_DATA, XDG_CACHE_HOME or HOME to be set",
        .got = "none of them"});
}

}  // namespace ganselect
