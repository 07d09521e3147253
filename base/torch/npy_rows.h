// Arrays on disk read a few rows at a time, for sets that are too large to hold: of an .npy file,
// or of a member of an .npz. Types and versions as in npy.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/torch/npy.h"

namespace ganselect {

// The arrays of an .npz by name, without reading their data. Throws kData.
std::map<std::string, NpyHeader> npz_headers(const std::filesystem::path& path);

// Rows along the first axis, in order. Memory is that of the rows asked for; an array in Fortran
// order, whose rows lie scattered, is read whole.
class NpyRows {
 public:
  // The array of an .npy file; with `member`, that array of an .npz. kData when it is missing, has
  // no axis, or is of a type that npy.h refuses.
  explicit NpyRows(const std::filesystem::path& path, const std::string& member = "");
  ~NpyRows();
  NpyRows(NpyRows&&) noexcept;
  NpyRows& operator=(NpyRows&&) noexcept;

  const NpyHeader& header() const { return header_; }
  int64_t size() const { return header_.shape.front(); }  // rows in all
  // The next rows, at most `count` >= 1: (n, ...), contiguous, on the CPU; undefined after the
  // last. kData where the file ends before the shape is filled or its checksum is wrong.
  torch::Tensor next(int64_t count);

  class Bytes;  // where they come from

 private:
  std::string where_;
  NpyHeader header_;
  std::unique_ptr<Bytes> bytes_;
  int64_t done_ = 0;
  std::size_t row_bytes_ = 0;
  torch::Tensor whole_;  // of an array in Fortran order
};

}  // namespace ganselect
