#include "tests/fuzz_answers/main.h"

const ganselect::fuzz::TextTarget ganselect::fuzz::kTarget = {&record_seeds, &read_record_text};
