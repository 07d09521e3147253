#include "harness/train/checkpoint.h"

#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "harness/train/instance_source.h"
#include "harness/train/visible_source.h"

namespace ganselect {

namespace {

// Names and versions of the two layouts; a reader refuses any other.
constexpr const char* kFormatKey = "format";
constexpr const char* kCheckpointFormat = "ganselect checkpoint 1";
constexpr const char* kGeneratorFormat = "ganselect generator 1";

const std::string& metadata_at(const TensorFile& file, const std::string& key,
                               const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) {
    fail(ErrorKind::kData, {.where = where, .expected = "metadata '" + key + "'", .got = "none"});
  }
  return found->second;
}

void check_format(const TensorFile& file, const std::string& format, const std::string& where) {
  const auto found = file.metadata.find(kFormatKey);
  const std::string got = found == file.metadata.end() ? "another file" : "'" + found->second + "'";
  if (found == file.metadata.end() || found->second != format) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "a file of format '" + format + "'", .got = got});
  }
}

// Metadata that is not what was written counts as damage, whatever kind of error reading it raises.
template <class Read>
auto read_or_data_error(const std::string& where, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    fail(ErrorKind::kData, {.where = where, .expected = "whole metadata", .got = error.what()});
  } catch (const std::exception& error) {
    fail(ErrorKind::kData, {.where = where, .expected = "whole metadata", .got = error.what()});
  }
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  Checkpoint checkpoint;
  checkpoint.state = load_safetensors(path);
  const std::string where = path.string();
  check_format(checkpoint.state, kCheckpointFormat, where);
  checkpoint.seconds = read_or_data_error(
      where, [&] { return std::stod(metadata_at(checkpoint.state, "seconds", where)); });
  checkpoint.trial = read_or_data_error(
      where, [&] { return parse_json(metadata_at(checkpoint.state, "trial", where), where); });
  return checkpoint;
}

Json shape_to_json(const SampleShape& shape) {
  return {{"points", shape.points},
          {"channels", shape.channels},
          {"height", shape.height},
          {"width", shape.width}};
}

SampleShape shape_from_json(const Json& json) {
  return {.points = json.at("points").get<bool>(),
          .channels = json.at("channels").get<std::int64_t>(),
          .height = json.at("height").get<std::int64_t>(),
          .width = json.at("width").get<std::int64_t>()};
}

// Keys of the conditions beside the network's own tensors, which have no slash in their names.
constexpr const char* kConditionLabels = "condition/labels";
constexpr const char* kConditionInstances = "condition/instances";
constexpr const char* kConditionWeights = "condition/weights";
constexpr const char* kInstanceImages = "condition/instance_images";
constexpr const char* kInstanceRows = "condition/instance_rows";
constexpr const char* kPictures = "condition/pictures";
constexpr const char* kMasks = "condition/masks";
constexpr const char* kScaleMean = "condition/scale_mean";
constexpr const char* kScaleDeviation = "condition/scale_deviation";

void put_conditions(const ConditionTable& table, TensorFile& file) {
  if (table.empty()) return;
  if (table.rows.labels.defined()) file.tensors[kConditionLabels] = table.rows.labels;
  if (table.rows.instances.defined()) file.tensors[kConditionInstances] = table.rows.instances;
  file.tensors[kConditionWeights] = table.weights;
  file.metadata["class_names"] = Json(table.class_names).dump();
  file.metadata["condition_law"] = table.law;
  if (table.pictures) {
    file.tensors[kPictures] = table.pictures->images;
    file.tensors[kMasks] = table.pictures->masks;
  }
  if (!table.instances) return;
  file.tensors[kInstanceImages] = table.instances->images;
  file.tensors[kInstanceRows] = table.instances->rows;
  file.tensors[kScaleMean] = table.instances->scale.mean;
  file.tensors[kScaleDeviation] = table.instances->scale.deviation;
  file.metadata["instance_detector"] = table.instances->detector;
  file.metadata["instance_detector_digest"] = table.instances->detector_digest;
}

// Moves the conditions out of the file, so that only the network's tensors are left there.
ConditionTable take_conditions(TensorFile& file, const std::string& where) {
  ConditionTable table;
  const auto take = [&](const char* key) {
    const auto found = file.tensors.find(key);
    if (found == file.tensors.end()) return torch::Tensor();
    auto tensor = found->second;
    file.tensors.erase(found);
    return tensor;
  };
  table.rows.labels = take(kConditionLabels);
  table.rows.instances = take(kConditionInstances);
  table.weights = take(kConditionWeights);
  StoredPictures pictures{.images = take(kPictures), .masks = take(kMasks)};
  if (pictures.images.defined())
    return table_of_pictures(std::move(pictures), metadata_at(file, "condition_law", where));
  if (table.empty()) return table;
  table.class_names =
      parse_json(metadata_at(file, "class_names", where), where).get<std::vector<std::string>>();
  table.law = metadata_at(file, "condition_law", where);
  StoredInstances instances{
      .images = take(kInstanceImages),
      .rows = take(kInstanceRows),
      .scale = {.mean = take(kScaleMean), .deviation = take(kScaleDeviation)}};
  if (!instances.images.defined()) return table;
  instances.detector = metadata_at(file, "instance_detector", where);
  instances.detector_digest = metadata_at(file, "instance_detector_digest", where);
  table.instances = std::make_shared<const StoredInstances>(std::move(instances));
  return table;
}

Conditioning conditioning_of(const ConditionTable& table) {
  return {.classes = static_cast<std::int64_t>(table.class_names.size()),
          .instance_features = table.rows.instances.defined() ? table.rows.instances.size(1) : 0,
          .visible = table.rows.visible.defined() ? table.rows.visible.size(1) - 1 : 0};
}

// Fills the generator's parameters and buffers from the file.
void fill_generator(Generator& generator, const TensorFile& file, const std::string& where) {
  torch::NoGradGuard no_grad;
  std::size_t used = 0;
  const auto fill = [&](const auto& named) {
    for (const auto& item : named) {
      const auto found = file.tensors.find(item.key());
      if (found == file.tensors.end() || found->second.sizes() != item.value().sizes()) {
        fail(ErrorKind::kData,
             {.where = where,
              .expected = "a tensor '" + item.key() + "' of the candidate's shape",
              .got = found == file.tensors.end() ? std::string("none")
                                                 : std::string("another shape")});
      }
      auto target = item.value();
      target.copy_(found->second);
      ++used;
    }
  };
  fill(generator.named_parameters());
  fill(generator.named_buffers());
  if (used != file.tensors.size()) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = std::to_string(used) + " tensors",
                            .got = std::to_string(file.tensors.size())});
  }
}

}  // namespace

void save_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint) {
  TensorFile file = checkpoint.state;
  file.metadata[kFormatKey] = kCheckpointFormat;
  file.metadata["seconds"] = shortest(checkpoint.seconds);
  file.metadata["trial"] = checkpoint.trial.dump();
  const auto current = folder / kCheckpointFile;
  // Written under a third name first: between the two renames the previous one is there to fall
  // back on.
  const auto fresh = folder / "checkpoint.new.safetensors";
  save_safetensors(fresh, file);
  std::error_code error;
  if (std::filesystem::exists(current, error)) {
    std::filesystem::rename(current, folder / kPreviousCheckpointFile, error);
  }
  if (!error) std::filesystem::rename(fresh, current, error);
  if (error) {
    fail(ErrorKind::kFailed, {.where = current.string(),
                              .expected = "a file that can be replaced",
                              .got = error.message()});
  }
}

std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& folder) {
  std::string damage;
  for (const char* name : {kCheckpointFile, kPreviousCheckpointFile}) {
    const auto path = folder / name;
    std::error_code unseen;
    if (!std::filesystem::exists(path, unseen)) continue;
    try {
      auto checkpoint = read_checkpoint(path);
      if (!damage.empty()) log_warn("{}; going on from {}", damage, path.string());
      return checkpoint;
    } catch (const Error& error) {
      damage += (damage.empty() ? "" : "; ") + std::string(error.what());
    }
  }
  if (damage.empty()) return std::nullopt;
  fail(ErrorKind::kData, {.where = (folder / kCheckpointFile).string(),
                          .expected = "a whole checkpoint",
                          .got = damage,
                          .hint = "delete the trial's folder to start it over"});
}

void drop_previous_checkpoint(const std::filesystem::path& folder) {
  std::error_code ignored;  // a file that stays behind costs disk only
  std::filesystem::remove(folder / kPreviousCheckpointFile, ignored);
}

void save_generator(const std::filesystem::path& file, Trainer& trainer) {
  TensorFile saved;
  const auto& generator = trainer.evaluated_generator();
  for (const auto& item : generator.named_parameters())
    saved.tensors[item.key()] = item.value().detach();
  for (const auto& item : generator.named_buffers()) saved.tensors[item.key()] = item.value();
  saved.metadata[kFormatKey] = kGeneratorFormat;
  saved.metadata["settings"] = settings_to_json(trainer.settings()).dump();
  saved.metadata["shape"] = shape_to_json(trainer.shape()).dump();
  saved.metadata["candidate"] = trainer.candidate().name;
  saved.metadata["step"] = std::to_string(trainer.steps_done());
  saved.metadata["weights"] = trainer.has_ema() ? "ema" : "raw";
  put_conditions(trainer.conditions(), saved);
  save_safetensors(file, saved);
}

SavedGenerator load_generator(const std::filesystem::path& file) {
  const std::string where = file.string();
  TensorFile stored = load_safetensors(file);
  check_format(stored, kGeneratorFormat, where);
  auto saved = read_or_data_error(where, [&] {
    SavedGenerator out;
    const auto field = [&](const char* key) { return metadata_at(stored, key, where); };
    out.settings = settings_from_json<TrainSettings>(parse_json(field("settings"), where), where);
    out.shape = shape_from_json(parse_json(field("shape"), where));
    out.step = std::stoll(field("step"));
    out.weights = field("weights");
    out.candidate = resolve_candidate(out.settings);
    out.conditions = take_conditions(stored, where);
    out.generator = build_generator(
        out.candidate, build_settings(out.settings, out.shape, conditioning_of(out.conditions)),
        out.settings.seed);
    return out;
  });
  fill_generator(*saved.generator, stored, where);
  saved.generator->eval();
  for (auto& parameter : saved.generator->parameters()) parameter.set_requires_grad(false);
  saved.digest = sha256_file(file);
  return saved;
}

}  // namespace ganselect
