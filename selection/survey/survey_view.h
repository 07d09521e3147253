// What the survey is known to say of a candidate: which of its claims name it or what it is made
// of. Its full tables are not known here, so nothing else is put in its mouth; what the literature
// says of losses and regularizers is results/tables/method_notes.h's, under its own sources.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/named_table.h"
#include "results/records/record.h"

namespace ganselect {

struct SurveyView {
  std::string name;                 ///< candidate
  std::vector<std::string> claims;  ///< rows of claim_specs()
};

/// One row for each candidate that a claim names, by itself, its regularizer, divergence or batch
/// norm.
const NamedTable<SurveyView>& survey_views();

/// "C1: WGAN-GP, ... give diversity and quality together; C4: ..."; absent where no claim names it.
std::optional<std::string> survey_says(const std::string& candidate);

/// What the literature says of a candidate's loss and regularizers, in our words.
struct KnownNote {
  std::string of;  ///< "this loss", "weight-clip"
  std::string says;
  std::string source;
};
std::vector<KnownNote> known_notes(const RecordCandidate& candidate);

/// Array of {of, says, source}.
Json known_notes_json(const RecordCandidate& candidate);

}  // namespace ganselect
