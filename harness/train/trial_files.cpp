#include "harness/train/trial_files.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "datasets/formats/image_io.h"
#include "harness/train/checkpoint.h"

namespace ganselect {

namespace {

constexpr std::int64_t kPictureSide = 256;     // pixels of a picture of points
constexpr std::int64_t kPicturePoints = 2000;  // data points drawn into it
constexpr std::uint8_t kDataShade = 190;       // light grey; samples are black on white

Json data_identity(const Dataset& data) {
  return {
      {"name", data.name}, {"split", data.split}, {"digest", data.digest}, {"count", data.size()}};
}

// "/evaluation/seed" -> "evaluation.seed"
std::string key_of_pointer(std::string pointer) {
  if (!pointer.empty()) pointer.erase(0, 1);
  std::replace(pointer.begin(), pointer.end(), '/', '.');
  return pointer;
}

std::string value_text(const Json& flat, const std::string& pointer) {
  const auto found = flat.find(pointer);
  return found == flat.end() ? "no such key" : found->dump();
}

[[noreturn]] void fail_other_settings(const std::filesystem::path& file, const std::string& pointer,
                                      const Json& started, const Json& asked) {
  fail(ErrorKind::kUsage, {.where = file.string(),
                           .expected = "'" + key_of_pointer(pointer) + "' = " +
                                       value_text(started, pointer) + ", as the trial was started",
                           .got = value_text(asked, pointer),
                           .hint = "use another folder for other settings"});
}

constexpr const char* kStepsPointer = "/steps";  // as flatten() names it

bool asks_for_more_steps(const Json& started, const Json& asked) {
  const auto before = started.find(kStepsPointer), now = asked.find(kStepsPointer);
  return before != started.end() && now != asked.end() && before->is_number_integer() &&
         now->is_number_integer() && *before < *now;
}

bool trial_file_exists(const std::filesystem::path& path) {
  std::error_code unseen;
  return std::filesystem::exists(path, unseen);
}

void require_checkpoint(const std::filesystem::path& folder) {
  if (!trial_file_exists(folder / kCurveFile) || trial_file_exists(folder / kCheckpointFile) ||
      trial_file_exists(folder / kPreviousCheckpointFile))
    return;
  fail(ErrorKind::kData, {.where = folder.string(),
                          .expected = "a checkpoint to train on from",
                          .got = "none",
                          .hint = "train into another folder"});
}

// Centres of pixels for points (N,2), given the square that the picture shows; points outside are
// left out.
torch::Tensor pixel_indices(const torch::Tensor& points, double centre, double reach) {
  const auto scaled = (points.to(torch::kFloat64) - centre) / (2 * reach) + 0.5;
  const auto pixels = (scaled * static_cast<double>(kPictureSide)).floor().to(torch::kInt64);
  const auto inside = (pixels >= 0).logical_and(pixels < kPictureSide).all(1);
  const auto kept = pixels.index({inside});
  // Row 0 is the top, so the second coordinate counts downwards.
  return (kPictureSide - 1 - kept.select(1, 1)) * kPictureSide + kept.select(1, 0);
}

torch::Tensor points_picture(const torch::Tensor& samples, const torch::Tensor& data) {
  const auto shown = data.slice(0, 0, kPicturePoints);
  const double low = shown.min().item<double>(), high = shown.max().item<double>();
  const double centre = 0.5 * (low + high), reach = std::max(0.6 * (high - low), 1e-6);
  auto picture = torch::full({kPictureSide * kPictureSide}, 255, torch::kUInt8);
  picture.index_fill_(0, pixel_indices(shown, centre, reach), kDataShade);
  picture.index_fill_(0, pixel_indices(samples, centre, reach), 0);
  return picture.view({1, kPictureSide, kPictureSide});
}

}  // namespace

Json trial_settings_json(const TrainSettings& settings, const Json& extra, const Dataset& train,
                         const Dataset* held_out) {
  Json json = identity_json(settings);
  for (const auto& item : extra.items()) json[item.key()] = item.value();
  json["data"] = {{"train", data_identity(train)},
                  {"held_out", held_out == nullptr ? Json(nullptr) : data_identity(*held_out)}};
  return json;
}

void refuse_foreign_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return;
  if (std::filesystem::exists(folder / kSettingsFile, error)) return;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    // Left by a trial that ended before its first step, or made on purpose for it.
    const bool ours = name.starts_with('.') || name == kNeighborsFile || name == kPartitionFile;
    if (!ours) names.push_back(name);
  }
  if (names.empty()) return;
  std::sort(names.begin(), names.end());
  constexpr std::size_t kNamed = 3;
  const bool more = names.size() > kNamed;
  names.resize(std::min(names.size(), kNamed));
  fail(ErrorKind::kUsage, {.where = folder.string(),
                           .expected = "a new or empty folder, or one of a trial",
                           .got = "other files: " + join(names) + (more ? ", ..." : ""),
                           .hint = "choose another --out"});
}

std::optional<std::int64_t> claim_folder(const std::filesystem::path& folder,
                                         const Json& settings) {
  refuse_foreign_folder(folder);
  make_folder(folder);
  const auto file = folder / kSettingsFile;
  if (!trial_file_exists(file)) {
    write_file_atomically(file, settings.dump(2) + "\n");
    return std::nullopt;
  }
  // Compared as they would be read back, so that 1 and 1.0 in memory do not differ.
  const Json started = read_json_file(file).flatten();
  const Json asked = parse_json(settings.dump(), "settings").flatten();
  const bool longer = asks_for_more_steps(started, asked);
  for (const auto& item : started.items()) {
    if (longer && item.key() == kStepsPointer) continue;
    const auto found = asked.find(item.key());
    if (found == asked.end() || *found != item.value()) {
      fail_other_settings(file, item.key(), started, asked);
    }
  }
  for (const auto& item : asked.items()) {
    if (!started.contains(item.key())) fail_other_settings(file, item.key(), started, asked);
  }
  if (!longer) return std::nullopt;
  require_checkpoint(folder);
  write_file_atomically(file, settings.dump(2) + "\n");
  return started.at(kStepsPointer).get<std::int64_t>();
}

void save_curve(const std::filesystem::path& folder, const std::vector<CurveRow>& rows) {
  write_file_atomically(folder / kCurveFile, curve_to_csv(rows));
}

std::vector<CurveRow> load_curve(const std::filesystem::path& folder, std::int64_t step) {
  const auto file = folder / kCurveFile;
  auto rows = curve_from_csv(read_file(file), file.string());
  truncate_curve(rows, step);
  return rows;
}

void save_samples_picture(const std::filesystem::path& folder, const torch::Tensor& samples,
                          std::int64_t columns, const Dataset& train) {
  const auto file = folder / kSamplesFile;
  if (train.shape.points) {
    write_png(file, points_picture(samples, train.samples));
    return;
  }
  write_grid_png(file, samples, columns);
}

}  // namespace ganselect
