#include "harness/cli/literature_evidence.h"

#include <filesystem>
#include <memory>

#include "base/json.h"
#include "base/named_table.h"
#include "base/provenance.h"
#include "results/records/store.h"
#include "selection/evidence/agreement.h"
#include "selection/evidence/foretelling.h"
#include "selection/evidence/literature_estimate.h"
#include "selection/evidence/simulated_networks.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

struct EvidenceFlags {
  std::string studies, results, evidence = "published", labels;
  EstimateInput input{.measure = "fid"};
  std::size_t networks = 1000;
  std::optional<std::int64_t> steps;
  bool json = false;
};

struct LabelsChoice {
  std::string name;
  StudyLabels labels;
};

const NamedTable<LabelsChoice>& labels_choices() {
  static const NamedTable<LabelsChoice> table(
      "labels",
      {{"no", StudyLabels::kNone}, {"yes", StudyLabels::kAll}, {"mixed", StudyLabels::kMixed}});
  return table;
}

struct EvidenceChoice {
  std::string name;
  bool own;
};

const NamedTable<EvidenceChoice>& evidence_choices() {
  static const NamedTable<EvidenceChoice> table("evidence", {{"published", false}, {"both", true}});
  return table;
}

std::vector<Study> studies_for(const EvidenceFlags& flags) {
  return load_studies(flags.studies.empty() ? shipped_studies() : fs::path(flags.studies));
}

fs::path own_trials(const EvidenceFlags& flags) {
  return flags.results.empty() ? fs::path(share_dir()) / "results" / "published"
                               : fs::path(flags.results);
}

// Own trials on the asked data set, else on any: a study, and the spread over seeds that studies
// without one are taken to have.
std::optional<NetworkStudy> own_study(const EvidenceFlags& flags, bool this_dataset,
                                      std::vector<std::string>& notes) {
  const fs::path dir = own_trials(flags);
  if (flags.results.empty() && !fs::is_directory(dir)) return std::nullopt;
  auto records = load_record_folder(dir).records;
  const auto& dataset = flags.input.filter.dataset;
  if (this_dataset && dataset) {
    std::erase_if(records, [&](const Record& record) {
      return !same_dataset(record.dataset.name, *dataset);
    });
  }
  if (records.empty()) return std::nullopt;
  return study_from_group(gather_evidence(records, {}), flags.input.measure, notes);
}

// The spread of one training, from own trials.
void set_training_variance(const EvidenceFlags& flags, MetaOptions& meta) {
  std::vector<std::string> unused;
  auto own = own_study(flags, true, unused);
  if (!own) own = own_study(flags, false, unused);
  if (!own) return;
  meta.training_variance = training_variance_of(*own);
  meta.variance_from = "own trials";
}

int run_estimate(EvidenceFlags flags) {
  const bool with_own = evidence_choices().at(flags.evidence).own;
  if (!flags.labels.empty()) flags.input.filter.labels = labels_choices().at(flags.labels).labels;
  const auto studies = studies_for(flags);
  // A wrong name is refused before ten thousand records are read.
  network_from_studies(studies, flags.input.measure, flags.input.filter);
  set_training_variance(flags, flags.input.meta);
  std::vector<std::string> notes;
  if (with_own) {
    flags.input.own = own_study(flags, true, notes);
    if (!flags.input.own) notes.push_back("there are no own trials on this data set");
  }
  auto estimate = estimate_literature(studies, flags.input);
  estimate.notes.insert(estimate.notes.end(), notes.begin(), notes.end());
  print_result(flags.json ? estimate_to_json(estimate).dump(2) + "\n" : estimate_to_text(estimate));
  return 0;
}

int run_check(EvidenceFlags flags) {
  const auto studies = studies_for(flags);
  std::vector<std::string> scopes = {"CIFAR-10", ""};
  if (flags.input.filter.dataset) scopes = {*flags.input.filter.dataset};
  Json json{{"measure", flags.input.measure}, {"scopes", Json::array()}};
  std::string text;
  ComponentOptions options;
  set_training_variance(flags, options.meta);
  for (const auto& scope : scopes) {
    LiteratureFilter filter = flags.input.filter;
    filter.dataset = scope.empty() ? std::nullopt : std::optional(scope);
    const auto network = network_from_studies(studies, flags.input.measure, filter);
    const auto score = score_foretelling(scope.empty() ? "all data sets" : scope,
                                         foretell(network.studies, options));
    json["scopes"].push_back(foretelling_to_json(score));
    text += foretelling_to_text(score) + "\n";
  }
  if (flags.networks > 0) {
    const auto coverage = simulated_coverage(flags.networks);
    json["simulation"] = coverage_to_json(coverage);
    text += coverage_to_text(coverage);
  }
  print_result(flags.json ? json.dump(2) + "\n" : text);
  return 0;
}

int run_agreement(const EvidenceFlags& flags) {
  auto records = load_record_folder(own_trials(flags)).records;
  const auto& dataset = flags.input.filter.dataset;
  std::erase_if(records, [&](const Record& record) {
    return (dataset && !same_dataset(record.dataset.name, *dataset)) ||
           (flags.steps && record.budget.steps != *flags.steps);
  });
  const auto evidence = gather_evidence(records, {});
  LiteratureFilter filter = flags.input.filter;
  const auto studies = studies_for(flags);
  if (!filter.dataset) {
    const auto own = evidence.protocol.value("dataset", std::string());
    for (const auto& name : datasets_of(studies)) {
      if (same_dataset(name, own)) filter.dataset = name;
    }
  }
  const auto network = network_from_studies(studies, flags.input.measure, filter);
  const auto found = agreement_with(network.studies, evidence, flags.input.measure);
  print_result(flags.json ? agreement_to_json(found).dump(2) + "\n" : agreement_to_text(found));
  return 0;
}

// What is let in that is left out by default.
void add_admission_flags(CLI::App& parser, LiteratureFilter& filter) {
  parser.add_flag("--unreliable", filter.unreliable, "also studies of low reliability");
  parser.add_flag("--loose", filter.loose,
                  "also arms that only their loss shares with a candidate, apart from it");
  parser.add_flag("--overlapping", filter.overlapping,
                  "also reruns and second tables of studies that are in already");
}

void add_common_flags(CLI::App& parser, EvidenceFlags& flags) {
  parser.add_option("--studies", flags.studies,
                    "folder of studies (default: those that come with the program)");
  parser.add_option(
      "--results", flags.results,
      "folder of own trials (default: the published ones that come with the program)");
  parser.add_option("--measure", flags.input.measure, "what is compared")->capture_default_str();
  parser.add_option("--dataset", flags.input.filter.dataset, "only studies on this data set");
  parser.add_flag("--json", flags.json, "as JSON");
}

}  // namespace

CommandAction attach_literature_agreement(CLI::App& parser) {
  auto flags = std::make_shared<EvidenceFlags>();
  add_common_flags(parser, *flags);
  add_admission_flags(parser, flags->input.filter);
  parser.add_option("--steps", flags->steps, "only own trials of so many generator updates");
  return [flags] { return run_agreement(*flags); };
}

CommandAction attach_literature_estimate(CLI::App& parser) {
  auto flags = std::make_shared<EvidenceFlags>();
  auto& filter = flags->input.filter;
  add_common_flags(parser, *flags);
  parser.add_option("--reference", flags->input.reference, "what all are compared with")
      ->capture_default_str();
  parser.add_option("--resolution", filter.resolution, "only studies of images of this side");
  parser.add_option("--labels", flags->labels,
                    "only studies whose arms see labels: " + join(labels_choices().names()));
  parser.add_option("--least-images", filter.least_images, "only studies of as many images");
  parser.add_option("--most-images", filter.most_images, "only studies of no more images");
  parser.add_option("--backbone", filter.backbone, "only arms on this kind of network");
  add_admission_flags(parser, filter);
  parser
      .add_option("--evidence", flags->evidence,
                  "published: studies alone; both: own trials are one more study")
      ->capture_default_str();
  return [flags] { return run_estimate(*flags); };
}

CommandAction attach_literature_check(CLI::App& parser) {
  auto flags = std::make_shared<EvidenceFlags>();
  add_common_flags(parser, *flags);
  parser.add_option("--networks", flags->networks, "how many networks are simulated; 0: none")
      ->capture_default_str();
  return [flags] { return run_check(*flags); };
}

}  // namespace ganselect
