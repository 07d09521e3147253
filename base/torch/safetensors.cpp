#include "base/torch/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"

namespace ganselect {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors data is written as it lies in memory");

struct DtypeName {
  const char* name;
  torch::ScalarType type;
};
constexpr std::array kDtypes = {
    DtypeName{"F64", torch::kFloat64}, DtypeName{"F32", torch::kFloat32},
    DtypeName{"F16", torch::kFloat16}, DtypeName{"BF16", torch::kBFloat16},
    DtypeName{"I64", torch::kInt64},   DtypeName{"I32", torch::kInt32},
    DtypeName{"I16", torch::kInt16},   DtypeName{"I8", torch::kInt8},
    DtypeName{"U8", torch::kUInt8},    DtypeName{"BOOL", torch::kBool}};

constexpr std::size_t kMostTensorAxes = 64;  // of a tensor, as LibTorch's iterators have it

[[noreturn]] void fail_damaged(const std::string& where, const std::string& reason) {
  fail(ErrorKind::kData, {.where = where,
                          .expected = "a whole safetensors file",
                          .got = reason,
                          .hint = "the file is truncated or damaged: make or copy it again"});
}

const char* dtype_name(torch::ScalarType type) {
  for (const auto& row : kDtypes) {
    if (row.type == type) return row.name;
  }
  fail(ErrorKind::kFailed,
       {.where = "safetensors", .expected = "a storable dtype", .got = c10::toString(type)});
}

torch::ScalarType dtype_of(const std::string& name, const std::string& where) {
  for (const auto& row : kDtypes) {
    if (name == row.name) return row.type;
  }
  fail_damaged(where, "dtype " + name);
}

// A whole number of 0 or more that a size can be.
std::int64_t read_size(const nlohmann::json& number, const std::string& where) {
  const bool whole = number.is_number_unsigned() ||
                     (number.is_number_integer() && number.get<std::int64_t>() >= 0);
  if (!whole || number.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
    fail_damaged(where, "the size " + number.dump());
  return number.get<std::int64_t>();
}

// Bytes that dtype and shape ask for; none when that number does not fit.
std::optional<std::int64_t> tensor_bytes(torch::ScalarType type,
                                         const std::vector<std::int64_t>& shape) {
  auto total = static_cast<std::int64_t>(c10::elementSize(type));
  for (const auto size : shape) {
    // A size of 0 must not hide that the others make no possible shape.
    if (__builtin_mul_overflow(total, std::max<std::int64_t>(size, 1), &total)) return std::nullopt;
  }
  return std::find(shape.begin(), shape.end(), 0) == shape.end() ? total : 0;
}

torch::Tensor read_tensor(const nlohmann::json& entry, std::string_view data,
                          const std::string& where) {
  const auto type = dtype_of(entry.at("dtype").get<std::string>(), where);
  std::vector<std::int64_t> shape;
  for (const auto& size : entry.at("shape")) shape.push_back(read_size(size, where));
  const auto begin = read_size(entry.at("data_offsets").at(0), where);
  const auto end = read_size(entry.at("data_offsets").at(1), where);
  const auto bytes = tensor_bytes(type, shape);
  if (shape.size() > kMostTensorAxes || end < begin ||
      end > static_cast<std::int64_t>(data.size()) || bytes != end - begin) {
    fail_damaged(where, "data of another length than the header says");
  }
  const auto stored =
      data.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(*bytes));
  const bool truths = type != torch::kBool || stored.find_first_not_of(std::string_view(
                                                  "\0\1", 2)) == std::string_view::npos;
  if (!truths) fail_damaged(where, "a BOOL that is neither 0 nor 1");
  torch::Tensor tensor = torch::empty(shape, type);
  if (!stored.empty()) std::memcpy(tensor.data_ptr(), stored.data(), stored.size());
  return tensor;
}

}  // namespace

std::string to_safetensors(const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::vector<torch::Tensor> stored;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    // contiguous() alone would keep a channels-last layout's bytes in another order than the shape
    // says.
    stored.push_back(tensor.detach().to(torch::kCPU).contiguous(torch::MemoryFormat::Contiguous));
    const std::size_t size = stored.back().nbytes();
    header[name] = {{"dtype", dtype_name(tensor.scalar_type())},
                    {"shape", stored.back().sizes().vec()},
                    {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data starts at a multiple of 8
  const std::uint64_t length = text.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  bytes.reserve(bytes.size() + text.size() + offset);
  bytes += text;
  for (const auto& tensor : stored)
    bytes.append(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  return bytes;
}

TensorFile from_safetensors(std::string_view bytes, const std::string& where) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof(length)) fail_damaged(where, std::to_string(bytes.size()) + " bytes");
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > bytes.size() - sizeof(length)) fail_damaged(where, "a header longer than the file");
  TensorFile file;
  try {
    const auto header = nlohmann::json::parse(bytes.substr(sizeof(length), length));
    const std::string_view data = bytes.substr(sizeof(length) + length);
    for (const auto& item : header.items()) {
      if (item.key() == "__metadata__") {
        file.metadata = item.value().get<std::map<std::string, std::string>>();
      } else {
        file.tensors[item.key()] = read_tensor(item.value(), data, where + " tensor " + item.key());
      }
    }
  } catch (const nlohmann::json::exception& e) {
    fail_damaged(where, e.what());
  }
  return file;
}

void save_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  write_file_atomically(path, to_safetensors(file));
}

TensorFile load_safetensors(const std::filesystem::path& path) {
  return from_safetensors(read_file(path), path.string());
}

}  // namespace ganselect
