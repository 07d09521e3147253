#include "datasets/class_split.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "tests/support/errors.h"

namespace ganselect {
namespace {

Dataset three_classes() {
  Dataset data;
  data.name = "dots";
  data.split = "train";
  data.shape = SampleShape::image(1, 2, 2);
  data.samples = torch::arange(7 * 4).view({7, 1, 2, 2}).to(torch::kUInt8);
  data.labels = torch::tensor({0, 2, 1, 2, 0, 1, 1}, torch::kInt64);
  data.class_names = {"ant", "bee", "cat"};
  data.digest = content_digest(data.samples, data.labels);
  return data;
}

TEST_CASE("splitting off classes keeps order, numbers and names", "[fast]") {
  const auto data = three_classes();
  const auto split = split_classes(data, {"cat", "ant"});
  CHECK(torch::equal(split.kept.labels, torch::tensor({1, 1, 1}, torch::kInt64)));
  CHECK(torch::equal(split.left_out.labels, torch::tensor({0, 2, 2, 0}, torch::kInt64)));
  CHECK(torch::equal(split.kept.samples[1], data.samples[5]));
  CHECK(torch::equal(split.left_out.samples[2], data.samples[3]));
  CHECK((split.kept.class_names == data.class_names));
  CHECK(split.kept.split == "train without cat, ant");
  CHECK(split.kept.digest == content_digest(split.kept.samples, split.kept.labels));
  CHECK(split.kept.digest != split.left_out.digest);
}

TEST_CASE("classes that cannot be left out are refused", "[fast]") {
  const auto data = three_classes();
  CHECK(test::thrown_by([&] { split_classes(data, {"cad"}); }).message ==
        "[class to leave out of dots] expected one of ant, bee, cat, got 'cad'; did you mean "
        "'cat'?");
  CHECK(test::thrown_by([&] {
          split_classes(data, {"ant", "bee", "cat"});
        }).message ==
        "[classes to leave out of dots] expected some classes, but not all, got ant, bee, cat");
  CHECK(test::thrown_by([&] { split_classes(data, {}); }).kind == ErrorKind::kUsage);
  auto unlabelled = data;
  unlabelled.labels = torch::Tensor();
  CHECK(test::thrown_by([&] { split_classes(unlabelled, {"ant"}); }).kind == ErrorKind::kData);
}

}  // namespace
}  // namespace ganselect
