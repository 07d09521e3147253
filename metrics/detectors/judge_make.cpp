#include "metrics/detectors/judge_make.h"

#include <torch/torch.h>

#include <utility>

#include "base/files.h"
#include "base/text.h"

namespace ganselect {
namespace {

std::string curve_line(const JudgeEpoch& epoch, double test_accuracy) {
  return std::to_string(epoch.epoch) + "," + shortest(epoch.seconds) + "," + shortest(epoch.rate) +
         "," + shortest(epoch.loss) + "," + shortest(epoch.train_accuracy) + "," +
         shortest(test_accuracy) + "\n";
}

// The judge around a network; evaluated as it will be read back, with matrices rounded.
Judge describe_judge(const JudgeRequest& request, const JudgeSplit& data,
                     const JudgeNetwork& network) {
  const auto& spec = judge_of_dataset(request.dataset);
  Judge judge{.name = spec.name,
              .dataset = request.dataset,
              .class_names = data.train.class_names,
              .settings = request.settings};
  judge.network =
      std::make_shared<JudgeNetwork>(network.architecture(), at::detail::createCPUGenerator(0));
  copy_judge(network, *judge.network);
  judge.network->round_to_storage();
  judge.network->eval();
  judge.evaluation = judge_evaluation(*judge.network, data.test);
  return judge;
}

}  // namespace

Json judge_evaluation(JudgeNetwork& network, const Dataset& test) {
  const auto result = evaluate_judge(network, test);
  Json rows = Json::array();
  for (int64_t row = 0; row < result.confusion.size(0); ++row) {
    Json cells = Json::array();
    for (int64_t column = 0; column < result.confusion.size(1); ++column) {
      cells.push_back(result.confusion[row][column].item<int64_t>());
    }
    rows.push_back(cells);
  }
  return {{"split", test.split},       {"count", result.count},         {"digest", test.digest},
          {"correct", result.correct}, {"accuracy", result.accuracy()}, {"confusion", rows}};
}

JudgeSplit load_judge_data(const std::string& dataset, const JudgeTrainSettings& settings,
                           const std::filesystem::path& data_dir) {
  const auto train = load_dataset(dataset, {.data_dir = data_dir, .split = "train"});
  if (settings.hold_out > 0) return split_off_last(train, settings.hold_out);
  return {.train = train, .test = load_dataset(dataset, {.data_dir = data_dir, .split = "test"})};
}

Judge make_judge(const JudgeRequest& request, const JudgeReport& report) {
  const auto& spec = judge_of_dataset(request.dataset);
  const auto data = load_judge_data(request.dataset, request.settings, request.data_dir);
  const auto weights = request.out / (spec.name + ".safetensors");
  std::string curve = "epoch,seconds,rate,loss,train_accuracy,test_accuracy\n";
  Judge judge;
  const auto after_epoch = [&](const JudgeEpoch& epoch, JudgeNetwork& averaged) {
    judge = describe_judge(request, data, averaged);
    judge.training = {
        {"split", data.train.split},       {"count", data.train.size()},
        {"digest", data.train.digest},     {"epochs_done", epoch.epoch},
        {"seconds", epoch.seconds},        {"precision", training_precision(request.settings)},
        {"threads", at::get_num_threads()}};
    save_judge(weights, judge);
    const double accuracy = judge.evaluation["accuracy"].get<double>();
    curve += curve_line(epoch, accuracy);
    write_file_atomically(request.out / (spec.name + ".csv"), curve);
    if (report) report(epoch, accuracy);
  };
  train_judge(request.settings, data.train, after_epoch);
  write_file_atomically(request.out / (spec.name + ".md"), judge_card(judge));
  return judge;
}

}  // namespace ganselect
