// The shipped judges. After `ganselect judge train` the row's digest is the one that the new model
// card states.
#include "base/error.h"
#include "base/provenance.h"
#include "metrics/detectors/judge_files.h"

namespace ganselect {
namespace {

JudgeTrainSettings cifar10_judge_settings() {
  JudgeTrainSettings s;
  s.epochs = 48;
  s.weight_decay = 1e-3;
  s.augmentation = {.noise = 30, .noisy = 0.2, .blur = 0.1};
  s.widths = {64, 256, 256};
  return s;
}

JudgeTrainSettings mnist_judge_settings() {
  JudgeTrainSettings s;
  s.epochs = 8;
  s.batch = 256;
  s.peak_rate = 0.2;
  s.augmentation = {.shift = 2, .mirror = false, .cutout = 0};
  s.widths = {16, 32, 128};
  s.hold_out = 5000;
  return s;
}

JudgeTrainSettings embedded_judge_settings() {
  JudgeTrainSettings s;
  s.epochs = 6;
  s.batch = 256;
  s.peak_rate = 0.2;
  // Place is an attribute of these images, and their shapes are told apart by outline: no covering.
  s.augmentation = {.shift = 2, .mirror = false, .cutout = 0, .noise = 40, .blur = 0.25};
  s.widths = {16, 32, 128};
  return s;
}

}  // namespace

const NamedTable<JudgeSpec>& judge_table() {
  static const NamedTable<JudgeSpec> table(
      "judge",
      {{.name = "judge-cifar10",
        .dataset = "cifar10",
        .explanation = "small residual classifier of CIFAR-10's ten classes; the default feature "
                       "space for 32x32 colour images",
        .settings = cifar10_judge_settings(),
        .sha256 = "0d6d1ec9e91e6586697a23fcda3f92e260b3c71e43dc435e82d23e6295793bd9",
        .limits = {"The accuracy is that on the first 1,000 of the 10,000 official test images.",
                   "Figures in its feature space compare with each other only, never with "
                   "published Inception figures.",
                   "It has seen CIFAR-10's training images and nothing else: other kinds of images "
                   "are out of its scope.",
                   "Images must be 32x32 with three channels; nothing is resized."}},
       {.name = "judge-mnist",
        .dataset = "mnist",
        .explanation = "small residual classifier of MNIST's ten digits; reads Stacked MNIST "
                       "channel by channel",
        .settings = mnist_judge_settings(),
        .sha256 = "007f7fceb3d511c9f3a5b7d64abb5c731db8aab91142a87eb1822828b6794f5b",
        .limits =
            {"Digits are 28x28 padded with zeros to 32x32.",
             "An image of three channels is read as three digits: three times the features, "
             "three scores of ten "
             "classes.",
             "The accuracy is that on held-out digits of the training file, whose writers "
             "may have "
             "written training digits too; the official test digits come from other writers."}},
       {.name = "judge-embedded",
        .dataset = "embedded",
        .explanation = "small residual classifier of the generated embedded data set's ten classes",
        .settings = embedded_judge_settings(),
        .sha256 = "5af836b265f884167f122e35558fc4bad97cec402ff6f4cab79d1f77b6f86ee1",
        .limits = {"It knows the generator's images only: a tool for counting modes against the "
                   "truth."}}});
  return table;
}

const JudgeSpec& judge_of_dataset(const std::string& dataset) {
  std::vector<std::string> known;
  for (const auto& spec : judge_table()) {
    if (spec.dataset == dataset) return spec;
    known.push_back(spec.dataset);
  }
  fail(ErrorKind::kUsage, {.where = "judge",
                           .expected = "a data set that has one: " + join(known),
                           .got = "'" + dataset + "'"});
}

std::filesystem::path judges_folder() {
  return std::filesystem::path(share_dir()) / "metrics" / "detectors" / "weights";
}

Judge load_shipped_judge(const std::string& name) {
  const auto& spec = judge_table().at(name);
  return load_judge(judges_folder() / (spec.name + ".safetensors"), spec.sha256);
}

}  // namespace ganselect
