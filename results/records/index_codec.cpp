#include "results/records/index_codec.h"

#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

#include "results/records/record_parts.h"

namespace ganselect {
namespace {

constexpr const char* kIndexName = "index of records";
// What differs from trial to trial within an object that is alike otherwise.
constexpr const char* kOfSettings = "seed";
constexpr const char* kOfProvenance = "date";
constexpr const char* kOfNothing = "";

template <class T>
void put_optional(const std::optional<T>& value, IndexWriter& out) {
  out.number<std::uint8_t>(value ? 1 : 0);
  if (!value) return;
  if constexpr (std::is_arithmetic_v<T>) {
    out.number(*value);
  } else {
    out.text(*value);
  }
}

template <class T>
std::optional<T> take_optional(IndexReader& in) {
  if (in.number<std::uint8_t>() == 0) return std::nullopt;
  if constexpr (std::is_arithmetic_v<T>) {
    return in.number<T>();
  } else {
    return T(in.text());
  }
}

Json names_of(const std::map<std::string, std::optional<double>>& values) {
  Json names = Json::array();
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

}  // namespace

std::uint32_t RecordEncoder::place(const std::string& text) {
  const auto [found, is_new] = places_.emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.push_back(&found->first);
  return found->second;
}

std::uint32_t RecordEncoder::json_place(const Json& json) {
  constexpr std::size_t kRecent = 24;
  for (const auto& [known, at] : recent_) {
    if (known.size() == json.size() && known == json) return at;
  }
  const auto at = place(json.dump());
  recent_.emplace_front(json, at);
  if (recent_.size() > kRecent) recent_.pop_back();
  return at;
}

// An object with the value of `varying` apart.
void RecordEncoder::put_json(const Json& json, const std::string& varying, IndexWriter& out) {
  const auto found = json.is_object() ? json.find(varying) : json.end();
  const bool apart = json.is_object() && found != json.end();
  out.number<std::uint8_t>(apart ? 1 : 0);
  if (!apart) {
    out.number(json_place(json));
    return;
  }
  Json common = json;
  common[varying] = nullptr;
  out.number(json_place(common));
  out.text(found->dump());
}

void RecordEncoder::put_measures(const Measures& measures, IndexWriter& out) {
  out.number(json_place(names_of(measures.values)));
  for (const auto& [name, value] : measures.values)
    out.number(value.value_or(std::numeric_limits<double>::quiet_NaN()));
  out.number(json_place(Json(measures.reason)));
  out.number(json_place(measures.protocol));
  out.number(json_place(Json(measures.warnings)));
  out.number(json_place(intervals_to_json(measures.intervals)));
}

RecordEncoder::Bytes RecordEncoder::encode(const Record& record) {
  IndexWriter out;
  out.text(record.trial_id);
  put_optional(record.plan, out);
  out.number(json_place(record.candidate.json));
  put_json(record.settings, kOfSettings, out);
  out.number(record.seed);
  out.number(json_place(to_json(record.budget)));
  out.number(json_place(to_json(record.dataset)));
  out.number<std::uint8_t>(record.versions ? 1 : 0);
  if (record.versions) {
    out.number(record.versions->training);
    out.number(record.versions->evaluation);
  }
  put_json(record.provenance, kOfProvenance, out);
  out.number(static_cast<std::uint8_t>(record.status));
  put_optional(record.status_detail.step, out);
  put_optional(record.status_detail.reason, out);
  put_measures(record.measures, out);
  out.number(json_place(Json(record.files)));
  put_json(record.extra, kOfNothing, out);
  out.number(static_cast<std::uint32_t>(record.measures_by_detector.size()));
  for (const auto& [detector, measures] : record.measures_by_detector) {
    out.text(detector);
    put_measures(measures, out);
  }

  IndexWriter details;
  details.number(static_cast<std::uint32_t>(record.checkpoints.size()));
  for (const auto& checkpoint : record.checkpoints) {
    details.number(checkpoint.step);
    details.number(checkpoint.seconds);
    details.number<std::uint8_t>(checkpoint.full ? 1 : 0);
    put_measures(checkpoint.measures, details);
  }
  return {out.bytes(), details.bytes()};
}

std::string RecordEncoder::table() const {
  IndexWriter out;
  out.number(static_cast<std::uint32_t>(texts_.size()));
  for (const auto* text : texts_) out.text(*text);
  return out.bytes();
}

// A shared text, and what it is taken apart to where a record needs it.
struct RecordDecoder::Entry {
  std::string_view text;
  std::once_flag parsed, read;
  Json json;
  RecordCandidate candidate;
};

RecordDecoder::RecordDecoder(std::string_view table) {
  IndexReader in(table);
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count; ++i) {
    entries_.push_back(std::make_shared<Entry>());
    entries_.back()->text = in.text();
  }
}

const Json& RecordDecoder::json(std::uint32_t place) const {
  auto& entry = *entries_.at(place);
  std::call_once(entry.parsed,
                 [&] { entry.json = parse_json(std::string(entry.text), kIndexName); });
  return entry.json;
}

const RecordCandidate& RecordDecoder::candidate(std::uint32_t place) const {
  auto& entry = *entries_.at(place);
  const Json& parsed = json(place);
  std::call_once(entry.read, [&] { entry.candidate = parse_candidate(parsed, kIndexName); });
  return entry.candidate;
}

Json RecordDecoder::take_json(const std::string& varying, IndexReader& in) const {
  const bool apart = in.number<std::uint8_t>() != 0;
  Json whole = json(in.number<std::uint32_t>());
  if (apart) whole[varying] = parse_json(std::string(in.text()), kIndexName);
  return whole;
}

Measures RecordDecoder::take_measures(IndexReader& in) const {
  Measures measures;
  for (const auto& name : json(in.number<std::uint32_t>())) {
    const auto value = in.number<double>();
    // In the order of the map, so that each goes to its end.
    measures.values.emplace_hint(measures.values.end(), name.get_ref<const std::string&>(),
                                 std::isnan(value) ? std::nullopt : std::optional(value));
  }
  for (const auto& [name, reason] : json(in.number<std::uint32_t>()).items())
    measures.reason.emplace_hint(measures.reason.end(), name, reason.get_ref<const std::string&>());
  measures.protocol = json(in.number<std::uint32_t>());
  for (const auto& warning : json(in.number<std::uint32_t>())) measures.warnings.push_back(warning);
  measures.intervals = intervals_from_json(json(in.number<std::uint32_t>()), kIndexName);
  return measures;
}

Record RecordDecoder::ends(std::string_view bytes) const {
  IndexReader in(bytes);
  Record record;
  record.trial_id = in.text();
  record.plan = take_optional<std::string>(in);
  record.candidate = candidate(in.number<std::uint32_t>());
  record.settings = take_json(kOfSettings, in);
  record.seed = in.number<std::uint64_t>();
  record.budget = budget_from_json(json(in.number<std::uint32_t>()), kIndexName);
  record.dataset = dataset_from_json(json(in.number<std::uint32_t>()), kIndexName);
  if (in.number<std::uint8_t>() != 0) {
    record.versions.emplace();
    record.versions->training = in.number<std::int64_t>();
    record.versions->evaluation = in.number<std::int64_t>();
  }
  record.provenance = take_json(kOfProvenance, in);
  record.status = static_cast<TrialStatus>(in.number<std::uint8_t>());
  record.status_detail.step = take_optional<std::int64_t>(in);
  record.status_detail.reason = take_optional<std::string>(in);
  record.measures = take_measures(in);
  record.files = json(in.number<std::uint32_t>()).get<std::map<std::string, std::string>>();
  record.extra = take_json(kOfNothing, in);
  for (auto left = in.number<std::uint32_t>(); left > 0; --left) {
    const std::string detector(in.text());
    record.measures_by_detector.emplace(detector, take_measures(in));
  }
  if (!in.at_end()) throw std::out_of_range("the index of records is too long");
  return record;
}

void RecordDecoder::add_details(std::string_view bytes, Record& record) const {
  IndexReader in(bytes);
  for (auto left = in.number<std::uint32_t>(); left > 0; --left) {
    RecordCheckpoint checkpoint;
    checkpoint.step = in.number<std::int64_t>();
    checkpoint.seconds = in.number<double>();
    checkpoint.full = in.number<std::uint8_t>() != 0;
    checkpoint.measures = take_measures(in);
    record.checkpoints.push_back(std::move(checkpoint));
  }
  if (!in.at_end()) throw std::out_of_range("the index of records is too long");
}

}  // namespace ganselect
