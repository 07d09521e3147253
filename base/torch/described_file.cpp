#include "base/torch/described_file.h"

#include <charconv>
#include <utility>

#include "base/error.h"

namespace ganselect {
namespace {

constexpr const char* kFormatKey = "format";
constexpr const char* kVersionKey = "format_version";

}  // namespace

DescribedFile::DescribedFile(TensorFile file, FileFormat format, std::string where)
    : file_(std::move(file)), format_(std::move(format)), where_(std::move(where)) {
  const auto& name = entry(kFormatKey);
  const auto& version = entry(kVersionKey);
  if (name == format_.name && version == format_.version) return;
  fail(ErrorKind::kData, {.where = where_,
                          .expected = format_.name + " version " + format_.version,
                          .got = name + " version " + version,
                          .hint = format_.hint});
}

const std::string& DescribedFile::entry(const std::string& key) const {
  const auto found = file_.metadata.find(key);
  if (found != file_.metadata.end()) return found->second;
  fail(
      ErrorKind::kData,
      {.where = where_, .expected = "metadata '" + key + "'", .got = "none", .hint = format_.hint});
}

std::uint64_t DescribedFile::number(const std::string& key) const {
  const auto& text = entry(key);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  fail(ErrorKind::kData, {.where = where_ + " metadata '" + key + "'",
                          .expected = "a whole number from 0",
                          .got = "'" + text + "'",
                          .hint = format_.hint});
}

Json DescribedFile::json(const std::string& key) const {
  return parse_json(entry(key), where_ + " " + key);
}

torch::Tensor DescribedFile::tensor(const std::string& name, torch::ScalarType type,
                                    std::int64_t dimensions) const {
  const auto found = file_.tensors.find(name);
  const bool there = found != file_.tensors.end();
  if (there && found->second.scalar_type() == type && found->second.dim() == dimensions)
    return found->second;
  fail(ErrorKind::kData,
       {.where = where_ + " tensor '" + name + "'",
        .expected =
            std::string(c10::toString(type)) + " of " + std::to_string(dimensions) + " dimensions",
        .got = there ? c10::str(found->second.scalar_type(), " ", found->second.sizes()) : "none",
        .hint = format_.hint});
}

std::map<std::string, std::string> format_metadata(const FileFormat& format) {
  return {{kFormatKey, format.name}, {kVersionKey, format.version}};
}

}  // namespace ganselect
