#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/named_table.h"
#include "base/text.h"
#include "tests/support/errors.h"

using namespace ganselect;
using test::thrown_by;

namespace {
struct Fruit {
  std::string name;
  int weight = 0;
};
}  // namespace

TEST_CASE("a message is one line of where, expected, got and hint", "[fast][error]") {
  const auto thrown = thrown_by([] {
    fail(
        ErrorKind::kData,
        {.where = "x.bin", .expected = "3073 bytes", .got = "12\nbytes", .hint = "fetch it again"});
  });
  CHECK(thrown.kind == ErrorKind::kData);
  CHECK(thrown.message == "[x.bin] expected 3073 bytes, got 12 bytes; fetch it again");
  CHECK(format_problem({.expected = "a name"}) == "expected a name");
}

TEST_CASE("a table answers a wrong name with the valid ones and the nearest", "[fast][table]") {
  const NamedTable<Fruit> table("fruit", {{"apple", 3}, {"cherry", 1}});
  CHECK(table.at("cherry").weight == 1);
  CHECK(table.find("plum") == nullptr);
  const auto thrown = thrown_by([&] { table.at("chery"); });
  CHECK(thrown.kind == ErrorKind::kUsage);
  CHECK(thrown.message ==
        "[fruit] expected one of apple, cherry, got 'chery'; did you mean 'cherry'?");
}

TEST_CASE("two rows of one name are refused", "[fast][table]") {
  const auto thrown = thrown_by([] { NamedTable<Fruit>("fruit", {{"fig", 1}, {"fig", 2}}); });
  CHECK(thrown.message == "[fruit table] expected distinct names, got two rows named 'fig'");
}

TEST_CASE("edit distance counts insertions, deletions and replacements", "[fast][text]") {
  CHECK(edit_distance("kitten", "sitting") == 3);  // the textbook pair
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("dgcan", "dcgan") == 1);  // two neighbours swapped
  CHECK(edit_distance("ca", "abc") == 3);       // no part is edited twice
  const std::vector<std::string> names = {"wgan", "wgan-gp"};
  CHECK(nearest_name("wgan-pg", names) == "wgan-gp");
  CHECK_FALSE(nearest_name("zzzzzz", names).has_value());
}

TEST_CASE("CSV fields are quoted only where RFC 4180 asks for it", "[fast][text]") {
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"x\"\n") == "\"say \"\"x\"\"\n\"");
}

TEST_CASE("numbers for people and numbers that read back", "[fast][text]") {
  CHECK(shortest(0.1) == "0.1");
  CHECK(std::stod(shortest(1.0 / 3.0)) == 1.0 / 3.0);
  CHECK(human_seconds(75) == "1 min 15 s");
  CHECK(human_seconds(7260) == "2 h 1 min");
  CHECK(human_bytes(1536) == "1.5 KiB");
}
