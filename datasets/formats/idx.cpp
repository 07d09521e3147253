#include "datasets/formats/idx.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace ganselect {

torch::Tensor parse_idx(std::string_view bytes, const std::string& where) {
  constexpr unsigned char kUnsignedByte = 0x08;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const bool header = bytes.size() >= 4 && byte(0) == 0 && byte(1) == 0 && byte(2) == kUnsignedByte;
  const std::size_t axes = header ? byte(3) : 0;
  if (axes < 1 || axes > 4 || bytes.size() < 4 + 4 * axes) {
    fail(ErrorKind::kData,
         {.where = where, .expected = "an IDX file of unsigned bytes", .got = "another header"});
  }
  std::vector<int64_t> shape;
  int64_t wanted = 1;
  bool fits = true, empty = false;
  for (std::size_t a = 0; a < axes; ++a) {
    const auto at = 4 + 4 * a;
    const auto length = std::uint32_t{byte(at)} << 24 | std::uint32_t{byte(at + 1)} << 16 |
                        std::uint32_t{byte(at + 2)} << 8 | byte(at + 3);
    shape.push_back(length);
    // A length of 0 must not hide that the others make no possible shape.
    fits = fits && !__builtin_mul_overflow(wanted, std::max<int64_t>(length, 1), &wanted);
    empty = empty || length == 0;
  }
  const auto held = static_cast<int64_t>(bytes.size() - 4 - 4 * axes);
  if (empty) wanted = 0;
  if (!fits || held != wanted) {
    fail(ErrorKind::kData,
         {.where = where,
          .expected = fits ? std::to_string(wanted) + " data bytes" : "a possible shape",
          .got = std::to_string(held) + " data bytes"});
  }
  auto tensor = torch::empty(shape, torch::kUInt8);
  if (held > 0)
    std::memcpy(tensor.data_ptr(), bytes.data() + 4 + 4 * axes, bytes.size() - 4 - 4 * axes);
  return tensor;
}

}  // namespace ganselect
