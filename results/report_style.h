// Style sheet and script of the report page, as text that is written into it.
#pragma once

#include <string_view>

namespace ganselect {

/// Light and dark by the reader's preference; one column on a phone; everything open on paper.
std::string_view report_style();

/// Sorts a table by the heading that is clicked or activated by key; nothing else.
std::string_view report_script();

}  // namespace ganselect
