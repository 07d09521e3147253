#include "selection/criteria/data_facts.h"

#include "base/named_table.h"

namespace ganselect {
namespace {

// What records from before they carried shape and modes leave out. Later ones say it themselves, so
// that a new data set needs no row here.
struct DataFacts {
  std::string name;
  double modes;
  double image_size;  // 0: points
};

const NamedTable<DataFacts>& data_facts() {
  static const NamedTable<DataFacts> table("data set", {{"cifar10", 10, 32},
                                                        {"mnist", 10, 32},
                                                        {"stacked-mnist", 1000, 32},
                                                        {"embedded", 10, 32},
                                                        {"ring", 8, 0},
                                                        {"grid", 25, 0}});
  return table;
}

}  // namespace

bool is_points(const Record& record) {
  if (!record.dataset.shape.empty()) return record.dataset.shape.size() == 1;
  const auto* facts = data_facts().find(record.dataset.name);
  return facts != nullptr && facts->image_size == 0;
}

std::optional<double> protocol_number(const Record& record, const std::string& measure,
                                      const std::string& key) {
  const Json& protocol = record.measures.protocol_of(measure);
  const auto measures = protocol.find("measures");
  if (measures == protocol.end() || !measures->is_object()) return std::nullopt;
  const auto settings = measures->find(measure);
  if (settings == measures->end() || !settings->is_object()) return std::nullopt;
  const auto value = settings->find(key);
  if (value == settings->end() || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

std::optional<double> modes_of_data(const Record& record) {
  if (record.dataset.modes) return static_cast<double>(*record.dataset.modes);
  if (const auto* facts = data_facts().find(record.dataset.name)) return facts->modes;
  return protocol_number(record, "modes", "classes");
}

std::optional<double> counted_modes(const Record& record) {
  if (is_points(record) && !protocol_number(record, "modes", "level")) return std::nullopt;
  return record.measure("modes");
}

std::optional<double> image_size_of_data(const Record& record) {
  const auto size = record.settings.find("image_size");
  if (size != record.settings.end() && size->is_number()) return size->get<double>();
  const auto& shape = record.dataset.shape;
  if (shape.size() == 1) return std::nullopt;
  if (!shape.empty()) return static_cast<double>(shape.back());
  const auto* facts = data_facts().find(record.dataset.name);
  if (facts == nullptr || facts->image_size == 0) return std::nullopt;
  return facts->image_size;
}

}  // namespace ganselect
