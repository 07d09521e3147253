// A recording that fails, wherever it does, on a library that keeps the books LibTorch's allocator
// and generators keep.
#include "harness/train/capture/capture_steps.h"

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>
#include <string>
#include <vector>

using namespace ganselect;

namespace {

// One stream, one pool, one generator. `fails_at` names the place that throws.
struct Library : CaptureSteps {
  explicit Library(std::string where) : fails_at(std::move(where)) {}

  void begin() override {
    pass("before the pool");
    pool_open = true;
    ++pool_users;
    pass("before the stream");
    stream_records = generator_records = true;
  }
  void end() override {
    pass("the stream's end");
    stream_records = false;
    close_pool();
    pass("an empty graph");
    generator_records = false;
    graph_holds_pool = true;
    pass("the graph's making");
  }
  void end_stream() override {
    require(stream_records, "a stream that records");
    stream_records = false;
  }
  void close_pool() override {
    require(pool_open, "an open pool");
    pool_open = false;
  }
  void renew_generators() override { generator_records = false; }
  void drop_graph() override {
    if (graph_holds_pool) --pool_users;
    graph_holds_pool = false;
  }
  void release_pool() override {
    require(pool_users > 0, "a pool in use");
    --pool_users;
  }

  void pass(const std::string& place) const {
    if (place == fails_at) throw std::runtime_error(place);
  }
  static void require(bool right, const std::string& what) {
    if (!right) throw std::logic_error("expected " + what);
  }

  std::string fails_at;
  bool pool_open = false, stream_records = false, generator_records = false;
  bool graph_holds_pool = false;
  int pool_users = 0;
};

}  // namespace

TEST_CASE("a failed recording leaves stream, allocator and generators usable", "[fast][graph]") {
  const std::vector<std::string> places = {"before the pool", "before the stream",
                                           "the work",        "the stream's end",
                                           "an empty graph",  "the graph's making"};
  for (const auto& place : places) {
    INFO(place);
    Library library(place);
    std::string said;
    try {
      capture(library, [&] { library.pass("the work"); });
    } catch (const std::exception& error) {
      said = error.what();
    }
    CHECK(said == place);  // not what an end had to say
    CHECK_FALSE(library.stream_records);
    CHECK_FALSE(library.pool_open);
    CHECK_FALSE(library.generator_records);
    CHECK_FALSE(library.graph_holds_pool);
    CHECK(library.pool_users == 0);
  }
}

TEST_CASE("a recording that succeeds keeps its graph and its pool", "[fast][graph]") {
  Library library("");
  int worked = 0;
  capture(library, [&] {
    CHECK(library.stream_records);
    ++worked;
  });
  CHECK(worked == 1);
  CHECK_FALSE(library.stream_records);
  CHECK_FALSE(library.pool_open);
  CHECK(library.graph_holds_pool);
  CHECK(library.pool_users == 1);
}
