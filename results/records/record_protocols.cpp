#include "results/records/record_protocols.h"

#include <functional>
#include <map>
#include <string>

#include "base/error.h"

namespace ganselect {
namespace {

// Every object of a record that holds measures, with its place for messages.
void for_each_measured(Json& record, const std::function<void(Json&, const std::string&)>& call) {
  call(record, "");
  if (const auto others = record.find("measures_by_detector");
      others != record.end() && others->is_object()) {
    for (auto& [name, other] : others->items()) call(other, "measures_by_detector." + name + ".");
  }
  const auto checkpoints = record.find("checkpoints");
  if (checkpoints == record.end() || !checkpoints->is_array()) return;
  for (std::size_t i = 0; i < checkpoints->size(); ++i)
    call((*checkpoints)[i], "checkpoints[" + std::to_string(i) + "].");
}

bool is_reason(const Json& reasons, const std::string& measure, const Json& reason) {
  const auto found = reasons.find(measure);
  return found != reasons.end() && *found == reason;
}

void drop_repeated_reasons(Json& checkpoint, const Json& reasons) {
  Json own = Json::object();
  for (const auto& [measure, reason] : checkpoint["reason"].items()) {
    if (!is_reason(reasons, measure, reason)) own[measure] = reason;
  }
  checkpoint["reason"] = std::move(own);
}

void add_repeated_reasons(Json& checkpoint, const Json& reasons) {
  if (!checkpoint.is_object() || !checkpoint.contains("measures")) return;
  for (const auto& [measure, value] : checkpoint["measures"].items()) {
    if (!value.is_null() || !reasons.contains(measure)) continue;
    if (!checkpoint["reason"].contains(measure)) checkpoint["reason"][measure] = reasons[measure];
  }
}

}  // namespace

void share_protocols(Json& record) {
  Json table = Json::object();
  std::map<std::string, std::string> ids;  // by the protocol's text
  for_each_measured(record, [&](Json& measured, const std::string&) {
    const auto [found, is_new] =
        ids.emplace(measured["protocol"].dump(), "p" + std::to_string(ids.size() + 1));
    if (is_new) table[found->second] = std::move(measured["protocol"]);
    measured["protocol"] = found->second;
  });
  record["protocols"] = std::move(table);
  for (auto& checkpoint : record["checkpoints"])
    drop_repeated_reasons(checkpoint, record["reason"]);
}

void spread_protocols(Json& record, const std::string& where) {
  const auto found = record.find("protocols");
  if (found == record.end()) return;
  if (!found->is_object()) {
    fail(ErrorKind::kData,
         {.where = where + ": protocols", .expected = "an object", .got = found->dump()});
  }
  const Json table = std::move(*found);
  record.erase("protocols");
  for_each_measured(record, [&](Json& measured, const std::string& place) {
    if (!measured.is_object() || !measured.contains("protocol")) return;  // told by the reader
    Json& protocol = measured["protocol"];
    if (!protocol.is_string()) return;
    const auto named = table.find(protocol.get<std::string>());
    if (named == table.end()) {
      fail(ErrorKind::kData, {.where = where + ": " + place + "protocol",
                              .expected = "a protocol, or a key of 'protocols'",
                              .got = protocol.dump()});
    }
    protocol = *named;
  });
  const auto reasons = record.find("reason");
  if (reasons == record.end() || !reasons->is_object() || !record.contains("checkpoints")) return;
  for (auto& checkpoint : record["checkpoints"]) add_repeated_reasons(checkpoint, *reasons);
}

}  // namespace ganselect
