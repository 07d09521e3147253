// What is known of losses and regularizers (what each was made against, by the paper that
// introduced it) and of this project's architectures (what each suits), in our words. Not
// measurements, and not the survey's statements: its full tables are not known here.
#pragma once

#include <string>

#include "base/named_table.h"

namespace ganselect {

/// What a backbone suits.
struct ArchitectureNote {
  std::string name;        ///< as a record's candidate.architecture
  std::string suits;       ///< kind of data, in our judgement
  std::string resolution;  ///< image sizes it is built for here
};
const NamedTable<ArchitectureNote>& architecture_notes();

/// The known trouble that a loss or a regularizer was introduced against.
struct CureNote {
  std::string name;       ///< as a record's candidate.loss or an entry of candidate.regularization
  std::string addresses;  ///< one clause
  std::string source;
};
const NamedTable<CureNote>& loss_notes();
const NamedTable<CureNote>& regularizer_notes();

}  // namespace ganselect
