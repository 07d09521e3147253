#include "results/records/baselines.h"

#include <algorithm>

#include "base/files.h"
#include "base/json.h"

namespace ganselect {

std::vector<Baseline> load_baselines(const std::filesystem::path& path) {
  std::vector<Baseline> baselines;
  if (!std::filesystem::exists(path)) return baselines;
  const Json document = read_json_file(path.string());
  const auto list = document.is_object() ? document.find("baselines") : document.end();
  if (list == document.end() || !list->is_array()) {
    fail(ErrorKind::kData, {.where = path.string(),
                            .expected = "an object with a list 'baselines'",
                            .got = document.type_name()});
  }
  for (const auto& entry : *list) {
    for (const char* key : {"kind", "dataset", "measures"}) {
      if (entry.is_object() && entry.contains(key)) continue;
      fail(ErrorKind::kData, {.where = path.string(),
                              .expected = "entries with kind, dataset and measures",
                              .got = std::string("one without ") + key});
    }
    Baseline baseline;
    baseline.kind = entry.at("kind").get<std::string>();
    baseline.dataset = entry.at("dataset").get<std::string>();
    baseline.measures = measures_from_json(entry.at("measures"), path.string());
    baseline.detector_digest = baseline.measures.protocol.value("detector_digest", std::string());
    baseline.n_fake = baseline.measures.protocol.value("n_fake", std::int64_t{0});
    baselines.push_back(std::move(baseline));
  }
  return baselines;
}

const Baseline* find_baseline(std::span<const Baseline> baselines, const std::string& kind,
                              const Record& record, const std::string& measure) {
  const Json& protocol = record.measures.protocol_of(measure);
  const auto found = std::find_if(baselines.begin(), baselines.end(), [&](const Baseline& b) {
    return b.kind == kind && b.dataset == record.dataset.name &&
           b.detector_digest == protocol.value("detector_digest", std::string()) &&
           b.n_fake == protocol.value("n_fake", std::int64_t{0});
  });
  return found == baselines.end() ? nullptr : &*found;
}

}  // namespace ganselect
