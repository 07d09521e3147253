#include "metrics/detectors/embedding_make.h"

#include <torch/torch.h>

#include <cmath>

#include "base/files.h"
#include "base/text.h"
#include "metrics/detectors/judge_make.h"

namespace ganselect {
namespace {

std::string embedding_curve_line(const EmbeddingEpoch& epoch, double accuracy) {
  return std::to_string(epoch.epoch) + "," + shortest(epoch.seconds) + "," + shortest(epoch.rate) +
         "," + shortest(epoch.loss) + "," + shortest(accuracy) + "\n";
}

std::string embedding_figures(const Embedding& embedding) {
  const auto& e = embedding.evaluation;
  const auto& t = embedding.training;
  std::string text = "| | |\n| --- | --- |\n";
  const auto row = [&](const std::string& what, const std::string& value) {
    text += "| " + what + " | " + value + " |\n";
  };
  row("k-NN accuracy", shortest(std::round(e.at("accuracy").get<double>() * 10000) / 100) + "% (" +
                           std::to_string(e.at("correct").get<int64_t>()) + " of " +
                           std::to_string(e.at("count").get<int64_t>()) + " images, split \"" +
                           e.at("split").get<std::string>() +
                           "\", k = " + std::to_string(e.at("k").get<int64_t>()) +
                           " training images by cosine similarity, equal votes)");
  row("test images", "SHA-256 " + e.at("digest").get<std::string>());
  row("trained on", std::to_string(t.at("count").get<int64_t>()) + " images of " +
                        embedding.dataset + ", split \"" + t.at("split").get<std::string>() +
                        "\", SHA-256 " + t.at("digest").get<std::string>() + "; no labels");
  row("parameters",
      std::to_string(embedding.network->parameter_count()) + " with the projection head");
  row("FLOPs an image",
      std::to_string(embedding.network->flops()) + " (two to a multiply-add), features alone");
  row("features", std::to_string(embedding.network->architecture().features()) +
                      ", the last block's mean over rows and columns");
  row("file", embedding.name + ".safetensors, SHA-256 " + embedding.digest);
  return text;
}

}  // namespace

Json embedding_evaluation(EmbeddingNetwork& network, const Dataset& train, const Dataset& test) {
  const auto result =
      neighbor_accuracy(embed_images(network, train.samples), train.labels,
                        embed_images(network, test.samples), test.labels, kQualityNeighbors);
  return {{"split", test.split}, {"count", result.count},     {"digest", test.digest},
          {"k", result.k},       {"correct", result.correct}, {"accuracy", result.accuracy()}};
}

Embedding make_embedding(const EmbeddingRequest& request, const EmbeddingReport& report) {
  const auto& spec = embedding_of_dataset(request.dataset);
  JudgeTrainSettings split;
  split.hold_out = request.settings.hold_out;
  const auto data = load_judge_data(request.dataset, split, request.data_dir);
  const auto weights = request.out / (spec.name + ".safetensors");
  std::string curve = "epoch,seconds,rate,loss,test_accuracy\n";
  Embedding embedding{.name = spec.name, .dataset = request.dataset, .settings = request.settings};
  const auto after_epoch = [&](const EmbeddingEpoch& epoch, EmbeddingNetwork& network) {
    // The network goes on being trained; it is lent to the embedding for writing only.
    embedding.network = std::shared_ptr<EmbeddingNetwork>(&network, [](EmbeddingNetwork*) {});
    embedding.training = {{"split", data.train.split},   {"count", data.train.size()},
                          {"digest", data.train.digest}, {"epochs_done", epoch.epoch},
                          {"seconds", epoch.seconds},    {"threads", at::get_num_threads()}};
    embedding.evaluation = embedding_evaluation(network, data.train, data.test);
    save_embedding(weights, embedding);
    const double accuracy = embedding.evaluation["accuracy"].get<double>();
    curve += embedding_curve_line(epoch, accuracy);
    write_file_atomically(request.out / (spec.name + ".csv"), curve);
    if (report) report(epoch, accuracy);
  };
  embedding.network = train_embedding(request.settings, data.train, after_epoch);
  write_file_atomically(request.out / (spec.name + ".md"), embedding_card(embedding));
  return embedding;
}

std::string embedding_card(const Embedding& embedding) {
  const auto& spec = embedding_table().at(embedding.name);
  const auto& t = embedding.training;
  EmbeddingTrainSettings defaults = spec.settings;
  defaults.seed = embedding.settings.seed;
  const bool plain = settings_to_json(defaults) == settings_to_json(embedding.settings);
  const auto threads = t.at("threads").get<int>();
  std::string text =
      "# " + embedding.name + "\n\nA " + spec.explanation +
      ". Made for conditioning on instances; a feature space for measures as well.\n\n" +
      embedding_figures(embedding);
  text +=
      "\n## Training\n\nSimCLR (Chen et al. 2020, arXiv:2002.05709) with AdamW.\n\n```\n"
      "ganselect embedding train --dataset " +
      embedding.dataset + " --out DIR --seed " + std::to_string(embedding.settings.seed) +
      "\n```\n\n" +
      (plain ? "with the default settings of this data set"
             : "with settings that differ from this data set's defaults") +
      " (below). float32, " + std::to_string(threads) +
      (threads == 1 ? " thread, " : " threads, ") + human_seconds(t.at("seconds").get<double>()) +
      ", " + std::to_string(t.at("epochs_done").get<int64_t>()) + " of " +
      std::to_string(embedding.settings.epochs) +
      " epochs. The network of the last epoch is kept; "
      "the test images chose nothing. Curve: " +
      embedding.name + ".csv.\n\n```json\n" + settings_to_json(embedding.settings).dump(2) +
      "\n```\n";
  text += "\n## Limits\n\n";
  for (const auto& limit : spec.limits) text += "- " + limit + "\n";
  return text;
}

}  // namespace ganselect
