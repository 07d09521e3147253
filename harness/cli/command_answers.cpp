// `ask`, `recommend`, `tables`, `claims` and `report`: pure functions of records.
#include <fmt/format.h>

#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/provenance.h"
#include "base/text.h"
#include "harness/cli/answers.h"
#include "harness/cli/command_literature.h"
#include "harness/cli/command_replay.h"
#include "harness/cli/command_runs.h"
#include "harness/cli/libtorch.h"
#include "harness/cli/output.h"
#include "results/records/baselines.h"
#include "results/records/groups.h"
#include "results/records/index.h"
#include "results/records/seen_by.h"
#include "results/report/report.h"
#include "results/tables/tables.h"
#include "selection/advice/advice.h"
#include "selection/advice/forest.h"
#include "selection/advice/page_ranking.h"
#include "selection/advice/short_text.h"
#include "selection/ranking/decision.h"
#include "selection/survey/claims.h"
#include "selection/survey/published_survey.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

// Which records to look at; an absent limit keeps everything.
struct RecordFlags {
  std::string results;
  RecordFilter filter;
  std::optional<std::size_t> group;
};

void add_record_flags(CLI::App& app, RecordFlags& f) {
  app.add_option("--results", f.results,
                 "folder of records (default: the published results that come with the program)");
  app.add_option("--from-plan", f.filter.plan, "only the trials of this plan");
  app.add_option("--dataset", f.filter.dataset, "only the trials on this data set");
  app.add_option("--detector", f.filter.detector,
                 "only the trials measured by this detector, and as it saw them (default: as " +
                     std::string(kGeneralDetector) + " did, where it measured them)");
  app.add_option("--steps", f.filter.steps, "only the trials of so many generator updates");
  app.add_option("--width", f.filter.width, "only the trials of this width");
  app.add_option(
      "--group", f.group,
      "which group of comparable trials, 1 the largest (default: the largest that has an "
      "answer; the others are named)");
}

struct AnswerRecords {
  std::vector<Record> records;
  std::vector<std::string> warnings;  // what was left out of the folder, and why
};

struct LoadAs {
  bool details = true;  // with what was measured along training
  bool general = true;  // as the general detector saw the samples, where no other is asked for
};

AnswerRecords load_for_answers(const RecordFlags& f, const LoadAs& as = {}) {
  const fs::path dir =
      f.results.empty() ? fs::path(share_dir()) / "results" / "published" : fs::path(f.results);
  LoadedRecords loaded = load_indexed_records(dir, {.details = as.details});
  AnswerRecords out;
  for (const auto& skipped : loaded.skipped) {
    out.warnings.push_back(fmt::format("left out {}: {}", skipped.path.string(), skipped.reason));
  }
  if (!loaded.unfinished.empty()) {
    out.warnings.push_back(fmt::format("left out {} unfinished trials", loaded.unfinished.size()));
  }
  for (const auto& warning : out.warnings) log_warn("{}", warning);
  const auto detector =
      f.filter.detector || !as.general ? f.filter.detector : std::optional(kGeneralDetector);
  if (detector) loaded.records = all_seen_by(std::move(loaded.records), *detector);
  out.records = filter_records(std::move(loaded.records), f.filter);
  if (out.records.empty()) {
    fail(ErrorKind::kData, {.where = dir.string(),
                            .expected = "records of finished trials",
                            .got = "none that fit",
                            .hint = "ganselect sweep makes them"});
  }
  return out;
}

// Tables and pages show one comparable group.
AnswerRecords load_one_group(const RecordFlags& f, const LoadAs& as = {}) {
  AnswerRecords loaded = load_for_answers(f, as);
  PooledRecords pooled = pool_records(loaded.records, f.group);
  for (const auto& note : pooled.notes) log_warn("{}", note);
  loaded.records = std::move(pooled.records);
  loaded.warnings.insert(loaded.warnings.end(), pooled.notes.begin(), pooled.notes.end());
  return loaded;
}

std::vector<std::string> names_of(const std::vector<Json>& candidates) {
  std::vector<std::string> names;
  for (const auto& candidate : candidates) names.push_back(candidate.at("name"));
  return names;
}

struct TableFlags {
  RecordFlags records;
  int table = 0;
  std::string format = "md", out;
};

int run_tables(const TableFlags& f, const CatalogueSource& catalogue) {
  const auto& format = table_formats().at(f.format);
  const auto candidates = catalogue().candidates;
  // Tables show what stands in the records.
  const auto records = load_one_group(f.records, {.general = false}).records;
  std::vector<SurveyTable> tables;
  for (const auto& spec : table_specs()) {
    if (f.table == 0 || spec.number == f.table)
      tables.push_back(build_table(spec.number, records, candidates));
  }
  if (f.out.empty()) {
    print_result(render_tables(format, tables));
    return 0;
  }
  for (const auto& table : tables) {
    write_file_atomically(
        fs::path(f.out) / (fmt::format("table{}", table.number) + format.extension),
        format.render(table));
  }
  log_info("{} tables as {} in {}", tables.size(), f.format, f.out);
  return 0;
}

struct AskFlags {
  RecordFlags records;
  AdviceInput input;
  std::string use_case_file, preset, plan_out, space_out;
  bool json = false, full = false;
};

// What standard output can show.
ScreenForm screen_form() {
  ScreenForm form;
  if (const auto width = output_width()) form.width = *width;
  form.unicode = output_is_utf8();
  return form;
}

std::string answer_text(const Advice& advice, const AskFlags& f) {
  if (f.json) return advice_to_json(advice).dump(2) + "\n";
  return f.full ? advice_to_text(advice) : advice_to_screen(advice, screen_form());
}

void write_next_plan(const Advice& advice, const fs::path& path) {
  if (!advice.next) {
    log_warn("no plan is written: no further trial would change the answer");
    return;
  }
  write_file_atomically(path, advice.next->plan.dump(2) + "\n");
  log_info("{} trials in {}: {}", advice.next->trials, path.string(), advice.next->why);
}

void write_space_plan(const Advice& advice, const fs::path& path) {
  const Json plan = space_plan(advice.evidence, advice.space);
  if (plan.empty()) {
    log_warn("no plan is written: no point of the search space remains");
    return;
  }
  write_file_atomically(path, plan.dump(2) + "\n");
  log_info("{} of {} points in {}; sweep --dry-run estimates what they take",
           advice.space.remaining.size(), advice.space.total, path.string());
}

// What the answer is chosen from, and read beside.
void set_catalogue(AdviceInput& input, Catalogue catalogue) {
  if (evidence_kinds().at(input.evidence_from).published)
    input.studies = std::make_shared<const PublishedStudies>(load_studies(shipped_studies()));
  input.baselines =
      load_baselines(fs::path(share_dir()) / "results" / "published" / "baselines.json");
  input.candidates = names_of(catalogue.candidates);
  input.known = std::move(catalogue.candidates);
  input.space = std::move(catalogue.space);
}

// What published studies say of a claim or of one of the four questions, by its name.
LiteratureSource published_survey(const std::vector<std::string>& candidates) {
  const auto survey =
      std::make_shared<const PublishedSurvey>(load_studies(shipped_studies()), candidates);
  return [survey](const std::string& name) { return survey->on(name); };
}

int answer(AskFlags f, const CatalogueSource& catalogue) {
  f.input.dataset = f.records.filter.dataset;
  f.input.group = f.records.group;
  set_catalogue(f.input, catalogue());
  // A query that cannot be read is refused before anything is loaded.
  const UseCase use_case =
      f.input.use_case ? *f.input.use_case : read_query(f.input.query, f.input.candidates).use_case;
  // Seconds of work, for who asks about it or for everything.
  if ((f.full || use_case.question) && f.input.studies)
    f.input.literature = published_survey(f.input.candidates);
  // Kept to the end of the program: taking many records apart takes as long as answering.
  static const AnswerRecords* loaded = nullptr;
  const bool budget = !facts_of(use_case).budget.empty();
  loaded = new AnswerRecords(load_for_answers(
      f.records, {.details = budget, .general = !budget && !bounds_a_measure(use_case)}));
  f.input.warnings = loaded->warnings;
  const Advice advice = advise(loaded->records, f.input);
  if (!f.plan_out.empty()) write_next_plan(advice, f.plan_out);
  if (!f.space_out.empty()) write_space_plan(advice, f.space_out);
  print_result(answer_text(advice, f));
  return 0;
}

int recommend(AskFlags f, const CatalogueSource& catalogue) {
  if (f.use_case_file.empty() == f.preset.empty()) {
    fail(ErrorKind::kUsage, {.where = "recommend",
                             .expected = "exactly one of --use-case and --preset",
                             .got = f.preset.empty() ? "neither" : "both"});
  }
  if (f.preset.empty()) {
    f.input.use_case = use_case_from_json(read_json_file(f.use_case_file), f.use_case_file);
    f.input.query = f.use_case_file;
  } else {
    f.input.use_case = presets().at(f.preset).use_case;
    f.input.query = f.preset;
  }
  return answer(std::move(f), catalogue);
}

int run_claims(const RecordFlags& f, bool json, const CatalogueSource& catalogue) {
  const auto candidates = catalogue().candidates;
  const auto records = load_for_answers(f).records;
  const auto groups = gather_groups(
      records, {.dataset = f.filter.dataset, .group = f.group, .catalogue = candidates});
  for (const auto& warning : groups.front().warnings) log_warn("{}", warning);
  const auto verdicts = judge_claims(groups, published_survey(names_of(candidates)));
  print_result(json ? claims_to_json(verdicts).dump(2) + "\n" : claims_to_text(verdicts));
  return 0;
}

struct ReportFlags {
  RecordFlags records;
  std::string out, title;
  std::vector<std::string> queries;
};

// The trials that the answers rest on: those that may be compared.
std::vector<Record> records_of(const Evidence& evidence) {
  std::vector<Record> records;
  for (const auto& candidate : evidence.candidates) {
    for (const auto& trial : candidate.trials) records.push_back(*trial.record);
    for (const auto* record : candidate.failed) records.push_back(*record);
  }
  return records;
}

int run_report(const ReportFlags& f, const CatalogueSource& catalogue) {
  const auto loaded = load_one_group(f.records);
  ReportInput input;
  if (!f.title.empty()) input.title = f.title;
  AdviceInput ask;
  ask.dataset = f.records.filter.dataset;
  set_catalogue(ask, catalogue());
  ask.literature = published_survey(ask.candidates);
  input.candidates = ask.known;
  input.ranking = page_ranking(loaded.records, ask);
  for (const auto& query : f.queries) {
    ask.query = query;
    input.answers.push_back(advice_to_json(advise(loaded.records, ask)));
  }
  const Evidence evidence = gather_evidence(
      loaded.records, {.dataset = f.records.filter.dataset, .catalogue = input.candidates});
  input.claims = claims_to_json(judge_claims(evidence, ask.literature));
  if (ask.studies) input.forest = forest_json(*ask.studies, evidence);
  const auto records = records_of(evidence);
  input.warnings = evidence.warnings;
  input.warnings.insert(input.warnings.end(), loaded.warnings.begin(), loaded.warnings.end());
  write_file_atomically(f.out, render_report(records, input));
  log_info("{} records in {}", records.size(), f.out);
  return 0;
}

void add_ask_flags(CLI::App& app, AskFlags& f) {
  add_record_flags(app, f.records);
  app.add_option("--plan", f.plan_out,
                 "write the trials that would make the answer surer as a plan");
  app.add_option("--plan-space", f.space_out,
                 "write the points of the search space that remain as a plan, one trial each");
  app.add_option("--method", f.input.ranking.method,
                 "how criteria become one score: " + join(decision_methods().names()))
      ->capture_default_str();
  app.add_option("--seed", f.input.ranking.seed, "of the bootstrap")->capture_default_str();
  app.add_option("--evidence", f.input.evidence_from,
                 "whose evidence counts: " + join(evidence_kinds().names()))
      ->capture_default_str();
  app.add_flag("--full", f.full,
               "the whole answer: every candidate, the survey's four questions, other weights, "
               "what to take care of");
  app.add_flag("--json", f.json, "as JSON");
}

CommandAction attach_ask(CLI::App& app, const CatalogueSource& catalogue) {
  auto flags = std::make_shared<AskFlags>();
  app.add_option("query", flags->input.query,
                 "the use case in words, as \"which GAN for high diversity?\"")
      ->required();
  add_ask_flags(app, *flags);
  return [flags, catalogue] { return answer(*flags, catalogue); };
}

CommandAction attach_recommend(CLI::App& app, const CatalogueSource& catalogue) {
  auto flags = std::make_shared<AskFlags>();
  app.add_option("--use-case", flags->use_case_file,
                 "a use case as JSON (selection/query/use_case.schema.json)");
  app.add_option("--preset", flags->preset, join(presets().names()));
  add_ask_flags(app, *flags);
  return [flags, catalogue] { return recommend(*flags, catalogue); };
}

CommandAction attach_claims(CLI::App& app, const CatalogueSource& catalogue) {
  auto flags = std::make_shared<RecordFlags>();
  auto json = std::make_shared<bool>(false);
  add_record_flags(app, *flags);
  app.add_flag("--json", *json, "as JSON");
  return [flags, json, catalogue] { return run_claims(*flags, *json, catalogue); };
}

CommandAction attach_report(CLI::App& app, const CatalogueSource& catalogue) {
  auto flags = std::make_shared<ReportFlags>();
  add_record_flags(app, flags->records);
  app.add_option("--out", flags->out, "the page to write")->required();
  app.add_option("--title", flags->title, "its title");
  app.add_option("--ask", flags->queries,
                 "further questions that the page answers, beside the presets");
  return [flags, catalogue] { return run_report(*flags, catalogue); };
}

CommandAction attach_tables(CLI::App& app, const CatalogueSource& catalogue) {
  auto flags = std::make_shared<TableFlags>();
  add_record_flags(app, flags->records);
  app.add_option("--table", flags->table, "only this one")->check(CLI::Range(1, 7));
  app.add_option("--format", flags->format, join(table_formats().names()))->capture_default_str();
  app.add_option("--out", flags->out, "folder for one file a table (default: standard output)");
  return [flags, catalogue] { return run_tables(*flags, catalogue); };
}

}  // namespace

std::vector<Command> answer_commands(const CatalogueSource& catalogue) {
  struct Row {
    const char* name;
    const char* help;
    CommandAction (*attach)(CLI::App& app, const CatalogueSource& catalogue);
  };
  static constexpr Row kRows[] = {
      {"ask", "which GAN to use, for a use case stated in words", attach_ask},
      {"recommend", "which GAN to use, for a use case stated in a file or a preset",
       attach_recommend},
      {"tables", "tables 1 to 7 under the survey's titles, from records", attach_tables},
      {"claims", "the survey's claims, put to the test", attach_claims},
      {"report", "one self-contained page of everything measured", attach_report},
      {"literature", "published comparisons of GANs: what others measured",
       [](CLI::App& app, const CatalogueSource&) { return attach_literature(app); }},
      {"plans", "the plans that come with the program, for sweep",
       [](CLI::App& app, const CatalogueSource&) { return attach_plans(app); }},
      {"runs", "what was trained below a folder: status, updates, time, FID",
       [](CLI::App& app, const CatalogueSource&) { return attach_runs(app); }},
      {"replay", "how good a race's choices are, on curves drawn about stored ones",
       [](CLI::App& app, const CatalogueSource&) { return attach_replay(app); }},
  };
  std::vector<Command> commands;
  for (const Row& row : kRows) {
    commands.push_back({row.name, row.help, [&row, catalogue](CLI::App& app, const GlobalFlags&) {
                          return row.attach(app, catalogue);
                        }});
  }
  commands.push_back({"setup-libtorch", "fetch LibTorch, which training and measuring need",
                      attach_setup_libtorch});
  return commands;
}

}  // namespace ganselect
