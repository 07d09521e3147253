// `embedding train` and `embedding evaluate`: self-supervised feature spaces.
#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/torch/device.h"
#include "harness/cli/number_checks.h"
#include "harness/commands/commands.h"
#include "metrics/detectors/embedding_make.h"
#include "metrics/detectors/judge_make.h"

namespace ganselect {
namespace {

struct EmbeddingFlags {
  std::string dataset = "cifar10", out, embedding, device = "auto";
  std::optional<std::uint64_t> seed;
  std::optional<std::int64_t> epochs;
  bool json = false;
};

void print_embedding(const Embedding& embedding, const std::string& file, const Json& evaluation,
                     bool json) {
  if (json) {
    print_result(Json{{"embedding", embedding.name},
                      {"file", file},
                      {"sha256", embedding.digest},
                      {"training", embedding.training},
                      {"evaluation", evaluation}}
                     .dump(2) +
                 "\n");
    return;
  }
  print_result(fmt::format("{}: {:.2f}% of {} test images by {} neighbours\n{}\nsha256 {}\n",
                           embedding.name, 100 * evaluation.at("accuracy").get<double>(),
                           evaluation.at("count").get<std::int64_t>(),
                           evaluation.at("k").get<std::int64_t>(), file, embedding.digest));
}

int run_embedding_train(const EmbeddingFlags& f, const GlobalFlags& global) {
  const StopSignals signals;
  const EmbeddingSpec& spec = embedding_of_dataset(f.dataset);
  EmbeddingRequest request{.dataset = f.dataset,
                           .settings = spec.settings,
                           .data_dir = global.data_dir,
                           .out = f.out.empty() ? "." : f.out};
  if (f.seed) request.settings.seed = *f.seed;
  if (f.epochs) request.settings.epochs = *f.epochs;
  request.settings.device = parse_device(f.device).str();
  Progress bar("embedding " + f.dataset, static_cast<double>(request.settings.epochs));
  const Embedding made =
      make_embedding(request, [&](const EmbeddingEpoch& epoch, double test_accuracy) {
        bar.update(static_cast<double>(epoch.epoch),
                   fmt::format("epoch {} loss {:.3f} test {:.2f}%", epoch.epoch, epoch.loss,
                               100 * test_accuracy));
      });
  bar.finish();
  print_embedding(made, (request.out / (spec.name + ".safetensors")).string(), made.evaluation,
                  f.json);
  return 0;
}

int run_embedding_evaluate(const EmbeddingFlags& f, const GlobalFlags& global) {
  const EmbeddingSpec& spec = embedding_of_dataset(f.dataset);
  const Embedding embedding =
      f.embedding.empty() ? load_shipped_embedding(spec.name) : load_embedding(f.embedding);
  JudgeTrainSettings split;
  split.hold_out = embedding.settings.hold_out;
  const JudgeSplit data = load_judge_data(f.dataset, split, global.data_dir);
  print_embedding(embedding,
                  f.embedding.empty()
                      ? (embeddings_folder() / (spec.name + ".safetensors")).string()
                      : f.embedding,
                  embedding_evaluation(*embedding.network, data.train, data.test), f.json);
  return 0;
}

}  // namespace

CommandAction attach_embedding(CLI::App& app, const GlobalFlags& global) {
  app.require_subcommand(1);
  auto flags = std::make_shared<EmbeddingFlags>();
  CLI::App* train = app.add_subcommand("train", "train an embedding without labels (SimCLR)");
  CLI::App* evaluate = app.add_subcommand(
      "evaluate", "k-NN classification accuracy on images the embedding never saw");
  for (CLI::App* sub : {train, evaluate}) {
    sub->add_option("--dataset", flags->dataset, "cifar10, mnist or embedded")
        ->capture_default_str();
    sub->add_flag("--json", flags->json, "as JSON");
  }
  train->add_option("--seed", flags->seed, "of weights, order and views (default: the table's)");
  train
      ->add_option("--epochs", flags->epochs,
                   "passes over the training images (default: the table's)")
      ->check(above_zero());
  train->add_option("--device", flags->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  train->add_option("--out", flags->out,
                    "folder for the embedding, its curve and its model card (default: here)");
  evaluate->add_option("--embedding", flags->embedding,
                       "an embedding's file (default: the shipped one)");
  return [flags, train, &global] {
    return train->parsed() ? run_embedding_train(*flags, global)
                           : run_embedding_evaluate(*flags, global);
  };
}

}  // namespace ganselect
