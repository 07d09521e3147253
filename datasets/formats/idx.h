// IDX files, the format of MNIST: big-endian header, then unsigned bytes.
#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>

namespace ganselect {

// A whole IDX file of unsigned bytes with 1 to 4 axes -> uint8 of that shape. Throws kData, naming
// `where`, for another type or number of axes and when the size is not what the header says.
torch::Tensor parse_idx(std::string_view bytes, const std::string& where);

}  // namespace ganselect
