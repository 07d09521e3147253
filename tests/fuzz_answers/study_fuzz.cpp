#include "tests/fuzz_answers/main.h"
#include "tests/fuzz_answers/study_target.h"

const ganselect::fuzz::TextTarget ganselect::fuzz::kTarget = {&study_seeds, &read_study};
