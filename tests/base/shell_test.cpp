#include "base/shell.h"

#include <catch2/catch_test_macros.hpp>

namespace ganselect {
namespace {

TEST_CASE("a shell reads quoted words as they were", "[fast]") {
  const std::vector<std::string> words = {
      "plain-word_1.0/a,b:c=d+e", "two words", "it's", "$HOME", "`id`\\n\"x\"", "", "a\nb",
      "*?[x]~;#&|<>(){}!"};
  CHECK(shell_word("runs/x-1") == "runs/x-1");
  CHECK(shell_word("it's") == R"('it'\''s')");
  std::string output;
  // Each word as a shell got it, ended by a byte that none holds.
  const auto line = "printf '%s\\001' " + shell_line(words);
  REQUIRE(run_command({"sh", "-c", line}, &output) == 0);
  std::string expected;
  for (const auto& word : words) expected += word + "\001";
  CHECK(output == expected);
}

TEST_CASE("a command gives its output and its status", "[fast]") {
  std::string output = "before";
  CHECK(run_command({"sh", "-c", "printf a; printf b >&2; exit 3"}, &output) == 3);
  CHECK(output == "a");
  CHECK(run_command({"no-such-program-anywhere"}, &output) == kNoSuchProgram);
  CHECK(output.empty());
  CHECK(run_command({"sh", "-c", "kill -9 $$"}, &output) != 0);
}

}  // namespace
}  // namespace ganselect
