// What the criteria know of a record's data: points or images, how many modes, how large.
#pragma once

#include <optional>
#include <string>

#include "results/records/record.h"

namespace ganselect {

/// Whether the record's data are point sets.
bool is_points(const Record& record);

/// A number inside the protocol's settings of one measure, as measures.ndb.bins.
std::optional<double> protocol_number(const Record& record, const std::string& measure,
                                      const std::string& key);

/// Modes of the data that the record's `modes` counts; nothing when it is not known.
std::optional<double> modes_of_data(const Record& record);

/// The record's `modes`. Of point sets nothing where the protocol has no level of the rule against
/// chance: without it any near point counted, and a scatter touches most modes.
std::optional<double> counted_modes(const Record& record);

/// Height of the images the record was trained on; nothing for points or an unknown data set.
std::optional<double> image_size_of_data(const Record& record);

}  // namespace ganselect
