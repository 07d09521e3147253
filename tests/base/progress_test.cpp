#include <catch2/catch_test_macros.hpp>

#include "base/interrupt.h"
#include "base/progress.h"
#include "base/provenance.h"
#include "tests/support/errors.h"

using namespace ganselect;
using test::contains;

namespace {
ProgressSettings into(std::string& text, bool terminal) {
  return {.terminal = terminal,
          .terminal_period_s = 0,
          .plain_period_s = 0,
          .write = [&text](const std::string& part) { text += part; }};
}
}  // namespace

TEST_CASE("plain progress has neither colour nor carriage return", "[fast][progress]") {
  std::string text;
  Progress progress("train dcgan", 10, 0, into(text, false));
  progress.update(5, "loss 0.7");
  progress.finish();
  CHECK(contains(text, "train dcgan  50%"));
  CHECK(contains(text, "loss 0.7\n"));
  CHECK_FALSE(contains(text, "\r"));
  CHECK_FALSE(contains(text, "\033"));
}

TEST_CASE("a terminal's bar redraws one line", "[fast][progress]") {
  std::string text;
  Progress progress("sweep", 4, 0, into(text, true));
  progress.update(1);
  CHECK(contains(text, "\r\033[Ksweep [======                  ]  25%"));
  progress.finish();
}

TEST_CASE("work done before a resume does not flatter the time left", "[fast][progress]") {
  std::string text;
  Progress progress("resumed", 100, 90, into(text, false));
  CHECK(progress.seconds_left() < 0);  // nothing done by this process yet
  progress.update(91);
  // One unit of ten is done: nine times what it took is left, not a tenth of it.
  const double left = progress.seconds_left();
  CHECK(left >= 0);
  progress.update(95);
  CHECK(progress.seconds_left() >= 0);
  progress.finish();
}

TEST_CASE("an interrupt becomes an error with exit status 130", "[fast][interrupt]") {
  set_interrupted(true);
  const auto thrown = test::thrown_by([] { throw_if_interrupted("the state is saved in runs/x"); });
  set_interrupted(false);
  CHECK(static_cast<int>(thrown.kind) == 130);
  CHECK(contains(thrown.message, "the state is saved in runs/x"));
  CHECK(test::thrown_by([] { throw_if_interrupted(""); }).message.empty());
}

TEST_CASE("provenance names commit, compiler and library", "[fast][provenance]") {
  const Json p = provenance();
  for (const char* key :
       {"version", "commit", "dirty", "compiler", "libtorch", "cpu", "cores", "date"})
    CHECK(p.contains(key));
  CHECK(p["date"].get<std::string>().size() == 20);
}
