// A claim on a folder that several processes, on several machines, may want to work in: one holds
// it at a time, and what a dead one held is taken over. Needs of the file system that files are
// made exclusively and renamed whole, and for the taking over, where several want it at once,
// locks.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace ganselect {

struct LeaseSettings {
  double renew_seconds = 10;
  // A holder that has not renewed for so long is taken for dead. One on this machine is asked for
  // directly: its process lives or it does not.
  double stale_seconds = 90;
};

class Lease {
 public:
  // Claims `folder`, which is made where it is missing; nothing where another holder lives. The
  // claim is a hidden file in it, renewed by a thread until the lease ends; a folder that is left
  // empty is removed again. kFailed where nothing can be written.
  static std::optional<Lease> claim(const std::filesystem::path& folder,
                                    const LeaseSettings& settings = {});
  // "process 4711 on HOST" where a living holder has it.
  static std::optional<std::string> holder(const std::filesystem::path& folder,
                                           const LeaseSettings& settings = {});
  // Removes what a dead holder left in a folder that nobody needs to hold any more.
  static void clear_dead(const std::filesystem::path& folder, const LeaseSettings& settings = {});
  ~Lease();
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;

 private:
  class Renewal;
  explicit Lease(std::unique_ptr<Renewal> renewal);
  std::unique_ptr<Renewal> renewal_;
};

}  // namespace ganselect
