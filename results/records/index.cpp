#include "results/records/index.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/provenance.h"
#include "results/records/index_codec.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "ganselect records index 1";
constexpr const char* kEndsFile = "records.index";
constexpr const char* kDetailsFile = "details.index";
// Two changes within this time may leave one and the same time of change behind.
constexpr std::int64_t kBlurNanoseconds = 2'000'000'000;

struct FileState {
  std::uint64_t size = 0;
  std::int64_t changed = -1;  // nanoseconds; -1: not there
  bool operator==(const FileState&) const = default;
};

FileState state_of(const fs::path& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  const bool folder = S_ISDIR(found.st_mode);
  return {folder ? 0 : static_cast<std::uint64_t>(found.st_size),
          found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec};
}

std::vector<FileState> states_of(const fs::path& dir, const std::vector<fs::path>& paths) {
  std::vector<FileState> states(paths.size());
  parallel_for(paths.size(), [&](std::size_t i) { states[i] = state_of(dir / paths[i]); });
  return states;
}

std::int64_t now_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool is_settled(const FileState& state, std::int64_t now) {
  return state.changed >= 0 && state.changed < now - kBlurNanoseconds;
}

// What reads records decides what the index holds: another build has another index.
std::string program_key() {
  const auto state = state_of("/proc/self/exe");
  return program_version() + " " + std::to_string(kRecordSchemaVersion) + " " +
         std::to_string(state.size) + " " + std::to_string(state.changed);
}

// The folder's files, relative to it. What lies in it itself is told by name, since the index that
// is written into it changes its time.
struct Tree {
  std::vector<std::string> children;
  std::vector<fs::path> folders, unfinished, records;
  std::vector<FileState> folder_states;
};

std::vector<std::string> children_of(const fs::path& dir) {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(dir, code)) {
    auto name = entry.path().filename().string();
    if (name != kIndexFolder) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct StoredRecord {
  FileState state;
  std::string_view ends;
  std::uint64_t details_at = 0, details_size = 0;
};

// An index as it lies on the disk; views are into `bytes` and `detail_bytes`.
struct StoredIndex {
  std::string bytes, detail_bytes;
  Tree tree;
  std::unordered_map<std::string, StoredRecord> records;  // by relative path
  std::optional<RecordDecoder> decoder;
};

void read_tree(IndexReader& in, Tree& tree) {
  for (auto left = in.number<std::uint32_t>(); left > 0; --left)
    tree.children.emplace_back(in.text());
  for (auto left = in.number<std::uint32_t>(); left > 0; --left) {
    tree.folders.emplace_back(in.text());
    tree.folder_states.push_back({0, in.number<std::int64_t>()});
  }
  for (auto left = in.number<std::uint32_t>(); left > 0; --left)
    tree.unfinished.emplace_back(in.text());
}

// Nothing where there is none that this program can use.
std::unique_ptr<StoredIndex> read_index(const fs::path& dir, bool details) try {
  const auto file = dir / kIndexFolder / kEndsFile;
  if (state_of(file).changed < 0) return nullptr;
  auto index = std::make_unique<StoredIndex>();
  index->bytes = read_file(file);
  IndexReader in(index->bytes);
  if (in.text() != kMagic || in.text() != program_key()) return nullptr;
  const auto digest = in.text(), details_digest = in.text(), body = in.text();
  if (!in.at_end() || sha256_hex(body) != digest) return nullptr;
  if (details) {
    index->detail_bytes = read_file(dir / kIndexFolder / kDetailsFile);
    if (sha256_hex(index->detail_bytes) != details_digest) return nullptr;
  }
  IndexReader rest(body);
  read_tree(rest, index->tree);
  for (auto left = rest.number<std::uint32_t>(); left > 0; --left) {
    const std::string path(rest.text());
    StoredRecord record;
    record.state.size = rest.number<std::uint64_t>();
    record.state.changed = rest.number<std::int64_t>();
    record.details_at = rest.number<std::uint64_t>();
    record.details_size = rest.number<std::uint64_t>();
    record.ends = rest.text();
    index->tree.records.emplace_back(path);
    index->records.emplace(path, record);
  }
  index->decoder.emplace(rest.text());
  return index;
} catch (const std::exception& error) {
  log_debug("no index of records: {}", error.what());
  return nullptr;
}

const StoredRecord* find_stored(const StoredIndex& index, const fs::path& file) {
  const auto found = index.records.find(file.string());
  return found == index.records.end() ? nullptr : &found->second;
}

Record stored_record(const StoredIndex& index, const StoredRecord& stored, bool details) {
  Record record = index.decoder->ends(stored.ends);
  if (details)
    index.decoder->add_details(
        std::string_view(index.detail_bytes).substr(stored.details_at, stored.details_size),
        record);
  return record;
}

// A folder that changes while it is walked has a time too near to the clock to be believed the next
// time.
Tree walk_tree(const fs::path& dir) {
  Tree tree;
  tree.children = children_of(dir);
  const auto found = find_trials(dir);
  const auto relative = [&](const std::vector<fs::path>& from, std::vector<fs::path>& to) {
    for (const auto& path : from) to.push_back(path.lexically_relative(dir));
  };
  relative(found.folders, tree.folders);
  relative(found.unfinished, tree.unfinished);
  relative(found.records, tree.records);
  tree.folder_states = states_of(dir, tree.folders);
  return tree;
}

// Folders that have not changed hold the files that they held.
bool is_unchanged(const fs::path& dir, const Tree& tree) {
  return children_of(dir) == tree.children && states_of(dir, tree.folders) == tree.folder_states;
}

struct Reading {
  Tree tree;
  std::vector<FileState> states;  // of tree.records
  std::vector<ReadRecord> results;
  std::size_t fresh = 0;    // whole records read from their files
  bool tree_known = false;  // from the index
};

Reading read_records(const fs::path& dir, const StoredIndex* index, bool details) {
  Reading reading;
  reading.tree_known = index != nullptr && is_unchanged(dir, index->tree);
  reading.tree = reading.tree_known ? index->tree : walk_tree(dir);
  const auto& files = reading.tree.records;
  reading.states = states_of(dir, files);
  reading.results.resize(files.size());
  std::vector<char> fresh(files.size(), 0);
  parallel_for(files.size(), [&](std::size_t i) {
    const auto* stored = index == nullptr ? nullptr : find_stored(*index, files[i]);
    if (stored != nullptr && stored->state == reading.states[i] && stored->state.changed >= 0) {
      reading.results[i].record = stored_record(*index, *stored, details);
      reading.results[i].record->folder = (dir / files[i]).parent_path();
    } else {
      fresh[i] = 1;
      reading.results[i] = try_record(dir / files[i]);
    }
  });
  // A damaged record is read again each time, whatever an index holds.
  for (std::size_t i = 0; i < fresh.size(); ++i)
    reading.fresh += fresh[i] == 1 && reading.results[i].record ? 1 : 0;
  return reading;
}

void write_tree(const Tree& tree, std::int64_t now, IndexWriter& out) {
  out.number(static_cast<std::uint32_t>(tree.children.size()));
  for (const auto& name : tree.children) out.text(name);
  // A folder that changed a moment ago may have changed again: it never agrees.
  out.number(static_cast<std::uint32_t>(tree.folders.size()));
  for (std::size_t i = 0; i < tree.folders.size(); ++i) {
    out.text(tree.folders[i].string());
    const auto& state = tree.folder_states[i];
    out.number<std::int64_t>(is_settled(state, now) ? state.changed : -2);
  }
  out.number(static_cast<std::uint32_t>(tree.unfinished.size()));
  for (const auto& path : tree.unfinished) out.text(path.string());
}

void write_index(const fs::path& dir, const Reading& reading, std::int64_t now) {
  IndexWriter body, details;
  RecordEncoder encoder;
  write_tree(reading.tree, now, body);
  body.number(static_cast<std::uint32_t>(reading.results.size()));
  for (std::size_t i = 0; i < reading.results.size(); ++i) {
    const auto& result = reading.results[i];
    const auto& state = reading.states[i];
    const bool kept = result.record && is_settled(state, now);
    body.text(reading.tree.records[i].string());
    body.number(state.size);
    body.number<std::int64_t>(kept ? state.changed : -2);
    const auto bytes = kept ? encoder.encode(*result.record) : RecordEncoder::Bytes{};
    body.number(static_cast<std::uint64_t>(details.bytes().size()));
    body.number(static_cast<std::uint64_t>(bytes.details.size()));
    body.text(bytes.ends);
    details.raw(bytes.details);
  }
  body.text(encoder.table());
  IndexWriter out;
  out.text(kMagic);
  out.text(program_key());
  out.text(sha256_hex(body.bytes()));
  out.text(sha256_hex(details.bytes()));
  out.text(body.bytes());
  write_file_atomically(dir / kIndexFolder / kDetailsFile, details.bytes());
  write_file_atomically(dir / kIndexFolder / kEndsFile, out.bytes());
}

void keep_index(const fs::path& dir, const Reading& reading, std::int64_t now) try {
  make_folder(dir / kIndexFolder);
  write_index(dir, reading, now);
} catch (const std::exception& error) {
  log_debug("the index of records in {} is not kept: {}", dir.string(), error.what());
}

// A few new records are read quicker than an index is written, and so are folders that change all
// the time.
bool is_worth_writing(const fs::path& dir, const Reading& reading, std::int64_t now) {
  constexpr std::size_t kManyOf = 100;
  constexpr std::int64_t kRest = 10'000'000'000;
  if (reading.fresh * kManyOf >= reading.results.size()) return true;
  const auto written = state_of(dir / kIndexFolder / kEndsFile).changed;
  return !reading.tree_known && written < now - kRest;
}

}  // namespace

LoadedRecords load_indexed_records(const fs::path& dir, const IndexUse& use) {
  const std::int64_t now = now_nanoseconds();
  auto index = read_index(dir, use.details);
  auto reading = read_records(dir, index.get(), use.details);
  if (reading.results.size() >= use.fewest && is_worth_writing(dir, reading, now)) {
    // What the index holds besides is needed to write it anew.
    if (index != nullptr && !use.details) {
      index = read_index(dir, true);
      reading = read_records(dir, index.get(), true);
    }
    keep_index(dir, reading, now);
  }
  TrialFolders found;
  for (const auto& path : reading.tree.records) found.records.push_back(dir / path);
  for (const auto& path : reading.tree.unfinished) found.unfinished.push_back(dir / path);
  return assembled_records(std::move(found), std::move(reading.results));
}

}  // namespace ganselect
