// The embedded set described in words: tags with synonyms, and captions.
#include <array>
#include <utility>

#include "base/error.h"
#include "datasets/embedded.h"
#include "datasets/random.h"
#include "datasets/tagged.h"

namespace ganselect {
namespace {

constexpr int kSynonyms = 3;
using Synonyms = std::array<const char*, kSynonyms>;

// In the order of embedded_factors(): shape, colour, texture, size, place. Places are words of
// their own, since a tag is one word.
constexpr std::array<Synonyms, 10> kShapeWords = {{{"disc", "circle", "dot"},
                                                   {"ring", "annulus", "hoop"},
                                                   {"square", "box", "block"},
                                                   {"frame", "border", "window"},
                                                   {"triangle", "wedge", "delta"},
                                                   {"star", "asterisk", "pentagram"},
                                                   {"cross", "plus", "crux"},
                                                   {"heart", "valentine", "love"},
                                                   {"crescent", "moon", "sickle"},
                                                   {"hourglass", "sandglass", "timer"}}};
constexpr std::array<Synonyms, 8> kColorWords = {{{"red", "crimson", "scarlet"},
                                                  {"orange", "amber", "tangerine"},
                                                  {"yellow", "golden", "lemon"},
                                                  {"green", "emerald", "lime"},
                                                  {"cyan", "turquoise", "aqua"},
                                                  {"blue", "navy", "azure"},
                                                  {"violet", "purple", "mauve"},
                                                  {"pink", "rose", "magenta"}}};
constexpr std::array<Synonyms, 5> kTextureWords = {{{"plain", "flat", "uniform"},
                                                    {"stripes", "striped", "banded"},
                                                    {"checks", "checkered", "tiled"},
                                                    {"dots", "dotted", "spotted"},
                                                    {"shaded", "gradient", "fading"}}};
constexpr std::array<Synonyms, 3> kSizeWords = {
    {{"small", "little", "tiny"}, {"medium", "middling", "average"}, {"large", "big", "huge"}}};
constexpr std::array<Synonyms, 9> kPlaceWords = {{{"upperleft", "topleft", "northwest"},
                                                  {"upper", "top", "north"},
                                                  {"upperright", "topright", "northeast"},
                                                  {"left", "leftward", "west"},
                                                  {"middle", "centre", "central"},
                                                  {"right", "rightward", "east"},
                                                  {"lowerleft", "bottomleft", "southwest"},
                                                  {"lower", "bottom", "south"},
                                                  {"lowerright", "bottomright", "southeast"}}};

template <class Rows>
void add_words(std::vector<AttributeWords>& all, std::int64_t factor, const Rows& rows) {
  for (std::size_t level = 0; level < rows.size(); ++level) {
    all.push_back({.factor = factor,
                   .level = static_cast<std::int64_t>(level),
                   .words = Words(rows[level].begin(), rows[level].end())});
  }
}

// Rows of embedded_words(), by factor and level.
const Words& words_of(std::int64_t factor, std::int64_t level) {
  std::size_t row = 0;
  const auto& all = embedded_words();
  while (row < all.size() && !(all[row].factor == factor && all[row].level == level)) ++row;
  if (row == all.size()) {
    fail(ErrorKind::kUsage,
         {.where = "embedded tags",
          .expected = "levels of the embedded set's factors",
          .got = "factor " + std::to_string(factor) + ", level " + std::to_string(level)});
  }
  return all[row].words;
}

using Attributes = std::array<std::int64_t, kEmbeddedFactors>;

Attributes attributes_of(const torch::Tensor& values, std::int64_t row) {
  Attributes attributes{};
  const auto* numbers = values.data_ptr<std::int64_t>() + row * kEmbeddedFactors;
  for (std::size_t f = 0; f < attributes.size(); ++f) attributes[f] = numbers[f];
  return attributes;
}

torch::Tensor checked_values(const torch::Tensor& values) {
  if (values.dim() != 2 || values.size(1) != kEmbeddedFactors ||
      values.scalar_type() != torch::kInt64) {
    fail(ErrorKind::kUsage, {.where = "embedded tags",
                             .expected = "int64 (N,5) factor values",
                             .got = "another shape or type"});
  }
  return values.contiguous();
}

const std::string& drawn_word(const Attributes& attributes, std::int64_t factor,
                              SampleRandom& random) {
  const auto& words = words_of(factor, attributes[static_cast<std::size_t>(factor)]);
  return words[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(words.size())))];
}

// The factors in an order of the caption's own.
Attributes shuffled_factors(SampleRandom& random) {
  Attributes order{};
  for (std::size_t f = 0; f < order.size(); ++f) order[f] = static_cast<std::int64_t>(f);
  for (std::size_t f = order.size(); f > 1; --f) {
    std::swap(order[f - 1],
              order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(f)))]);
  }
  return order;
}

}  // namespace

const std::vector<AttributeWords>& embedded_words() {
  static const std::vector<AttributeWords> words = [] {
    std::vector<AttributeWords> all;
    add_words(all, kShapeFactor, kShapeWords);
    add_words(all, kColorFactor, kColorWords);
    add_words(all, kTextureFactor, kTextureWords);
    add_words(all, kSizeFactor, kSizeWords);
    add_words(all, kPlaceFactor, kPlaceWords);
    return all;
  }();
  return words;
}

ImageTags embedded_tags(const torch::Tensor& values, std::uint64_t seed) {
  const auto levels = checked_values(values);
  const auto stream = stream_seed(seed, "embedded tags");
  ImageTags tags;
  for (std::int64_t n = 0; n < levels.size(0); ++n) {
    SampleRandom random(stream, static_cast<std::uint64_t>(n));
    const auto attributes = attributes_of(levels, n);
    Words given, right;
    for (std::int64_t f = 0; f < kEmbeddedFactors; ++f) {
      given.push_back(drawn_word(attributes, f, random));
      const auto& all = words_of(f, attributes[static_cast<std::size_t>(f)]);
      right.insert(right.end(), all.begin(), all.end());
    }
    tags.given.push_back(std::move(given));
    tags.right.push_back(std::move(right));
  }
  return tags;
}

std::vector<Words> embedded_captions(const torch::Tensor& values, std::int64_t per_image,
                                     std::uint64_t seed) {
  const auto levels = checked_values(values);
  const auto stream = stream_seed(seed, "embedded captions");
  std::vector<Words> captions;
  for (std::int64_t n = 0; n < levels.size(0); ++n) {
    const auto attributes = attributes_of(levels, n);
    for (std::int64_t c = 0; c < per_image; ++c) {
      SampleRandom random(stream, static_cast<std::uint64_t>(n * per_image + c));
      Words caption;
      // Each attribute by two of its words side by side ("a crimson, red ..."), as texts repeat
      // themselves in other words.
      for (const auto factor : shuffled_factors(random)) {
        caption.push_back(drawn_word(attributes, factor, random));
        caption.push_back(drawn_word(attributes, factor, random));
      }
      captions.push_back(std::move(caption));
    }
  }
  return captions;
}

}  // namespace ganselect
