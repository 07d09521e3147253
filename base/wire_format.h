// Protocol Buffers' wire format, as far as messages of a few fields need it: keys, varints and
// fields of bytes. Messages set side by side are one message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ganselect {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline std::string wire_varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

// What stands before the value of field number `field`.
inline std::string wire_key(int field, WireType type) {
  return wire_varint(static_cast<std::uint64_t>(field << 3 | static_cast<int>(type)));
}

// A string or a message within a message.
inline std::string wire_bytes(int field, std::string_view bytes) {
  return wire_key(field, WireType::kBytes) + wire_varint(bytes.size()) + std::string(bytes);
}

}  // namespace ganselect
