// `tags train`, `tags evaluate` and `tags suggest`: multimodal tag generation.
#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/provenance.h"
#include "base/text.h"
#include "base/torch/npy.h"
#include "datasets/embedded.h"
#include "datasets/tagged.h"
#include "harness/cli/number_checks.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/tags/tag_trainer.h"
#include "metrics/detectors/detector.h"
#include "metrics/tag_scores.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTagModelFile = "tags.safetensors";
constexpr const char* kTagRecordFile = "tags.json";
constexpr std::int64_t kCaptionsAnImage = 2;

struct TagFlags {
  std::string dataset = "embedded", detector = "judge-embedded", out, run, features;
  std::int64_t held_out = 1000;
  TagSettings settings;
  TagReading reading;
  bool json = false;
};

// Training and held-out images with features; what is right is known of the held-out ones.
struct TagTask {
  TaggedFeatures train;
  torch::Tensor test_features;
  std::vector<Words> test_given;
  std::vector<std::set<std::string>> right;
  std::vector<Words> corpus;
  Json source;
};

std::vector<std::set<std::string>> as_sets(const std::vector<Words>& lists) {
  std::vector<std::set<std::string>> sets;
  for (const auto& list : lists) sets.emplace_back(list.begin(), list.end());
  return sets;
}

TagTask embedded_task(const TagFlags& f) {
  const auto train = load_dataset("embedded", {.split = "train"});
  const auto test = load_dataset("embedded", {.split = "test", .limit = f.held_out});
  const auto detector = load_detector(f.detector);
  const auto given = embedded_tags(train.factors->values, f.settings.seed);
  const auto true_tags = embedded_tags(test.factors->values, f.settings.seed);
  TagTask task;
  task.train = {.features = detect_all(*detector, train.samples).features, .tags = given.given};
  task.test_features = detect_all(*detector, test.samples).features;
  task.test_given = true_tags.given;
  task.right = as_sets(true_tags.right);
  task.corpus = embedded_captions(train.factors->values, kCaptionsAnImage, f.settings.words.seed);
  task.source = {{"dataset", "embedded"},
                 {"digest", train.digest},
                 {"test_digest", test.digest},
                 {"detector", detector->name()},
                 {"detector_digest", detector->digest()}};
  return task;
}

// The last images are held out; what was given to them is what is right.
TagTask folder_task(const TagFlags& f) {
  auto data = load_tagged_folder(f.dataset);
  const auto count = data.features.size(0), first = count - f.held_out;
  if (first < 2 || f.held_out < 1) {
    fail(ErrorKind::kUsage, {.where = "--held-out",
                             .expected = fmt::format("1 to {}", count - 2),
                             .got = std::to_string(f.held_out)});
  }
  TagTask task;
  task.train.features = data.features.slice(0, 0, first);
  task.train.tags.assign(data.tags.begin(), data.tags.begin() + first);
  std::vector<std::int64_t> tagged;  // an image without tags has no right answer
  for (auto i = first; i < count; ++i) {
    if (data.tags[static_cast<std::size_t>(i)].empty()) continue;
    tagged.push_back(i);
    task.test_given.push_back(data.tags[static_cast<std::size_t>(i)]);
  }
  task.test_features = data.features.index_select(0, torch::tensor(tagged, torch::kInt64));
  task.right = as_sets(task.test_given);
  task.corpus = std::move(data.corpus);
  task.source = {{"dataset", f.dataset}, {"digest", data.digest}};
  return task;
}

TagTask load_task(const TagFlags& f) {
  return f.dataset == "embedded" ? embedded_task(f) : folder_task(f);
}

Json scores_json(const TagScores& scores) {
  return {{"precision", scores.precision},
          {"recall", scores.recall},
          {"diversity", scores.diversity},
          {"images", scores.images}};
}

// The generator's answers next to the two baselines', and a few of them to look at.
Json evaluate_tags(const TagModel& model, const TagTask& task, const TagReading& reading) {
  constexpr std::size_t kShown = 8;
  const auto k = reading.kept;
  const auto answers = suggest_tags(model, task.test_features, reading);
  const std::vector<TagAnswer> frequent(task.right.size(), most_frequent_tags(task.train.tags, k));
  const auto nearest =
      nearest_image_tags(task.train.features, task.train.tags, task.test_features, k);
  Json shown = Json::array();
  for (std::size_t i = 0; i < std::min(kShown, answers.size()); ++i) {
    shown.push_back({{"given", task.test_given[i]}, {"answer", answers[i]}});
  }
  return {{"reading", settings_to_json(reading)},
          {"held_out", task.right.size()},
          {"scores",
           {{"generated", scores_json(score_tags(answers, task.right, k))},
            {"nearest_image", scores_json(score_tags(nearest, task.right, k))},
            {"most_frequent", scores_json(score_tags(frequent, task.right, k))}}},
          {"examples", shown}};
}

std::string scores_text(const Json& evaluation) {
  const auto k = evaluation.at("reading").at("kept").get<std::int64_t>();
  TextGrid grid(
      {"answers", fmt::format("precision@{}", k), fmt::format("recall@{}", k), "diversity"});
  for (const auto& row : evaluation.at("scores").items()) {
    grid.add({row.key(), short_number(row.value().at("precision")),
              short_number(row.value().at("recall")), short_number(row.value().at("diversity"))});
  }
  std::string text = grid.text() + "\n";
  for (const auto& example : evaluation.at("examples")) {
    text += fmt::format("given {}: {}\n", join(example.at("given").get<std::vector<std::string>>()),
                        join(example.at("answer").get<std::vector<std::string>>()));
  }
  return text;
}

int print_evaluation(const Json& record, bool json) {
  print_result(json ? record.dump(2) + "\n" : scores_text(record.at("evaluation")));
  return 0;
}

int run_tags_train(const TagFlags& f) {
  const StopSignals signals;
  const fs::path out = f.out.empty() ? fs::path("runs") / "tags" : fs::path(f.out);
  const TagTask task = load_task(f);
  Progress bar("tags", static_cast<double>(f.settings.steps));
  TagModel model = train_tags(task.train, task.corpus, f.settings, [&](const TagProgress& at) {
    bar.update(static_cast<double>(at.step),
               fmt::format("loss D {:.3g} G {:.3g}", at.loss_d, at.loss_g));
  });
  bar.finish("measuring");
  model.source = task.source;
  save_tag_model(out / kTagModelFile, model);
  const Json record = {
      {"schema_version", 1},        {"settings", settings_to_json(model.settings)},
      {"source", model.source},     {"vocabulary", model.words.words.size()},
      {"provenance", provenance()}, {"evaluation", evaluate_tags(model, task, f.reading)}};
  write_file_atomically(out / kTagRecordFile, record.dump(2) + "\n");
  return print_evaluation(record, f.json);
}

fs::path model_file(const std::string& run) {
  std::error_code ignored;
  return fs::is_directory(run, ignored) ? fs::path(run) / kTagModelFile : fs::path(run);
}

int run_tags_evaluate(TagFlags f) {
  const TagModel model = load_tag_model(model_file(f.run));
  f.settings = model.settings;
  f.dataset = model.source.value("dataset", std::string("embedded"));
  f.detector = model.source.value("detector", f.detector);
  const TagTask task = load_task(f);
  if (task.source != model.source) {
    fail(ErrorKind::kData,
         {.where = f.run,
          .expected = "the data and detector that it was trained with: " + model.source.dump(),
          .got = task.source.dump()});
  }
  return print_evaluation(
      {{"source", model.source}, {"evaluation", evaluate_tags(model, task, f.reading)}}, f.json);
}

int run_tags_suggest(const TagFlags& f) {
  const TagModel model = load_tag_model(model_file(f.run));
  const auto features = load_npy(f.features);
  if (features.dim() != 2) {
    fail(ErrorKind::kData, {.where = f.features,
                            .expected = "features (N,D)",
                            .got = fmt::format("{} dimensions", features.dim())});
  }
  const auto answers = suggest_tags(model, features, f.reading);
  std::string text;
  for (const auto& answer : answers) text += join(answer) + "\n";
  print_result(f.json ? Json(answers).dump(2) + "\n" : text);
  return 0;
}

void add_reading_flags(CLI::App& app, TagFlags& f) {
  app.add_option("--draws", f.reading.draws, "word vectors an image")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--nearest", f.reading.nearest, "nearest words to each")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--kept", f.reading.kept, "commonest words kept")
      ->capture_default_str()
      ->check(above_zero());
  app.add_flag("--json", f.json, "as JSON");
}

void add_train_flags(CLI::App& app, TagFlags& f) {
  app.add_option("--dataset", f.dataset,
                 "embedded, or a folder with features.npy, tags.txt and corpus.txt")
      ->capture_default_str();
  app.add_option("--detector", f.detector, "features of the embedded set's images")
      ->capture_default_str();
  app.add_option("--held-out", f.held_out, "images that are asked about, not trained on")
      ->capture_default_str()
      ->check(above_zero());
  app.add_option("--out", f.out, "folder for model and record (default: runs/tags)");
  app.add_option("--steps", f.settings.steps, "generator updates")->capture_default_str();
  app.add_option("--width", f.settings.width, "factor on the hidden layers; 1: as published")
      ->capture_default_str();
  app.add_option("--loss", f.settings.loss, join(tag_losses()))->capture_default_str();
  app.add_option("--gamma", f.settings.gamma, "weight of the gradient penalty; 0: none")
      ->capture_default_str();
  app.add_option("--dropout", f.settings.dropout, "in both networks; 0.5 as published")
      ->capture_default_str();
  app.add_option("--lr", f.settings.lr, "learning rate")->capture_default_str();
  app.add_option("--ema", f.settings.ema_decay, "decay of the generator's moving average; 0: none")
      ->capture_default_str();
  app.add_option("--threads", f.settings.threads, "CPU threads inside one operation")
      ->capture_default_str();
  app.add_option("--seed", f.settings.seed, "of weights, batches and noise")->capture_default_str();
  app.add_option("--minimum-count", f.settings.words.minimum_count, "rarer words are dropped")
      ->capture_default_str();
  app.add_option("--dimensions", f.settings.words.dimensions, "numbers of a word vector")
      ->capture_default_str();
}

}  // namespace

CommandAction attach_tags(CLI::App& app, const GlobalFlags&) {
  app.require_subcommand(1);
  auto flags = std::make_shared<TagFlags>();
  CLI::App* train = app.add_subcommand("train", "learn words and tag images; measures at the end");
  add_train_flags(*train, *flags);
  add_reading_flags(*train, *flags);
  CLI::App* evaluate =
      app.add_subcommand("evaluate", "precision, recall and diversity next to two baselines");
  evaluate->add_option("run", flags->run, "a folder that `tags train` wrote")->required();
  evaluate->add_option("--held-out", flags->held_out, "images that are asked about")
      ->capture_default_str();
  add_reading_flags(*evaluate, *flags);
  CLI::App* suggest = app.add_subcommand("suggest", "words for images given by their features");
  suggest->add_option("run", flags->run, "a folder that `tags train` wrote")->required();
  suggest->add_option("--features", flags->features, ".npy, float (N,D), of the same detector")
      ->required();
  add_reading_flags(*suggest, *flags);
  return [flags, train, evaluate] {
    if (train->parsed()) return run_tags_train(*flags);
    return evaluate->parsed() ? run_tags_evaluate(*flags) : run_tags_suggest(*flags);
  };
}

}  // namespace ganselect
