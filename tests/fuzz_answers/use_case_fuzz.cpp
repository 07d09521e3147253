#include "tests/fuzz_answers/main.h"

const ganselect::fuzz::TextTarget ganselect::fuzz::kTarget = {&use_case_seeds, &read_use_case_text};
