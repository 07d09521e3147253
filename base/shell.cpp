#include "base/shell.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace ganselect {
namespace {

[[noreturn]] void fail_to_start(const std::string& program) {
  fail(ErrorKind::kFailed,
       {.where = program, .expected = "to start it", .got = std::strerror(errno)});
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const auto count = ::read(descriptor, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos)
    return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string shell_line(std::span<const std::string> words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

int run_command(const std::vector<std::string>& words, std::string* output) {
  std::vector<char*> list;
  for (const auto& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  std::array<int, 2> ends{};
  if (output != nullptr && ::pipe(ends.data()) != 0) fail_to_start(words.front());
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(output != nullptr ? ends[1] : STDERR_FILENO, STDOUT_FILENO);
    if (output != nullptr) {
      ::close(ends[0]);
      ::close(ends[1]);
    }
    ::execvp(list[0], list.data());
    ::_exit(kNoSuchProgram);
  }
  const int reason = errno;
  if (output != nullptr) {
    ::close(ends[1]);
    *output = child > 0 ? read_all(ends[0]) : "";
    ::close(ends[0]);
  }
  errno = reason;
  if (child < 0) fail_to_start(words.front());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace ganselect
