#include "harness/cli/command_literature.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "harness/cli/literature_evidence.h"
#include "results/literature/study.h"
#include "results/literature/study_text.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

void print_json(const Json& json) { print_result(json.dump(2) + "\n"); }

// The folder's option and --json, which every subcommand has.
struct LiteratureFlags {
  std::string studies, id;
  StudyFilter filter;
  bool json = false;
};

std::vector<Study> studies_for(const LiteratureFlags& flags) {
  return load_studies(flags.studies.empty() ? shipped_studies() : fs::path(flags.studies));
}

int list_studies(const LiteratureFlags& flags) {
  const auto kept = filter_studies(studies_for(flags), flags.filter);
  flags.json ? print_json(studies_to_json(kept)) : print_result(studies_to_text(kept));
  return 0;
}

int show_study(const LiteratureFlags& flags) {
  const auto studies = studies_for(flags);
  const Study& study = find_study(studies, flags.id);
  flags.json ? print_json(study_to_json(study)) : print_result(study_to_text(study));
  return 0;
}

void add_list_flags(CLI::App& app, LiteratureFlags& flags) {
  app.add_option("--dataset", flags.filter.dataset, "only the studies on this data set");
  app.add_option("--measure", flags.filter.measure, "only the studies that give this measure");
}

void add_show_flags(CLI::App& app, LiteratureFlags& flags) {
  app.add_option("id", flags.id, "the study's id, as `list` names it")->required();
}

struct Subcommand {
  const char* name;
  const char* help;
  void (*add_flags)(CLI::App& app, LiteratureFlags& flags);
  int (*run)(const LiteratureFlags& flags);
};

constexpr Subcommand kSubcommands[] = {
    {"list", "the studies, with their citations", add_list_flags, list_studies},
    {"show", "one study: protocol, figures, what its arms are", add_show_flags, show_study},
};

// What the studies say together; their flags are their own.
struct EvidenceSubcommand {
  const char* name;
  const char* help;
  CommandAction (*attach)(CLI::App& parser);
};

constexpr EvidenceSubcommand kEvidenceSubcommands[] = {
    {"estimate", "every candidate beside one, from all studies together",
     attach_literature_estimate},
    {"check", "how well sources foretell one another, and whether intervals hold",
     attach_literature_check},
    {"agreement", "whether own trials order candidates as the studies do, at each checkpoint",
     attach_literature_agreement},
};

}  // namespace

CommandAction attach_literature(CLI::App& app) {
  app.require_subcommand(1);
  auto flags = std::make_shared<LiteratureFlags>();
  std::vector<std::pair<CLI::App*, const Subcommand*>> parsers;
  for (const auto& row : kSubcommands) {
    CLI::App* parser = app.add_subcommand(row.name, row.help);
    row.add_flags(*parser, *flags);
    parser->add_option("--studies", flags->studies,
                       "folder of studies (default: those that come with the program)");
    parser->add_flag("--json", flags->json, "as JSON");
    parsers.emplace_back(parser, &row);
  }
  std::vector<std::pair<CLI::App*, CommandAction>> evidence;
  for (const auto& row : kEvidenceSubcommands) {
    CLI::App* parser = app.add_subcommand(row.name, row.help);
    evidence.emplace_back(parser, row.attach(*parser));
  }
  return [flags, parsers, evidence] {
    for (const auto& [parser, row] : parsers) {
      if (parser->parsed()) return row->run(*flags);
    }
    for (const auto& [parser, action] : evidence) {
      if (parser->parsed()) return action();
    }
    return 0;  // not reached: one subcommand is required
  };
}

}  // namespace ganselect
