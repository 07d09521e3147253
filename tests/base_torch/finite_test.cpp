#include "base/torch/finite.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <limits>

namespace ganselect::test {

TEST_CASE("one value that is not finite is seen wherever it lies, in every floating type",
          "[fast]") {
  for (const auto type : {torch::kFloat32, torch::kFloat64, torch::kFloat16, torch::kBFloat16}) {
    for (const double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
          -std::numeric_limits<double>::infinity()}) {
      // 67 = more than one vector register, and a rest that fills none.
      for (const int64_t at : {0, 31, 66}) {
        auto values = torch::linspace(-3, 4, 67, type).view({67, 1}).expand({67, 2}).clone();
        CHECK(all_finite(values));
        values[at][1] = bad;
        CAPTURE(type, bad, at);
        CHECK_FALSE(all_finite(values));
        CHECK_FALSE(all_finite(values.t()));
      }
    }
  }
  CHECK(all_finite(torch::empty({0, 5})));
  CHECK(all_finite(torch::full({3}, std::numeric_limits<float>::max())));
}

}  // namespace ganselect::test
