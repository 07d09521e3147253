#include "datasets/class_split.h"

#include <torch/torch.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {
ClassSplit split_classes(const Dataset& data, const std::vector<std::string>& left_out) {
  if (!data.labels.defined()) {
    fail(ErrorKind::kData,
         {.where = "data " + data.name, .expected = "class labels", .got = "none"});
  }
  auto outside = torch::zeros_like(data.labels, torch::kBool);
  for (const auto& name : left_out) {
    const auto found = std::find(data.class_names.begin(), data.class_names.end(), name);
    if (found == data.class_names.end()) {
      const auto nearest = nearest_name(name, data.class_names);
      fail(ErrorKind::kUsage,
           {.where = "class to leave out of " + data.name,
            .expected = "one of " + join(data.class_names),
            .got = "'" + name + "'",
            .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
    }
    outside = outside.logical_or(data.labels.eq(found - data.class_names.begin()));
  }
  const auto rows = [](const torch::Tensor& chosen) { return chosen.nonzero().squeeze(1); };
  const auto inside = outside.logical_not();
  if (!outside.any().item<bool>() || !inside.any().item<bool>()) {
    fail(ErrorKind::kUsage, {.where = "classes to leave out of " + data.name,
                             .expected = "some classes, but not all",
                             .got = left_out.empty() ? "none" : join(left_out)});
  }
  return {.kept = rows_at(data, rows(inside), data.split + " without " + join(left_out)),
          .left_out = rows_at(data, rows(outside), data.split + ", " + join(left_out) + " alone")};
}

}  // namespace ganselect
