#include "selection/criteria/data_facts.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/fake_records.h"

namespace ganselect {
namespace {

Record record_of(const std::string& data, std::vector<std::int64_t> shape,
                 std::optional<std::int64_t> modes) {
  auto record = test::make_record({});
  record.dataset.name = data;
  record.dataset.shape = std::move(shape);
  record.dataset.modes = modes;
  return record;
}

TEST_CASE("A record's own shape and modes stand before what is known of its data set's name",
          "[fast][criteria]") {
  const auto points = record_of("a-new-ring", {2}, 7);
  CHECK(is_points(points));
  CHECK(modes_of_data(points) == 7.0);
  CHECK_FALSE(image_size_of_data(points));

  const auto images = record_of("cifar10", {3, 48, 64}, 12);
  CHECK_FALSE(is_points(images));
  CHECK(modes_of_data(images) == 12.0);
  CHECK(image_size_of_data(images) == 64.0);
}

TEST_CASE("Records from before they carried shape and modes are known by name",
          "[fast][criteria]") {
  CHECK(is_points(record_of("ring", {}, std::nullopt)));
  CHECK(modes_of_data(record_of("ring", {}, std::nullopt)) == 8.0);
  CHECK(image_size_of_data(record_of("mnist", {}, std::nullopt)) == 32.0);
  CHECK_FALSE(is_points(record_of("folder:photos", {}, std::nullopt)));
  CHECK_FALSE(image_size_of_data(record_of("folder:photos", {}, std::nullopt)));
}

}  // namespace
}  // namespace ganselect
