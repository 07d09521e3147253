// Records as bytes for the index (index.h): what many records share, as candidates, settings and
// protocols, is written once and told by its place.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "results/records/index_bytes.h"
#include "results/records/record.h"

namespace ganselect {

/// Writes records one by one; then the table of what they share.
class RecordEncoder {
 public:
  /// A record without its folder. `details`: checkpoints and further detectors' measures, apart, so
  /// that they can be left unread.
  struct Bytes {
    std::string ends, details;
  };
  Bytes encode(const Record& record);

  /// The table, after the last record.
  std::string table() const;

 private:
  std::uint32_t place(const std::string& text);
  std::uint32_t json_place(const Json& json);
  void put_json(const Json& json, const std::string& varying, IndexWriter& out);
  void put_measures(const Measures& measures, IndexWriter& out);

  std::map<std::string, std::uint32_t> places_;
  std::vector<const std::string*> texts_;
  // What was written last: most records repeat it, and comparing is quicker than writing.
  std::deque<std::pair<Json, std::uint32_t>> recent_;
};

/// Reads what RecordEncoder wrote. Throws std::exception for bytes that are no such thing.
class RecordDecoder {
 public:
  explicit RecordDecoder(std::string_view table);

  Record ends(std::string_view bytes) const;
  void add_details(std::string_view bytes, Record& record) const;

 private:
  const Json& json(std::uint32_t place) const;
  const RecordCandidate& candidate(std::uint32_t place) const;
  Json take_json(const std::string& varying, IndexReader& in) const;
  Measures take_measures(IndexReader& in) const;

  struct Entry;
  std::vector<std::shared_ptr<Entry>> entries_;
};

}  // namespace ganselect
