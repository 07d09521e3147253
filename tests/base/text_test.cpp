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

TEST_CASE("bytes that are no UTF-8 are written out, all else stays", "[fast]") {
  CHECK(utf8_text("caf\xe9") == "caf\\xE9");
  CHECK(utf8_text("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xa8") ==
        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xa8");
  CHECK(utf8_text("\xc0\xaf") == "\\xC0\\xAF");           // longer than needed
  CHECK(utf8_text("\xed\xa0\x80") == "\\xED\\xA0\\x80");  // half of a surrogate pair
  CHECK(utf8_text("\xf4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80");
  CHECK(utf8_text("a\xe2\x82") == "a\\xE2\\x82");  // cut short
  CHECK(utf8_text("") == "");
}

}  // namespace
}  // namespace ganselect
