#include "harness/commands/commands.h"

#include <algorithm>

#include "harness/cli/documentation.h"
#include "models/catalogue.h"

namespace ganselect {

std::vector<Command> commands() {
  std::vector<Command> table = {
      {"list", "the candidates, with their four decision parameters, sources and tables",
       attach_list},
      {"explain", "one candidate, loss, regularizer, divergence or measure in words",
       attach_explain},
      {"data", "list, fetch and verify data sets", attach_data},
      {"train", "train and measure one candidate", attach_train},
      {"sweep", "train and measure every trial of a plan", attach_sweep},
      {"race", "the best GAN for your images within a budget of time", attach_race},
      {"evaluate", "every measure for a trained run, another generator, or a set of samples",
       attach_evaluate},
      {"metrics", "the measures on features, class scores, labels or bin counts given as .npy",
       attach_metrics},
      {"validate", "do the measures notice planted damage, dropped classes, copies and collapse?",
       attach_validate},
      {"sample", "draw from a trained generator", attach_sample},
      {"export", "a trained generator for other programs, as TorchScript", attach_export},
      {"judge", "train or evaluate the project's own detectors", attach_judge},
      {"bench", "what training and measuring cost on this machine", attach_bench},
      {"embedding", "train or evaluate a self-supervised feature space", attach_embedding},
      {"neighbors", "neighbourhoods of a data set's images, for conditioning on instances",
       attach_neighbors},
      {"partition", "clusters of a data set's images, for candidates that are told these",
       attach_partition},
      {"precision", "which arithmetic may be the default, from records", attach_precision},
      {"tags", "words for images: multimodal tag generation", attach_tags},
      {"completion", "completion of commands and flags, for a shell to read", attach_completion},
      {"manual", "the man page of all commands", attach_manual},
      {"verify", "self-test: digests, known values, one step of each candidate", attach_verify},
  };
  // After `validate`: from measuring to choosing.
  const auto answers = answer_commands(
      [] { return catalogue_from_json(catalogue_json(), "this program's own tables"); });
  const auto sample = std::find_if(table.begin(), table.end(),
                                   [](const Command& row) { return row.name == "sample"; });
  table.insert(sample, answers.begin(), answers.end());
  return table;
}

}  // namespace ganselect
