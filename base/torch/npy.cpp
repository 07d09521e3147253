#include "base/torch/npy.h"

#include <archive.h>
#include <archive_entry.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kNpyMagic("\x93NUMPY", 6);
constexpr std::size_t kMostAxes = 64;      // of a tensor, as LibTorch's iterators have it
constexpr std::size_t kNpyAlignment = 64;  // of the first data byte, as the format wants it

struct NpyType {
  const char* code;  // kind and size as in the header's descr
  torch::ScalarType type;
};

constexpr std::array<NpyType, 12> kNpyTypes = {{{"f4", torch::kFloat32},
                                                {"f8", torch::kFloat64},
                                                {"f2", torch::kFloat16},
                                                {"u1", torch::kUInt8},
                                                {"i1", torch::kInt8},
                                                {"i2", torch::kInt16},
                                                {"i4", torch::kInt32},
                                                {"i8", torch::kInt64},
                                                {"u2", torch::kUInt16},
                                                {"u4", torch::kUInt32},
                                                {"u8", torch::kUInt64},
                                                {"b1", torch::kBool}}};

[[noreturn]] void fail_npy(const std::string& where, const std::string& expected,
                           const std::string& got) {
  fail(ErrorKind::kData, {.where = where, .expected = expected, .got = got});
}

// Text of the value that follows 'key': in the header's Python dictionary, up to where `ends` says
// it stops.
std::string header_value(const std::string& header, const std::string& key,
                         const std::string& where) {
  const auto at = header.find("'" + key + "'");
  const auto colon = at == std::string::npos ? at : header.find(':', at);
  if (colon == std::string::npos)
    fail_npy(where, "a header with '" + key + "'", "'" + header + "'");
  const auto start = header.find_first_not_of(' ', colon + 1);
  if (start == std::string::npos)
    fail_npy(where, "a value of '" + key + "'", "the end of the header");
  const char opening = header[start];
  const char* closing = opening == '(' ? ")" : opening == '\'' ? "'" : ",}";
  const auto end = header.find_first_of(closing, start + 1);
  if (end == std::string::npos)
    fail_npy(where, "a value of '" + key + "'", "the end of the header");
  const bool enclosed = opening == '(' || opening == '\'';
  return enclosed ? header.substr(start + 1, end - start - 1) : header.substr(start, end - start);
}

std::vector<int64_t> parse_npy_shape(const std::string& text, const std::string& where) {
  std::vector<int64_t> shape;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" ,", at)) != std::string::npos) {
    if (!std::isdigit(static_cast<unsigned char>(text[at])) || text.size() - at > 200) {
      fail_npy(where, "a shape of whole numbers", "(" + text + ")");
    }
    std::size_t used = 0;
    try {
      shape.push_back(std::stoll(text.substr(at), &used));
    } catch (const std::exception&) {
      fail_npy(where, "a shape of whole numbers", "(" + text + ")");
    }
    at += used;
    if (at < text.size() && text[at] == 'L') ++at;  // Python 2 wrote (40L, 32L)
  }
  if (shape.size() > kMostAxes) fail_npy(where, "at most 64 axes", std::to_string(shape.size()));
  return shape;
}

void parse_npy_type(const std::string& descr, const std::string& where, NpyHeader& header) {
  const bool has_order =
      !descr.empty() && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
  const auto code = has_order ? descr.substr(1) : descr;
  header.big_endian = has_order && descr[0] == '>';
  for (const auto& known : kNpyTypes) {
    if (code == known.code) {
      header.type = known.type;
      return;
    }
  }
  fail(ErrorKind::kData, {.where = where,
                          .expected = "an array of bool, integers or float16 to float64",
                          .got = "dtype '" + descr + "'",
                          .hint = code == "O"    ? "pickled objects are never loaded"
                                  : code == "V2" ? "bfloat16 as NumPy has it? save as float32"
                                  : code.starts_with('V') ? "save plain numbers"
                                                          : ""});
}

}  // namespace

NpyHeader parse_npy_header(std::string_view bytes, const std::string& where) {
  if (bytes.size() < 10 || bytes.substr(0, kNpyMagic.size()) != kNpyMagic) {
    fail_npy(where, "an .npy file (it begins with \\x93NUMPY)", "other content");
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  const auto major = byte(6);
  if (major < 1 || major > 3)
    fail_npy(where, ".npy version 1 to 3", "version " + std::to_string(major));
  const std::size_t start = major == 1 ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (major > 1 && bytes.size() >= 12) length |= byte(10) << 16 | byte(11) << 24;
  if (bytes.size() < start + length)
    fail_npy(where, "a header of " + std::to_string(length) + " bytes", "a cut file");
  const std::string text(bytes.substr(start, length));
  NpyHeader header;
  header.data_start = start + length;
  parse_npy_type(header_value(text, "descr", where), where, header);
  header.fortran_order = header_value(text, "fortran_order", where).starts_with("True");
  header.shape = parse_npy_shape(header_value(text, "shape", where), where);
  return header;
}

namespace {

// Bytes that the shape asks for; none when that number does not fit.
std::optional<std::size_t> npy_data_bytes(const NpyHeader& header) {
  auto total = static_cast<int64_t>(c10::elementSize(header.type));
  for (const auto length : header.shape) {
    // A length of 0 must not hide that the others make no possible shape.
    if (__builtin_mul_overflow(total, std::max<int64_t>(length, 1), &total)) return std::nullopt;
  }
  const bool empty = std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end();
  return empty ? 0 : static_cast<std::size_t>(total);
}

void reverse_elements(char* data, std::size_t bytes, std::size_t element) {
  for (std::size_t i = 0; i + element <= bytes; i += element)
    std::reverse(data + i, data + i + element);
}

struct ArchiveReadEnd {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
struct ArchiveWriteEnd {
  void operator()(archive* handle) const { archive_write_free(handle); }
};
struct EntryEnd {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

std::string archive_reason(archive* handle) {
  const char* text = archive_error_string(handle);
  return text == nullptr ? "an unreadable zip" : text;
}

std::string read_zip_member(archive* handle, const std::string& where) {
  std::string bytes;
  std::vector<char> block(1 << 16);
  while (true) {
    const auto got = archive_read_data(handle, block.data(), block.size());
    if (got < 0) fail_npy(where, "a whole zip member", archive_reason(handle));
    if (got == 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

// NOLINTNEXTLINE(readability-non-const-parameter): the signature is libarchive's
la_ssize_t append_to_string(archive*, void* sink, const void* data, std::size_t size) {
  static_cast<std::string*>(sink)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

torch::Tensor parse_npy(std::string_view bytes, const std::string& where) {
  const auto header = parse_npy_header(bytes, where);
  const auto wanted = npy_data_bytes(header);
  const auto held = bytes.size() - header.data_start;
  if (!wanted || *wanted > held) {
    fail_npy(
        where,
        (wanted ? std::to_string(*wanted) : std::string("a possible number of")) + " data bytes",
        std::to_string(held) + " (cut short)");
  }
  return npy_tensor(header, header.shape, bytes.substr(header.data_start, *wanted), where);
}

torch::Tensor npy_tensor(const NpyHeader& header, std::vector<int64_t> shape, std::string_view data,
                         const std::string& where) {
  if (header.type == torch::kBool &&
      data.find_first_not_of(std::string_view("\0\1", 2)) != std::string_view::npos) {
    fail_npy(where, "bools of 0 or 1", "another byte");
  }
  if (header.fortran_order) std::reverse(shape.begin(), shape.end());
  auto tensor = torch::empty(shape, header.type);
  if (!data.empty()) std::memcpy(tensor.data_ptr(), data.data(), data.size());
  if (header.big_endian) {
    reverse_elements(static_cast<char*>(tensor.data_ptr()), data.size(),
                     c10::elementSize(header.type));
  }
  if (!header.fortran_order) return tensor;
  std::vector<int64_t> axes;
  for (int64_t d = tensor.dim() - 1; d >= 0; --d) axes.push_back(d);
  return tensor.permute(axes).contiguous();
}

std::string format_npy(const torch::Tensor& tensor) {
  const auto* known = std::find_if(kNpyTypes.begin(), kNpyTypes.end(), [&](const NpyType& row) {
    return row.type == tensor.scalar_type();
  });
  if (known == kNpyTypes.end()) {
    fail(ErrorKind::kUsage, {.where = ".npy",
                             .expected = "bool, integers or float16 to float64",
                             .got = torch::toString(tensor.scalar_type())});
  }
  const auto plain = tensor.to(torch::kCPU).contiguous();
  std::string shape;
  for (const auto length : plain.sizes()) shape += std::to_string(length) + ", ";
  if (plain.dim() > 1) shape.resize(shape.size() - 2);
  if (plain.dim() == 1) shape.resize(shape.size() - 1);  // "(5,)"
  const char* order = plain.element_size() == 1 ? "|" : "<";
  std::string header = "{'descr': '" + std::string(order) + known->code +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  const std::size_t prefix = kNpyMagic.size() + 4;
  const auto unpadded = prefix + header.size() + 1;
  header.append((kNpyAlignment - unpadded % kNpyAlignment) % kNpyAlignment, ' ');
  header += '\n';
  std::string bytes(kNpyMagic);
  bytes += '\1';
  bytes += '\0';
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  if (plain.nbytes() > 0) bytes.append(static_cast<const char*>(plain.data_ptr()), plain.nbytes());
  return bytes;
}

torch::Tensor load_npy(const fs::path& path) { return parse_npy(read_file(path), path.string()); }

void save_npy(const fs::path& path, const torch::Tensor& tensor) {
  write_file_atomically(path, format_npy(tensor));
}

std::map<std::string, torch::Tensor> parse_npz(std::string_view bytes, const std::string& source) {
  std::unique_ptr<archive, ArchiveReadEnd> zip(archive_read_new());
  archive_read_support_format_zip(zip.get());
  if (archive_read_open_memory(zip.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    fail_npy(source, "an .npz file (a zip of .npy arrays)", archive_reason(zip.get()));
  }
  std::map<std::string, torch::Tensor> arrays;
  archive_entry* entry = nullptr;
  int state = ARCHIVE_OK;
  while ((state = archive_read_next_header(zip.get(), &entry)) == ARCHIVE_OK) {
    const char* name = archive_entry_pathname(entry);  // null for bytes that are no text
    const std::string member = name == nullptr ? "" : name;
    const auto where = source + ": " + member;
    if (!member.ends_with(".npy")) fail_npy(where, "members named *.npy", "another file");
    arrays[member.substr(0, member.size() - 4)] =
        parse_npy(read_zip_member(zip.get(), where), where);
  }
  if (state != ARCHIVE_EOF) fail_npy(source, "a whole .npz file", archive_reason(zip.get()));
  return arrays;
}

std::map<std::string, torch::Tensor> load_npz(const fs::path& path) {
  return parse_npz(read_file(path), path.string());
}

void save_npz(const fs::path& path, const std::map<std::string, torch::Tensor>& arrays) {
  std::string bytes;
  std::unique_ptr<archive, ArchiveWriteEnd> zip(archive_write_new());
  const auto check = [&](la_ssize_t result) {
    if (result < ARCHIVE_OK) {
      fail(
          ErrorKind::kFailed,
          {.where = path.string(), .expected = "to write a zip", .got = archive_reason(zip.get())});
    }
  };
  check(archive_write_set_format_zip(zip.get()));
  check(archive_write_zip_set_compression_store(zip.get()));
  check(archive_write_open(zip.get(), &bytes, nullptr, append_to_string, nullptr));
  for (const auto& [name, tensor] : arrays) {
    const auto member = format_npy(tensor);
    std::unique_ptr<archive_entry, EntryEnd> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), (name + ".npy").c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    check(archive_write_header(zip.get(), entry.get()));
    check(archive_write_data(zip.get(), member.data(), member.size()));
  }
  check(archive_write_close(zip.get()));
  write_file_atomically(path, bytes);
}

}  // namespace ganselect
