// Fetching a data set's official files: download with resume, time-outs and mirrors, digest check,
// unpacking. Nothing that fails its check is ever left where a loader looks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/fetch/official_files.h"

namespace ganselect {

struct FetchSettings {
  std::string mirror;  // address of a folder that holds the archives, instead of the official ones
  double connect_timeout_s = 20;  // to reach a server
  double stall_timeout_s =
      60;  // without a byte before the transfer counts as cut; whole seconds, at least 1
  std::optional<double> timeout_s;  // for one attempt in all; none: as long as bytes come
  int attempts =
      4;  // per address, in a row that bring no byte; each goes on where the last was cut
  double retry_wait_s = 1;  // before another attempt; doubles each time
};

struct FetchProgress {
  std::string file;          // archive under way
  std::uintmax_t done = 0;   // bytes of it on disk
  std::uintmax_t total = 0;  // its size
};
using FetchCallback = std::function<void(const FetchProgress&)>;

struct FetchReport {
  std::filesystem::path folder;      // where the files lie now
  std::vector<std::string> kept;     // members that were there and right
  std::vector<std::string> written;  // members that were fetched
  std::uintmax_t bytes_resumed = 0;  // found from an earlier, cut download
  std::uintmax_t bytes_received = 0;
};

// Makes every official file of the set be there and right, below `data_dir`. Members that are right
// already are kept; a download that was cut (by a crash too) goes on where it stopped. An archive
// put by hand into data_dir/downloads is used. `progress` may be empty; it is called a few times a
// second. Errors: kUsage for settings out of range; kFailed when no address gives the file (each
// with its reason, and what to do without a network); kData when a server gives another file;
// kInterrupted on a signal, the part kept.
FetchReport fetch_files(const OfficialSet& set, const std::filesystem::path& data_dir,
                        const FetchSettings& settings, const FetchCallback& progress);

}  // namespace ganselect
