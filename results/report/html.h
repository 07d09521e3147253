// Text, numbers and JSON written into HTML so that nothing in a record can become markup or script.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ganselect {

/// Text with the characters that HTML gives a meaning replaced, fit for attributes too.
std::string html_text(std::string_view text);

/// JSON for a <script type="application/json">: no character of it can end the element or open a
/// comment.
std::string script_json(const Json& json);

/// Three significant digits, without zeros at the end.
std::string trimmed_number(double value);

/// A JSON value in words: numbers rounded, lists as "a, b", null as a dash.
std::string value_text(const Json& value);

/// A table cell with its number as sort key, if it has one.
std::string number_cell(const std::string& text, std::optional<double> value);

/// The same with the number on a button that opens its provenance: the trials of `candidate` with
/// their values of `measure`.
std::string figure_cell(const std::string& text, std::optional<double> value,
                        const std::string& candidate, const std::string& measure);

/// `<th>` cells; with `sortable`, each holds a button that the page's script sorts by.
std::string header_row(const std::vector<std::string>& names, bool sortable);

}  // namespace ganselect
