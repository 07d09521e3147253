#include "base/number_table.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"

namespace ganselect {
namespace {

std::string refusal(const std::string& text) {
  try {
    parse_number_table(text, "t.csv");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    return error.what();
  }
  return "none";
}

TEST_CASE("a table of numbers is read cell by cell", "[fast][text]") {
  const auto table = parse_number_table("step,fid,modes\r\n100,1.5,\n200,,-2e-3\n", "t.csv");
  CHECK(table.names == std::vector<std::string>{"step", "fid", "modes"});
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0] == std::vector<std::optional<double>>{100.0, 1.5, std::nullopt});
  CHECK(table.rows[1] == std::vector<std::optional<double>>{200.0, std::nullopt, -2e-3});
  CHECK(parse_number_table("step\n", "t.csv").rows.empty());
}

TEST_CASE("a damaged table of numbers is refused with its place", "[fast][text]") {
  const auto starts = [](const std::string& text, const std::string& with) {
    INFO(text);
    return refusal(text).starts_with(with);
  };
  CHECK(starts("", "[t.csv] expected a header line"));
  CHECK(starts("step,fid\n1,2", "[t.csv] expected a line break at the end"));
  CHECK(starts("step,fid\n1,2\n3\n", "[t.csv, line 3] expected 2 cells, got 1"));
  CHECK(starts("step,fid\n1,2\n3,4,5\n", "[t.csv, line 3] expected 2 cells, got 3"));
  CHECK(starts("step,fid\n1,2x\n", "[t.csv, line 2, fid] expected a number or nothing, got '2x'"));
  CHECK(starts("step,fid\n1, 2\n", "[t.csv, line 2, fid] expected a number or nothing, got ' 2'"));
}

}  // namespace
}  // namespace ganselect
