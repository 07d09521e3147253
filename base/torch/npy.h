// NumPy's .npy and .npz files to and from tensors.
// Reads format versions 1.0 to 3.0, little- and big-endian, C and Fortran order, bool, (u)int8 to
// int64, float16 to float64. Structured, string, complex and object arrays are refused. Writes
// version 1.0, little-endian, C order.
#pragma once

#include <torch/types.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ganselect {

// What an .npy file says of its array before the data.
struct NpyHeader {
  torch::ScalarType type = torch::kFloat32;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<int64_t> shape;
  std::size_t data_start = 0;  // bytes before the data
};

// `bytes` begins with a whole header. Throws kData.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& where);
// Data bytes of an array of this shape, of the header's type and orders, as a contiguous tensor on
// the CPU. `data` holds exactly the elements that `shape` asks for; `where` names it in errors
// (kData, for bools of other bytes than 0 and 1).
torch::Tensor npy_tensor(const NpyHeader& header, std::vector<int64_t> shape, std::string_view data,
                         const std::string& where);

// A whole .npy file in memory; `where` names it in errors. Throws kData. The tensor is contiguous,
// on the CPU.
torch::Tensor parse_npy(std::string_view bytes, const std::string& where);
// Any device, any of the types above -> the bytes of an .npy file. Throws kUsage for another type
// (bfloat16...).
std::string format_npy(const torch::Tensor& tensor);

torch::Tensor load_npy(const std::filesystem::path& path);
void save_npy(const std::filesystem::path& path, const torch::Tensor& tensor);  // atomic

// Arrays by name, without the ".npy" of the zip's members. A zip may be stored or deflated; written
// stored, with fixed time stamps, so equal arrays give equal files.
std::map<std::string, torch::Tensor> load_npz(const std::filesystem::path& path);
// The same from memory; `where` names the source in errors.
std::map<std::string, torch::Tensor> parse_npz(std::string_view bytes, const std::string& where);
void save_npz(const std::filesystem::path& path,
              const std::map<std::string, torch::Tensor>& arrays);  // atomic

}  // namespace ganselect
