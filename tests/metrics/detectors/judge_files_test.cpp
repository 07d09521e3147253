#include "metrics/detectors/judge_files.h"

#include <torch/torch.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "base/torch/safetensors.h"
#include "metrics/detectors/judge_detector.h"
#include "metrics/detectors/judge_make.h"
#include "tests/metrics/detectors/judge_samples.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Message;
using Catch::Matchers::MessageMatches;

Judge small_judge(int64_t channels = 2) {
  Judge judge{
      .name = "judge-stripes", .dataset = "stripes", .class_names = {"upper", "left", "chequered"}};
  judge.settings.widths = {4, 6};
  judge.network = std::make_shared<JudgeNetwork>(
      JudgeArchitecture{.channels = channels, .classes = 3, .image_size = 16, .widths = {4, 6}},
      make_generator(1));
  judge.network->fit_input(striped_images(50, 1, channels).samples);
  judge.network->round_to_storage();
  judge.network->eval();
  judge.training = {{"count", 50}};
  judge.evaluation = {{"accuracy", 0.25}};
  return judge;
}

TEST_CASE("a judge read back is the one that was saved, bit for bit", "[fast][judge]") {
  const test::TempDir dir;
  const auto path = dir.path() / "j.safetensors";
  auto judge = small_judge();
  save_judge(path, judge);
  CHECK(judge.digest == sha256_file(path));
  const auto back = load_judge(path, judge.digest);
  CHECK(back.digest == judge.digest);
  CHECK(back.name == "judge-stripes");
  CHECK(back.dataset == "stripes");
  CHECK(back.class_names == judge.class_names);
  CHECK(back.settings.widths == judge.settings.widths);
  CHECK(back.training == judge.training);
  CHECK(back.evaluation == judge.evaluation);
  CHECK_FALSE(back.network->is_training());
  torch::NoGradGuard no_grad;
  const auto images = striped_images(8, 2).samples;
  CHECK(torch::equal(back.network->forward(images).logits, judge.network->forward(images).logits));
}

TEST_CASE("a judge of another digest is refused before it is read", "[fast][judge]") {
  const test::TempDir dir;
  const auto path = dir.path() / "j.safetensors";
  auto judge = small_judge();
  save_judge(path, judge);
  const std::string other(64, 'a');
  CHECK_THROWS_MATCHES(
      load_judge(path, other), Error,
      Message("[" + path.string() + "] expected SHA-256 " + other + ", got " + judge.digest +
              "; not the judge that this version was built with: restore the file"));
}

TEST_CASE("one changed bit in a judge's file is noticed", "[fast][judge]") {
  const test::TempDir dir;
  const auto path = dir.path() / "j.safetensors";
  auto judge = small_judge();
  save_judge(path, judge);
  auto bytes = read_file(path);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file_atomically(path, bytes);
  CHECK_NOTHROW(load_judge(path));
  CHECK_THROWS_AS(load_judge(path, judge.digest), Error);
}

TEST_CASE("files that are no judge are refused with what they lack", "[fast][judge]") {
  const test::TempDir dir;
  const auto path = dir.path() / "j.safetensors";
  CHECK_THROWS_AS(load_judge(path), Error);  // missing

  save_safetensors(path, {.tensors = {{"x", torch::zeros({2})}}});
  CHECK_THROWS_MATCHES(
      load_judge(path), Error,
      Message("[" + path.string() + "] expected metadata 'format', got none; not a judge's file"));

  auto judge = small_judge();
  save_judge(path, judge);
  auto file = load_safetensors(path);
  auto damaged = file;
  damaged.metadata["format_version"] = "99";
  save_safetensors(path, damaged);
  CHECK_THROWS_MATCHES(load_judge(path), Error,
                       Message("[" + path.string() +
                               "] expected ganselect-judge version 1, got ganselect-judge version "
                               "99; not a judge's file"));
  damaged = file;
  damaged.tensors["classifier"] = torch::zeros({3, 5});
  save_safetensors(path, damaged);
  CHECK_THROWS_MATCHES(
      load_judge(path), Error,
      Message("[" + path.string() +
              " tensor 'classifier'] expected floating point [3, 6], got float [3, 5]"));
  damaged = file;
  damaged.tensors["more"] = torch::zeros({3});
  save_safetensors(path, damaged);
  CHECK_THROWS_MATCHES(load_judge(path), Error, MessageMatches(ContainsSubstring("tensors, got")));
  write_file_atomically(path, read_file(path).substr(0, 900));
  CHECK_THROWS_AS(load_judge(path), Error);
}

TEST_CASE("a judge as a detector gives features, scores and its digest", "[fast][judge]") {
  auto judge = small_judge();
  judge.digest = std::string(64, 'b');
  const auto network = judge.network;
  const auto detector = make_judge_detector(judge, torch::kCPU);
  const auto images = striped_images(5, 2).samples;
  const auto found = detector->detect(images);
  CHECK(found.features.sizes() == at::IntArrayRef({5, 6}));
  CHECK(found.logits.sizes() == at::IntArrayRef({5, 3}));
  CHECK(torch::equal(found.features, network->forward(images).features));
  CHECK_FALSE(found.features.requires_grad());
  CHECK(detector->name() == "judge-stripes");
  CHECK(detector->digest() == std::string(64, 'b'));
  CHECK_THROWS_MATCHES(
      detector->detect(torch::zeros({5, 3, 16, 16}, torch::kUInt8)), Error,
      Message(
          "[judge-stripes] expected uint8 images (N,2,H,W), got Byte [5, 3, 16, 16]; choose the "
          "detector of this data set"));
  CHECK_THROWS_AS(detector->detect(images.to(torch::kFloat32)), Error);
}

TEST_CASE("a judge of grey images reads three channels as three images", "[fast][judge]") {
  const auto detector = make_judge_detector(small_judge(1), torch::kCPU);
  const auto images = striped_images(4, 2, 3).samples;
  const auto all = detector->detect(images);
  CHECK(all.features.sizes() == at::IntArrayRef({4, 18}));
  CHECK(all.logits.sizes() == at::IntArrayRef({4, 3, 3}));
  for (int64_t channel = 0; channel < 3; ++channel) {
    const auto one = detector->detect(images.slice(1, channel, channel + 1));
    CHECK(at::allclose(all.logits.select(1, channel), one.logits, 1e-5, 1e-5));
    CHECK(at::allclose(all.features.slice(1, 6 * channel, 6 * channel + 6), one.features, 1e-5,
                       1e-5));
  }
}

TEST_CASE("every shipped judge is the file that its row and its card name", "[fast][judge]") {
  for (const auto& spec : judge_table()) {
    INFO(spec.name);
    const auto judge = load_shipped_judge(spec.name);
    CHECK(judge.name == spec.name);
    CHECK(judge.dataset == spec.dataset);
    CHECK(judge_parameters(*judge.network) <= 3'000'000);
    CHECK(settings_to_json(judge.settings) == settings_to_json(spec.settings));
    CHECK(judge.training.at("epochs_done").get<int64_t>() == spec.settings.epochs);
    CHECK(read_file(judges_folder() / (spec.name + ".md")) == judge_card(judge));
    const auto curve = read_file(judges_folder() / (spec.name + ".csv"));
    CHECK(std::count(curve.begin(), curve.end(), '\n') == 1 + spec.settings.epochs);
    CHECK(&judge_of_dataset(spec.dataset) == &spec);
  }
  CHECK_THROWS_MATCHES(
      judge_of_dataset("ring"), Error,
      Message("[judge] expected a data set that has one: cifar10, mnist, embedded, got 'ring'"));
}

TEST_CASE("GANSELECT_SHARE says where shipped judges lie", "[fast][judge]") {
  ::setenv("GANSELECT_SHARE", "elsewhere", 1);
  const auto folder = judges_folder();
  std::string message;
  try {
    load_shipped_judge("judge-mnist");
  } catch (const Error& e) {
    message = e.what();
  }
  ::unsetenv("GANSELECT_SHARE");
  CHECK(folder == std::filesystem::path("elsewhere") / "metrics" / "detectors" / "weights");
  CHECK_THAT(message,
             ContainsSubstring("elsewhere/metrics/detectors/weights/judge-mnist.safetensors"));
  CHECK(std::filesystem::exists(judges_folder()));
}

}  // namespace
}  // namespace ganselect
