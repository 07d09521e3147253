// Parts of a record by themselves, as they stand under its keys.
#pragma once

#include <string>

#include "results/records/record.h"

namespace ganselect {

/// What stands under "budget" and "dataset". Errors as parse_record.
RecordBudget budget_from_json(const Json& json, const std::string& where);
RecordDataset dataset_from_json(const Json& json, const std::string& where);

}  // namespace ganselect
