// The parts of the report page, each an HTML fragment.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "results/record.h"
#include "results/tables.h"

namespace ganselect {

/// One answer in the form of `ask --json`: what was understood, the ranking, the four questions.
std::string answer_html(const Json& answer);

/// The verdicts in the form of `claims --json`, as a table.
std::string claims_html(const Json& claims);

/// A card for each candidate named in `order` that has records: outcome, sample grid and curves
/// read from the records' folders. `records` are all of one protocol.
std::string candidate_cards_html(std::span<const Record> records,
                                 const std::vector<std::string>& order);

/// A JSON value in words: numbers rounded, lists as "a, b", null as a dash.
std::string value_text(const Json& value);

/// A table cell with its number as sort key, if it has one.
std::string number_cell(const std::string& text, std::optional<double> value);

/// `<th>` cells; with `sortable`, each holds a button that the page's script sorts by.
std::string header_row(const std::vector<std::string>& names, bool sortable);

}  // namespace ganselect
