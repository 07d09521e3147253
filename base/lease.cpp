#include "base/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/first_line.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLeaseFile = ".lease";

// Where process numbers mean the same: one running system, and one of its process namespaces.
std::string machine_key() {
  std::error_code error;
  const auto space = fs::read_symlink("/proc/self/ns/pid", error).string();
  return first_line("/proc/sys/kernel/random/boot_id").value_or("") + space;
}

std::string host_name() {
  char name[256] = "";
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "a host without a name";
}

// When the process began, in the system's ticks, since numbers are given out again; empty where
// there is no such process.
std::string start_of(long process) {
  std::ifstream in(fmt::format("/proc/{}/stat", process));
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  constexpr int kStartTime = 20;  // of the fields after the name
  for (int i = 0; i < kStartTime; ++i) fields >> field;
  return field;
}

struct Claim {
  long process = 0;
  std::string start, machine, host, token;

  std::string text() const {
    return fmt::format("{}\n{}\n{}\n{}\n{}\n", process, start, machine, host, token);
  }
  std::string who() const { return fmt::format("process {} on {}", process, host); }
};

// No other process or call has it.
std::string unique_token() {
  static std::atomic<unsigned> counter{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("{}-{}-{}", ::getpid(), now, counter++);
}

Claim own_claim() {
  const long process = ::getpid();
  return {.process = process,
          .start = start_of(process),
          .machine = machine_key(),
          .host = host_name(),
          .token = unique_token()};
}

std::optional<Claim> read_claim(const fs::path& file) {
  std::ifstream in(file);
  Claim claim;
  if (!(in >> claim.process)) return std::nullopt;
  in.ignore();
  for (auto* text : {&claim.start, &claim.machine, &claim.host, &claim.token}) {
    if (!std::getline(in, *text)) return std::nullopt;
  }
  return claim;
}

std::optional<double> age_seconds(const fs::path& file) {
  // The file system's own clock: another machine's may differ from ours.
  const auto probe = file.parent_path() / fmt::format(".lease-clock-{}", unique_token());
  const int descriptor = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return std::nullopt;
  struct ::stat now {
  }, then{};
  const bool seen = ::fstat(descriptor, &now) == 0 && ::stat(file.c_str(), &then) == 0;
  ::close(descriptor);
  ::unlink(probe.c_str());
  if (!seen) return std::nullopt;
  return static_cast<double>(now.st_mtim.tv_sec - then.st_mtim.tv_sec) +
         1e-9 * static_cast<double>(now.st_mtim.tv_nsec - then.st_mtim.tv_nsec);
}

bool is_alive(const std::optional<Claim>& claim, const fs::path& file,
              const LeaseSettings& settings) {
  if (claim && claim->machine == machine_key()) return start_of(claim->process) == claim->start;
  const auto age = age_seconds(file);
  return age && *age < settings.stale_seconds;
}

[[noreturn]] void fail_to_claim(const fs::path& file, int reason) {
  fail(ErrorKind::kFailed,
       {.where = file.string(), .expected = "to claim the folder", .got = std::strerror(reason)});
}

// A reader who comes before the content is written sees a young file of nobody: alive.
bool make_exclusively(const fs::path& file, const Claim& claim) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0 && errno == EEXIST) return false;
  const auto text = claim.text();
  const bool written = descriptor >= 0 && ::write(descriptor, text.data(), text.size()) ==
                                              static_cast<ssize_t>(text.size());
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (written) return true;
  if (descriptor >= 0) ::unlink(file.c_str());
  fail_to_claim(file, reason);
}

// The file of a dead holder, locked: of many that find it dead, one after the other replaces it or
// finds it replaced. The system lets go of the lock when its process dies.
class DeadFile {
 public:
  explicit DeadFile(const fs::path& file)
      : file_(file), descriptor_(::open(file.c_str(), O_RDWR | O_CLOEXEC)) {
    // A file system without locks leaves the moment between the last look and the replacement.
    if (descriptor_ >= 0)
      while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
      }
  }
  ~DeadFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  DeadFile(const DeadFile&) = delete;
  DeadFile& operator=(const DeadFile&) = delete;

  bool is_in_place() const {
    struct ::stat held {
    }, placed{};
    return descriptor_ >= 0 && ::fstat(descriptor_, &held) == 0 &&
           ::stat(file_.c_str(), &placed) == 0 && held.st_ino == placed.st_ino &&
           held.st_dev == placed.st_dev;
  }

 private:
  fs::path file_;
  int descriptor_;
};

// False where another process was faster. The file is never missing meanwhile, so that nobody makes
// it anew.
bool replace_dead(const fs::path& file, const Claim& claim, const LeaseSettings& settings) {
  const DeadFile dead(file);
  if (!dead.is_in_place() || is_alive(read_claim(file), file, settings)) return false;
  const auto aside = file.parent_path() / (".lease-new-" + unique_token());
  make_exclusively(aside, claim);
  if (::rename(aside.c_str(), file.c_str()) == 0) return true;
  const int reason = errno;
  ::unlink(aside.c_str());
  fail_to_claim(file, reason);
}

}  // namespace

class Lease::Renewal {
 public:
  Renewal(fs::path folder, Claim claim, double seconds)
      : folder_(std::move(folder)), claim_(std::move(claim)), thread_([this, seconds] {
          std::unique_lock lock(mutex_);
          const std::chrono::duration<double> pause(seconds);
          while (!wake_.wait_for(lock, pause, [this] { return ended_; })) {
            if (ours()) ::utimensat(AT_FDCWD, (folder_ / kLeaseFile).c_str(), nullptr, 0);
          }
        }) {}
  ~Renewal() {
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
    }
    wake_.notify_all();
    thread_.join();
    if (ours()) ::unlink((folder_ / kLeaseFile).c_str());
    ::rmdir(folder_.c_str());  // which only an empty folder obeys
  }
  Renewal(const Renewal&) = delete;
  Renewal& operator=(const Renewal&) = delete;

 private:
  bool ours() const {
    const auto found = read_claim(folder_ / kLeaseFile);
    return found && found->token == claim_.token;
  }

  fs::path folder_;
  Claim claim_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::thread thread_;
};

Lease::Lease(std::unique_ptr<Renewal> renewal) : renewal_(std::move(renewal)) {}
Lease::~Lease() = default;
Lease::Lease(Lease&&) noexcept = default;
Lease& Lease::operator=(Lease&&) noexcept = default;

std::optional<Lease> Lease::claim(const fs::path& folder, const LeaseSettings& settings) {
  make_folder(folder);
  const auto file = folder / kLeaseFile;
  const auto claim = own_claim();
  constexpr int kTries = 3;  // a holder may end, or another replace a dead one, between two looks
  for (int i = 0; i < kTries; ++i) {
    const bool made = make_exclusively(file, claim);
    if (!made && is_alive(read_claim(file), file, settings)) return std::nullopt;
    if (made || replace_dead(file, claim, settings))
      return Lease(std::make_unique<Renewal>(folder, claim, settings.renew_seconds));
  }
  return std::nullopt;
}

std::optional<std::string> Lease::holder(const fs::path& folder, const LeaseSettings& settings) {
  const auto file = folder / kLeaseFile;
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  const auto claim = read_claim(file);
  if (!is_alive(claim, file, settings)) return std::nullopt;
  return claim ? claim->who() : "a process that cannot be read";
}

void Lease::clear_dead(const fs::path& folder, const LeaseSettings& settings) {
  std::error_code error;
  if (fs::exists(folder / kLeaseFile, error)) claim(folder, settings);  // and given back at once
}

}  // namespace ganselect
