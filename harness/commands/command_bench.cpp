// `bench`: what training and measuring cost on this machine.
#include <iostream>
#include <sstream>

#include "base/text.h"
#include "benchmarks/bench.h"
#include "harness/commands/commands.h"

namespace ganselect {

CommandAction attach_bench(CLI::App& app, const GlobalFlags&) {
  auto settings = std::make_shared<BenchSettings>();
  auto json = std::make_shared<bool>(false);
  auto& s = *settings;
  s.device = "auto";
  app.add_option("--candidate", s.candidates,
                 "name or point, may be given several times; default: every candidate");
  app.add_option("--kind", s.kind, join(bench_kinds().names()))->capture_default_str();
  app.add_option("--batch", s.batch, "samples a batch")->capture_default_str();
  app.add_option("--width", s.width, "factor on the backbone's channels, 1 as published")
      ->capture_default_str();
  app.add_option("--device", s.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", s.precision, join(precisions().names()))->capture_default_str();
  app.add_option("--threads", s.threads, "CPU threads inside one operation")->capture_default_str();
  app.add_option("--concurrent", s.concurrent,
                 "also time so many trials at once, a host thread each")
      ->capture_default_str();
  app.add_option("--seconds", s.seconds, "timed of each case, at least")->capture_default_str();
  app.add_option("--repetitions", s.repetitions, "timed blocks of each case")
      ->capture_default_str();
  app.add_option("--samples", s.samples, "samples a side that the measures read")
      ->capture_default_str();
  app.add_option("--detector", s.detector, "that the kind detectors times")->capture_default_str();
  app.add_flag("--json", *json, "Google Benchmark's JSON");
  return [settings, json] {
    if (!*json) {
      run_benchmarks(*settings, false, std::cout);
    } else {
      std::ostringstream text;
      run_benchmarks(*settings, true, text);
      print_result(text.str());
    }
    return 0;
  };
}

}  // namespace ganselect
