// What the survey's tables say in words about architectures, losses and regularizers: what each was
// made to cure, and what each architecture suits. Facts of the literature, not measurements.
#pragma once

#include <string>

#include "base/named_table.h"

namespace ganselect {

/// What a backbone suits.
struct ArchitectureNote {
  std::string name;        ///< as a record's candidate.architecture
  std::string suits;       ///< kind of data
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
