#include "datasets/fetch/download.h"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/interrupt.h"

namespace ganselect {
namespace {

struct CurlEnd {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FileEnd {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// What the two callbacks share.
struct Sink {
  std::FILE* file = nullptr;
  std::uintmax_t held = 0, limit = 0, received = 0;
  bool too_long = false;
  int write_errno = 0;
  std::string name;
  const FetchCallback* progress = nullptr;
};

std::size_t take_bytes(char* data, std::size_t, std::size_t count, void* into) {
  auto& sink = *static_cast<Sink*>(into);
  if (count > sink.limit - sink.held) {
    sink.too_long = true;
    return 0;
  }
  if (std::fwrite(data, 1, count, sink.file) != count) {
    sink.write_errno = errno;
    return 0;
  }
  sink.held += count;
  sink.received += count;
  return count;
}

int watch_transfer(void* into, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& sink = *static_cast<Sink*>(into);
  if (*sink.progress) (*sink.progress)({.file = sink.name, .done = sink.held, .total = sink.limit});
  return interrupted() ? 1 : 0;
}

void set_up_transfer(CURL* curl, const std::string& address, const FetchSettings& settings,
                     Sink& sink) {
  curl_easy_setopt(curl, CURLOPT_URL, address.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "ganselect");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::lround(settings.connect_timeout_s * 1000));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
                   std::max(1L, std::lround(settings.stall_timeout_s)));
  if (settings.timeout_s)
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::lround(*settings.timeout_s * 1000));
  curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(sink.held));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_transfer);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &sink);
}

TransferEnd classify_transfer(CURLcode code, long status, const Sink& sink) {
  constexpr long kRangeNotSatisfiable = 416;
  if (sink.too_long) return TransferEnd::kTooLong;
  switch (code) {
    case CURLE_OK:
      return TransferEnd::kWhole;
    case CURLE_ABORTED_BY_CALLBACK:
      return TransferEnd::kInterrupted;
    case CURLE_RANGE_ERROR:
    case CURLE_BAD_DOWNLOAD_RESUME:
      return TransferEnd::kNoRange;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      // A time-out before the first byte of an answer is a server that cannot be reached.
      return code == CURLE_OPERATION_TIMEDOUT && status == 0 ? TransferEnd::kRefused
                                                             : TransferEnd::kCut;
    case CURLE_HTTP_RETURNED_ERROR:
      return status == kRangeNotSatisfiable ? TransferEnd::kNoRange : TransferEnd::kRefused;
    default:
      return TransferEnd::kRefused;
  }
}

[[noreturn]] void fail_disk(const std::filesystem::path& part, int error) {
  fail(ErrorKind::kFailed,
       {.where = part.string(),
        .expected = "to write the download",
        .got = std::strerror(error),
        .hint = "check permissions and free space; what was written is kept and resumed"});
}

}  // namespace

Transfer download_rest(const std::string& address, const std::filesystem::path& part,
                       const OfficialFile& file, const FetchSettings& settings,
                       const FetchCallback& progress) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  std::unique_ptr<CURL, CurlEnd> curl(started == CURLE_OK ? curl_easy_init() : nullptr);
  if (!curl)
    fail(ErrorKind::kFailed,
         {.where = address, .expected = "libcurl to start", .got = "a refusal"});
  std::unique_ptr<std::FILE, FileEnd> out(std::fopen(part.c_str(), "ab"));
  if (!out) fail_disk(part, errno);
  Sink sink{.file = out.get(),
            .held = std::filesystem::file_size(part),
            .limit = file.bytes,
            .name = file.name,
            .progress = &progress};
  char words[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, words);
  set_up_transfer(curl.get(), address, settings, sink);
  const auto code = curl_easy_perform(curl.get());
  if (sink.write_errno != 0) fail_disk(part, sink.write_errno);
  if (std::fflush(out.get()) != 0) fail_disk(part, errno);
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  Transfer transfer{
      .end = classify_transfer(code, status, sink), .reason = "", .bytes_received = sink.received};
  if (transfer.end != TransferEnd::kWhole)
    transfer.reason = words[0] != '\0' ? words : curl_easy_strerror(code);
  if (transfer.end == TransferEnd::kTooLong)
    transfer.reason = "more than " + std::to_string(file.bytes) + " bytes";
  return transfer;
}

}  // namespace ganselect
