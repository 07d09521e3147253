// A record's protocols, each written once: measures name theirs by a short id.
#pragma once

#include "base/json.h"

namespace ganselect {

/// Moves every protocol of a record's JSON (its own, its checkpoints', its further detectors') into
/// a table "protocols" and leaves ids in their place; checkpoints lose the reasons that the record
/// gives too.
void share_protocols(Json& record);

/// The reverse, for a record that has such a table. `where` names the file. Throws Error kData for
/// an id that is not in the table.
void spread_protocols(Json& record, const std::string& where);

}  // namespace ganselect
