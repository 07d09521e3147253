// A trained tag model: read words off it, keep it, bring it back.
#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"
#include "harness/tags/tag_trainer.h"

namespace ganselect {
namespace {

constexpr const char* kTagModelKind = "ganselect tag model";

// The words that stand most often in the lists (M,L); equal counts go to the commoner word of the
// corpus, which has the lower row.
std::vector<std::string> commonest_words(const WordVectors& words, const torch::Tensor& lists,
                                         std::int64_t kept) {
  const auto counts =
      torch::bincount(lists.flatten(), {}, static_cast<std::int64_t>(words.words.size()));
  const auto* count = counts.data_ptr<std::int64_t>();
  std::vector<std::size_t> order(words.words.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return count[a] > count[b]; });
  std::vector<std::string> answer;
  for (const auto row : order) {
    if (static_cast<std::int64_t>(answer.size()) == kept || count[row] == 0) break;
    answer.push_back(words.words[row]);
  }
  return answer;
}

const std::string& metadata_of(const TensorFile& content, const char* key,
                               const std::filesystem::path& file) {
  const auto found = content.metadata.find(key);
  if (found == content.metadata.end()) {
    fail(ErrorKind::kData, {.where = file.string(),
                            .expected = "a tag model with metadata '" + std::string(key) + "'",
                            .got = "none"});
  }
  return found->second;
}

torch::Tensor tensor_of(const TensorFile& content, const std::string& name,
                        const std::filesystem::path& file) {
  const auto found = content.tensors.find(name);
  if (found == content.tensors.end()) {
    fail(ErrorKind::kData,
         {.where = file.string(), .expected = "a tensor '" + name + "'", .got = "none"});
  }
  return found->second;
}

}  // namespace

torch::Tensor normalized_features(const TagModel& model, const torch::Tensor& features) {
  if (features.dim() == 0 || features.size(-1) != model.mean.size(0)) {
    fail(ErrorKind::kData,
         {.where = "tag model",
          .expected = "features of " + std::to_string(model.mean.size(0)) + " numbers",
          .got = c10::str(features.sizes()),
          .hint = "use the detector that the model was trained with"});
  }
  return (features.to(torch::kFloat32) - model.mean) / model.deviation;
}

TagNetworkSettings tag_network_settings(const TagModel& model) {
  return {.features = model.mean.size(0),
          .dimensions = model.words.vectors.size(1),
          .width = model.settings.width,
          .dropout = model.settings.dropout};
}

torch::Tensor draw_tag_vectors(const TagModel& model, const torch::Tensor& features,
                               std::int64_t draws, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  auto noise = make_stream(seed, "tags/latent");
  auto unused = make_stream(seed, "tags/dropout");
  const auto row = normalized_features(model, features).view({1, -1}).expand({draws, -1});
  return model.generator->forward(torch::randn({draws, TagGenerator::kNoise}, noise), row, unused);
}

std::vector<std::vector<std::string>> suggest_tags(const TagModel& model,
                                                   const torch::Tensor& features,
                                                   const TagReading& reading) {
  const auto checked = settings_from_json<TagReading>(settings_to_json(reading), "reading of tags");
  std::vector<std::vector<std::string>> answers;
  for (std::int64_t i = 0; i < features.size(0); ++i) {
    // Every image has draws of its own, so that its answer does not depend on which others are
    // asked for.
    const auto vectors = draw_tag_vectors(model, features[i], checked.draws, checked.seed);
    answers.push_back(commonest_words(
        model.words, nearest_words(model.words, vectors, checked.nearest), checked.kept));
  }
  return answers;
}

void save_tag_model(const std::filesystem::path& file, const TagModel& model) {
  TensorFile content;
  content.metadata = {{"kind", kTagModelKind},
                      {"settings", settings_to_json(model.settings).dump()},
                      {"words", Json(model.words.words).dump()},
                      {"counts", Json(model.words.counts).dump()},
                      {"source", model.source.dump()}};
  content.tensors = {
      {"words", model.words.vectors}, {"mean", model.mean}, {"deviation", model.deviation}};
  for (const auto& item : model.generator->named_parameters()) {
    content.tensors["generator/" + item.key()] = item.value().detach();
  }
  save_safetensors(file, content);
}

TagModel load_tag_model(const std::filesystem::path& file) {
  const auto content = load_safetensors(file);
  if (metadata_of(content, "kind", file) != kTagModelKind) {
    fail(ErrorKind::kData, {.where = file.string(),
                            .expected = kTagModelKind,
                            .got = metadata_of(content, "kind", file)});
  }
  const auto json_of = [&](const char* key) {
    return parse_json(metadata_of(content, key, file), file.string());
  };
  TagModel model;
  model.settings = settings_from_json<TagSettings>(json_of("settings"), file.string());
  try {
    model.words.words = json_of("words").get<std::vector<std::string>>();
    model.words.counts = json_of("counts").get<std::vector<std::int64_t>>();
  } catch (const Json::exception& error) {
    fail(ErrorKind::kData,
         {.where = file.string(), .expected = "lists of words and counts", .got = error.what()});
  }
  for (std::size_t i = 0; i < model.words.words.size(); ++i) {
    model.words.rows[model.words.words[i]] = static_cast<std::int64_t>(i);
  }
  model.source = json_of("source");
  model.words.vectors = tensor_of(content, "words", file);
  model.mean = tensor_of(content, "mean", file);
  model.deviation = tensor_of(content, "deviation", file);
  if (model.words.vectors.dim() != 2 || model.mean.dim() != 1 ||
      model.words.vectors.size(0) != static_cast<std::int64_t>(model.words.words.size())) {
    fail(ErrorKind::kData, {.where = file.string(),
                            .expected = "a vector for each word",
                            .got = c10::str(model.words.vectors.sizes())});
  }
  model.generator = std::make_shared<TagGenerator>(tag_network_settings(model), make_generator(0));
  const torch::NoGradGuard no_grad;
  for (auto& item : model.generator->named_parameters()) {
    const auto stored = tensor_of(content, "generator/" + item.key(), file);
    if (stored.sizes() != item.value().sizes()) {
      fail(ErrorKind::kData, {.where = file.string() + ", tensor " + item.key(),
                              .expected = c10::str(item.value().sizes()),
                              .got = c10::str(stored.sizes())});
    }
    item.value().copy_(stored);
  }
  model.generator->eval();
  return model;
}

}  // namespace ganselect
