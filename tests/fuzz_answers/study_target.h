// The reader of published studies under attack: any bytes are either refused by an Error or read
// into a study whose promises hold.
#pragma once

#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "results/literature/arm_components.h"
#include "results/literature/study.h"
#include "results/literature/study_text.h"

namespace ganselect::fuzz {

// One arm with every kind of spread, one that diverged; points, modes and labels in use.
inline std::vector<std::string> study_seeds() {
  return {R"({"schema_version": 1, "id": "a-2018-ring", "group": "a", "citation": "A 2018",
"where_read": "table 2", "read_as": "quoted", "dataset": "2-D ring", "data": "points",
"resolution": null, "modes": 8, "train_images": null, "labels": "mixed", "backbone": "MLP",
"updates": null, "batch": 64, "protocol": {"detector": null, "n_fake": 2500, "n_real": null,
"split": null, "checkpoint": "last", "other": "modes of 8"}, "seeds": {"n": 10, "spread": "se"},
"reliability": "high", "independent": false, "overlaps_with": ["b"], "notes": "", "arms": [
{"candidate": "wgan-gp", "match": "loose", "as_named": "WGAN-GP", "architecture": "fc",
"loss": "wasserstein", "regularization": ["gradient-penalty", "pack2"], "d_norm": "none",
"augmentation": ["diffaugment"], "conditional": true, "measures": {"modes": {"mean": 6.3,
"se": 0.5, "sd": 1.5, "eval_sd": 0.25, "split_sd": 0.125, "unknown_pm": 0}}},
{"candidate": "x", "match": "outside", "as_named": "X", "architecture": null, "loss": null,
"regularization": null, "d_norm": null, "augmentation": [], "conditional": false,
"measures": {}, "note": "diverged"}]})"};
}

inline void read_study(std::string_view bytes) {
  const auto require = [](bool promise) {
    if (!promise) std::abort();
  };
  try {
    const Study study = parse_study(parse_json(std::string(bytes), "fuzz"), "fuzz");
    require(!study.arms.empty());
    for (const auto& arm : study.arms) {
      require(!arm.measures.empty() || arm.note);
      for (const auto& [name, value] : arm.measures) {
        const LiteratureMeasure& measure = literature_measures().at(name);
        const auto whole = measure_whole(measure, study);
        require(std::isfinite(value.mean) && (!measure.least || value.mean >= *measure.least));
        require(!whole || value.mean <= *whole);
      }
      require(arm_components(arm).point.empty() || arm_components(arm).outside.empty());
    }
    const Json written = to_json(study);
    require(to_json(parse_study(written, "again")) == written);
    require(!study_to_text(study).empty() && !study_to_json(study).dump().empty());
  } catch (const Error&) {
  }
}

}  // namespace ganselect::fuzz
