// One seed of a run, many independent streams of random numbers: each purpose has a named one, so
// that drawing more for one purpose never shifts another.
#pragma once

#include <cstdint>
#include <string_view>

namespace ganselect {

// splitmix64 (Steele, Lea & Flood 2014): a bijection of 64 bits with good avalanche.
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// splitmix64 itself: a counter through mix_bits. The same on every machine, unlike the standard
// library's distributions.
class CounterBits {
 public:
  explicit constexpr CounterBits(std::uint64_t state) : state_(state) {}
  constexpr std::uint64_t next() {
    const auto value = mix_bits(state_);
    state_ += 0x9e3779b97f4a7c15ULL;
    return value;
  }

 private:
  std::uint64_t state_;
};

// Seed of the stream `name` of the run seed: FNV-1a of the name, mixed with the seed. The result is
// below 2^63, since LibTorch's generators take that much everywhere.
constexpr std::uint64_t stream_seed(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix_bits(mix_bits(seed) ^ hash) >> 1;
}

}  // namespace ganselect
