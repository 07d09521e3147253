// Damaged copies of a file, the same for the same seed: a short stand-in for the fuzzer of
// scripts/fuzz that every test run can afford.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace ganselect::test {

// One to four changes: a bit, a byte, a number at its limit, a piece cut out, doubled or added.
inline std::string mutate(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  const int changes = 1 + static_cast<int>(below(4));
  for (int c = 0; c < changes; ++c) {
    const auto at = below(bytes.size());
    const auto length = 1 + below(8);
    switch (below(6)) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<char>(random());
        break;
      case 2:
        for (std::size_t i = at; i < bytes.size() && i < at + length; ++i)
          bytes[i] = below(2) == 0 ? '\xff' : '9';
        break;
      case 3:
        bytes.erase(at, length);
        break;
      case 4:
        bytes.insert(at, bytes.substr(at, length));
        break;
      default:
        bytes.resize(below(bytes.size() + 1));
    }
  }
  return bytes;
}

}  // namespace ganselect::test
