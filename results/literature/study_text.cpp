#include "results/literature/study_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "results/literature/arm_components.h"

namespace ganselect {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kLongestArmName = 34;

std::string indented(const std::string& text, std::size_t indent) {
  return text.empty() ? "" : wrapped(text, kColumns, indent, indent);
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                    std::size_t indent) {
  std::string line(indent, ' ');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    line += i + 1 < cells.size() ? fmt::format("{:<{}}", cells[i], widths[i]) : cells[i];
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string grid(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) text += line_of(row, widths, indent);
  return text;
}

// "cifar10" of "CIFAR-10".
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char c : to_lower(name)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) plain += c;
  }
  return plain;
}

std::string size_of(const Study& study) {
  if (study.data == StudyData::kPoints) return "points";
  return study.resolution ? std::to_string(*study.resolution) + " pixels a side"
                          : "size not stated";
}

template <class T>
std::string or_not_stated(const std::optional<T>& value) {
  if (!value) return kNotStated;
  if constexpr (std::is_same_v<T, std::string>) {
    return *value;
  } else {
    return std::to_string(*value);
  }
}

std::string value_text(const MeasureValue& value) {
  std::string text = shortest(value.mean);
  const std::pair<const char*, std::optional<double>> spreads[] = {{"sd", value.sd},
                                                                   {"se", value.se},
                                                                   {"eval", value.eval_sd},
                                                                   {"splits", value.split_sd},
                                                                   {"?", value.unknown_pm}};
  for (const auto& [kind, spread] : spreads) {
    if (spread) text += fmt::format(" +-{} {}", shortest(*spread), kind);
  }
  return text;
}

std::vector<std::string> measures_of(const Study& study) {
  std::vector<std::string> names;
  for (const auto& measure : literature_measures()) {
    const bool given = std::any_of(study.arms.begin(), study.arms.end(), [&](const Arm& arm) {
      return arm.measures.contains(measure.name);
    });
    if (given) names.push_back(measure.name);
  }
  return names;
}

std::string short_arm_name(const Arm& arm) {
  if (arm.as_named.size() <= kLongestArmName) return arm.as_named;
  return arm.as_named.substr(0, kLongestArmName - 3) + "...";
}

std::vector<std::string> column_of(const Study& study, const std::string& measure) {
  std::vector<std::string> cells = {measure};
  for (const auto& arm : study.arms) {
    const auto found = arm.measures.find(measure);
    cells.push_back(found == arm.measures.end() ? "-" : value_text(found->second));
  }
  return cells;
}

std::size_t width_of(const std::vector<std::string>& cells) {
  std::size_t width = 0;
  for (const auto& cell : cells) width = std::max(width, cell.size());
  return width;
}

// The figures, as many measures beside each other as fit.
std::string figures_text(const Study& study) {
  std::vector<std::string> names = {"arm"};
  for (const auto& arm : study.arms) names.push_back(short_arm_name(arm));
  std::vector<std::vector<std::string>> columns;
  std::string text;
  const auto flush = [&] {
    if (columns.empty()) return;
    std::vector<std::vector<std::string>> rows(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      rows[i].push_back(names[i]);
      for (const auto& column : columns) rows[i].push_back(column[i]);
    }
    text += "\n" + grid(rows, 0);
    columns.clear();
  };
  std::size_t used = width_of(names);
  for (const auto& measure : measures_of(study)) {
    auto cells = column_of(study, measure);
    const std::size_t width = 2 + width_of(cells);
    if (used + width > kColumns) {
      flush();
      used = width_of(names);
    }
    used += width;
    columns.push_back(std::move(cells));
  }
  flush();
  return text;
}

std::string list_or(const std::vector<std::string>& words, const std::string& none) {
  return words.empty() ? none : join(words, " + ");
}

std::string arm_text(const Arm& arm) {
  const ArmComponents parts = arm_components(arm);
  std::string text = indented(arm.as_named, 2);
  text += indented(fmt::format("filed as {} ({})", arm.candidate, match_name(arm.match)), 4);
  text +=
      indented(fmt::format("{}; {}; {}; norm of the critic {}{}{}", parts.architecture, parts.loss,
                           list_or(parts.regularization, "no regularization"), parts.d_norm,
                           parts.augmentation.empty() ? "" : "; " + join(parts.augmentation),
                           parts.conditional ? "; told labels" : ""),
               4);
  if (!parts.point.empty()) text += indented("point " + parts.point, 4);
  if (!parts.outside.empty()) text += indented("beyond the space: " + join(parts.outside), 4);
  if (arm.note) text += indented(*arm.note, 4);
  return text;
}

std::string protocol_lines(const Study& study) {
  const StudyProtocol& protocol = study.protocol;
  const std::pair<const char*, std::string> rows[] = {
      {"data",
       fmt::format("{}, {}; training samples: {}; labels: {}", study.dataset, size_of(study),
                   or_not_stated(study.train_images), labels_name(study.labels))},
      {"networks", study.backbone},
      {"updates", or_not_stated(study.updates) + "; batch: " + or_not_stated(study.batch)},
      {"measured",
       fmt::format("detector: {}; samples: {}; real samples: {}; their split: {}; checkpoint: {}{}",
                   or_not_stated(protocol.detector), or_not_stated(protocol.n_fake),
                   or_not_stated(protocol.n_real), or_not_stated(protocol.split),
                   or_not_stated(protocol.checkpoint),
                   protocol.other ? "; " + *protocol.other : "")},
      {"trainings of an arm", or_not_stated(study.seeds.n) + "; spread: " + study.seeds.spread},
      {"reliability", std::string(reliability_name(study.reliability)) +
                          (study.independent ? "" : ", no study of its own")},
  };
  std::string text;
  for (const auto& [name, value] : rows) text += indented(std::string(name) + ": " + value, 2);
  return text;
}

Json components_to_json(const Arm& arm) {
  const ArmComponents parts = arm_components(arm);
  return {{"architecture", parts.architecture},
          {"loss", parts.loss},
          {"regularization", parts.regularization},
          {"d_norm", parts.d_norm},
          {"augmentation", parts.augmentation},
          {"conditional", parts.conditional},
          {"candidate", parts.candidate.empty() ? Json(nullptr) : Json(parts.candidate)},
          {"point", parts.point.empty() ? Json(nullptr) : Json(parts.point)},
          {"outside", parts.outside}};
}

// The name as the studies write it.
std::string known_dataset(const std::vector<Study>& studies, const std::string& asked) {
  std::set<std::string> names;
  for (const auto& study : studies) {
    if (plain_name(study.dataset) == plain_name(asked)) return study.dataset;
    names.insert(study.dataset);
  }
  const std::vector<std::string> valid(names.begin(), names.end());
  std::vector<std::string> plain;
  for (const auto& name : valid) plain.push_back(plain_name(name));
  const auto nearest = nearest_name(plain_name(asked), plain);
  std::string hint;
  for (std::size_t i = 0; nearest && i < plain.size(); ++i) {
    if (plain[i] == *nearest) hint = "did you mean '" + valid[i] + "'?";
  }
  fail(ErrorKind::kUsage, {.where = "data set of a study",
                           .expected = "one of " + join(valid),
                           .got = "'" + asked + "'",
                           .hint = hint});
}

}  // namespace

std::vector<Study> filter_studies(const std::vector<Study>& studies, const StudyFilter& filter) {
  std::string dataset;
  if (!filter.dataset.empty()) dataset = known_dataset(studies, filter.dataset);
  if (!filter.measure.empty()) literature_measures().at(filter.measure);
  std::vector<Study> kept;
  for (const auto& study : studies) {
    const auto measures = measures_of(study);
    const bool measured = filter.measure.empty() || std::find(measures.begin(), measures.end(),
                                                              filter.measure) != measures.end();
    if (measured && (dataset.empty() || study.dataset == dataset)) kept.push_back(study);
  }
  if (kept.empty()) {
    fail(ErrorKind::kData,
         {.where = "literature list",
          .expected =
              fmt::format("studies of {} that measure {}", dataset.empty() ? "any data" : dataset,
                          filter.measure.empty() ? "anything" : filter.measure),
          .got = "none"});
  }
  return kept;
}

const Study& find_study(const std::vector<Study>& studies, const std::string& id) {
  std::vector<std::string> ids;
  for (const auto& study : studies) {
    if (study.id == id) return study;
    ids.push_back(study.id);
  }
  // A slip, or the beginning of several ids.
  std::vector<std::string> near;
  if (const auto nearest = nearest_name(id, ids)) near.push_back(*nearest);
  for (const auto& one : ids) {
    constexpr std::size_t kMost = 5;
    if (near.size() < kMost && !id.empty() && one.find(id) != std::string::npos &&
        std::find(near.begin(), near.end(), one) == near.end()) {
      near.push_back(one);
    }
  }
  fail(ErrorKind::kUsage, {.where = "literature show",
                           .expected = "the id of a study",
                           .got = "'" + id + "'",
                           .hint = near.empty() ? "ganselect literature list names them"
                                                : "did you mean " + join(near, " or ") + "?"});
}

std::string studies_to_text(const std::vector<Study>& studies) {
  std::vector<std::pair<std::string, std::vector<std::vector<std::string>>>> sources;
  std::set<std::string> groups;
  std::size_t arms = 0;
  for (const auto& study : studies) {
    groups.insert(study.group);
    arms += study.arms.size();
    const auto same = [&](const auto& source) { return source.first == study.citation; };
    auto found = std::find_if(sources.begin(), sources.end(), same);
    if (found == sources.end()) {
      sources.push_back({study.citation, {}});
      found = sources.end() - 1;
    }
    found->second.push_back({study.id, study.dataset,
                             study.resolution ? std::to_string(*study.resolution) : "-",
                             std::to_string(study.arms.size())});
  }
  std::string text = "Source\n  study, data set, pixels a side, arms\n\n";
  for (const auto& [citation, rows] : sources) text += indented(citation, 0) + grid(rows, 2) + "\n";
  return text +
         indented(fmt::format("{} studies of {} sources, {} arms. Figures of different studies "
                              "are not comparable. More of one: ganselect literature show ID",
                              studies.size(), groups.size(), arms),
                  0);
}

Json studies_to_json(const std::vector<Study>& studies) {
  Json list = Json::array();
  for (const auto& study : studies) {
    list.push_back({{"id", study.id},
                    {"group", study.group},
                    {"citation", study.citation},
                    {"where_read", study.where_read},
                    {"dataset", study.dataset},
                    {"resolution", study.resolution ? Json(*study.resolution) : Json(nullptr)},
                    {"labels", labels_name(study.labels)},
                    {"arms", study.arms.size()},
                    {"measures", measures_of(study)},
                    {"reliability", reliability_name(study.reliability)},
                    {"independent", study.independent}});
  }
  return list;
}

std::string study_to_text(const Study& study) {
  std::string text = study.id + "\n" + indented(study.citation, 2);
  text +=
      indented("read (" + std::string(read_as_name(study.read_as)) + "): " + study.where_read, 2);
  text += protocol_lines(study);
  if (!study.overlaps_with.empty())
    text += indented("overlaps with: " + join(study.overlaps_with), 2);
  if (!study.notes.empty()) text += indented("notes: " + study.notes, 2);
  text += figures_text(study);
  text +=
      "\nsd: between trainings, se: of their mean, eval: between evaluations of one\n"
      "network, splits: of the inception score, ?: not said\n\nArms\n";
  for (const auto& arm : study.arms) text += arm_text(arm);
  return text;
}

Json study_to_json(const Study& study) {
  Json json = to_json(study);
  for (std::size_t i = 0; i < study.arms.size(); ++i)
    json["arms"][i]["components"] = components_to_json(study.arms[i]);
  return json;
}

}  // namespace ganselect
