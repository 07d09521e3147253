#include "base/torch/safetensors.h"

#include <array>
#include <bit>
#include <cstring>

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

torch::Tensor read_tensor(const nlohmann::json& entry, std::string_view data,
                          const std::string& where) {
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
  const auto end = entry.at("data_offsets").at(1).get<std::size_t>();
  for (const auto size : shape) {
    if (size < 0) fail_damaged(where, "a negative size");
  }
  torch::Tensor tensor = torch::empty(shape, dtype_of(entry.at("dtype").get<std::string>(), where));
  if (end < begin || end > data.size() || end - begin != tensor.nbytes()) {
    fail_damaged(where, "data of another length than the header says");
  }
  if (end > begin) std::memcpy(tensor.data_ptr(), data.data() + begin, end - begin);
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
