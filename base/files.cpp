#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "base/error.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

std::string system_reason() { return std::strerror(errno); }

[[noreturn]] void fail_to_write(const fs::path& path, const std::string& reason) {
  fail(ErrorKind::kFailed,
       {.where = path.string(),
        .expected = "to write the file",
        .got = reason,
        .hint = "check permissions and free space; nothing half written was left behind"});
}

// What a write to `path` replaces: the file at the end of its links.
fs::path write_target(fs::path path) {
  constexpr int kMostLinks = 40;  // as the system has it
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(path, error)); ++links) {
    const auto target = fs::read_symlink(path, error);
    if (error || links == kMostLinks) break;
    path = path.parent_path() / target;  // which an absolute one replaces
  }
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found || fs::is_regular_file(status)) return path;
  // What stands in the way of looking will be named by the write.
  if (status.type() == fs::file_type::none || status.type() == fs::file_type::unknown) return path;
  fail(ErrorKind::kUsage,
       {.where = path.string(),
        .expected = "a new file, or a regular one to replace",
        .got = fs::is_directory(status) ? "a folder" : "a device, a pipe or the like"});
}

fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  return path.parent_path() / fmt::format(".{}.{}-{}.tmp{}", path.stem().string(), ::getpid(),
                                          counter++, path.extension().string());
}

// Syncs a file or folder by path: rename is only safe once the bytes are on the disk.
bool sync_path(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  if (descriptor < 0) return false;
  const bool done = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return done;
}

void write_all(int descriptor, std::string_view bytes, const fs::path& temporary,
               const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      const std::string reason = system_reason();
      ::close(descriptor);
      ::unlink(temporary.c_str());
      fail_to_write(path, reason);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void rename_into_place(const fs::path& temporary, const fs::path& path) {
  if (!sync_path(temporary) || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string reason = system_reason();
    ::unlink(temporary.c_str());
    fail_to_write(path, reason);
  }
  sync_path(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

std::string digest_file(const fs::path& path, Digest::Kind kind) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    fail(ErrorKind::kData,
         {.where = path.string(), .expected = "a readable file", .got = system_reason()});
  }
  Digest digest(kind);
  std::vector<char> block(1 << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    digest.update(block.data(), static_cast<std::size_t>(in.gcount()));
  }
  return digest.hex();
}

}  // namespace

std::string read_file(const fs::path& path) {
  const auto refuse = [&path](const std::string& expected, const std::string& got) {
    fail(ErrorKind::kData, {.where = path.string(), .expected = expected, .got = got});
  };
  // Not a stream, whose buffers cost as much as the reading of a small file.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) refuse("a readable file", system_reason());
  const auto close = [](const int* f) { ::close(*f); };
  const std::unique_ptr<const int, decltype(close)> closed(&file, close);
  struct ::stat about {};
  if (::fstat(file, &about) != 0) refuse("a readable file", system_reason());
  if (S_ISDIR(about.st_mode)) refuse("a file", "a folder");
  // One byte more than the size shows the end; pipes and the kernel's files have no size to go by.
  const auto size = static_cast<std::size_t>(about.st_size);
  std::string bytes(size + 1, '\0');
  std::size_t done = 0;
  for (;;) {
    const auto count = ::read(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse("a readable file", system_reason());
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
    if (done == bytes.size()) bytes.resize(2 * bytes.size() + 4096);
  }
  if (done < size) refuse("a readable file", "a short read");
  bytes.resize(done);
  return bytes;
}

void make_folder(const fs::path& path) {
  if (path.empty()) return;
  std::error_code code;
  fs::create_directories(path, code);
  if (code) {
    fail(ErrorKind::kFailed, {.where = path.string(),
                              .expected = "to make the folder",
                              .got = code.message(),
                              .hint = "choose another folder or check its permissions"});
  }
}

void write_file_atomically(const fs::path& asked, std::string_view bytes) {
  const auto path = write_target(asked);
  make_folder(path.parent_path());
  const fs::path temporary = temporary_beside(path);
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) fail_to_write(path, system_reason());
  write_all(descriptor, bytes, temporary, path);
  if (::close(descriptor) != 0) {
    const std::string reason = system_reason();
    ::unlink(temporary.c_str());
    fail_to_write(path, reason);
  }
  rename_into_place(temporary, path);
}

void write_path_atomically(const fs::path& asked,
                           const std::function<void(const fs::path&)>& write) {
  const auto path = write_target(asked);
  make_folder(path.parent_path());
  const fs::path temporary = temporary_beside(path);
  try {
    write(temporary);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  rename_into_place(temporary, path);
}

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(Kind kind) : state_(std::make_unique<State>()) {
  const EVP_MD* method = kind == Kind::kSha256 ? EVP_sha256() : EVP_md5();
  if (EVP_DigestInit_ex(state_->context, method, nullptr) != 1) {
    fail(ErrorKind::kFailed,
         {.where = "digest", .expected = "the digest method to be available", .got = "a refusal"});
  }
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(const void* data, std::size_t size) {
  EVP_DigestUpdate(state_->context, data, size);
}

std::string Digest::hex() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, bytes, &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::string base64_text(std::string_view bytes) {
  if (bytes.empty()) return "";
  // Four letters for every three bytes begun, and the closing zero that EVP_EncodeBlock writes.
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Digest digest;
  digest.update(bytes);
  return digest.hex();
}

std::string sha256_file(const fs::path& path) { return digest_file(path, Digest::Kind::kSha256); }
std::string md5_file(const fs::path& path) { return digest_file(path, Digest::Kind::kMd5); }

}  // namespace ganselect
