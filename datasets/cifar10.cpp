// CIFAR-10 (Krizhevsky 2009) from the authors' binary files.
#include <torch/types.h>

#include <filesystem>
#include <string>

#include "base/error.h"
#include "datasets/cifar_format.h"
#include "datasets/fetch/official_files.h"
#include "datasets/table.h"

namespace ganselect {

DatasetSpec cifar10_dataset();

namespace {

constexpr int64_t kCifarPixelBytes = 3 * 32 * 32;
constexpr int64_t kCifarRecordBytes = 1 + kCifarPixelBytes;
constexpr int64_t kCifarClasses = 10;
constexpr int64_t kCifarTestImages = 10000;
constexpr const char* kCifarTestFile = "test_batch.bin";

struct CifarRecords {
  torch::Tensor samples, labels;
};

// Copies the records of one file to the rows from `first` on.
void unpack_cifar_records(const std::string& bytes, const std::string& where, int64_t first,
                          CifarRecords& into) {
  const auto count = static_cast<int64_t>(bytes.size()) / kCifarRecordBytes;
  const auto records =
      torch::from_blob(const_cast<char*>(bytes.data()), {count, kCifarRecordBytes}, torch::kUInt8);
  into.samples.narrow(0, first, count)
      .view({count, kCifarPixelBytes})
      .copy_(records.narrow(1, 1, kCifarPixelBytes));
  into.labels.narrow(0, first, count).copy_(records.select(1, 0));
  const auto largest = records.select(1, 0).max().item<int64_t>();
  if (largest >= kCifarClasses) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "labels 0 to 9", .got = std::to_string(largest)});
  }
}

}  // namespace

Dataset read_cifar_batches(const DatasetSpec& spec, const std::filesystem::path& folder,
                           const std::vector<OfficialFile>& files) {
  int64_t total = 0;
  for (const auto& file : files) total += static_cast<int64_t>(file.bytes) / kCifarRecordBytes;
  CifarRecords records{torch::empty({total, 3, 32, 32}, torch::kUInt8),
                       torch::empty({total}, torch::kInt64)};
  int64_t first = 0;
  for (const auto& file : files) {
    const auto bytes = read_official_file(spec, folder, file);
    unpack_cifar_records(bytes, (folder / file.name).string(), first, records);
    first += static_cast<int64_t>(file.bytes) / kCifarRecordBytes;
  }
  Dataset data;
  data.samples = records.samples;
  data.labels = records.labels;
  data.class_names = {"airplane", "automobile", "bird",  "cat",  "deer",
                      "dog",      "frog",       "horse", "ship", "truck"};
  return data;
}

namespace {

Dataset load_cifar10(const LoadSettings& settings) {
  const auto spec = cifar10_dataset();
  const auto folder = find_dataset_folder(spec, settings.data_dir);
  const auto all = spec.files();
  if (settings.split == "train")
    return read_cifar_batches(spec, folder, {all.begin(), all.begin() + 5});
  const auto& whole = all.back();
  for (const auto& part : spec.parts) {
    if (std::filesystem::exists(folder / whole.name) ||
        !std::filesystem::exists(folder / part.name))
      continue;
    auto data = read_cifar_batches(spec, folder, {part});
    data.warnings.push_back("partial_split: " + std::to_string(data.size()) + " of " +
                            std::to_string(kCifarTestImages) + " images (" + part.name + ")");
    return data;
  }
  return read_cifar_batches(spec, folder, {whole});
}

}  // namespace

DatasetSpec cifar10_dataset() {
  constexpr std::uintmax_t kBatchBytes = 10000 * kCifarRecordBytes;
  DatasetSpec spec;
  spec.name = "cifar10";
  spec.title = "CIFAR-10: 50,000 + 10,000 colour photographs of 32x32 in ten classes";
  spec.folder = "cifar-10-batches-bin";
  spec.downloads = {{
      .archive = {"cifar-10-binary.tar.gz", 170052171, "c32a1d4ab5d03f1284b67883e8d87530"},
      .addresses = {"https://www.cs.toronto.edu/~kriz/"},
      .members = {{"data_batch_1.bin", kBatchBytes, "5dd7e06a14cb22eb9f671a540d1b7c25"},
                  {"data_batch_2.bin", kBatchBytes, "5ea93a67294ea407fff1d09f752e9692"},
                  {"data_batch_3.bin", kBatchBytes, "942cd6a4bcdd0dd3c604fbe906cb4421"},
                  {"data_batch_4.bin", kBatchBytes, "ae636b3ba5c66a11e91e8cb52e771fcb"},
                  {"data_batch_5.bin", kBatchBytes, "53f37980c15c3d472c316c40844f3f0d"},
                  {kCifarTestFile, kBatchBytes, "803d5f7f4d78ea53de84dbe85f74fb6d"}},
      .extras = {"batches.meta.txt"},
  }};
  // The first thousand records of test_batch.bin alone.
  spec.parts = {
      {"test_batch_first1000.bin", 1000 * kCifarRecordBytes, "371f65da31ad652f5e24b3699a3e6515"}};
  spec.detector = "judge-cifar10";
  spec.load = [](const std::string&, const LoadSettings& settings) {
    return load_cifar10(settings);
  };
  spec.has_test = [](const std::string&, const LoadSettings& settings) {
    const auto set = cifar10_dataset();
    return has_official_file(set, settings.data_dir, {kCifarTestFile, set.parts.front().name});
  };
  return spec;
}

}  // namespace ganselect
