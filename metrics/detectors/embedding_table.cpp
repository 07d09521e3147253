// The embeddings. After `ganselect embedding train` the row's digest is the one that the new model
// card states.
#include "base/error.h"
#include "base/provenance.h"
#include "metrics/detectors/embedding_files.h"

namespace ganselect {
namespace {

EmbeddingTrainSettings mnist_embedding_settings() {
  EmbeddingTrainSettings s;
  // A mirrored digit is no digit, and much of a small crop is empty.
  s.views = {.least_area = 0.5, .mirror = false, .jitter = 0.5, .grey = 0};
  s.epochs = 4;
  s.widths = {16, 32, 64};
  s.hold_out = 5000;
  return s;
}

EmbeddingTrainSettings embedded_embedding_settings() {
  EmbeddingTrainSettings s;
  s.views.least_area = 0.5;  // a shape must stay recognizable
  s.epochs = 6;
  s.widths = {16, 32, 64};
  return s;
}

}  // namespace

const NamedTable<EmbeddingSpec>& embedding_table() {
  static const NamedTable<EmbeddingSpec> table(
      "embedding",
      {{.name = "simclr-cifar10",
        .dataset = "cifar10",
        .explanation = "self-supervised embedding of CIFAR-10's training images, no labels seen",
        .settings = {},
        .sha256 = "ceb684e03069bf50b67bbc0c3f136d819d2b93615cc8b285d6e73374a27f5fb1",
        .limits = {"A small network after one pass over the images: far below what long SimCLR "
                   "trainings reach.",
                   "Its training time was taken on a machine that was busy with other work.",
                   "The accuracy is that on the first 1,000 of the 10,000 official test images.",
                   "Images must be 32x32 with three channels; nothing is resized."}},
       {.name = "simclr-mnist",
        .dataset = "mnist",
        .explanation = "self-supervised embedding of MNIST's digits",
        .settings = mnist_embedding_settings(),
        .sha256 = std::nullopt,
        .limits = {"Digits are 28x28 padded with zeros to 32x32."}},
       {.name = "simclr-embedded",
        .dataset = "embedded",
        .explanation = "self-supervised embedding of the generated embedded data set",
        .settings = embedded_embedding_settings(),
        .sha256 = std::nullopt,
        .limits = {"It knows the generator's images only."}}});
  return table;
}

const EmbeddingSpec& embedding_of_dataset(const std::string& dataset) {
  std::vector<std::string> known;
  for (const auto& spec : embedding_table()) {
    if (spec.dataset == dataset) return spec;
    known.push_back(spec.dataset);
  }
  fail(ErrorKind::kUsage, {.where = "embedding",
                           .expected = "a data set that has one: " + join(known),
                           .got = "'" + dataset + "'"});
}

std::filesystem::path embeddings_folder() {
  return std::filesystem::path(share_dir()) / "metrics" / "detectors" / "weights";
}

Embedding load_shipped_embedding(const std::string& name) {
  const auto& spec = embedding_table().at(name);
  if (!spec.sha256) {
    fail(ErrorKind::kData, {.where = name,
                            .expected = "the file of an embedding that comes with the program",
                            .got = "one that does not",
                            .hint = "ganselect embedding train --dataset " + spec.dataset +
                                    " --out DIR, then name the file in its place"});
  }
  return load_embedding(embeddings_folder() / (spec.name + ".safetensors"), *spec.sha256);
}

}  // namespace ganselect
