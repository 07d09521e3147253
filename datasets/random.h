// Random numbers for generated data sets: the same on every machine, unlike the standard library's
// distributions, and one stream to a sample, so that sample n does not depend on how many come
// before it.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/seeds.h"

namespace ganselect {

class SampleRandom {
 public:
  // The stream of sample `index` in the set whose stream seed is `set_seed`.
  SampleRandom(std::uint64_t set_seed, std::uint64_t index)
      : bits_(mix_bits(set_seed ^ mix_bits(index))) {}

  std::uint64_t next() { return bits_.next(); }
  // Uniform in [0,1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // Uniform in {0, ..., n-1}; n below 2^31, so that the bias is below 2^-32.
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>((next() >> 32) * static_cast<std::uint64_t>(n) >> 32);
  }
  // Standard normal (Box & Muller 1958).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  CounterBits bits_;
};

}  // namespace ganselect
