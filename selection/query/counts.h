// How many images there are to train on, and how many updates training may take: "400 training
// images", "a dataset of 2,000 photos", "in 2,000 updates".
#pragma once

#include <string>
#include <vector>

#include "selection/query/figure_words.h"

namespace ganselect {

/// Takes numbers of training images out of `tokens`. What names none ("generate 500 images",
/// "50 images per class") gets a note. Throws kUsage for two numbers that differ and for one that
/// is not whole.
void read_train_images(QueryTokens& tokens, UseCase& use_case, std::vector<std::string>& notes);

/// Takes numbers of generator updates out of `tokens`; epochs get a note. Throws kUsage as above
/// and for a lower bound.
void read_updates(QueryTokens& tokens, UseCase& use_case, std::vector<std::string>& notes);

}  // namespace ganselect
