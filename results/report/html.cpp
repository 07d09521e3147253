#include "results/report/html.h"

#include "base/text.h"
#include "results/tables/table_text.h"

namespace ganselect {

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string script_json(const Json& json) {
  std::string out;
  for (const char c : json.dump()) {
    switch (c) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string trimmed_number(double value) {
  std::string text = rounded(value, 3);
  if (text.find('.') == std::string::npos || text.find('e') != std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string value_text(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return trimmed_number(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  std::vector<std::string> parts;
  for (const auto& [key, part] : value.items()) {
    parts.push_back(value.is_object() ? key + " " + value_text(part) : value_text(part));
  }
  // Two numbers are an interval.
  const bool interval =
      value.is_array() && value.size() == 2 && value[0].is_number() && value[1].is_number();
  if (interval) return "[" + join(parts) + "]";
  return parts.empty() ? "none" : join(parts);
}

std::string number_cell(const std::string& text, std::optional<double> value) {
  if (!value) return "<td class=\"none\">" + html_text(text) + "</td>";
  return "<td class=\"number\" data-value=\"" + shortest(*value) + "\">" + html_text(text) +
         "</td>";
}

std::string figure_cell(const std::string& text, std::optional<double> value,
                        const std::string& candidate, const std::string& measure) {
  if (!value) return number_cell(text, value);
  return "<td class=\"number\" data-value=\"" + shortest(*value) +
         "\"><button type=\"button\" class=\"figure\" data-candidate=\"" + html_text(candidate) +
         "\" data-measure=\"" + html_text(measure) + "\">" + html_text(text) + "</button></td>";
}

std::string header_row(const std::vector<std::string>& names, bool sortable) {
  std::string html = "<tr>";
  for (const auto& name : names) {
    const std::string text = html_text(name);
    html += "<th scope=\"col\">" +
            (sortable ? "<button type=\"button\">" + text + "</button>" : text) + "</th>";
  }
  return html + "</tr>";
}

}  // namespace ganselect
