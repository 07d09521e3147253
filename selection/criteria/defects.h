// Which planted defects each measure notices, so that a criterion never rests on measures that are
// blind to what matters for it.
#pragma once

#include <string>
#include <vector>

#include "base/named_table.h"
#include "results/report/defect_cards.h"

namespace ganselect {

/// What one measure, or a quantity derived from several, notices.
struct DefectCard {
  std::string name;               ///< the measure or derived quantity
  std::vector<std::string> sees;  ///< names of defect_names()
};

/// "collapse": few distinct samples; "dropped-modes": some classes are missing; "copies": training
/// images are repeated; "noise": samples that look like nothing; "ignored-labels": the class that
/// was asked for has no effect.
const std::vector<std::string>& defect_names();

/// What each component can notice by its definition. A component without a row notices nothing.
const NamedTable<DefectCard>& defects_by_definition();

/// A defect counts as noticed where the definition allows it and, if `measured` has the measure at
/// that defect's card level, the measurement showed it too.
NamedTable<DefectCard> confirmed_cards(const MeasuredCards* measured);

/// confirmed_cards() with the published measured cards, read once; by definition alone where this
/// copy of the program brings none.
const NamedTable<DefectCard>& defect_cards();

}  // namespace ganselect
