#include "datasets/formats/image_reader.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kOpaque = 255;

std::string size_text(int64_t width, int64_t height) { return fmt::format("{}x{}", width, height); }

int bits_that_hold(int64_t value) {
  int bits = 8;
  while (bits < 16 && value >> bits != 0) ++bits;
  return bits;
}

void survey_image(const fs::path& file, bool pixels, ImageSurvey& found) {
  const auto bytes = read_file(file);
  const auto facts = image_facts(bytes, file.string());
  if (pixels || facts.bits == 16) {
    const auto most = decode_image(bytes, file.string()).pixels.max().item<int64_t>();
    if (facts.bits == 16) {
      found.deep_bits = std::max(found.deep == 0 ? 8 : found.deep_bits, bits_that_hold(most));
      ++found.deep;
    }
  }
  ++found.images;
  found.grey += facts.grey() ? 1 : 0;
  found.alpha += facts.alpha() ? 1 : 0;
  found.lossy += facts.lossy ? 1 : 0;
  found.turned += facts.turned ? 1 : 0;
  found.cmyk += facts.cmyk ? 1 : 0;
  ++found.formats[facts.format];
  ++found.sizes[{facts.width, facts.height}];
}

int64_t chosen_channels(const ImageReading& reading, const ImageSurvey& survey,
                        std::optional<int64_t> data) {
  const auto asked = channel_choices().at(reading.channels).channels;
  if (asked > 0) return asked;
  if (data) return *data;
  return survey.grey == survey.images ? 1 : 3;
}

// uint8 (3,H,W) -> (1,H,W): ITU-R 601's luma in the fixed point of 16 bits that imaging tools use.
torch::Tensor luma(const torch::Tensor& rgb) {
  const auto wide = rgb.to(torch::kInt32);
  const auto sum = wide[0] * 19595 + wide[1] * 38470 + wide[2] * 7471 + 32768;
  return sum.bitwise_right_shift(16).to(torch::kUInt8).unsqueeze(0);
}

bool equal_channels(const torch::Tensor& rgb) {
  return torch::equal(rgb[0], rgb[1]) && torch::equal(rgb[0], rgb[2]);
}

}  // namespace

ImageSurvey survey_images(const fs::path& root, const std::vector<std::string>& names,
                          bool pixels) {
  ImageSurvey found;
  for (const auto& name : names) {
    try {
      survey_image(root / name, pixels, found);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
      found.damaged.emplace_back(name, error.what());
    }
  }
  return found;
}

ImageReader::ImageReader(ImageReading reading, const ImageSurvey& survey, const fs::path& root,
                         std::optional<int64_t> channels)
    : reading_(std::move(reading)),
      root_(root),
      deep_bits_(survey.deep_bits),
      channels_(chosen_channels(reading_, survey, channels)),
      grey_asked_(channel_choices().at(reading_.channels).channels == 1) {
  if (!reading_.image_size && reading_.fit != ImageReading{}.fit) {
    fail(ErrorKind::kUsage, {.where = "fit",
                             .expected = "an image size that images are brought to",
                             .got = "fit " + reading_.fit + " without image_size"});
  }
  if (survey.damaged.empty()) return;
  // Read again for an error of the same words and kind.
  const auto file = root / survey.damaged.front().first;
  decode_image(read_file(file), file.string());
}

torch::Tensor ImageReader::read(const std::string& name) {
  const auto file = root_ / name;
  const auto image = decode_image(read_file(file), file.string());
  ++done_.read;
  done_.lossy += image.facts.lossy ? 1 : 0;
  done_.turned += image.facts.turned ? 1 : 0;
  done_.cmyk += image.facts.cmyk ? 1 : 0;
  done_.deep += image.facts.bits == 16 ? 1 : 0;
  const auto pixels = sized(with_channels(to_bytes(image), image.facts, file.string()), name);
  if (!first_.defined()) {
    first_ = pixels;
    first_name_ = name;
  }
  return pixels;
}

torch::Tensor ImageReader::to_bytes(const DecodedImage& image) const {
  if (image.facts.bits == 8) return image.pixels;
  const int64_t most = (int64_t{1} << deep_bits_) - 1;
  // Rounded to the nearest: most is odd, so there are no ties.
  return image.pixels.to(torch::kInt64)
      .mul(510)
      .add(most)
      .div(2 * most, "floor")
      .clamp(0, 255)
      .to(torch::kUInt8);
}

// (2,H,W) or (4,H,W) -> without alpha, laid on the ground.
torch::Tensor ImageReader::flattened(const torch::Tensor& pixels) {
  const auto colors = pixels.size(0) - 1;
  const auto alpha = pixels.narrow(0, colors, 1);
  const auto light = pixels.narrow(0, 0, colors);
  if (alpha.eq(kOpaque).all().item<bool>()) return light;
  ++done_.transparent;
  const int64_t ground = image_grounds().at(reading_.ground).level;
  const auto a = alpha.to(torch::kInt32);
  const auto mixed = light.to(torch::kInt32) * a + (kOpaque - a) * ground + 127;
  return mixed.div(kOpaque, "floor").to(torch::kUInt8);
}

torch::Tensor ImageReader::with_channels(const torch::Tensor& pixels, const ImageFacts& facts,
                                         const std::string& where) {
  const auto colors = facts.grey() ? int64_t{1} : int64_t{3};
  if (channels_ == 4) {
    const auto rgb = pixels.narrow(0, 0, colors).expand({3, pixels.size(1), pixels.size(2)});
    done_.opaque += facts.alpha() ? 0 : 1;
    const auto alpha =
        facts.alpha() ? pixels.narrow(0, colors, 1)
                      : at::full({1, pixels.size(1), pixels.size(2)}, kOpaque, pixels.options());
    return at::cat({rgb, alpha});
  }
  const auto light = facts.alpha() ? flattened(pixels) : pixels;
  if (colors == channels_) return light;
  if (colors == 1) {
    ++done_.repeated;
    return light.expand({3, light.size(1), light.size(2)});
  }
  if (equal_channels(light)) return light.narrow(0, 0, 1);
  if (!grey_asked_) {
    fail(ErrorKind::kData, {.where = where,
                            .expected = "a grey image, as the data's are",
                            .got = "colors",
                            .hint = "--channels grey makes all images grey"});
  }
  ++done_.made_grey;
  return luma(light);
}

torch::Tensor ImageReader::sized(const torch::Tensor& pixels, const std::string& name) {
  if (reading_.image_size) {
    const auto side = *reading_.image_size;
    if (pixels.size(1) == side && pixels.size(2) == side) return pixels;
    ++done_.resized;
    done_.enlarged += std::min(pixels.size(1), pixels.size(2)) < side ? 1 : 0;
    const auto square =
        image_fits().at(reading_.fit).square(pixels, image_grounds().at(reading_.ground).level);
    return resize_image(square.contiguous(), side, side);
  }
  if (!first_.defined() || first_.sizes() == pixels.sizes()) return pixels;
  fail(ErrorKind::kData,
       {.where = (root_ / name).string(),
        .expected = fmt::format("an image of {} as the first one, {}",
                                size_text(first_.size(2), first_.size(1)), first_name_),
        .got = size_text(pixels.size(2), pixels.size(1)),
        .hint = "--image-size 32 (or 64, 128) brings all to one size"});
}

std::vector<std::string> ImageReader::notes() const {
  std::vector<std::string> notes;
  const auto note = [&](int64_t count, const std::string& text) {
    if (count > 0) notes.push_back(text);
  };
  const auto of = [&](int64_t count) { return fmt::format("{} of {} images", count, done_.read); };
  note(done_.lossy,
       "lossy_input: " + of(done_.lossy) + " are JPEG or other lossy ones, which moves scores");
  note(done_.turned, "turned_input: " + of(done_.turned) + " turned as their EXIF tells");
  note(done_.cmyk, "ink_input: " + of(done_.cmyk) +
                       " hold inks (CMYK) or Lab colors, converted without their profile");
  note(done_.deep, fmt::format("deep_input: {} hold 16 bits a channel; no value takes more than {} "
                               "bits, so 0 to {} became 0 to 255",
                               of(done_.deep), deep_bits_, (1 << deep_bits_) - 1));
  note(done_.transparent, "transparent_input: " + of(done_.transparent) +
                              " are transparent, laid on " + reading_.ground);
  note(done_.opaque, "opaque_input: " + of(done_.opaque) + " have no alpha, taken as opaque");
  note(done_.repeated < done_.read ? done_.repeated : 0,
       "grey_among_color: " + of(done_.repeated) + " are grey, the same in all three channels");
  note(done_.made_grey, "made_grey: colors of " + of(done_.made_grey) + " became their luma");
  note(
      done_.resized,
      fmt::format(
          "resized_input: {}, {}, anti-aliased bicubic, to {}{}", of(done_.resized),
          image_fits().at(reading_.fit).explanation, reading_.image_size.value_or(0),
          done_.enlarged > 0 ? fmt::format("; {} were smaller and enlarged", done_.enlarged) : ""));
  return notes;
}

}  // namespace ganselect
