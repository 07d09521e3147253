#include "base/error.h"
#include "harness/cli/answers.h"

namespace ganselect {

Catalogue catalogue_from_json(const Json& json, const std::string& where) {
  const auto list = [&](const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_array() || found->empty()) {
      fail(ErrorKind::kData, {.where = where,
                              .expected = std::string("a list of candidates under '") + key + "'",
                              .got = "none",
                              .hint = "build the program again"});
    }
    return found->get<std::vector<Json>>();
  };
  return {.candidates = list("candidates"), .space = list("space")};
}

}  // namespace ganselect
