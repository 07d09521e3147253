// Maxout (Goodfellow et al. 2013, "Maxout Networks", arXiv 1302.4389): the largest of each unit's
// pieces. On a CPU by loops over the few pieces, since LibTorch's `max` over a short dimension
// compares number by number and its gradient is scattered through 64-bit places.
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "models/backbones/layers.h"

namespace ganselect {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kGrain = 16384;  // numbers that are worth a thread

// x seen as (outer, pieces, inner), in its memory's order.
struct Pieces {
  std::int64_t outer, pieces, inner;
};

template <typename Act>
void for_blocks(const Pieces& of, const Act& act) {
  const auto grain = std::max<std::int64_t>(1, kGrain / (of.pieces * of.inner));
  at::parallel_for(0, of.outer, grain, act);
}

using Floats = float __attribute__((vector_size(16)));
using Places = std::int32_t __attribute__((vector_size(16)));
constexpr std::int64_t kLanes = 4;
constexpr std::int64_t kTile = 64;  // units whose pieces are laid side by side

template <typename V, typename T>
V load(const T* from) {
  V lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

// y and place become those of `piece` where it is larger, or a NaN, as LibTorch's `max` has it: the
// first of the largest counts. In lanes by hand, since compilers keep to one number at a time.
void take_larger(const float* piece, float* y, std::int32_t* place, std::int32_t number,
                 std::int64_t width) {
  std::int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const auto best = load<Floats>(y + i), here = load<Floats>(piece + i);
    const auto at = load<Places>(place + i);
    const Places larger = (here > best) | (here != here);
    const Places chosen =
        (larger & reinterpret_cast<Places>(here)) | (~larger & reinterpret_cast<Places>(best));
    const Places placed = (larger & number) | (~larger & at);
    std::memcpy(y + i, &chosen, sizeof chosen);
    std::memcpy(place + i, &placed, sizeof placed);
  }
  for (; i < width; ++i) {
    if (!(piece[i] > y[i]) && piece[i] == piece[i]) continue;
    y[i] = piece[i];
    place[i] = number;
  }
}

// Units whose pieces are neighbours.
void take_largest_of_units(const float* x, float* y, std::int32_t* place, std::int64_t units,
                           std::int64_t pieces) {
  std::array<float, kTile> row{};
  for (std::int64_t first = 0; first < units; first += kTile) {
    const auto width = std::min(kTile, units - first);
    const float* from = x + first * pieces;
    for (std::int64_t i = 0; i < width; ++i) y[first + i] = from[i * pieces];
    std::fill_n(place + first, width, 0);
    for (std::int64_t p = 1; p < pieces; ++p) {
      for (std::int64_t i = 0; i < width; ++i)
        row[static_cast<std::size_t>(i)] = from[i * pieces + p];
      take_larger(row.data(), y + first, place + first, static_cast<std::int32_t>(p), width);
    }
  }
}

void take_largest(const float* x, float* y, std::int32_t* place, const Pieces& of) {
  for_blocks(of, [&](std::int64_t begin, std::int64_t end) {
    if (of.inner == 1)
      return take_largest_of_units(x + begin * of.pieces, y + begin, place + begin, end - begin,
                                   of.pieces);
    for (auto o = begin; o < end; ++o) {
      const float* first = x + o * of.pieces * of.inner;
      const auto to = o * of.inner;
      std::copy_n(first, of.inner, y + to);
      std::fill_n(place + to, of.inner, 0);
      for (std::int64_t p = 1; p < of.pieces; ++p)
        take_larger(first + p * of.inner, y + to, place + to, static_cast<std::int32_t>(p),
                    of.inner);
    }
  });
}

// Each value at its place; the rest is left as it is.
void put_values(const float* value, const std::int32_t* place, float* to, const Pieces& of) {
  for_blocks(of, [&](std::int64_t begin, std::int64_t end) {
    for (auto o = begin; o < end; ++o) {
      float* const first = to + o * of.pieces * of.inner;
      for (std::int64_t i = 0; i < of.inner; ++i)
        first[place[o * of.inner + i] * of.inner + i] = value[o * of.inner + i];
    }
  });
}

// What has loops of its own; LibTorch's functions serve the rest.
bool has_loops(const torch::Tensor& x) { return x.is_cpu() && x.scalar_type() == torch::kFloat32; }

// Maxout of the memory of x, contiguous: (outer, pieces, inner) -> (outer, inner).
struct Largest {
  torch::Tensor values, places;
};
Largest largest_of(const torch::Tensor& x, const Pieces& of) {
  const auto seen = x.view({of.outer, of.pieces, of.inner});
  if (!has_loops(x)) {
    auto [values, places] = seen.max(1);
    return {values, places};
  }
  Largest out{torch::empty({of.outer, of.inner}, x.options()),
              torch::empty({of.outer, of.inner}, x.options().dtype(torch::kInt32))};
  take_largest(x.const_data_ptr<float>(), out.values.mutable_data_ptr<float>(),
               out.places.mutable_data_ptr<std::int32_t>(), of);
  return out;
}

// Each value at its place among the pieces, zeros elsewhere: (outer, inner) -> (outer, pieces,
// inner).
torch::Tensor put_at(const torch::Tensor& values, const torch::Tensor& places, const Pieces& of) {
  if (!has_loops(values)) {
    return torch::zeros({of.outer, of.pieces, of.inner}, values.options())
        .scatter_(1, places.unsqueeze(1), values.unsqueeze(1));
  }
  auto out = torch::zeros({of.outer, of.pieces, of.inner}, values.options());
  put_values(values.const_data_ptr<float>(), places.const_data_ptr<std::int32_t>(),
             out.mutable_data_ptr<float>(), of);
  return out;
}

// What stands at the places: (outer, pieces, inner) -> (outer, inner).
torch::Tensor take_at(const torch::Tensor& x, const torch::Tensor& places) {
  return x.gather(1, places.to(torch::kInt64).unsqueeze(1)).squeeze(1);
}

Pieces saved_pieces(const AutogradContext& context) {
  const auto sizes = context.saved_data.at("sizes").toIntVector();
  return {sizes[0], sizes[1], sizes[2]};
}

// The gradient of maxout, and its own: places do not move.
class PutAtPlaces : public torch::autograd::Function<PutAtPlaces> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& values,
                               const torch::Tensor& places,
                               const std::vector<std::int64_t>& sizes) {
    context->save_for_backward({places});
    context->set_materialize_grads(false);
    return put_at(values.contiguous(), places, {sizes[0], sizes[1], sizes[2]});
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    if (!gradients[0].defined()) return {torch::Tensor(), torch::Tensor(), torch::Tensor()};
    return {take_at(gradients[0], context->get_saved_variables()[0]), torch::Tensor(),
            torch::Tensor()};
  }
};

class Maxout : public torch::autograd::Function<Maxout> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const std::vector<std::int64_t>& sizes) {
    const auto found = largest_of(x, {sizes[0], sizes[1], sizes[2]});
    context->saved_data["sizes"] = sizes;
    context->save_for_backward({found.places});
    context->set_materialize_grads(false);
    return found.values;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    if (!gradients[0].defined()) return {torch::Tensor(), torch::Tensor()};
    const auto of = saved_pieces(*context);
    const auto put = PutAtPlaces::apply(gradients[0], context->get_saved_variables()[0],
                                        std::vector<std::int64_t>{of.outer, of.pieces, of.inner});
    return {put.view({of.outer * of.pieces, of.inner}), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor maxout(const torch::Tensor& x, std::int64_t pieces) {
  const auto units = x.size(1) / pieces;
  const auto seen = x.contiguous().view({-1, 1});
  return Maxout::apply(seen, std::vector<std::int64_t>{x.size(0) * units, pieces, 1})
      .view({x.size(0), units});
}

torch::Tensor maxout_maps(const torch::Tensor& x, std::int64_t pieces) {
  const auto n = x.size(0), units = x.size(1) / pieces, height = x.size(2), width = x.size(3);
  if (!x.is_contiguous() && x.is_contiguous(at::MemoryFormat::ChannelsLast)) {
    const auto rows = x.permute({0, 2, 3, 1}).reshape({n * height * width, x.size(1)});
    return maxout(rows, pieces).view({n, height, width, units}).permute({0, 3, 1, 2});
  }
  const auto seen = x.contiguous().view({n * units * pieces, height * width});
  return Maxout::apply(seen, std::vector<std::int64_t>{n * units, pieces, height * width})
      .view({n, units, height, width});
}

}  // namespace ganselect
