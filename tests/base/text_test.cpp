#include "base/text.h"

#include <catch2/catch_test_macros.hpp>

namespace ganselect {
namespace {

TEST_CASE("words are wrapped by the characters that are seen", "[fast]") {
  CHECK(wrapped("one two three", 7, 0, 2) == "one two\n  three\n");
  CHECK(wrapped("one two three", 7, 2, 2) == "  one\n  two\n  three\n");
  CHECK(wrapped("aa ±± bb", 5, 0, 0) == "aa ±±\nbb\n");  // five characters, seven bytes
  CHECK(wrapped("unbreakable is", 4, 0, 1) == "unbreakable\n is\n");
  CHECK(wrapped("", 4, 0, 1) == "\n");
}

TEST_CASE("columns are as wide as their widest cell is seen", "[fast]") {
  CHECK(aligned_rows({{"a", "±1"}, {"bbb", "20"}, {"c", ""}}, 1) == "a    ±1\nbbb  20\nc\n");
}

}  // namespace
}  // namespace ganselect
