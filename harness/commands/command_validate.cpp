// `validate`: do the measures notice what they should? See validation.h.
#include <fmt/format.h>

#include "base/files.h"
#include "base/log.h"
#include "base/torch/device.h"
#include "datasets/table.h"
#include "harness/cli/output.h"
#include "harness/commands/commands.h"
#include "harness/commands/evaluation_flags.h"
#include "harness/evaluate/evaluation.h"
#include "harness/validate/validation.h"

namespace ganselect {
namespace {

constexpr std::int64_t kEmbeddedImages = 500;  // a number of modes

struct ValidateFlags {
  ValidationSettings settings;
  ImageReading reading;
  std::string dataset = "cifar10", detector = "auto", device = "auto", out;
};

// Cards speak of the table's measures alone.
MeasuredCards published_cards(MeasuredCards cards) {
  std::erase_if(cards.cards, [](const auto& card) { return card.measure == kPixelFid; });
  return defect_cards_from_json(to_json(cards), "measured cards");
}

void write_validation(const std::filesystem::path& folder, const Validation& validation) {
  write_file_atomically(folder / "validation.json", validation_json(validation).dump(2) + "\n");
  write_file_atomically(folder / "validation.md", validation_markdown(validation));
  write_file_atomically(folder / "validation.svg", validation_svg(validation));
  write_file_atomically(folder / "defect_cards.json",
                        to_json(published_cards(validation.cards)).dump(2) + "\n");
}

int run_validate(const ValidateFlags& f, const GlobalFlags& global) {
  const auto device = parse_device(f.device);
  const Dataset data =
      load_dataset(dataset_name(f.dataset, f.reading), {.data_dir = global.data_dir});
  const auto detector =
      load_detector(f.detector == "auto" ? default_detector(data) : f.detector, device);
  Validation validation = validate_measures(data, *detector, f.settings);
  const auto judge = load_detector("judge-embedded", device);
  validation.embedded = count_embedded_modes(*judge, kEmbeddedImages, f.settings.seed);
  validation.cards.protocol["embedded_detector_digest"] = judge->digest();
  write_validation(f.out, validation);
  log_info("written to {}", f.out);
  print_result(validation_markdown(validation));
  return 0;
}

}  // namespace

CommandAction attach_validate(CLI::App& app, const GlobalFlags& global) {
  auto flags = std::make_shared<ValidateFlags>();
  app.add_option("--out", flags->out, "folder for validation.json, .md, .svg and defect_cards.json")
      ->required();
  app.add_option("--dataset", flags->dataset, "images to damage")->capture_default_str();
  add_reading_flags(app, flags->reading);
  app.add_option("--detector", flags->detector,
                 "named detector or TorchScript file; auto: the data set's own judge")
      ->capture_default_str();
  app.add_option("--device", flags->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--samples", flags->settings.samples, "images of each measured set")
      ->capture_default_str();
  app.add_option("--reference", flags->settings.reference, "real images compared with")
      ->capture_default_str();
  app.add_option("--held-out", flags->settings.held_out, "real images of neither")
      ->capture_default_str();
  app.add_option("--subsets", flags->settings.subsets, "clean sets, for the spread")
      ->capture_default_str();
  app.add_option("--seed", flags->settings.seed, "of rows, noise and places")
      ->capture_default_str();
  app.add_option("--threshold", flags->settings.threshold,
                 "clean standard deviations from which a change counts")
      ->capture_default_str();
  return [flags, &global] { return run_validate(*flags, global); };
}

}  // namespace ganselect
