// The text of vocabulary.json, embedded at build time (cmake/vocabulary.cmake).
#pragma once

#include <string_view>

namespace ganselect {

std::string_view vocabulary_text();

}  // namespace ganselect
