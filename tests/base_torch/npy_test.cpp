#include "base/torch/npy.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect::test {
namespace {

// A version 1.0 file put together by hand from the format's description.
std::string npy_by_hand(const std::string& dictionary, const std::string& data) {
  std::string header = dictionary;
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
         data;
}

}  // namespace

TEST_CASE("npy bytes in C order, Fortran order and big-endian read as the same array", "[fast]") {
  const auto expected = torch::tensor({{1, 2, 3}, {256, 5, 6}}, torch::kInt16);
  const std::string little("\1\0\2\0\3\0\0\1\5\0\6\0", 12);
  const std::string big("\0\1\0\2\0\3\1\0\0\5\0\6", 12);
  const std::string by_columns("\1\0\0\1\2\0\5\0\3\0\6\0", 12);
  const std::string plain = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }";
  CHECK(torch::equal(parse_npy(npy_by_hand(plain, little), "x"), expected));
  CHECK(torch::equal(
      parse_npy(npy_by_hand("{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }", big),
                "x"),
      expected));
  CHECK(torch::equal(
      parse_npy(
          npy_by_hand("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", by_columns),
          "x"),
      expected));
  CHECK(format_npy(expected) == npy_by_hand(plain, little));
}

TEST_CASE("npy shapes of no, one and three axes are written as NumPy writes them", "[fast]") {
  CHECK(format_npy(torch::tensor(2.5, torch::kFloat64))
            .find("'<f8', 'fortran_order': False, 'shape': (), }") != std::string::npos);
  CHECK(format_npy(torch::ones({4}, torch::kBool))
            .find("'|b1', 'fortran_order': False, 'shape': (4,), }") != std::string::npos);
  CHECK(format_npy(torch::ones({4, 0, 2})).find("'shape': (4, 0, 2), }") != std::string::npos);
}

TEST_CASE("every type that npy has survives a file", "[fast]") {
  TempDir folder;
  for (const auto type : {torch::kFloat32, torch::kFloat64, torch::kFloat16, torch::kUInt8,
                          torch::kInt8, torch::kInt16, torch::kInt32, torch::kInt64, torch::kUInt16,
                          torch::kUInt32, torch::kUInt64, torch::kBool}) {
    const auto tensor = torch::arange(6).view({3, 2}).to(type);
    save_npy(folder / "x.npy", tensor);
    const auto back = load_npy(folder / "x.npy");
    CHECK(back.scalar_type() == type);
    CHECK(torch::equal(back.to(torch::kInt64), tensor.to(torch::kInt64)));
  }
}

TEST_CASE("a strided tensor is written as it reads", "[fast]") {
  const auto tensor = torch::arange(12).view({3, 4}).t();
  CHECK(torch::equal(parse_npy(format_npy(tensor), "x"), tensor));
}

TEST_CASE("npy versions 1 to 3 read the same, and no other is guessed at", "[fast]") {
  const std::string first = format_npy(torch::tensor({1.5, -2.0}));
  const std::size_t length = static_cast<unsigned char>(first[8]);
  const std::string rest = first.substr(10);
  // From version 2 on the header's length has four bytes.
  const auto of_version = [&](char major) {
    std::string bytes = first.substr(0, 6) + major + '\0' + static_cast<char>(length) + '\0';
    return (major == 1 ? bytes : bytes + std::string(2, '\0')) + rest;
  };
  for (const char major : {1, 2, 3}) {
    INFO(int{major});
    CHECK(torch::equal(parse_npy(of_version(major), "x"), torch::tensor({1.5, -2.0})));
  }
  for (const char major : {0, 4}) {
    const auto thrown = thrown_by([&] { parse_npy(of_version(major), "x.npy"); });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK(contains(thrown.message, "expected .npy version 1 to 3, got version " +
                                       std::to_string(static_cast<int>(major))));
  }
  auto beyond = of_version(2);
  beyond[10] = 1;  // 65,536 bytes more than there are
  CHECK(contains(thrown_by([&] { parse_npy(beyond, "x.npy"); }).message,
                 "expected a header of " + std::to_string(65536 + length) + " bytes"));
}

TEST_CASE("damaged npy files are refused", "[fast]") {
  const auto whole = format_npy(torch::arange(10));
  const auto cut = thrown_by([&] { parse_npy(whole.substr(0, whole.size() - 1), "x.npy"); });
  CHECK(cut.kind == ErrorKind::kData);
  CHECK(cut.message == "[x.npy] expected 80 data bytes, got 79 (cut short)");
  CHECK(thrown_by([&] { parse_npy(whole.substr(0, 40), "x.npy"); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { parse_npy("", "x.npy"); }).kind == ErrorKind::kData);
  const auto other = thrown_by([&] { parse_npy("PNG and so on", "x.npy"); });
  CHECK(contains(other.message, "an .npy file"));
  const auto text = thrown_by([] {
    parse_npy(npy_by_hand("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", "abc"),
              "x.npy");
  });
  CHECK(contains(text.message, "got dtype '<U3'"));
  const auto huge = thrown_by([] {
    parse_npy(
        npy_by_hand("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
                    ""),
        "x");
  });
  CHECK(huge.kind == ErrorKind::kData);
  const auto negative = thrown_by([] {
    parse_npy(npy_by_hand("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", ""), "x");
  });
  CHECK(contains(negative.message, "a shape of whole numbers"));
}

TEST_CASE("a type that npy lacks is refused on writing", "[fast]") {
  const auto thrown = thrown_by([] { format_npy(torch::ones({2}, torch::kBFloat16)); });
  CHECK(thrown.kind == ErrorKind::kUsage);
}

TEST_CASE("npz arrays come back by name and equal arrays make equal files", "[fast]") {
  TempDir folder;
  const std::map<std::string, torch::Tensor> arrays = {
      {"arr_0", torch::arange(24).to(torch::kUInt8).view({2, 3, 4})},
      {"mu", torch::rand({5}, torch::kFloat64)}};
  save_npz(folder / "a.npz", arrays);
  save_npz(folder / "b.npz", arrays);
  const auto back = load_npz(folder / "a.npz");
  REQUIRE(back.size() == 2);
  CHECK(torch::equal(back.at("arr_0"), arrays.at("arr_0")));
  CHECK(torch::equal(back.at("mu"), arrays.at("mu")));
  CHECK(read_file(folder / "a.npz") == read_file(folder / "b.npz"));
}

TEST_CASE("a compressed npz file of NumPy reads", "[fast]") {
  // NumPy 2.4.6: savez_compressed(f, arr_0=arange(6, dtype=float32).reshape(2, 3), arr_1=array([7,
  // -8])).
  const std::string hex =
      "504b03042d0000000800000021004fe9002affffffffffffffff090014006172725f302e6e70790100100098"
      "0000000000000055000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e"
      "965f54529498179f5f94920a12774bcc294e058a17672416a402f91a463a0ac69a3a0ab50a64032e063068b0"
      "07120e4004c40d40bcc00100504b03042d000000080000002100f99b0bb6ffffffffffffffff090014006172"
      "725f312e6e70790100100090000000000000004b000000000000009bec17ea1b10c9c850c650ad9e925a9c5c"
      "a46ea5a06e9369a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a463a9a3a"
      "0ab50a14002e760608f8f11f0200504b01022d032d0000000800000021004fe9002a55000000980000000900"
      "000000000000000000008001000000006172725f302e6e7079504b01022d032d000000080000002100f99b0b"
      "b64b000000900000000900000000000000000000008001900000006172725f312e6e7079504b050600000000"
      "020002006e000000160100000000";
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  TempDir folder;
  write_file_atomically(folder / "x.npz", bytes);
  const auto arrays = load_npz(folder / "x.npz");
  REQUIRE(arrays.size() == 2);
  CHECK(torch::equal(arrays.at("arr_0"), torch::arange(6).view({2, 3}).to(torch::kFloat32)));
  CHECK(torch::equal(arrays.at("arr_1"), torch::tensor({7, -8}, torch::kInt64)));
}

TEST_CASE("damaged npz files are refused", "[fast]") {
  TempDir folder;
  save_npz(folder / "a.npz", {{"arr_0", torch::arange(4000)}});
  const auto whole = read_file(folder / "a.npz");
  write_file_atomically(folder / "cut.npz", whole.substr(0, whole.size() / 2));
  CHECK(thrown_by([&] { load_npz(folder / "cut.npz"); }).kind == ErrorKind::kData);
  write_file_atomically(folder / "text.npz", "not a zip at all");
  CHECK(contains(thrown_by([&] { load_npz(folder / "text.npz"); }).message, "text.npz"));
  CHECK(thrown_by([&] { load_npz(folder / "absent.npz"); }).kind == ErrorKind::kData);
}

TEST_CASE("npy headers that only damage makes are refused, not believed", "[fast]") {
  const auto refusal = [](const std::string& dictionary, const std::string& data) {
    return thrown_by([&] { parse_npy(npy_by_hand(dictionary, data), "x.npy"); });
  };
  // A length of 0 beside lengths that overflow.
  const auto hidden = refusal(
      "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296), }", "");
  CHECK(contains(hidden.message, "a possible number of data bytes"));
  std::string axes;
  for (int i = 0; i < 65; ++i) axes += "1,";  // short: the helper writes one length byte
  CHECK(contains(
      refusal("{'descr': '|u1', 'fortran_order': False, 'shape': (" + axes + "), }", "x").message,
      "64 axes"));
  CHECK(
      contains(refusal("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "\1\2").message,
               "bools of 0 or 1"));
}

TEST_CASE("an npz read from memory equals the file", "[fast]") {
  TempDir folder;
  save_npz(folder / "a.npz", {{"arr_0", torch::arange(4)}});
  const auto read = parse_npz(read_file(folder / "a.npz"), "memory");
  REQUIRE(read.size() == 1);
  CHECK(torch::equal(read.at("arr_0"), torch::arange(4)));
  CHECK(contains(thrown_by([] { parse_npz("no zip at all", "memory"); }).message, "[memory]"));
}

}  // namespace ganselect::test
