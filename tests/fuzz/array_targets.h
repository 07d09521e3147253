// Fuzz targets of the array files: .npy, .npz, safetensors.
#pragma once

#include <torch/torch.h>

#include "base/files.h"
#include "base/torch/npy.h"
#include "base/torch/safetensors.h"
#include "tests/fuzz/targets.h"
#include "tests/support/temp_dir.h"

namespace ganselect::fuzz {

inline std::string npz_bytes(const std::map<std::string, torch::Tensor>& arrays) {
  const test::TempDir folder;
  save_npz(folder / "a.npz", arrays);
  return read_file(folder / "a.npz");
}

// What was read is an array like any other: it can be written and read again.
inline void read_npy(std::string_view bytes) {
  expect_value_or_error([&] {
    const auto array = parse_npy(bytes, "fuzz");
    const auto written = format_npy(array);
    require(format_npy(parse_npy(written, "again")) == written);
  });
}

inline void read_npz(std::string_view bytes) {
  expect_value_or_error([&] {
    for (const auto& [name, array] : parse_npz(bytes, "fuzz")) require(array.is_contiguous());
  });
}

inline void read_safetensors(std::string_view bytes) {
  expect_value_or_error([&] {
    const auto file = from_safetensors(bytes, "fuzz");
    const auto written = to_safetensors(file);
    require(to_safetensors(from_safetensors(written, "again")) == written);
  });
}

inline Target npy_target() {
  const auto rows = torch::arange(6).view({2, 3});
  auto fortran = format_npy(rows.to(torch::kInt16));
  fortran.replace(fortran.find("False"), 5, "True ");
  auto big_endian = format_npy(rows.to(torch::kFloat64));
  big_endian.replace(big_endian.find('<'), 1, ">");
  return {"npy",
          {format_npy(rows.to(torch::kFloat32)), format_npy(rows.to(torch::kBool)), fortran,
           big_endian, format_npy(torch::tensor(2.5)), format_npy(torch::ones({4, 0, 2}))},
          read_npy};
}

inline Target npz_target() {
  return {"npz",
          {npz_bytes({{"arr_0", torch::arange(12).to(torch::kUInt8).view({1, 2, 2, 3})}}),
           npz_bytes({{"arr_0", torch::ones({2, 2})}, {"arr_1", torch::arange(2)}}), npz_bytes({})},
          read_npz};
}

inline Target safetensors_target() {
  return {"safetensors",
          {to_safetensors({.tensors = {{"a", torch::ones({2, 3})}, {"b", torch::arange(3)}},
                           .metadata = {{"format", "pt"}}}),
           to_safetensors({.tensors = {{"c", torch::ones({2}, torch::kBFloat16)},
                                       {"d", torch::zeros({0, 3}, torch::kBool)}},
                           .metadata = {}}),
           to_safetensors({.tensors = {}, .metadata = {}})},
          read_safetensors};
}

}  // namespace ganselect::fuzz
