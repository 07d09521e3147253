#include "datasets/fetch/official_files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

std::string md5_of(std::string_view bytes) {
  Digest digest(Digest::Kind::kMd5);
  digest.update(bytes);
  return digest.hex();
}

bool holds_any(const fs::path& folder, const std::vector<OfficialFile>& files) {
  for (const auto& file : files) {
    if (fs::exists(folder / file.name)) return true;
  }
  return false;
}

}  // namespace

std::vector<OfficialFile> OfficialSet::files() const {
  std::vector<OfficialFile> all;
  for (const auto& download : downloads)
    all.insert(all.end(), download.members.begin(), download.members.end());
  return all;
}

std::string describe(FileState state) {
  switch (state) {
    case FileState::kRight:
      return "right";
    case FileState::kMissing:
      return "missing";
    case FileState::kWrongSize:
      return "wrong size";
    case FileState::kWrongDigest:
      return "wrong digest";
  }
  return "unknown";
}

fs::path find_dataset_folder(const OfficialSet& set, const fs::path& data_dir) {
  auto files = set.files();
  files.insert(files.end(), set.parts.begin(), set.parts.end());
  std::vector<fs::path> candidates = {data_dir / set.folder};
  for (const auto& other : set.other_folders) candidates.push_back(data_dir / other);
  candidates.push_back(data_dir);
  for (const auto& candidate : candidates) {
    if (holds_any(candidate, files)) return candidate;
  }
  return candidates.front();
}

FileCheck check_official_file(const fs::path& path, const OfficialFile& file, std::string* bytes) {
  FileCheck check{.file = file.name, .path = path, .expected = file.md5};
  if (!fs::is_regular_file(path)) return check;
  const auto size = fs::file_size(path);
  if (size != file.bytes) {
    check.state = FileState::kWrongSize;
    check.expected = std::to_string(file.bytes);
    check.got = std::to_string(size);
    return check;
  }
  auto content = read_file(path);
  check.got = md5_of(content);
  check.state = check.got == file.md5 ? FileState::kRight : FileState::kWrongDigest;
  if (check.state == FileState::kRight && bytes != nullptr) *bytes = std::move(content);
  return check;
}

std::string read_official_file(const OfficialSet& set, const fs::path& folder,
                               const OfficialFile& file) {
  std::string bytes;
  const auto check = check_official_file(folder / file.name, file, &bytes);
  const auto hint = "remove it and run `ganselect data fetch " + set.name + "`";
  switch (check.state) {
    case FileState::kRight:
      return bytes;
    case FileState::kMissing:
      fail_missing_file(set, check.path);
    case FileState::kWrongSize:
      fail(ErrorKind::kData, {.where = check.path.string(),
                              .expected = check.expected + " bytes",
                              .got = check.got + " (cut short or another file)",
                              .hint = hint});
    case FileState::kWrongDigest:
      fail(ErrorKind::kData, {.where = check.path.string(),
                              .expected = "the official file of MD5 " + check.expected,
                              .got = "MD5 " + check.got + " (damaged or changed)",
                              .hint = hint});
  }
  fail(ErrorKind::kFailed,
       {.where = check.path.string(), .expected = "a known file state", .got = "another"});
}

void fail_missing_file(const OfficialSet& set, const fs::path& path) {
  fail(ErrorKind::kData,
       {.where = "data " + set.name,
        .expected = "the file " + path.string(),
        .got = fs::is_directory(path.parent_path()) ? "no such file" : "no such folder",
        .hint = "run `ganselect data fetch " + set.name +
                "`, or name the data folder by --data-dir or GANSELECT_DATA"});
}

bool has_official_file(const OfficialSet& set, const std::filesystem::path& data_dir,
                       const std::vector<std::string>& names) {
  const auto folder = find_dataset_folder(set, data_dir);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::filesystem::exists(folder / name);
  });
}

}  // namespace ganselect
