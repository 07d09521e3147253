// Holds the named candidates to what their authors' own code says (tests/golden/authors.md).
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "models/candidate_settings.h"
#include "models/candidates.h"
#include "models/candidates_page.h"

namespace ganselect {
namespace {

Json authors() {
  return parse_json(read_file(std::string(GANSELECT_TEST_DIR) + "/golden/authors.json"),
                    "authors.json");
}

bool same_value(const Json& ours, const Json& theirs) {
  if (ours.is_number() && theirs.is_number()) {
    return std::abs(ours.get<double>() - theirs.get<double>()) <=
           1e-9 * std::abs(theirs.get<double>());
  }
  return ours == theirs;
}

// "batch" and "batch at 32x32" both speak of batch.
bool deviates(const CandidateSpec& candidate, const std::string& setting) {
  for (const auto& deviation : candidate.deviations) {
    if (deviation.setting == setting) return true;
  }
  return false;
}

// Laws of weights are words, ours for an architecture and theirs for a file: held by
// first_weights_test, which measures them.
bool is_words(const std::string& setting) { return setting.starts_with("first_weights"); }

TEST_CASE("every candidate is as its authors ran it, or says where it is not", "[fast]") {
  std::map<std::string, Json> settings;
  std::set<std::string> used;
  for (const auto& entry : authors()) {
    const auto name = entry.at("candidate").get<std::string>();
    const auto setting = entry.at("setting").get<std::string>();
    INFO(name << " " << setting << ": " << entry.at("where").get<std::string>());
    REQUIRE_FALSE(entry.at("where").get<std::string>().empty());
    const auto* candidate = candidates().find(name);
    REQUIRE(candidate != nullptr);
    used.insert(name);
    if (is_words(setting)) continue;
    if (!settings.contains(name)) settings[name] = candidate_settings(*candidate);
    const auto& ours = settings[name];
    const bool equal = ours.contains(setting) && same_value(ours.at(setting), entry.at("value"));
    INFO("ours: " << (ours.contains(setting) ? ours.at(setting).dump() : "none")
                  << ", theirs: " << entry.at("value").dump());
    CHECK(equal != deviates(*candidate, setting));
  }
  for (const auto& candidate : candidates()) {
    if (candidate.is_told()) continue;
    INFO(candidate.name);
    // The one that is another candidate on other networks is held by that one's entries.
    if (candidate.name != "wgan-gp-dcgan") CHECK(used.contains(candidate.name));
    CHECK((!candidate.code.empty() || deviates(candidate, "code")));
  }
}

TEST_CASE("the page of candidates is that of the rows", "[fast]") {
  const auto kept = read_file(std::string(GANSELECT_TEST_DIR) + "/../docs/candidates.md");
  // `ganselect list --page > docs/candidates.md` writes it again.
  CHECK(kept == candidates_markdown());
  for (const auto& candidate : candidates()) {
    INFO(candidate.name);
    CHECK(kept.find("\n## " + candidate.name + "\n") != std::string::npos);
    for (const auto& deviation : candidate.deviations) {
      CHECK(kept.find(deviation.text) != std::string::npos);
    }
  }
}

TEST_CASE("wgan-gp on dcgan's networks trains as wgan-gp does", "[fast]") {
  const auto published = candidate_settings(candidates().at("wgan-gp"));
  const auto ours = candidate_settings(candidates().at("wgan-gp-dcgan"));
  for (const char* key : {"loss", "optimizer", "lr_g", "lr_d", "beta1", "beta2", "n_critic",
                          "batch", "gradient_penalty_weight", "batch_norm_g", "batch_norm_d"}) {
    INFO(key);
    CHECK(ours.at(key) == published.at(key));
  }
}

}  // namespace
}  // namespace ganselect
