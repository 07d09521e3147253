#include "base/torch/npy_rows.h"

#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace ganselect::test {
namespace {

torch::Tensor all_rows(NpyRows& rows, int64_t step) {
  std::vector<torch::Tensor> parts;
  for (auto part = rows.next(step); part.defined(); part = rows.next(step)) parts.push_back(part);
  return torch::cat(parts);
}

// The bytes of an .npy whose header says what a test wants.
std::string npy_with(const std::string& descr, const std::string& order, const std::string& shape,
                     const std::string& data) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
         data;
}

}  // namespace

TEST_CASE("rows come in order whatever the step, from a file and from a zip's member", "[fast]") {
  const TempDir folder;
  const auto array = torch::arange(7 * 2 * 3).view({7, 2, 3}).to(torch::kFloat64) / 8;
  const auto labels = torch::arange(7) * 5;
  save_npy(folder / "x.npy", array);
  save_npz(folder / "x.npz", {{"arr_0", array}, {"arr_1", labels}});
  for (const int64_t step : {1, 3, 7, 100}) {
    NpyRows from_file(folder / "x.npy");
    CHECK(from_file.size() == 7);
    CHECK(torch::equal(all_rows(from_file, step), array));
    NpyRows member(folder / "x.npz", "arr_0");
    CHECK(torch::equal(all_rows(member, step), array));
    NpyRows second(folder / "x.npz", "arr_1");
    CHECK(torch::equal(all_rows(second, step), labels));
  }
  const auto headers = npz_headers(folder / "x.npz");
  REQUIRE(headers.size() == 2);
  CHECK(headers.at("arr_0").shape == std::vector<int64_t>{7, 2, 3});
  CHECK(headers.at("arr_1").type == torch::kInt64);
}

TEST_CASE("rows in Fortran order and in big-endian are the same rows", "[fast]") {
  const TempDir folder;
  const auto expected = torch::tensor({{1, 2, 3}, {256, 5, 6}}, torch::kInt16);
  write_file_atomically(folder / "f.npy", npy_with("<i2", "True", "(2, 3)",
                                                   std::string("\1\0\0\1\2\0\5\0\3\0\6\0", 12)));
  write_file_atomically(folder / "b.npy", npy_with(">i2", "False", "(2, 3)",
                                                   std::string("\0\1\0\2\0\3\1\0\0\5\0\6", 12)));
  for (const char* name : {"f.npy", "b.npy"}) {
    INFO(name);
    NpyRows rows(folder / name);
    CHECK(torch::equal(all_rows(rows, 1), expected));
  }
}

TEST_CASE("arrays that cannot be read by rows are refused with the place", "[fast]") {
  const TempDir folder;
  const auto refusal = [&](const std::string& bytes) {
    write_file_atomically(folder / "bad.npy", bytes);
    const auto thrown = thrown_by([&] {
      NpyRows rows(folder / "bad.npy");
      all_rows(rows, 2);
    });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK(contains(thrown.message, "bad.npy"));
    return thrown.message;
  };
  CHECK(contains(refusal(npy_with("|O", "False", "(3,)", "\x80\x04K\x01.")),
                 "got dtype '|O'; pickled objects are never loaded"));
  CHECK(contains(refusal(npy_with("<f4", "False", "(3, 2)", std::string(20, 'x'))),
                 "expected 3 rows, got a file that ends after 2 (cut short)"));
  CHECK(contains(refusal(npy_with("<f4", "False", "(9999999999, 9999999999)", "")),
                 "a shape that no file can hold"));
  CHECK(contains(refusal(npy_with("<f4", "False", "()", "1234")), "at least one axis"));
  CHECK(contains(refusal("PK"), "begins with \\x93NUMPY"));
  CHECK(contains(refusal(std::string("\x93NUMPY\x02\x00\xff\xff\xff\x7f", 12)), "a cut file"));
  CHECK(thrown_by([&] { NpyRows(folder / "none.npy"); }).kind == ErrorKind::kData);
}

TEST_CASE("a zip member that is missing, changed or pickled is refused by name", "[fast]") {
  const TempDir folder;
  save_npz(folder / "x.npz", {{"other", torch::arange(3)}});
  CHECK(contains(thrown_by([&] { NpyRows(folder / "x.npz", "arr_0"); }).message,
                 "x.npz] expected an array arr_0, got other"));
  auto bytes = read_file(folder / "x.npz");
  bytes[bytes.find(std::string("\1\0\0\0\0\0\0\0\2", 9)) + 1] = 7;
  write_file_atomically(folder / "changed.npz", bytes);
  const auto changed = thrown_by([&] {
    NpyRows rows(folder / "changed.npz", "other");
    all_rows(rows, 1);
  });
  CHECK(contains(changed.message, "changed.npz: other] expected a whole zip member"));
  write_file_atomically(folder / "text.npz", "not a zip");
  CHECK(thrown_by([&] { npz_headers(folder / "text.npz"); }).kind == ErrorKind::kData);
  CHECK(thrown_by([&] { npz_headers(folder / "missing.npz"); }).kind == ErrorKind::kData);
}

}  // namespace ganselect::test
