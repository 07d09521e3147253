#include "harness/train/device_facts.h"

#include <catch2/catch_test_macros.hpp>

#include "base/provenance.h"

namespace ganselect {

TEST_CASE("a processor is named with its memory, threads and libraries", "[fast][provenance]") {
  const Json facts = device_facts(torch::kCPU, 3);
  CHECK(facts.at("kind") == "cpu");
  CHECK(facts.at("name") == provenance().at("cpu"));
  CHECK(facts.at("threads") == 3);
  CHECK(facts.at("memory_bytes").get<std::int64_t>() > std::int64_t{1} << 28);
  for (const char* library : {"libtorch", "instructions", "onednn", "mkl"}) {
    CAPTURE(library);
    CHECK_FALSE(facts.at("libraries").at(library).get<std::string>().empty());
  }
  // What is null says why, and nothing else does.
  CHECK(facts.at("driver").is_null());
  CHECK(facts.at("reason") == Json{{"driver", "a processor has none"}});
}

}  // namespace ganselect
