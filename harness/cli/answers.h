// The commands that answer from records. They need no LibTorch: what they know of the candidates is
// handed to them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "harness/cli/program.h"

namespace ganselect {

// The space that answers are chosen from, as candidate objects (models/candidate_json.h).
struct Catalogue {
  std::vector<Json> candidates;  // those that have a name
  std::vector<Json> space;       // every valid point; at least name, four parameters, batch norm
};

// Called by a command that needs it, once.
using CatalogueSource = std::function<Catalogue()>;

// ask, recommend, tables, claims, report, literature, plans, runs, replay and setup-libtorch.
std::vector<Command> answer_commands(const CatalogueSource& catalogue);

// From the form that models/catalogue.h writes; `where` names it in errors (kData).
Catalogue catalogue_from_json(const Json& json, const std::string& where);

}  // namespace ganselect
