#include "datasets/embedded.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "datasets/embedded_shapes.h"
#include "datasets/random.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec embedded_dataset();

namespace {

constexpr int64_t kEmbeddedSide = 32;
constexpr int64_t kEmbeddedTrain = 20000, kEmbeddedTest = 10000;
constexpr int64_t kEmbeddedGrain = 64;  // images a thread takes at a time

struct Rgb {
  double r = 0, g = 0, b = 0;  // 0..255
};

struct EmbeddedColor {
  const char* name;
  Rgb value;
};

constexpr std::array<EmbeddedColor, 8> kEmbeddedColors = {{{"red", {214, 48, 49}},
                                                           {"orange", {240, 140, 40}},
                                                           {"yellow", {242, 214, 70}},
                                                           {"green", {64, 166, 80}},
                                                           {"cyan", {60, 190, 200}},
                                                           {"blue", {52, 92, 214}},
                                                           {"violet", {140, 72, 196}},
                                                           {"pink", {242, 130, 182}}}};

struct EmbeddedSize {
  const char* name;
  double radius_pixels;
};

constexpr std::array<EmbeddedSize, 3> kEmbeddedSizes = {
    {{"small", 6.5}, {"medium", 8.5}, {"large", 10.75}}};

// Places are a 3x3 board; the largest shape just fits at its rim.
constexpr double kPlaceStepPixels = 5.0;

// Share of the second tone at a point, 0..1; u, v in pixels in the shape's own frame, r in radii
// from its centre.
struct TexturePoint {
  double u, v, r;
};
using Texture = double (*)(const TexturePoint& at);

struct EmbeddedTexture {
  const char* name;
  Texture second_tone;
};

double soft_step(double pixels_inside) { return std::clamp(0.5 + pixels_inside, 0.0, 1.0); }

// Bands of equal width across the axis `a`, with edges one pixel wide.
double bands(double a, double period) {
  const double phase = a / period - std::floor(a / period);
  return soft_step((1.0 - 4.0 * std::abs(phase - 0.5)) * period / 4.0);
}

double plain_texture(const TexturePoint&) { return 0.0; }
double stripes_texture(const TexturePoint& at) {
  return bands(0.7071067811865476 * (at.u + at.v), 4.5);
}
double checks_texture(const TexturePoint& at) {
  const double a = bands(at.u, 6.0), b = bands(at.v, 6.0);
  return a + b - 2.0 * a * b;
}
double dots_texture(const TexturePoint& at) {
  constexpr double kPitch = 4.2, kDotRadius = 1.25;
  const double u = at.u - kPitch * std::round(at.u / kPitch),
               v = at.v - kPitch * std::round(at.v / kPitch);
  return soft_step(kDotRadius - std::hypot(u, v));
}
double shaded_texture(const TexturePoint& at) { return std::clamp(at.r, 0.0, 1.0); }

constexpr std::array<EmbeddedTexture, 5> kEmbeddedTextures = {{{"plain", plain_texture},
                                                               {"stripes", stripes_texture},
                                                               {"checks", checks_texture},
                                                               {"dots", dots_texture},
                                                               {"shaded", shaded_texture}}};

Rgb mix(const Rgb& a, const Rgb& b, double share) {
  return {a.r + (b.r - a.r) * share, a.g + (b.g - a.g) * share, a.b + (b.b - a.b) * share};
}

// Everything one image is drawn from.
struct Scene {
  Rgb first, second;          // tones of the shape
  Rgb ground, ground_change;  // background in the middle, and its change from there to the rim
  double ground_x = 0, ground_y = 0;
  double center_x = 0, center_y = 0, radius = 0, cosine = 1, sine = 0;
  double phase_u = 0, phase_v = 0;  // of the texture, pixels
  ShapeDistance distance = nullptr;
  Texture texture = nullptr;
};

Rgb jittered(const Rgb& color, SampleRandom& random) {
  const double light = random.uniform(0.92, 1.06);
  return {color.r * light + random.uniform(-10, 10), color.g * light + random.uniform(-10, 10),
          color.b * light + random.uniform(-10, 10)};
}

void choose_ground_and_second_tone(Scene& scene, SampleRandom& random) {
  // Dark or light, hardly coloured: every shape colour stands out from both, and its second tone
  // even more.
  const bool dark = random.below(2) == 0;
  const double level = dark ? random.uniform(25, 65) : random.uniform(200, 235);
  scene.second = dark ? mix(scene.first, {255, 255, 255}, 0.62) : mix(scene.first, {0, 0, 0}, 0.58);
  scene.ground = {level + random.uniform(-12, 12), level + random.uniform(-12, 12),
                  level + random.uniform(-12, 12)};
  const double change = random.uniform(8, 22);
  scene.ground_change = {change, change, change};
  const double turn = random.uniform(0, 2.0 * std::numbers::pi);
  scene.ground_x = std::cos(turn) / (kEmbeddedSide / 2);
  scene.ground_y = std::sin(turn) / (kEmbeddedSide / 2);
}

Scene make_scene(const int64_t* levels, SampleRandom& random) {
  constexpr double kMaxTurn = 0.2;      // radians to either side
  constexpr double kPlaceJitter = 0.8;  // pixels
  Scene scene;
  scene.distance = embedded_shapes()[static_cast<std::size_t>(levels[kShapeFactor])].distance;
  scene.texture = kEmbeddedTextures[static_cast<std::size_t>(levels[kTextureFactor])].second_tone;
  scene.first =
      jittered(kEmbeddedColors[static_cast<std::size_t>(levels[kColorFactor])].value, random);
  scene.radius = kEmbeddedSizes[static_cast<std::size_t>(levels[kSizeFactor])].radius_pixels *
                 random.uniform(0.95, 1.05);
  const auto column = levels[kPlaceFactor] % 3 - 1, row = levels[kPlaceFactor] / 3 - 1;
  scene.center_x = kEmbeddedSide / 2.0 + kPlaceStepPixels * static_cast<double>(column) +
                   random.uniform(-kPlaceJitter, kPlaceJitter);
  scene.center_y = kEmbeddedSide / 2.0 + kPlaceStepPixels * static_cast<double>(row) +
                   random.uniform(-kPlaceJitter, kPlaceJitter);
  const double turn = random.uniform(-kMaxTurn, kMaxTurn);
  scene.cosine = std::cos(turn);
  scene.sine = std::sin(turn);
  scene.phase_u = random.uniform(0, 6);
  scene.phase_v = random.uniform(0, 6);
  choose_ground_and_second_tone(scene, random);
  return scene;
}

Rgb color_at(const Scene& scene, double x, double y) {
  const double across =
      (x - kEmbeddedSide / 2.0) * scene.ground_x + (y - kEmbeddedSide / 2.0) * scene.ground_y;
  const Rgb ground = {scene.ground.r + scene.ground_change.r * across,
                      scene.ground.g + scene.ground_change.g * across,
                      scene.ground.b + scene.ground_change.b * across};
  const double dx = x - scene.center_x, dy = y - scene.center_y;
  const double u = scene.cosine * dx + scene.sine * dy, v = scene.cosine * dy - scene.sine * dx;
  const double cover =
      soft_step(-scene.radius * scene.distance(u / scene.radius, v / scene.radius));
  if (cover <= 0.0) return ground;
  const double tone =
      scene.texture({u + scene.phase_u, v + scene.phase_v, std::hypot(u, v) / scene.radius});
  return mix(ground, mix(scene.first, scene.second, tone), cover);
}

unsigned char to_level(double value) {
  return static_cast<unsigned char>(std::clamp(value + 0.5, 0.0, 255.0));
}

void draw_scene(const Scene& scene, unsigned char* pixels) {
  constexpr int64_t kPlane = kEmbeddedSide * kEmbeddedSide;
  for (int64_t y = 0; y < kEmbeddedSide; ++y) {
    for (int64_t x = 0; x < kEmbeddedSide; ++x) {
      const Rgb color = color_at(scene, static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5);
      const auto at = y * kEmbeddedSide + x;
      pixels[at] = to_level(color.r);
      pixels[at + kPlane] = to_level(color.g);
      pixels[at + 2 * kPlane] = to_level(color.b);
    }
  }
}

void check_factor_values(const torch::Tensor& values) {
  const auto factors = embedded_factors();
  bool right = values.dim() == 2 && values.size(1) == kEmbeddedFactors &&
               values.scalar_type() == torch::kInt64;
  for (int64_t f = 0; right && f < kEmbeddedFactors && values.size(0) > 0; ++f) {
    const auto column = values.select(1, f);
    right = column.min().item<int64_t>() >= 0 &&
            column.max().item<int64_t>() <
                static_cast<int64_t>(factors.levels[static_cast<std::size_t>(f)].size());
  }
  if (!right) {
    fail(ErrorKind::kUsage,
         {.where = "embedded images",
          .expected = "int64 (N,5) with levels of shape, colour, texture, size, place",
          .got = "values of another shape, type or range"});
  }
}

template <class Rows>
std::vector<std::string> names_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

Dataset load_embedded(const LoadSettings& settings) {
  const auto whole = settings.split == "train" ? kEmbeddedTrain : kEmbeddedTest;
  const auto count = std::min(whole, settings.limit.value_or(whole));
  auto factors = embedded_factors();
  factors.values = torch::empty({count, kEmbeddedFactors}, torch::kInt64);
  const auto stream = stream_seed(settings.seed, "embedded " + settings.split + " factors");
  auto* values = factors.values.data_ptr<int64_t>();
  for (int64_t n = 0; n < count; ++n) {
    SampleRandom random(stream, static_cast<std::uint64_t>(n));
    for (const auto& levels : factors.levels)
      *values++ = random.below(static_cast<int64_t>(levels.size()));
  }
  Dataset data;
  data.samples = draw_embedded(
      factors.values, stream_seed(settings.seed, "embedded " + settings.split + " images"));
  data.labels = factors.values.select(1, kShapeFactor).clone();
  data.class_names = factors.levels[kShapeFactor];
  data.factors = std::move(factors);
  return data;
}

}  // namespace

Factors embedded_factors() {
  Factors factors;
  factors.names = {"shape", "colour", "texture", "size", "place"};
  factors.levels = {names_of(embedded_shapes()),
                    names_of(kEmbeddedColors),
                    names_of(kEmbeddedTextures),
                    names_of(kEmbeddedSizes),
                    {"upper left", "upper middle", "upper right", "left", "middle", "right",
                     "lower left", "lower middle", "lower right"}};
  return factors;
}

torch::Tensor draw_embedded(const torch::Tensor& values, std::uint64_t stream) {
  check_factor_values(values);
  const auto levels = values.contiguous();
  auto images = torch::empty({levels.size(0), 3, kEmbeddedSide, kEmbeddedSide}, torch::kUInt8);
  auto* pixels = images.data_ptr<unsigned char>();
  const auto* rows = levels.data_ptr<int64_t>();
  at::parallel_for(0, levels.size(0), kEmbeddedGrain, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      SampleRandom random(stream, static_cast<std::uint64_t>(n));
      draw_scene(make_scene(rows + n * kEmbeddedFactors, random),
                 pixels + n * 3 * kEmbeddedSide * kEmbeddedSide);
    }
  });
  return images;
}

DatasetSpec embedded_dataset() {
  DatasetSpec spec;
  spec.name = "embedded";
  spec.title =
      "generated: 20,000 + 10,000 colour pictures of 32x32, ten shapes with known attributes; "
      "needs no file";
  spec.check = {.count = 1000,
                .digest = "c22f43f411e06c7fb4e9fb10b68a29f10b979c56bec8cef3144921818871a7b5"};
  spec.detector = "judge-embedded";
  spec.load = [](const std::string&, const LoadSettings& settings) {
    return load_embedded(settings);
  };
  return spec;
}

}  // namespace ganselect
