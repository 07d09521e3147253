#include "base/torch/npy_rows.h"

#include <archive.h>
#include <archive_entry.h>
#include <torch/types.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {
namespace fs = std::filesystem;

// A file, or a member of a zip, read forwards.
class NpyRows::Bytes {
 public:
  virtual ~Bytes() = default;
  // Fills `size` bytes; fewer only at the end.
  virtual std::size_t read(char* into, std::size_t size) = 0;
};

namespace {

constexpr std::size_t kZipBlock = 1 << 16;
constexpr std::size_t kShortestHeader = 12;  // enough to know how long the header is

[[noreturn]] void fail_rows(const std::string& where, const std::string& expected,
                            const std::string& got) {
  fail(ErrorKind::kData, {.where = where, .expected = expected, .got = got});
}

class FileBytes : public NpyRows::Bytes {
 public:
  explicit FileBytes(const fs::path& path) : file_(path, std::ios::binary) {
    if (!file_) fail_rows(path.string(), "a file that can be read", "none");
  }
  std::size_t read(char* into, std::size_t size) override {
    file_.read(into, static_cast<std::streamsize>(size));
    return static_cast<std::size_t>(file_.gcount());
  }

 private:
  std::ifstream file_;
};

struct ZipEnd {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Zip = std::unique_ptr<archive, ZipEnd>;

std::string zip_reason(archive* handle) {
  const char* text = archive_error_string(handle);
  return text == nullptr ? "an unreadable zip" : text;
}

Zip open_zip(const fs::path& path) {
  if (!fs::is_regular_file(path)) fail_rows(path.string(), "an .npz file", "no such file");
  Zip zip(archive_read_new());
  archive_read_support_format_zip(zip.get());
  if (archive_read_open_filename(zip.get(), path.c_str(), kZipBlock) != ARCHIVE_OK) {
    fail_rows(path.string(), "an .npz file (a zip of .npy arrays)", zip_reason(zip.get()));
  }
  return zip;
}

// Goes on to the next member; its name without ".npy", nullopt after the last.
std::optional<std::string> next_member(archive* zip, const fs::path& path) {
  archive_entry* entry = nullptr;
  const int state = archive_read_next_header(zip, &entry);
  if (state == ARCHIVE_EOF) return std::nullopt;
  if (state != ARCHIVE_OK)
    fail_rows(path.string(), "an .npz file (a zip of .npy arrays)", zip_reason(zip));
  const char* text = archive_entry_pathname(entry);
  const std::string name = text == nullptr ? "" : text;
  if (!name.ends_with(".npy"))
    fail_rows(path.string() + ": " + name, "members named *.npy", "another file");
  return name.substr(0, name.size() - 4);
}

class MemberBytes : public NpyRows::Bytes {
 public:
  MemberBytes(const fs::path& path, const std::string& member)
      : zip_(open_zip(path)), where_(path.string() + ": " + member) {
    std::vector<std::string> names;
    while (const auto name = next_member(zip_.get(), path)) {
      if (*name == member) return;
      names.push_back(*name);
    }
    fail_rows(path.string(), "an array " + member, names.empty() ? "an empty file" : join(names));
  }
  // Reads an entry whose header was just met.
  MemberBytes(archive* borrowed, std::string where)
      : borrowed_(borrowed), where_(std::move(where)) {}

  std::size_t read(char* into, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const auto got = archive_read_data(handle(), into + done, size - done);
      if (got < 0) fail_rows(where_, "a whole zip member", zip_reason(handle()));
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  archive* handle() const { return borrowed_ != nullptr ? borrowed_ : zip_.get(); }
  Zip zip_;
  archive* borrowed_ = nullptr;
  std::string where_;
};

NpyHeader read_header(NpyRows::Bytes& bytes, const std::string& where) {
  std::string text(kShortestHeader, '\0');
  text.resize(bytes.read(text.data(), text.size()));
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[i]));
  };
  if (text.size() == kShortestHeader) {
    std::size_t end = 10 + (byte(8) | byte(9) << 8);
    if (byte(6) > 1) end += 2 + (byte(10) << 16 | byte(11) << 24);
    // In pieces, so that a wrong length cannot ask for more memory than there is file.
    while (text.size() < end) {
      const auto before = text.size();
      text.resize(std::min(end, before + kZipBlock));
      const auto got = bytes.read(text.data() + before, text.size() - before);
      if (got < text.size() - before) {
        text.resize(before + got);
        break;
      }
    }
  }
  return parse_npy_header(text, where);
}

std::size_t bytes_of_row(const NpyHeader& header, const std::string& where) {
  std::size_t row = c10::elementSize(header.type), total = 0;
  bool fits = true;
  for (std::size_t d = 1; d < header.shape.size(); ++d)
    fits = fits && !__builtin_mul_overflow(row, static_cast<std::size_t>(header.shape[d]), &row);
  fits = fits && !__builtin_mul_overflow(row, static_cast<std::size_t>(header.shape[0]), &total);
  if (!fits) fail_rows(where, "a possible number of data bytes", "a shape that no file can hold");
  return row;
}

}  // namespace

std::map<std::string, NpyHeader> npz_headers(const fs::path& path) {
  const auto zip = open_zip(path);
  std::map<std::string, NpyHeader> headers;
  while (const auto name = next_member(zip.get(), path)) {
    const auto where = path.string() + ": " + *name;
    MemberBytes bytes(zip.get(), where);
    headers[*name] = read_header(bytes, where);
  }
  return headers;
}

NpyRows::NpyRows(const fs::path& path, const std::string& member)
    : where_(member.empty() ? path.string() : path.string() + ": " + member) {
  if (member.empty()) {
    bytes_ = std::make_unique<FileBytes>(path);
  } else {
    bytes_ = std::make_unique<MemberBytes>(path, member);
  }
  header_ = read_header(*bytes_, where_);
  if (header_.shape.empty())
    fail_rows(where_, "an array with at least one axis", "a single number");
  row_bytes_ = bytes_of_row(header_, where_);
}

NpyRows::~NpyRows() = default;
NpyRows::NpyRows(NpyRows&&) noexcept = default;
NpyRows& NpyRows::operator=(NpyRows&&) noexcept = default;

torch::Tensor NpyRows::next(int64_t count) {
  const bool scattered = header_.fortran_order && header_.shape.size() > 1;
  const int64_t n = std::min(count, size() - done_);
  if (n < 1) return {};
  const auto read_rows = [&](int64_t rows) {
    auto shape = header_.shape;
    shape[0] = rows;
    const auto wanted = row_bytes_ * static_cast<std::size_t>(rows);
    std::string data;
    // In pieces for the same reason as the header.
    while (data.size() < wanted) {
      const auto before = data.size();
      data.resize(std::min(wanted, before + (std::size_t{16} << 20)));
      const auto got = bytes_->read(data.data() + before, data.size() - before);
      if (before + got < data.size()) {
        fail_rows(where_, std::to_string(size()) + " rows",
                  "a file that ends after " +
                      std::to_string(done_ + static_cast<int64_t>((before + got) / row_bytes_)) +
                      " (cut short)");
      }
    }
    return npy_tensor(header_, shape, data, where_);
  };
  if (scattered && !whole_.defined()) whole_ = read_rows(size());
  auto rows = scattered ? whole_.narrow(0, done_, n).contiguous() : read_rows(n);
  done_ += n;
  char beyond = 0;  // a zip's checksum is held at the end of its member
  if (done_ == size()) bytes_->read(&beyond, 1);
  return rows;
}

}  // namespace ganselect
