// A read-only table of rows that each have a `name`. Every open choice (losses, data sets,
// measures, ...) is one, so that a wrong name is answered the same way everywhere: with the valid
// names and the nearest one.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {

template <class Row>
class NamedTable {
 public:
  // `kind` is what a row is called in messages ("loss", "data set"). Two rows of one name are a
  // kFailed error.
  NamedTable(std::string kind, std::vector<Row> rows)
      : kind_(std::move(kind)), rows_(std::move(rows)) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (rows_[i].name == rows_[j].name) {
          fail(ErrorKind::kFailed, {.where = kind_ + " table",
                                    .expected = "distinct names",
                                    .got = "two rows named '" + std::string(rows_[i].name) + "'"});
        }
      }
    }
  }

  // nullptr when there is no such row.
  const Row* find(std::string_view name) const {
    for (const auto& row : rows_) {
      if (row.name == name) return &row;
    }
    return nullptr;
  }

  // The row, or a kUsage error that lists the valid names.
  const Row& at(std::string_view name) const {
    if (const Row* row = find(name)) return *row;
    const auto valid = names();
    const auto nearest = nearest_name(name, valid);
    fail(ErrorKind::kUsage, {.where = kind_,
                             .expected = "one of " + join(valid),
                             .got = "'" + std::string(name) + "'",
                             .hint = nearest ? "did you mean '" + *nearest + "'?" : std::string()});
  }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& row : rows_) all.emplace_back(row.name);
    return all;
  }

  const std::string& kind() const { return kind_; }
  const std::vector<Row>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  std::string kind_;
  std::vector<Row> rows_;
};

}  // namespace ganselect
