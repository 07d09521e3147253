#include "harness/commands/check_list.h"

#include <c10/util/Exception.h>

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>

#include "base/error.h"
#include "base/json.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

// What was printed so far, and how much of it when each check began.
struct Scene {
  std::string printed;
  std::vector<std::string> before;

  std::vector<NamedCheck> checks() {
    const auto seen = [this](auto work) {
      return [this, work] {
        before.push_back(printed);
        return work();
      };
    };
    return {{"first", seen([] { return std::string("two and two is four"); })},
            {"own", seen([]() -> std::string {
               fail(ErrorKind::kFailed, {.where = "a sum", .expected = "4", .got = "5"});
             })},
            {"of LibTorch",
             seen([]() -> std::string { TORCH_CHECK(false, "out of memory\nwith its trace"); })},
            {"of the library", seen([]() -> std::string { throw std::runtime_error("broken"); })},
            {"of nobody", seen([]() -> std::string { throw 7; })},
            {"last", seen([] { return std::string("goes on"); })}};
  }
  std::size_t run(bool json) {
    return run_checks(checks(), json, [this](const std::string& text) { printed += text; });
  }
};

}  // namespace

TEST_CASE("checks go on whatever one throws, and each has its row when it is done",
          "[fast][verify]") {
  Scene scene;
  CHECK(scene.run(/*json=*/false) == 4);
  CHECK(scene.printed ==
        "check           result  what was found\n"
        "first           right   two and two is four\n"
        "own             WRONG   [a sum] expected 4, got 5\n"
        "of LibTorch     WRONG   out of memory\n"
        "of the library  WRONG   broken\n"
        "of nobody       WRONG   an exception of no known kind\n"
        "last            right   goes on\n");
  REQUIRE(scene.before.size() == 6);
  for (std::size_t i = 0; i < scene.before.size(); ++i) {
    const auto& text = scene.before[i];
    CHECK(std::count(text.begin(), text.end(), '\n') == static_cast<std::ptrdiff_t>(i) + 1);
  }
}

TEST_CASE("checks as JSON are one array, of which each row is there when it is done",
          "[fast][verify]") {
  Scene scene;
  CHECK(scene.run(/*json=*/true) == 4);
  const Json all = Json::parse(scene.printed);
  CHECK(scene.printed == all.dump(2) + "\n");
  REQUIRE(all.size() == 6);
  CHECK(all[0] == Json{{"check", "first"}, {"right", true}, {"found", "two and two is four"}});
  CHECK(all[3] == Json{{"check", "of the library"}, {"right", false}, {"found", "broken"}});
  CHECK(test::contains(scene.before[5], "of nobody"));
  CHECK(Json::parse(scene.before[5] + "]").size() == 5);
}

}  // namespace ganselect
