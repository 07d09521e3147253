// One file over HTTP(S), or from a file: address, resumed where an earlier try was cut.
#pragma once

#include <filesystem>
#include <string>

#include "datasets/fetch/fetch.h"

namespace ganselect {

enum class TransferEnd {
  kWhole,        // the server says that was all
  kCut,          // connection lost or stalled: worth going on
  kRefused,      // this address does not have it, or cannot be reached
  kNoRange,      // cannot resume: begin again
  kTooLong,      // more bytes than the file has
  kInterrupted,  // a signal came
};

struct Transfer {
  TransferEnd end = TransferEnd::kRefused;
  std::string reason;  // in words, empty for kWhole
  std::uintmax_t bytes_received = 0;
};

// Appends to `part` what follows its present size, never beyond `file.bytes`. Throws kFailed when
// the disk refuses.
Transfer download_rest(const std::string& address, const std::filesystem::path& part,
                       const OfficialFile& file, const FetchSettings& settings,
                       const FetchCallback& progress);

}  // namespace ganselect
