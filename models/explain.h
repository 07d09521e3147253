// Texts of `explain`: a candidate, point, loss, divergence, regularizer or architecture in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ganselect {

struct Explanation {
  std::string kind;  // "candidate", "loss", "divergence", "regularizer", "architecture"
  std::string name;
  std::vector<std::pair<std::string, std::string>> sections;  // heading, text of one or more lines
};

// Nothing when the name is not one of models'. A name of several kinds (dcgan: candidate and
// architecture) gives the candidate first. A valid point ("dcgan/hinge") is explained from its
// parts; an invalid one is a kUsage error.
std::vector<Explanation> explain_model(std::string_view name);
// Every name explain_model knows, for "did you mean".
std::vector<std::string> explainable_model_names();

}  // namespace ganselect
