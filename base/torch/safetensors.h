// The safetensors format (https://github.com/huggingface/safetensors, "Format"): an 8-byte
// little-endian header length, a JSON header {name: {dtype, shape, data_offsets}, "__metadata__":
// {text: text}}, then the raw little-endian data. Nothing in such a file can run code, and any
// framework reads it.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

namespace ganselect {

struct TensorFile {
  std::map<std::string, torch::Tensor>
      tensors;  // any shape; float64/32/16, bfloat16, int64/32/16/8, uint8, bool
  std::map<std::string, std::string> metadata;
};

// Writes the file whole or not at all. Tensors of any device are written contiguous, in the order
// of their names, so that the same content always gives the same bytes.
void save_safetensors(const std::filesystem::path& path, const TensorFile& file);

// Reads the file into CPU tensors that own their memory. kData with the reason when it is truncated
// or damaged.
TensorFile load_safetensors(const std::filesystem::path& path);

// The same from and to memory; `where` names the source in messages.
std::string to_safetensors(const TensorFile& file);
TensorFile from_safetensors(std::string_view bytes, const std::string& where);

}  // namespace ganselect
