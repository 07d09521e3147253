#include "tests/fuzz_answers/main.h"

const ganselect::fuzz::TextTarget ganselect::fuzz::kTarget = {&query_seeds, &read_query_text};
