#include "results/tables/tables.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "results/records/compare.h"
#include "results/tables/method_notes.h"
#include "results/tables/table_members.h"
#include "results/tables/table_text.h"

namespace ganselect {
namespace {

constexpr int kLossVariants = 1;  // the table that has no base

// ---- columns

TableColumn text_column(const std::string& key, const std::string& label,
                        const std::string& aspect) {
  return {.key = key, .label = label, .aspect = aspect};
}

std::vector<TableColumn> text_columns(int number) {
  if (number == kLossVariants) {
    return {text_column("critic_formula", "critic minimizes", "implementation"),
            text_column("generator_formula", "generator minimizes", "implementation"),
            text_column("architecture", "architecture", "implementation"),
            text_column("loss", "loss", "implementation"),
            text_column("regularization", "regularization", "implementation"),
            text_column("divergence", "divergence", "implementation"),
            text_column("optimizer", "optimizer", "implementation"),
            text_column("addresses", "known issue addressed", "application"),
            text_column("source", "source", "application")};
  }
  return {text_column("suits", "suits", "application"),
          text_column("labels", "labels", "application"),
          text_column("resolution", "resolution", "application"),
          text_column("source", "source", "application"),
          text_column("architecture", "architecture", "implementation"),
          text_column("loss", "loss", "implementation"),
          text_column("regularization", "regularization", "implementation"),
          text_column("divergence", "divergence", "implementation"),
          text_column("optimizer", "optimizer", "implementation")};
}

TableColumn measure_column(const std::string& measure) {
  const MetricSpec* spec = find_metric_spec(measure);
  const bool is_cost = spec != nullptr && spec->group == MetricGroup::kCost;
  return {.key = measure,
          .label = measure,
          .aspect = is_cost ? "implementation" : "behaviour",
          .is_measure = true,
          .unit = spec == nullptr ? "" : spec->unit,
          .direction =
              std::string(direction_name(spec == nullptr ? Direction::kNone : spec->direction))};
}

// "steps_to_fid_5" before "steps_to_fid_50" and "steps_to_fid_100".
bool by_length_then_text(const std::string& a, const std::string& b) {
  return std::pair(a.size(), std::cref(a).get()) < std::pair(b.size(), std::cref(b).get());
}

// Every measure that a record of the table mentions, in the order of metric_specs(); all of them
// when there is no record. Names unknown to the specs come last.
std::vector<std::string> measure_names(int number, const std::vector<const Record*>& records) {
  if (number == kLossVariants) return {"fid", "coverage", "modes"};
  std::vector<std::string> met;
  for (const Record* record : records) {
    for (const auto& [name, value] : record->measures.values) met.push_back(name);
  }
  std::sort(met.begin(), met.end(), by_length_then_text);
  met.erase(std::unique(met.begin(), met.end()), met.end());
  std::vector<std::string> ordered;
  for (const auto& spec : metric_specs()) {
    if (met.empty() && spec.name.back() != '*') ordered.push_back(spec.name);
    for (const auto& name : met) {
      if (find_metric_spec(name) == &spec) ordered.push_back(name);
    }
  }
  for (const auto& name : met) {
    if (find_metric_spec(name) == nullptr) ordered.push_back(name);
  }
  return ordered;
}

// ---- texts of a row

const Json* find_key(const TableMember& member, const std::string& key) {
  if (!member.records.empty() && member.trained_as.empty()) {
    const Json& recorded = member.records.front()->candidate.json;
    const auto found = recorded.find(key);
    if (found != recorded.end() && !found->is_null()) return &*found;
  }
  if (member.listed != nullptr) {
    const auto found = member.listed->find(key);
    if (found != member.listed->end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

std::string text_of(const TableMember& member, const std::string& key) {
  const Json* value = find_key(member, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

std::vector<std::string> regularizers_of(const TableMember& member) {
  std::vector<std::string> names;
  if (const Json* value = find_key(member, "regularization");
      value != nullptr && value->is_array()) {
    for (const Json& name : *value) {
      if (name.is_string()) names.push_back(name.get<std::string>());
    }
  }
  return names;
}

std::string optimizer_text(const TableMember& member) {
  const Json* optimizer = find_key(member, "optimizer");
  if (optimizer == nullptr || !optimizer->is_object()) return "";
  const auto figure = [optimizer](const char* key) {
    const auto found = optimizer->find(key);
    return found != optimizer->end() && found->is_number() ? shortest(found->get<double>())
                                                           : std::string();
  };
  const std::string kind = optimizer->value("kind", "");
  std::string text = kind + " " + figure("lr");
  if (kind == "adam") text += " (" + figure("beta1") + ", " + figure("beta2") + ")";
  const Json* n_critic = find_key(member, "n_critic");
  if (n_critic != nullptr && n_critic->is_number_integer())
    text += ", n_critic " + n_critic->dump();
  return text;
}

std::string divergence_text(const TableMember& member) {
  const std::string stated = text_of(member, "divergence");
  if (!stated.empty()) return stated;
  const std::string known = text_of(member, "minimizes");
  return known.empty() ? "" : known + " (of the loss)";
}

std::string addresses_text(const TableMember& member) {
  std::vector<std::string> parts;
  if (const auto* note = loss_notes().find(text_of(member, "loss")))
    parts.push_back(note->addresses);
  for (const auto& name : regularizers_of(member)) {
    if (const auto* note = regularizer_notes().find(name))
      parts.push_back(name + ": " + note->addresses);
  }
  return join(parts, "; ");
}

std::string labels_text(const TableMember& member) {
  const Json* needed = find_key(member, "needs_labels");
  return needed != nullptr && needed->is_boolean() && needed->get<bool>() ? "needed" : "not needed";
}

std::map<std::string, std::string> row_texts(const TableMember& member) {
  const auto* note = architecture_notes().find(text_of(member, "architecture"));
  const auto regularizers = regularizers_of(member);
  std::map<std::string, std::string> texts = {
      {"suits", note == nullptr ? "" : note->suits},
      {"resolution", note == nullptr ? "" : note->resolution},
      {"labels", labels_text(member)},
      {"regularization", regularizers.empty() ? "none" : join(regularizers, " + ")},
      {"divergence", divergence_text(member)},
      {"optimizer", optimizer_text(member)},
      {"addresses", addresses_text(member)},
  };
  for (const char* key :
       {"critic_formula", "generator_formula", "architecture", "loss", "source"}) {
    texts[key] = text_of(member, key);
  }
  return texts;
}

// ---- rows

// "2 finished, 1 diverged (step 120)"
std::string status_text(const std::vector<const Record*>& records) {
  if (records.empty()) return "not measured";
  constexpr std::array kOrder = {TrialStatus::kFinished, TrialStatus::kCollapsed,
                                 TrialStatus::kDiverged, TrialStatus::kFailed};
  std::vector<std::string> parts;
  for (const TrialStatus status : kOrder) {
    std::size_t count = 0;
    std::vector<std::string> steps;
    for (const Record* record : records) {
      if (outcome_of(*record) != status) continue;
      ++count;
      if (record->status_detail.step) steps.push_back(std::to_string(*record->status_detail.step));
    }
    if (count == 0) continue;
    std::string part = std::to_string(count) + " " + std::string(status_name(status));
    if (!steps.empty() && status != TrialStatus::kFinished) {
      part += (steps.size() == 1 ? " (step " : " (steps ") + join(steps) + ")";
    }
    parts.push_back(part);
  }
  return join(parts);
}

TableRow make_row(const TableMember& member, const TableSpec& spec,
                  const std::vector<TableColumn>& columns) {
  TableRow row;
  row.candidate = member.name;
  row.is_base = spec.base == member.name;
  row.membership = table_membership(spec, member.name);
  row.status = (member.trained_as.empty() ? "" : "as " + member.trained_as + ": ") +
               status_text(member.records);
  for (const Record* record : member.records) {
    ++row.outcomes[std::string(status_name(outcome_of(*record)))];
    row.trial_ids.push_back(record->trial_id);
  }
  const auto texts = row_texts(member);
  for (const auto& column : columns) {
    if (!column.is_measure) row.texts[column.key] = texts.at(column.key);
  }
  return row;
}

// Why the column cannot be shown: its trials ran on different machines. Any other difference of
// protocol is an error.
std::string column_obstacle(const std::vector<const Record*>& records, const std::string& measure) {
  if (!depends_on_machine(measure)) {
    require_one_protocol(records, {measure});
    return "";
  }
  for (const Record* first : records) {
    if (!first->measure(measure)) continue;
    for (const Record* record : records) {
      if (auto found = protocol_difference(*first, *record, measure)) {
        return "machines differ: " + found->field + " " + found->first + " | " + found->second;
      }
    }
    break;
  }
  return "";
}

TableCell make_cell(const TableMember& member, const TableMember* base, const std::string& measure,
                    const std::string& obstacle) {
  TableCell cell;
  if (!obstacle.empty()) {
    cell.summary.trials = member.records.size();
    cell.note = obstacle;
    return cell;
  }
  cell.summary = summarize(member.records, measure);
  cell.note = member.records.empty() ? "not measured" : cell.summary.note;
  if (base != nullptr && member.trained_as == base->name) {
    cell.note = "the trials of " + base->name;
  } else if (base != nullptr && base != &member)
    cell.to_base = difference(member.records, base->records, measure);
  return cell;
}

void fill_cells(SurveyTable& table, const std::vector<TableMember>& members,
                const std::vector<const Record*>& records) {
  const TableMember* base = nullptr;
  for (const TableMember& member : members) {
    if (table.base == member.name) base = &member;
  }
  for (const auto& column : table.columns) {
    if (!column.is_measure) continue;
    const std::string obstacle = column_obstacle(records, column.key);
    for (std::size_t i = 0; i < members.size(); ++i) {
      table.rows[i].cells[column.key] = make_cell(members[i], base, column.key, obstacle);
    }
    if (!obstacle.empty()) table.warnings.push_back(column.key + ": " + obstacle);
  }
}

// ---- legend and warnings

bool has_column(const SurveyTable& table, const std::string& key) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&key](const TableColumn& column) { return column.key == key; });
}

void add_legend(SurveyTable& table, const Json& protocol) {
  if (has_column(table, "critic_formula")) {
    table.legend.push_back(
        {"formulas",
         "real and fake are the critic's raw outputs on real and generated samples, E the "
         "batch mean, s(v) = log(1 + e^v)"});
  }
  if (has_column(table, "divergence")) {
    table.legend.push_back(
        {"(of the loss)",
         "the divergence that the loss is known to minimize at an optimal critic, "
         "where none is stated"});
  }
  if (table.number != kOverview) {
    table.legend.push_back({"member by", kMembershipNote});
    table.legend.push_back(
        {"suits, known issue addressed",
         "in our words: what we hold an architecture to suit, and what a loss or "
         "regularizer was made against by the paper that introduced it; not "
         "the survey's text"});
  }
  table.legend.push_back(
      {"mean ± sd (n)", "over training seeds; sd with N - 1; n values that exist"});
  table.legend.push_back(
      {"[low, high]", "95% interval of the mean, Student's t; none for one seed"});
  if (table.base) {
    table.legend.push_back(
        {"difference", "mean minus that of " + *table.base +
                           ", with its 95% interval; paired by seed where the seeds "
                           "match, else Welch's"});
  }
  table.legend.push_back({"n/a (reason)", "no value, and why"});
  std::set<std::string> told;
  for (const auto& column : table.columns) {
    const MetricSpec* spec = column.is_measure ? find_metric_spec(column.key) : nullptr;
    if (spec == nullptr || !told.insert(column.key).second) continue;
    std::string text = spec->explanation + "; " + spec->formula + "; range " + spec->range;
    if (!spec->unit.empty()) text += "; in " + spec->unit;
    text += "; " + (spec->direction == Direction::kNone
                        ? std::string("neither way is better")
                        : std::string(direction_name(spec->direction)) + " is better");
    table.legend.push_back({display_name(column.key, protocol), text + ". " + spec->source});
  }
}

void add_warnings(SurveyTable& table, const std::vector<const Record*>& records) {
  std::vector<std::string> not_measured;
  std::size_t most_trials = 0;
  for (const auto& row : table.rows) {
    if (row.trial_ids.empty()) not_measured.push_back(row.candidate);
    most_trials = std::max(most_trials, row.trial_ids.size());
  }
  if (!not_measured.empty()) table.warnings.push_back("not measured: " + join(not_measured));
  if (most_trials == 1) table.warnings.push_back("one seed a candidate: no intervals");
  std::set<std::string> commits;
  bool dirty = false;
  std::map<std::string, std::size_t> told;
  for (const Record* record : records) {
    // Versions were held against each other when the records were grouped.
    if (const auto it = record->provenance.find("commit");
        !record->versions && it != record->provenance.end() && it->is_string()) {
      constexpr std::size_t kShort = 12;
      commits.insert(it->get<std::string>().substr(0, kShort));
    }
    if (const auto it = record->provenance.find("dirty");
        it != record->provenance.end() && *it == Json(true)) {
      dirty = true;
    }
    for (const Json& warning : record->measures.warnings) ++told[warning_text(warning)];
  }
  if (commits.size() > 1) {
    table.warnings.push_back("trials of several code versions: " +
                             join(std::vector<std::string>(commits.begin(), commits.end())));
  }
  if (std::any_of(records.begin(), records.end(),
                  [](const Record* record) { return counted_any_near_point(*record); }))
    table.warnings.push_back(
        "modes: these records count any point within 3 sd of a centre, as modes_any does; points "
        "at "
        "random touch most centres");
  if (dirty) table.warnings.push_back("some trials ran code that was changed after its commit");
  for (const auto& [text, count] : told) {
    table.warnings.push_back(text + " (" + std::to_string(count) +
                             (count == 1 ? " trial)" : " trials)"));
  }
}

SurveyTable build_from_spec(const TableSpec& spec, std::span<const Record> records,
                            const std::vector<Json>& candidates) {
  const std::vector<TableMember> members = find_members(spec, records, candidates);
  const std::vector<const Record*> used = all_records(members);
  require_one_protocol(used, {});
  require_one_configuration(members);
  SurveyTable table;
  table.number = spec.number;
  table.base = spec.base;
  table.protocol = shared_protocol(used);
  table.title = table_title(spec, used);
  table.columns = text_columns(spec.number);
  for (const auto& name : measure_names(spec.number, used))
    table.columns.push_back(measure_column(name));
  for (const TableMember& member : members)
    table.rows.push_back(make_row(member, spec, table.columns));
  fill_cells(table, members, used);
  add_legend(table, table.protocol);
  add_warnings(table, used);
  return table;
}

}  // namespace

const NamedTable<TableSpec>& table_specs() {
  static const NamedTable<TableSpec> table(
      "table",
      {
          {"1", 1, "Summary of loss variants", std::nullopt, {}},
          {"2", 2, "GANs against FCGAN", "fcgan", {"fcgan"}},
          {"3", 3, "GANs against WGAN", "wgan", {"wgan"}},
          {"4", 4, "GANs against WGAN-GP", "wgan-gp", {"wgan-gp"}},
          {"5", 5, "f-divergence GANs against Geometric GAN", "geometric-gan", {"geometric-gan"}},
          {"6", 6, "RSGAN family against least squares GAN", "lsgan", {"lsgan", "rsgan"}},
          {"7", 7, "Loss-sensitive GAN against DCGAN", "dcgan", {"dcgan", "loss-sensitive-gan"}},
      });
  return table;
}

std::string table_membership(const TableSpec& spec, const std::string& candidate) {
  if (spec.number == kOverview) return "";
  const auto& named = spec.named_in_title;
  return std::find(named.begin(), named.end(), candidate) != named.end() ? "title" : "inferred";
}

SurveyTable build_table(int number, std::span<const Record> records,
                        const std::vector<Json>& candidates) {
  return build_from_spec(table_specs().at(std::to_string(number)), records, candidates);
}

SurveyTable build_overview(std::span<const Record> records, const std::vector<Json>& candidates) {
  return build_from_spec({.name = "0", .number = kOverview, .subject = "All candidates"}, records,
                         candidates);
}

}  // namespace ganselect
