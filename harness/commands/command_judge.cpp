// `judge train` and `judge evaluate`: the project's own detectors.
#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/torch/device.h"
#include "harness/cli/number_checks.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "metrics/detectors/judge_files.h"
#include "metrics/detectors/judge_make.h"
#include "metrics/detectors/judge_train.h"

namespace ganselect {
namespace {

struct JudgeFlags {
  std::string dataset = "cifar10", out, judge, device = "auto";
  std::optional<std::uint64_t> seed;
  std::optional<std::int64_t> epochs;
  bool json = false;
};

JudgeTrainSettings settings_of(const JudgeFlags& f, const JudgeSpec& spec) {
  JudgeTrainSettings settings = spec.settings;
  if (f.seed) settings.seed = *f.seed;
  if (f.epochs) settings.epochs = *f.epochs;
  settings.device = parse_device(f.device).str();
  return settings_from_json<JudgeTrainSettings>(settings_to_json(settings), "judge train");
}

int run_judge_train(const JudgeFlags& f, const GlobalFlags& global) {
  const StopSignals signals;
  const JudgeSpec& spec = judge_of_dataset(f.dataset);
  JudgeRequest request;
  request.dataset = f.dataset;
  request.settings = settings_of(f, spec);
  request.data_dir = global.data_dir;
  request.out = f.out.empty() ? std::filesystem::path(".") : std::filesystem::path(f.out);
  Progress bar("judge " + f.dataset, static_cast<double>(request.settings.epochs));
  const Judge judge = make_judge(request, [&](const JudgeEpoch& epoch, double test_accuracy) {
    bar.update(static_cast<double>(epoch.epoch),
               fmt::format("epoch {} loss {:.3f} test {:.2f}%", epoch.epoch, epoch.loss,
                           100 * test_accuracy));
  });
  bar.finish();
  const std::filesystem::path file = request.out / (spec.name + ".safetensors");
  if (f.json) {
    print_result(Json{{"file", file.string()},
                      {"sha256", judge.digest},
                      {"training", judge.training},
                      {"evaluation", judge.evaluation}}
                     .dump(2) +
                 "\n");
  } else {
    print_result(fmt::format("{}: {:.2f}% of {} test images\n{}\nsha256 {}\n", spec.name,
                             100 * judge.evaluation.at("accuracy").get<double>(),
                             judge.evaluation.at("count").get<std::int64_t>(), file.string(),
                             judge.digest));
  }
  return 0;
}

std::string confusion_text(const JudgeEvaluation& evaluation,
                           const std::vector<std::string>& classes) {
  std::vector<std::string> header = {"true \\ answered"};
  for (std::size_t c = 0; c < classes.size(); ++c) header.push_back(classes[c]);
  TextGrid grid(header);
  for (std::int64_t row = 0; row < evaluation.confusion.size(0); ++row) {
    std::vector<std::string> cells = {classes[static_cast<std::size_t>(row)]};
    for (std::int64_t column = 0; column < evaluation.confusion.size(1); ++column) {
      cells.push_back(std::to_string(evaluation.confusion[row][column].item<std::int64_t>()));
    }
    grid.add(cells);
  }
  return grid.text();
}

int run_judge_evaluate(const JudgeFlags& f, const GlobalFlags& global) {
  const JudgeSpec& spec = judge_of_dataset(f.dataset);
  const Judge judge = f.judge.empty() ? load_shipped_judge(spec.name) : load_judge(f.judge);
  const JudgeSplit split = load_judge_data(f.dataset, judge.settings, global.data_dir);
  const JudgeEvaluation evaluation = evaluate_judge(*judge.network, split.test);
  if (f.json) {
    Json confusion = Json::array();
    for (std::int64_t row = 0; row < evaluation.confusion.size(0); ++row) {
      const auto cells = evaluation.confusion[row].contiguous();
      confusion.push_back(std::vector<std::int64_t>(
          cells.data_ptr<std::int64_t>(), cells.data_ptr<std::int64_t>() + cells.numel()));
    }
    print_result(Json{{"judge", judge.name},
                      {"sha256", judge.digest},
                      {"data_digest", split.test.digest},
                      {"count", evaluation.count},
                      {"accuracy", evaluation.accuracy()},
                      {"confusion", confusion}}
                     .dump(2) +
                 "\n");
  } else {
    print_result(fmt::format("{}: {} of {} right, {:.2f}%\n\n{}", judge.name, evaluation.correct,
                             evaluation.count, 100 * evaluation.accuracy(),
                             confusion_text(evaluation, judge.class_names)));
  }
  return 0;
}

void add_common(CLI::App& app, JudgeFlags& f) {
  app.add_option("--dataset", f.dataset, "cifar10, mnist or embedded")->capture_default_str();
  app.add_flag("--json", f.json, "as JSON");
}

}  // namespace

CommandAction attach_judge(CLI::App& app, const GlobalFlags& global) {
  app.require_subcommand(1);
  auto flags = std::make_shared<JudgeFlags>();
  CLI::App* train = app.add_subcommand("train", "train a judge as the shipped one was");
  add_common(*train, *flags);
  train->add_option("--seed", flags->seed,
                    "of weights, order and augmentation (default: the shipped judge's)");
  train
      ->add_option("--epochs", flags->epochs,
                   "passes over the training images (default: the shipped judge's)")
      ->check(above_zero());
  train->add_option("--device", flags->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  train->add_option("--out", flags->out,
                    "folder for the judge, its curve and its model card (default: here)");
  CLI::App* evaluate =
      app.add_subcommand("evaluate", "accuracy and confusion matrix on images the judge never saw");
  add_common(*evaluate, *flags);
  evaluate->add_option("--judge", flags->judge, "a judge's file (default: the shipped one)");
  return [flags, train, &global] {
    return train->parsed() ? run_judge_train(*flags, global) : run_judge_evaluate(*flags, global);
  };
}

}  // namespace ganselect
