#include "datasets/fetch/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kMaxExtraBytes = 1 << 20;

struct UnpackEnd {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using UnpackHandle = std::unique_ptr<archive, UnpackEnd>;

[[noreturn]] void fail_unpack(const fs::path& path, const std::string& expected,
                              const std::string& got) {
  fail(ErrorKind::kData, {.where = path.string(),
                          .expected = expected,
                          .got = got,
                          .hint = "remove it and fetch again"});
}

UnpackHandle open_archive(const fs::path& path) {
  UnpackHandle handle(archive_read_new());
  archive_read_support_filter_all(handle.get());
  archive_read_support_format_tar(handle.get());
  archive_read_support_format_raw(handle.get());
  if (archive_read_open_filename(handle.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) {
    fail_unpack(path, "an archive", archive_error_string(handle.get()));
  }
  return handle;
}

// The entry's content, none when it is longer than `limit`.
std::optional<std::string> read_entry(archive* handle, const fs::path& path, std::uintmax_t limit) {
  std::string bytes;
  std::vector<char> block(1 << 20);
  while (true) {
    const auto got = archive_read_data(handle, block.data(), block.size());
    if (got < 0) fail_unpack(path, "a whole archive", archive_error_string(handle));
    if (got == 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(got));
    if (bytes.size() > limit) return std::nullopt;
  }
}

void write_member(archive* handle, const fs::path& archive_path, const OfficialFile& member,
                  const fs::path& folder) {
  const auto bytes = read_entry(handle, archive_path, member.bytes);
  Digest digest(Digest::Kind::kMd5);
  if (bytes) digest.update(*bytes);
  const auto md5 = bytes ? digest.hex() : "another size";
  if (md5 != member.md5) {
    fail_unpack(archive_path, member.name + " of MD5 " + member.md5, md5);
  }
  write_file_atomically(folder / member.name, *bytes);
}

}  // namespace

std::vector<std::string> unpack_members(const fs::path& archive_path, const Download& download,
                                        const fs::path& folder) {
  const auto handle = open_archive(archive_path);
  std::vector<std::string> written;
  archive_entry* entry = nullptr;
  int state = ARCHIVE_OK;
  while ((state = archive_read_next_header(handle.get(), &entry)) == ARCHIVE_OK) {
    const bool single =
        archive_format(handle.get()) == ARCHIVE_FORMAT_RAW && !download.members.empty();
    const char* pathname = archive_entry_pathname(entry);
    const auto name = single ? download.members[0].name
                             : fs::path(pathname == nullptr ? "" : pathname).filename().string();
    for (const auto& member : download.members) {
      if (member.name != name) continue;
      write_member(handle.get(), archive_path, member, folder);
      written.push_back(name);
    }
    if (std::find(download.extras.begin(), download.extras.end(), name) != download.extras.end()) {
      if (const auto bytes = read_entry(handle.get(), archive_path, kMaxExtraBytes)) {
        write_file_atomically(folder / name, *bytes);
      }
    }
  }
  if (state != ARCHIVE_EOF)
    fail_unpack(archive_path, "a whole archive", archive_error_string(handle.get()));
  for (const auto& member : download.members) {
    if (std::find(written.begin(), written.end(), member.name) == written.end()) {
      fail_unpack(archive_path, "the member " + member.name, "an archive without it");
    }
  }
  return written;
}

}  // namespace ganselect
