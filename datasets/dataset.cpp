#include "datasets/dataset.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
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
  for (const auto& key : changed_settings(settings.reading)) {
    if (std::find(spec.reading.begin(), spec.reading.end(), key) != spec.reading.end()) continue;
    fail(ErrorKind::kUsage,
         {.where = "data set " + spec.name,
          .expected = spec.reading.empty() ? "no settings: it has a form of its own"
                                           : "none but " + join(spec.reading),
          .got = key});
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
  auto reference = parse_dataset_name(name);
  LoadSettings resolved = settings;
  if (reference.reading != ImageReading{}) resolved.reading = reference.reading;
  reference.reading = resolved.reading;
  check_load_settings(*reference.spec, resolved);
  if (settings.data_dir.empty() && !reference.spec->folder.empty())
    resolved.data_dir = resolve_data_dir();
  Dataset data = reference.spec->load(reference.argument, resolved);
  data.name = utf8_text(dataset_name(reference));
  data.split = settings.split;
  check_loaded(data);
  if (settings.limit) {
    data.samples = first_rows(data.samples, *settings.limit);
    data.labels = first_rows(data.labels, *settings.limit);
    if (data.factors) data.factors->values = first_rows(data.factors->values, *settings.limit);
  }
  const auto stored = data.samples.dim() == 4 ? data.samples.size(2) : 0;
  data.samples = pad_28_to_32(data.samples).contiguous();
  if (data.samples.dim() == 4) data.padding = (data.samples.size(2) - stored) / 2;
  data.shape =
      data.samples.dim() == 2
          ? SampleShape::point()
          : SampleShape::image(data.samples.size(1), data.samples.size(2), data.samples.size(3));
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

bool has_split(const std::string& name, const LoadSettings& settings) {
  const auto reference = parse_dataset_name(name);
  if (settings.split != "test" || !reference.spec->has_test) return true;
  LoadSettings resolved = settings;
  if (settings.data_dir.empty() && !reference.spec->folder.empty())
    resolved.data_dir = resolve_data_dir();
  return reference.spec->has_test(reference.argument, resolved);
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
  part.partition.reset();
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
