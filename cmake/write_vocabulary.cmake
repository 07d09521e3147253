# Writes OUTPUT, a C++ file that holds the text of VOCABULARY.
include(${CMAKE_CURRENT_LIST_DIR}/embed_text.cmake)

file(WRITE ${OUTPUT} "// Written by cmake/write_vocabulary.cmake.
#include \"selection/query/vocabulary_text.h\"

namespace ganselect {
namespace {
")
embed_text(${OUTPUT} vocabulary "${VOCABULARY}")
file(APPEND ${OUTPUT} "
}  // namespace

std::string_view vocabulary_text() { return k_vocabulary; }

}  // namespace ganselect
")
