// `verify`: does this copy of the program, on this machine, compute what it should?
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "base/torch/device.h"
#include "base/torch/generators.h"
#include "datasets/partition.h"
#include "datasets/table.h"
#include "harness/commands/check_list.h"
#include "harness/commands/commands.h"
#include "harness/train/capture/graph_module.h"
#include "harness/train/capture_check.h"
#include "harness/train/trainer.h"
#include "metrics/detectors/judge_files.h"
#include "metrics/measure.h"
#include "metrics/neighborhoods_make.h"
#include "models/candidates.h"

namespace ganselect {
namespace {

struct VerifyFlags {
  std::string detector, device = "auto", precision = "fp32";
  bool capture = false, json = false;
  std::int64_t steps = 100;
};

void expect_near(const std::string& where, double got, double expected, double tolerance) {
  if (std::abs(got - expected) <= tolerance) return;
  fail(ErrorKind::kFailed, {.where = where,
                            .expected = fmt::format("{} within {}", expected, tolerance),
                            .got = fmt::format("{}", got)});
}

// Two point clouds whose Fréchet distance is worked by hand. Real: (0,0), (2,0), (0,4), (2,4): mean
// (1,2), covariance with N-1 diag(4/3, 16/3). Fake: the same cloud with the second axis halved and
// shifted by (3,0): mean (4,1), covariance diag(4/3, 4/3). Distance: 3^2 + 1^2 + (4/3 + 16/3 + 4/3
// + 4/3 - 2 (4/3 + 8/3)) = 10 + 4/3.
std::string check_fid() {
  EvaluationInput input;
  input.real.features = torch::tensor({{0.0, 0.0}, {2.0, 0.0}, {0.0, 4.0}, {2.0, 4.0}});
  input.fake.features = torch::tensor({{3.0, 0.0}, {5.0, 0.0}, {3.0, 2.0}, {5.0, 2.0}});
  EvaluationSettings settings;
  settings.metrics = {"fid"};
  const double fid = measure_samples(input, settings).value("fid").value_or(NAN);
  expect_near("fid of a hand-worked pair", fid, 10.0 + 4.0 / 3.0, 1e-9);
  return fmt::format("fid of a hand-worked pair is {:.6f}", fid);
}

std::string check_judge(const JudgeSpec& spec) {
  const Judge judge = load_shipped_judge(spec.name);
  return fmt::format("digest right, {:.2f}% of {} test images when it was made",
                     100 * judge.evaluation.at("accuracy").get<double>(),
                     judge.evaluation.at("count").get<std::int64_t>());
}

std::string check_generated(const DatasetSpec& spec) {
  for (const auto& check : verify_dataset(spec.name, {})) {
    if (check.state != FileState::kRight) {
      fail(ErrorKind::kFailed, {.where = spec.name,
                                .expected = check.expected,
                                .got = check.got,
                                .hint = "this build generates other samples"});
    }
  }
  return "generated samples have their pinned digest";
}

constexpr std::int64_t kClusters = 4;

// A made-up set of noise pictures: enough for one update of anything.
Dataset noise_pictures() {
  auto random = make_stream(0, "verify");
  Dataset data;
  data.name = "noise";
  data.split = "train";
  data.shape = SampleShape::image(3, 32, 32);
  data.samples = torch::randint(0, 256, {64, 3, 32, 32}, random, torch::kLong).to(torch::kByte);
  data.labels = torch::arange(64, torch::kLong).remainder(3);
  data.class_names = {"a", "b", "c"};
  data.digest = content_digest(data.samples, data.labels);
  data.neighborhoods = std::make_shared<const Neighborhoods>(
      make_neighborhoods(data, *load_detector("pixels"), {.k = 5, .stored = 8}));
  data.partition = std::make_shared<const Partition>(any_partition(data, kClusters, random));
  return data;
}

std::string check_step(const std::string& candidate, const Dataset& data,
                       const std::string& device) {
  TrainSettings settings;
  settings.point = candidate;
  settings.dataset = data.name;
  settings.batch = 8;
  settings.width = 0.125;
  settings.device = device;
  if (resolve_candidate(settings).clusters > 0) settings.clusters = kClusters;
  Trainer trainer(settings, data);
  trainer.step();
  const CurveRow row = trainer.read_row(0);
  if (row.non_finite_step || !row.loss_d || !row.loss_g) {
    fail(ErrorKind::kFailed, {.where = candidate,
                              .expected = "finite losses after one update",
                              .got = "a value that is not finite"});
  }
  return fmt::format("one update, loss D {:.3f} G {:.3f}", *row.loss_d, *row.loss_g);
}

std::string check_detector(const std::string& file, const std::string& device) {
  const auto detector = load_detector(file, parse_device(device));
  const Detections seen = detect_all(*detector, noise_pictures().samples);
  const auto repeated = detect_all(*detector, noise_pictures().samples, 7);
  const double change = (seen.features - repeated.features).abs().max().item<double>() /
                        std::max(1e-12, seen.features.abs().max().item<double>());
  expect_near("features in batches of 64 and of 7", change, 0, 1e-4);
  return fmt::format("{} features, sha256 {}", seen.features.size(1), detector->digest());
}

std::vector<NamedCheck> self_tests(const std::string& detector, const std::string& device) {
  std::vector<NamedCheck> tests;
  tests.push_back({"fid", check_fid});
  for (const auto& spec : judge_table())
    tests.push_back({spec.name, [&spec] { return check_judge(spec); }});
  for (const auto& spec : dataset_table()) {
    if (spec.check)
      tests.push_back({"data " + spec.name, [&spec] { return check_generated(spec); }});
  }
  for (const auto& candidate : candidates()) {
    tests.push_back({"step of " + candidate.name, [name = candidate.name, device] {
                       static const Dataset data = noise_pictures();
                       return check_step(name, data, device);
                     }});
  }
  if (!detector.empty())
    tests.push_back({"detector", [detector, device] { return check_detector(detector, device); }});
  return tests;
}

std::string describe_capture(const CaptureCheck& check) {
  return fmt::format(
      "{} steps: captured differs by {:.1e}, eager from itself by {:.1e}, allowed {:.1e}",
      check.steps, check.captured_difference, check.eager_difference, check.allowed);
}

std::string check_captured(TrainSettings settings, const std::string& candidate,
                           std::int64_t steps) {
  static const Dataset data = noise_pictures();
  settings.point = candidate;
  settings.dataset = data.name;
  const auto check = check_capture(settings, data, steps);
  if (!check.same) {
    fail(ErrorKind::kFailed, {.where = candidate,
                              .expected = "the same losses captured and eager",
                              .got = describe_capture(check),
                              .hint = "train it with --graph off"});
  }
  return describe_capture(check);
}

std::vector<NamedCheck> capture_tests(const VerifyFlags& flags, const std::string& device) {
  if (const auto support = graph_support(torch::Device(device)); !support.make) {
    fail(ErrorKind::kUsage, {.where = "verify --capture",
                             .expected = "a device whose work can be captured",
                             .got = support.reason});
  }
  TrainSettings settings;
  settings.batch = 16;
  settings.width = 0.25;
  settings.device = device;
  settings.precision = flags.precision;
  std::vector<NamedCheck> tests;
  for (const auto& candidate : candidates()) {
    tests.push_back(
        {"capture of " + candidate.name, [settings, name = candidate.name, steps = flags.steps] {
           return check_captured(settings, name, steps);
         }});
  }
  return tests;
}

int run_verify(const VerifyFlags& flags) {
  const std::string device = parse_device(flags.device).str();
  precisions().at(flags.precision);
  const auto tests =
      flags.capture ? capture_tests(flags, device) : self_tests(flags.detector, device);
  const auto failed = run_checks(tests, flags.json, print_result);
  if (failed > 0) {
    fail(ErrorKind::kFailed, {.where = "verify",
                              .expected = "every check right",
                              .got = fmt::format("{} of {} wrong", failed, tests.size())});
  }
  return 0;
}

}  // namespace

CommandAction attach_verify(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<VerifyFlags>();
  app.add_option(
      "--detector", flags->detector,
      "also load this TorchScript file and check that batches do not change its features");
  app.add_option("--device", flags->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_flag("--capture", flags->capture,
               "train every candidate with captured and with eager iterations and compare losses; "
               "needs a GPU");
  app.add_option("--steps", flags->steps, "of --capture")->capture_default_str();
  app.add_option("--precision", flags->precision, "of --capture: " + join(precisions().names()))
      ->capture_default_str();
  app.add_flag("--json", flags->json, "as JSON");
  return [flags] { return run_verify(*flags); };
}

}  // namespace ganselect
