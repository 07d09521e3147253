// The parts that vocabulary() is put together from; for vocabulary.cpp alone.
#pragma once

#include <vector>

#include "selection/query/vocabulary.h"

namespace ganselect {

std::vector<VocabularyRow> criterion_rows();  // what is wished for
std::vector<VocabularyRow> modifier_rows();   // how much of it
std::vector<VocabularyRow> joining_rows();    // comparisons, lists, constraints without numbers
VocabularyRow ignored_row();                  // words that say nothing about the use case

}  // namespace ganselect
