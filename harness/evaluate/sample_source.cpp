#include "harness/evaluate/sample_source.h"

#include <fmt/format.h>
#include <torch/script.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/seeds.h"
#include "base/text.h"
#include "base/torch/finite.h"
#include "datasets/dataset.h"
#include "datasets/formats/array_samples.h"
#include "datasets/partition.h"
#include "harness/evaluate/fillings.h"
#include "harness/evaluate/script_generator.h"
#include "metrics/from_files.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

SourcedSamples from_run(const SampleSourceSettings& settings,
                        std::shared_ptr<SavedGenerator> saved) {
  if (!saved) saved = std::make_shared<SavedGenerator>(load_run(settings.run));
  saved->generator->to(settings.device);
  SampleSettings sampling;
  sampling.count = settings.count;
  sampling.seed = settings.seed;
  sampling.mode = settings.mode;
  // In mode batch the number of samples in a pass changes the samples themselves.
  if (!sample_modes().at(settings.mode).batch_statistics) sampling.batch = settings.batch;
  SourcedSamples out;
  out.input.samples = stream_samples(*saved->generator, sampling, saved->conditions);
  out.input.protocol = {{"mode", settings.mode},
                        {"weights", saved->weights},
                        {"sampling", sampling_protocol(sampling)},
                        {"generator_digest", saved->digest}};
  if (saved->conditions.empty()) {
    // A conditional generator has no one image for a latent vector.
    out.input.generator = [saved, device = settings.device](const torch::Tensor& z) {
      saved->generator->eval();
      return saved->generator->forward(z.to(device)).to(z.device());
    };
    out.input.latent_dim = saved->generator->latent_dim;
  }
  out.input.labels = out.input.samples->labels();
  out.input.label_law = saved->conditions.law;
  out.class_names = saved->conditions.class_names;
  out.input.fillings =
      draw_fillings(*saved->generator, saved->conditions, settings.seed, settings.mode);
  out.description = fmt::format("{} at step {}", saved->candidate.name, saved->step);
  out.owner = saved;
  return out;
}

SourcedSamples from_torchscript(const SampleSourceSettings& settings) {
  const auto generator = std::make_shared<ScriptGenerator>(load_script_generator(
      settings.generator, {.latent_dim = settings.latent_dim, .classes = settings.classes}));
  SourcedSamples out;
  out.input.samples = stream_script_samples(
      *generator, {.count = settings.count, .seed = settings.seed, .mode = settings.mode});
  out.input.protocol = {
      {"mode", settings.mode},
      {"weights", "as saved"},
      {"quantise", "cut(127.5 x + 128)"},
      {"latents", generator->four_axes ? fmt::format("(N,{},1,1)", generator->latent_dim)
                                       : fmt::format("(N,{})", generator->latent_dim)},
      {"generator_digest", generator->digest}};
  if (generator->classes > 0) {
    out.input.labels = out.input.samples->labels();
    out.input.label_law =
        generator->exported ? generator->exported->law : std::string("each class in turn");
    out.class_names = out.input.samples->class_names();
  } else if (!generator->exported || generator->exported->empty()) {
    out.input.generator = [generator](const torch::Tensor& z) {
      generator->module.eval();
      return generator->images(z);
    };
    out.input.latent_dim = generator->latent_dim;
  }
  out.description = settings.generator;
  out.owner = generator;
  return out;
}

// What a file of features or statistics leaves open.
void claim_detector(const std::string& file, SourcedSamples& out) {
  out.warnings.push_back("detector_claimed: " + file +
                         " does not say which detector made it; it is taken for the one named");
  out.input.protocol["samples_digest"] = sha256_file(file);
}

// Fewer than all samples are drawn by a seed, since files often lie sorted by class.
SampleDraw sample_draw(const SampleSourceSettings& settings) {
  return {.count = settings.count, .seed = stream_seed(settings.seed, "sample rows")};
}

void name_draw(std::int64_t all, const SampleSourceSettings& settings, SourcedSamples& out) {
  const auto draw = draw_protocol(all, false, {.count = settings.count, .seed = settings.seed});
  if (!draw.is_null()) out.input.protocol["samples_drawn"] = draw;
}

// The drawn rows of an array of features.
torch::Tensor read_features(const fs::path& file, const std::string& member,
                            const SampleSourceSettings& settings, SourcedSamples& out) {
  constexpr std::int64_t kRowsAtATime = 4096;
  NpyRows rows(file, member);
  if (rows.size() < 1) {
    fail(ErrorKind::kData,
         {.where = file.string(), .expected = "an array with rows", .got = "an empty one"});
  }
  name_draw(rows.size(), settings, out);
  const auto drawn = drawn_rows(rows.size(), sample_draw(settings));
  std::vector<torch::Tensor> parts;
  std::int64_t from = 0;
  for (auto part = rows.next(kRowsAtATime); part.defined(); part = rows.next(kRowsAtATime)) {
    const auto to = from + part.size(0);
    const auto inside = drawn.masked_select(drawn.ge(from).logical_and(drawn.lt(to)));
    parts.push_back(part.index_select(0, inside - from));
    from = to;
  }
  const auto all = torch::cat(parts);
  if (all.is_floating_point() && !all_finite(all)) {
    fail(ErrorKind::kData, {.where = file.string() + (member.empty() ? "" : ": " + member),
                            .expected = "finite values",
                            .got = "NaN or infinity"});
  }
  return all;
}

// What files tell of their samples.
void take_stream(std::unique_ptr<SampleStream> stream, const SampleSourceSettings& settings,
                 SourcedSamples& out) {
  out.input.samples = std::move(stream);
  name_draw(out.input.samples->drawn_from(), settings, out);
  out.input.protocol.update(out.input.samples->reading());
  out.input.digest = true;
  out.input.labels = out.input.samples->labels();
  out.input.label_law = "as given";
  out.class_names = out.input.samples->class_names();
}

// A set of samples that lies on the disk.
SourcedSamples from_files(const SampleSourceSettings& settings, bool points) {
  const fs::path path = settings.samples;
  const std::string ending = to_lower(path.extension().string());
  SourcedSamples out;
  out.description = settings.samples;
  out.input.protocol = {{"mode", "as given"}, {"weights", "as given"}};
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    take_stream(stream_folder(path, sample_draw(settings), settings.reading), settings, out);
    return out;
  }
  if (!fs::is_regular_file(path, ignored) || (ending != ".npz" && ending != ".npy")) {
    fail(ErrorKind::kData, {.where = "--samples",
                            .expected = "a folder of pictures, an .npz or an .npy file",
                            .got = "'" + settings.samples + "'" +
                                   (fs::exists(path, ignored) ? "" : ", which does not exist")});
  }
  if (ending == ".npz" && holds_statistics(path)) {
    out.input.statistics = load_statistics(path);
    claim_detector(settings.samples, out);
    return out;
  }
  const auto array = stored_samples(path);
  const auto kind = array.layout.kind;
  if (kind == ArrayKind::kFeatures || (kind == ArrayKind::kPoints && !points)) {
    out.input.features = read_features(path, array.member, settings, out);
    claim_detector(settings.samples, out);
    return out;
  }
  take_stream(stream_array(path, sample_draw(settings), settings.reading), settings, out);
  if (out.input.protocol.value("values", "") == "-1..1")
    out.input.protocol["quantise"] = "cut(127.5 x + 128)";
  return out;
}

}  // namespace

SavedGenerator load_run(const std::string& run) {
  std::error_code ignored;
  return load_generator(fs::is_directory(run, ignored) ? fs::path(run) / kGeneratorFile
                                                       : fs::path(run));
}

SourcedSamples source_samples(const SampleSourceSettings& settings, bool points,
                              std::shared_ptr<SavedGenerator> run) {
  const int named = !settings.run.empty() + !settings.generator.empty() + !settings.samples.empty();
  if (named != 1) {
    fail(ErrorKind::kUsage, {.where = "evaluate",
                             .expected = "exactly one of --run, --generator and --samples",
                             .got = std::to_string(named) + " of them"});
  }
  if (!settings.run.empty()) return from_run(settings, std::move(run));
  return settings.generator.empty() ? from_files(settings, points) : from_torchscript(settings);
}

namespace {

// The number that each name is: where all are different whole numbers below `classes`, those; where
// they are 1 to `classes`, one less. Undefined otherwise.
torch::Tensor numbered_names(const std::vector<std::string>& names, std::int64_t classes) {
  std::set<std::int64_t> seen;
  auto numbers = torch::empty({static_cast<std::int64_t>(names.size())}, torch::kInt64);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool digits = names[i].find_first_not_of("0123456789") == std::string::npos;
    if (!digits || names[i].empty() || names[i].size() > 9) return {};
    const std::int64_t number = std::stoll(names[i]);
    if (!seen.insert(number).second) return {};
    numbers[static_cast<std::int64_t>(i)] = number;
  }
  if (seen.empty() || *seen.rbegin() > classes) return {};
  if (*seen.rbegin() < classes) return numbers;
  return *seen.begin() == 1 ? numbers - 1 : torch::Tensor();
}

torch::Tensor named_numbers(const std::vector<std::string>& names,
                            const std::vector<std::string>& data) {
  auto numbers = torch::empty({static_cast<std::int64_t>(names.size())}, torch::kInt64);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = std::find(data.begin(), data.end(), names[i]);
    if (found == data.end()) return {};
    numbers[static_cast<std::int64_t>(i)] = found - data.begin();
  }
  return numbers;
}

}  // namespace

void match_classes(const Dataset& data, SourcedSamples& sourced) {
  auto& labels = sourced.input.labels;
  if (!labels.defined()) return;
  // Clusters that were made are no classes of the data.
  if (are_cluster_names(sourced.class_names)) {
    labels = torch::Tensor();
    return;
  }
  const auto& names = data.class_names;
  auto numbers = named_numbers(sourced.class_names, names);
  if (!numbers.defined())
    numbers = numbered_names(sourced.class_names, static_cast<std::int64_t>(names.size()));
  if (numbers.defined()) {
    labels = numbers.index_select(0, labels);
    return;
  }
  labels = torch::Tensor();
  sourced.warnings.push_back(
      names.empty()
          ? fmt::format("unknown_classes: {} has no classes, so nothing is measured by class",
                        data.name)
          : fmt::format("unknown_classes: the samples' classes are not those of {} ({}), so "
                        "nothing is measured by class",
                        data.name, join(names)));
}

}  // namespace ganselect
