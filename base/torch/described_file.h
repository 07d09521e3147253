// Safetensors files that say in their metadata what they are: a format by name and version.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/torch/safetensors.h"

namespace ganselect {

struct FileFormat {
  std::string name;     // "ganselect-judge"
  std::string version;  // "1"
  std::string hint;     // what to say of another file
};

// Every refusal is kData and begins with `where`, the file's name.
class DescribedFile {
 public:
  // Refused unless it is of this format and version.
  DescribedFile(TensorFile file, FileFormat format, std::string where);

  const TensorFile& content() const { return file_; }
  // The metadata under `key`, as text, as a whole number from 0, as JSON; refused where there is
  // none, or no such thing.
  const std::string& entry(const std::string& key) const;
  std::uint64_t number(const std::string& key) const;
  Json json(const std::string& key) const;
  // Refused where there is none, or it is of another type or number of dimensions.
  torch::Tensor tensor(const std::string& name, torch::ScalarType type,
                       std::int64_t dimensions) const;

 private:
  TensorFile file_;
  FileFormat format_;
  std::string where_;
};

// What a file of this format says of itself, for its writer to add to.
std::map<std::string, std::string> format_metadata(const FileFormat& format);

}  // namespace ganselect
