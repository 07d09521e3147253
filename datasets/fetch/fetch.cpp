#include "datasets/fetch/fetch.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "datasets/fetch/download.h"
#include "datasets/fetch/official_files.h"
#include "datasets/fetch/unpack.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

// One archive on its way into data_dir/downloads.
class ArchiveFetch {
 public:
  ArchiveFetch(const Download& download, const fs::path& downloads, const FetchSettings& settings,
               const FetchCallback& progress, FetchReport& report)
      : download_(download),
        whole_(downloads / download.archive.name),
        part_(whole_.string() + ".part"),
        settings_(settings),
        progress_(progress),
        report_(report) {}

  // The archive, right, on disk.
  fs::path get() {
    if (check_official_file(whole_, download_.archive).state == FileState::kRight) return whole_;
    make_folder(whole_.parent_path());
    if (fs::exists(part_)) report_.bytes_resumed += fs::file_size(part_);
    for (const auto& address : addresses()) {
      if (try_address(address + download_.archive.name)) return whole_;
    }
    fail(wrong_file_ ? ErrorKind::kData : ErrorKind::kFailed,
         {.where = "fetch " + download_.archive.name,
          .expected = "the file of " + std::to_string(download_.archive.bytes) + " bytes, MD5 " +
                      download_.archive.md5,
          .got = join(reasons_, "; "),
          .hint = "run it again to go on, name another server by --mirror, or without a network "
                  "put the file into " +
                  whole_.parent_path().string()});
  }

 private:
  std::vector<std::string> addresses() const {
    if (settings_.mirror.empty()) return download_.addresses;
    return {settings_.mirror.ends_with('/') ? settings_.mirror : settings_.mirror + "/"};
  }

  std::uintmax_t held() const { return fs::exists(part_) ? fs::file_size(part_) : 0; }

  void start_over() {
    std::error_code ignored;
    fs::remove(part_, ignored);
  }

  // Moves the part into place when it is the official file; otherwise drops it.
  bool accept() {
    const auto check = check_official_file(part_, download_.archive);
    if (check.state == FileState::kRight) {
      fs::rename(part_, whole_);
      return true;
    }
    start_over();
    return false;
  }

  void wait_before(int attempt) const {
    auto left = std::chrono::duration<double>(settings_.retry_wait_s *
                                              static_cast<double>(1 << (attempt - 1)));
    constexpr std::chrono::duration<double> kSlice(0.05);
    for (; left.count() > 0 && !interrupted(); left -= kSlice)
      std::this_thread::sleep_for(std::min(left, kSlice));
  }

  bool try_address(const std::string& address) {
    std::string reason;
    bool began_anew =
        held() == 0;  // a part from elsewhere may be of another file: then one more go without it
    for (int attempt = 0; attempt < settings_.attempts; ++attempt) {
      if (attempt > 0) wait_before(attempt);
      if (interrupted()) stop_for_signal();
      if (held() > download_.archive.bytes) start_over();
      Transfer transfer{.end = TransferEnd::kWhole};
      if (held() < download_.archive.bytes) {
        transfer = download_rest(address, part_, download_.archive, settings_, progress_);
        report_.bytes_received += transfer.bytes_received;
      }
      switch (transfer.end) {
        case TransferEnd::kWhole:
          if (accept()) return true;
          reason = "another file than the official one";
          if (!began_anew) break;
          wrong_file_ = true;
          reasons_.push_back(address + ": " + reason);
          return false;
        case TransferEnd::kTooLong:
          start_over();
          wrong_file_ = true;
          reasons_.push_back(address + ": " + transfer.reason);
          return false;
        case TransferEnd::kNoRange:
          start_over();
          reason = transfer.reason;
          break;
        case TransferEnd::kCut:
          reason = transfer.reason + " (" + std::to_string(held()) + " bytes so far)";
          // Bytes came: that attempt was worth it.
          if (transfer.bytes_received > 0) attempt = 0;
          continue;
        case TransferEnd::kRefused:
          reasons_.push_back(address + ": " + transfer.reason);
          return false;
        case TransferEnd::kInterrupted:
          stop_for_signal();
      }
      began_anew = true;
    }
    reasons_.push_back(address + ": " + reason);
    return false;
  }

  [[noreturn]] void stop_for_signal() const {
    fail(ErrorKind::kInterrupted, {.where = "fetch " + download_.archive.name,
                                   .expected = "to finish",
                                   .got = "a signal",
                                   .hint = "the part so far is kept; run it again to go on"});
  }

  const Download& download_;
  fs::path whole_, part_;
  const FetchSettings& settings_;
  const FetchCallback& progress_;
  FetchReport& report_;
  std::vector<std::string> reasons_;
  bool wrong_file_ = false;
};

bool all_right(const Download& download, const fs::path& folder) {
  return std::all_of(
      download.members.begin(), download.members.end(), [&](const OfficialFile& member) {
        return check_official_file(folder / member.name, member).state == FileState::kRight;
      });
}

void check_fetch_settings(const FetchSettings& settings) {
  const bool right = settings.attempts >= 1 && settings.connect_timeout_s > 0 &&
                     settings.stall_timeout_s >= 1 && settings.retry_wait_s >= 0 &&
                     (!settings.timeout_s || *settings.timeout_s > 0);
  if (!right) {
    fail(ErrorKind::kUsage, {.where = "fetch settings",
                             .expected = "attempts >= 1, times > 0, stall time >= 1 s",
                             .got = "a value out of range"});
  }
}

}  // namespace

FetchReport fetch_files(const OfficialSet& set, const fs::path& data_dir,
                        const FetchSettings& settings, const FetchCallback& progress) {
  check_fetch_settings(settings);
  FetchReport report;
  report.folder = find_dataset_folder(set, data_dir);
  const auto downloads = data_dir / "downloads";
  for (const auto& download : set.downloads) {
    if (all_right(download, report.folder)) {
      for (const auto& member : download.members) report.kept.push_back(member.name);
      continue;
    }
    const auto archive = ArchiveFetch(download, downloads, settings, progress, report).get();
    const auto names = unpack_members(archive, download, report.folder);
    report.written.insert(report.written.end(), names.begin(), names.end());
    std::error_code ignored;
    fs::remove(archive, ignored);
    fs::remove(downloads, ignored);  // only when it is empty
  }
  return report;
}

}  // namespace ganselect
