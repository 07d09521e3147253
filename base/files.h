// Files that appear whole or not at all, and their digests.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ganselect {

// The whole file as bytes; kData when it is missing or cannot be read.
std::string read_file(const std::filesystem::path& path);

// Writes a file under a temporary name beside `path`, flushes it to the disk and renames it into
// place: a reader, a crash or a full disk never leaves half a file. Missing folders are made. A
// link stays, and what it leads to is replaced. kFailed names the path and the system's reason;
// kUsage where something other than a regular file is there (a folder, a device, a pipe).
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// The same for a library that writes to a path of its own: `write` gets the temporary path (same
// extension).
void write_path_atomically(
    const std::filesystem::path& path,
    const std::function<void(const std::filesystem::path& temporary)>& write);

// Makes the folder and its parents; kFailed names the path and the system's reason.
void make_folder(const std::filesystem::path& path);

// Message digest (SHA-256 or MD5) of bytes that come in pieces.
class Digest {
 public:
  enum class Kind { kSha256, kMd5 };
  explicit Digest(Kind kind = Kind::kSha256);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void update(const void* data, std::size_t size);
  void update(std::string_view bytes) { update(bytes.data(), bytes.size()); }
  std::string hex();  // lower case; ends the digest: call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Base64 with padding (RFC 4648, section 4), in one line.
std::string base64_text(std::string_view bytes);

std::string sha256_hex(std::string_view bytes);
std::string sha256_file(const std::filesystem::path& path);
std::string md5_file(const std::filesystem::path& path);

}  // namespace ganselect
