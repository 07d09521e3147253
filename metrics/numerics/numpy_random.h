// Permutations as NumPy's legacy generator draws them, so that shuffles and subsets are those of
// torch-fidelity, seed for seed.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace ganselect {

// numpy.random.RandomState(seed): MT19937 (Matsumoto & Nishimura 1998), 32 bits a draw.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed) : engine_(seed) {}

  // RandomState.permutation(n): 0..n-1 in random order; choice(n, m, replace=False) is its first m
  // entries. n in [0, 2^32).
  std::vector<int64_t> permutation(int64_t n);

 private:
  std::uint32_t up_to(std::uint32_t largest);  // uniform in [0, largest]
  std::mt19937 engine_;
};

}  // namespace ganselect
