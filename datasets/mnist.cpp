// MNIST (LeCun, Cortes & Burges) from the authors' IDX files.
#include "datasets/mnist.h"

#include "base/error.h"
#include "datasets/fetch/official_files.h"
#include "datasets/formats/idx.h"

namespace ganselect {

DatasetSpec mnist_dataset();

namespace {

Download mnist_download(OfficialFile archive, OfficialFile member) {
  return {.archive = std::move(archive),
          .addresses = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                        "https://storage.googleapis.com/cvdf-datasets/mnist/",
                        "http://yann.lecun.com/exdb/mnist/"},
          .members = {std::move(member)},
          .extras = {}};
}

}  // namespace

void describe_mnist_files(DatasetSpec& spec) {
  spec.has_test = [](const std::string&, const LoadSettings& settings) {
    const auto set = mnist_dataset();
    return has_official_file(set, settings.data_dir, {set.files()[2].name});
  };
  spec.folder = "mnist";
  spec.other_folders = {"MNIST/raw"};
  spec.downloads = {
      mnist_download({"train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"},
                     {"train-images-idx3-ubyte", 47040016, "6bbc9ace898e44ae57da46a324031adb"}),
      mnist_download({"train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432"},
                     {"train-labels-idx1-ubyte", 60008, "a25bea736e30d166cdddb491f175f624"}),
      mnist_download({"t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3"},
                     {"t10k-images-idx3-ubyte", 7840016, "2646ac647ad5339dbf082846283269ea"}),
      mnist_download({"t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c"},
                     {"t10k-labels-idx1-ubyte", 10008, "27ae3e4e09519cfbb04c329615203637"})};
}

Dataset pair_mnist_digits(const torch::Tensor& images, const torch::Tensor& labels,
                          const std::string& where) {
  constexpr int64_t kDigits = 10;
  const bool right = images.dim() == 3 && labels.dim() == 1 && images.size(0) == labels.size(0) &&
                     (labels.numel() == 0 || labels.max().item<int64_t>() < kDigits);
  if (!right) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "one label 0 to 9 for each image", .got = "another set"});
  }
  Dataset data;
  data.samples = images.unsqueeze(1);
  data.labels = labels.to(torch::kInt64);
  for (int64_t digit = 0; digit < kDigits; ++digit)
    data.class_names.push_back(std::to_string(digit));
  return data;
}

Dataset load_mnist_digits(const DatasetSpec& spec, const LoadSettings& settings) {
  const auto folder = find_dataset_folder(spec, settings.data_dir);
  const auto files = spec.files();
  const std::size_t first = settings.split == "train" ? 0 : 2;
  const auto read = [&](const OfficialFile& file) {
    return parse_idx(read_official_file(spec, folder, file), (folder / file.name).string());
  };
  return pair_mnist_digits(read(files[first]), read(files[first + 1]), folder.string());
}

DatasetSpec mnist_dataset() {
  DatasetSpec spec;
  spec.name = "mnist";
  spec.title = "MNIST: 60,000 + 10,000 grey digits of 28x28, padded to 32x32";
  describe_mnist_files(spec);
  spec.detector = "judge-mnist";
  spec.load = [](const std::string&, const LoadSettings& settings) {
    return load_mnist_digits(mnist_dataset(), settings);
  };
  return spec;
}

}  // namespace ganselect
