#include "harness/evaluate/fillings.h"

#include <torch/torch.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/torch/generators.h"
#include "datasets/formats/image_io.h"
#include "datasets/formats/image_reader.h"
#include "harness/train/visible_source.h"
#include "models/masks.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMeasuredPictures = 100;
constexpr std::int64_t kFillingsEach = 10;
// Greys between these are on neither side of a mask.
constexpr int kBlack = 64, kWhite = 192;

const StoredPictures& pictures_of(const SavedGenerator& saved) {
  if (saved.conditions.pictures) return *saved.conditions.pictures;
  fail(ErrorKind::kUsage, {.where = "--fill",
                           .expected = "a generator that fills in hidden parts of images",
                           .got = saved.candidate.name,
                           .hint = "as cgan-inpaint"});
}

ConditionTable one_picture(const ConditionTable& table, std::int64_t entry) {
  return {.rows = table.rows.at(torch::tensor({entry}, torch::kInt64)),
          .weights = torch::ones({1}, torch::kFloat64),
          .law = "one image"};
}

// "0,7,12" -> numbers below `size`; nothing when the text is no list of numbers.
std::optional<std::vector<std::int64_t>> picture_numbers(const std::string& text,
                                                         std::int64_t size) {
  if (text.empty() || text.find_first_not_of("0123456789,") != std::string::npos)
    return std::nullopt;
  std::vector<std::int64_t> numbers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    if (word.empty() || word.size() > 9 || std::stoll(word) >= size) {
      fail(ErrorKind::kUsage, {.where = "--fill",
                               .expected = "numbers of 0 to " + std::to_string(size - 1),
                               .got = "'" + word + "'"});
    }
    numbers.push_back(std::stoll(word));
  }
  return numbers;
}

// uint8 (1,C,H,W) of the generator's shape.
torch::Tensor read_picture(const std::string& file, const SampleShape& shape,
                           std::int64_t channels) {
  const fs::path path(file);
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::vector<std::string> names = {path.filename().string()};
  ImageReading reading;
  reading.image_size = shape.height;
  reading.channels = channel_choice(channels);
  ImageReader reader(reading, survey_images(folder, names), folder, channels);
  return reader.read(names[0]).unsqueeze(0);
}

// uint8 (1,1,H,W): 1 where the image is seen.
torch::Tensor read_mask(const std::string& file, const SampleShape& shape) {
  const auto grey = read_picture(file, shape, 1);
  const auto black = grey.lt(kBlack), white = grey.gt(kWhite);
  const auto share = [](const torch::Tensor& part) {
    return part.to(torch::kFloat64).mean().item<double>();
  };
  // Where a mask is made smaller its edges turn grey, and no more than these.
  if (share(white) == 0 || share(black) == 0 || share(black) + share(white) < 0.75) {
    fail(ErrorKind::kData,
         {.where = file,
          .expected = "a mask: white where the image is to be filled, black elsewhere",
          .got = share(white) == 0   ? "nothing white"
                 : share(black) == 0 ? "nothing black"
                                     : "much between black and white"});
  }
  return grey.lt(128).to(torch::kUInt8);
}

}  // namespace

std::shared_ptr<const Fillings> draw_fillings(Generator& generator, const ConditionTable& table,
                                              std::uint64_t seed, const std::string& mode) {
  if (!table.pictures) return nullptr;
  const auto count = std::min(kMeasuredPictures, table.size());
  SampleSettings sampling;
  sampling.seed = seed;
  sampling.mode = mode;
  sampling.count = kFillingsEach;
  std::vector<torch::Tensor> fillings;
  for (std::int64_t entry = 0; entry < count; ++entry) {
    sampling.first = entry * kFillingsEach;
    fillings.push_back(draw_samples(generator, sampling, one_picture(table, entry)).samples);
  }
  return std::make_shared<const Fillings>(
      Fillings{.images = table.pictures->images.slice(0, 0, count),
               .masks = table.pictures->masks.slice(0, 0, count),
               .fillings = torch::stack(fillings)});
}

ConditionTable asked_pictures(const SavedGenerator& saved, const FillRequest& request) {
  const auto& stored = pictures_of(saved);
  StoredPictures chosen;
  if (const auto numbers = picture_numbers(request.image, saved.conditions.size())) {
    const auto entries = torch::tensor(*numbers, torch::kInt64);
    chosen.images = stored.images.index_select(0, entries);
    chosen.masks = stored.masks.index_select(0, entries);
  } else {
    chosen.images = read_picture(request.image, saved.shape, saved.shape.channels);
    auto random = make_stream(0, "mask of a picture");
    chosen.masks =
        mask_laws().at(saved.candidate.mask).draw(1, saved.shape.height, random).to(torch::kUInt8);
  }
  if (!request.mask.empty()) {
    chosen.masks = read_mask(request.mask, saved.shape)
                       .expand({chosen.images.size(0), 1, -1, -1})
                       .contiguous();
  }
  return table_of_pictures(std::move(chosen), "picture " + request.image);
}

FillRows draw_fill_rows(Generator& generator, const SampleSettings& settings,
                        const ConditionTable& table, std::int64_t columns) {
  SampleSettings row = settings;
  row.count = columns;
  FillRows out;
  std::vector<torch::Tensor> samples, grid;
  for (std::int64_t entry = 0; entry < table.size(); ++entry) {
    const auto part = draw_samples(generator, row, one_picture(table, entry));
    const auto image = table.pictures->images.slice(0, entry, entry + 1);
    samples.push_back(part.samples);
    grid.push_back(image);
    grid.push_back(image * table.pictures->masks.slice(0, entry, entry + 1));
    grid.push_back(part.samples);
    out.set.protocol = part.protocol;
  }
  out.set.samples = torch::cat(samples);
  out.set.protocol["count"] = out.set.samples.size(0);
  out.grid = torch::cat(grid);
  return out;
}

}  // namespace ganselect
