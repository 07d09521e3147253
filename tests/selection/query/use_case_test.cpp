#include "selection/query/use_case.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "base/error.h"
#include "tests/support/json_schema.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;

std::string refusal(const Json& json) {
  try {
    use_case_from_json(json, "case.json");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "accepted";
}

Json with_constraint(const char* key, const char* op, const Json& value) {
  return {{"weights", {{"quality", 1.0}}},
          {"constraints", {{{"key", key}, {"op", op}, {"value", value}}}}};
}

// A use case with further keys.
Json with(const Json& facts) {
  Json json = {{"weights", {{"quality", 1.0}}}};
  json.update(facts);
  return json;
}

Json with_facts() {
  return with({{"train_images", 400},
               {"updates", 2000},
               {"device", "gpu"},
               {"image_size", 100},
               {"subjects", {"birds", "faces"}},
               {"other_gans", {"StyleGAN2"}},
               {"comparison", {{"kind", "loss"}, {"a", "hinge"}, {"b", "wasserstein"}}},
               {"question", {{"id", "regularization"}, {"values", {"spectral-norm"}}}}});
}

TEST_CASE("Every preset is valid and survives its JSON form", "[fast][use_case]") {
  for (const auto& preset : presets()) {
    CAPTURE(preset.name);
    CHECK_NOTHROW(validate(preset.use_case, preset.name));
    const auto back = use_case_from_json(to_json(preset.use_case), preset.name);
    CHECK(to_json(back) == to_json(preset.use_case));
  }
  for (const char* name :
       {"high-diversity", "high-quality", "quality-and-diversity", "stable-training", "low-compute",
        "data-augmentation", "rare-modes", "generalization", "class-control", "unseen-domain"})
    CHECK(presets().find(name) != nullptr);
}

TEST_CASE("Errors in a use case name the place and what is valid", "[fast][use_case]") {
  CHECK_THAT(refusal({{"weights", {{"qualty", 1.0}}}}),
             ContainsSubstring("qualty") && ContainsSubstring("mode_coverage"));
  CHECK_THAT(refusal({{"weights", {{"quality", 0.5}}}}), ContainsSubstring("sum to 1"));
  CHECK_THAT(refusal({{"weights", {{"quality", 1.5}, {"cost", -0.5}}}}),
             ContainsSubstring("from 0 to 1"));
  CHECK_THAT(refusal({{"weights", {{"quality", "much"}}}}), ContainsSubstring("number"));
  CHECK_THAT(refusal({{"wieghts", Json::object()}}), ContainsSubstring("weights"));
  CHECK_THAT(refusal(Json::array()), ContainsSubstring("object"));
  CHECK_THAT(refusal(with_constraint("labls", "==", true)), ContainsSubstring("labels"));
  CHECK_THAT(refusal(with_constraint("labels", "<=", true)), ContainsSubstring("op =="));
  CHECK_THAT(refusal(with_constraint("labels", "==", 1)), ContainsSubstring("true or false"));
  CHECK_THAT(refusal(with_constraint("modes", ">=", 2.5)), ContainsSubstring("whole number"));
  CHECK_THAT(refusal(with_constraint("modes", ">=", 0)), ContainsSubstring("from 1 to 1000"));
  CHECK_THAT(refusal(with_constraint("image_size", "==", 40)),
             ContainsSubstring("32, 64, 128 or 256") && ContainsSubstring("the nearest is 32"));
  // Networks beyond 256 cannot be built.
  for (const int size : {512, 1024})
    CHECK_THAT(refusal(with_constraint("image_size", "==", size)),
               ContainsSubstring("32, 64, 128 or 256") && ContainsSubstring("the nearest is 256"));
  CHECK_THAT(refusal(with_constraint("candidate", "in", "wgan")), ContainsSubstring("array"));
  CHECK_THAT(refusal(with_constraint("candidate", "in", Json::array())),
             ContainsSubstring("array"));
}

TEST_CASE("What is known and asked survives its JSON form", "[fast][use_case]") {
  const auto use_case = use_case_from_json(with_facts(), "case.json");
  CHECK(use_case.train_images == 400);
  CHECK(use_case.updates == 2000);
  CHECK(use_case.device == "gpu");
  CHECK(use_case.image_size == 100);
  CHECK(use_case.subjects == std::vector<std::string>{"birds", "faces"});
  CHECK(use_case.other_gans == std::vector<std::string>{"StyleGAN2"});
  CHECK(use_case.comparison == AskedComparison{"loss", "hinge", "wasserstein"});
  CHECK(use_case.question == AskedQuestion{"regularization", {"spectral-norm"}});
  const Json json = to_json(use_case);
  const Json facts = with_facts();
  for (const auto& [key, value] : facts.items()) {
    if (key != "weights") CHECK(json[key] == value);
  }
  CHECK(to_json(use_case_from_json(json, "again")) == json);
  CHECK(describe_use_case(use_case) ==
        "quality 1.00; train_images 400; updates 2000; device gpu; image_size 100; subjects birds, "
        "faces; other GANs StyleGAN2; compared by loss: hinge, wasserstein; asked of "
        "regularization: spectral-norm");
  // Nothing said, no key.
  CHECK(to_json(presets().at("balanced").use_case).size() == 2);
}

TEST_CASE("Errors in what is known and asked name the key and what is valid", "[fast][use_case]") {
  CHECK_THAT(refusal(with({{"train_images", 0}})),
             ContainsSubstring("train_images") && ContainsSubstring("1"));
  CHECK_THAT(refusal(with({{"updates", 2.5}})), ContainsSubstring("whole number"));
  CHECK_THAT(refusal(with({{"device", "tpu"}})),
             ContainsSubstring("cpu") && ContainsSubstring("gpu"));
  CHECK_THAT(refusal(with({{"train_image", 4}})), ContainsSubstring("train_images"));
  CHECK_THAT(refusal(with({{"comparison", {{"kind", "loss"}, {"a", "hinge"}, {"b", "hinge"}}}})),
             ContainsSubstring("a other than b"));
  CHECK_THAT(refusal(with({{"comparison", {{"a", "hinge"}, {"b", "minimax"}}}})),
             ContainsSubstring("a kind"));
  CHECK_THAT(refusal(with({{"question", {{"id", "size"}}}})), ContainsSubstring("architecture"));
  CHECK_THAT(refusal(with_constraint("fid", ">=", 50)), ContainsSubstring("op <="));
  CHECK_THAT(refusal(with_constraint("recall", ">=", 10)), ContainsSubstring("from 0 to 1"));
}

TEST_CASE("Constraints that no candidate can meet together are refused", "[fast][use_case]") {
  Json json = {{"weights", {{"quality", 1.0}}},
               {"constraints",
                {{{"key", "candidate"}, {"op", "in"}, {"value", {"wgan"}}},
                 {{"key", "candidate"}, {"op", "not in"}, {"value", {"wgan", "lsgan"}}}}}};
  CHECK_THAT(refusal(json), ContainsSubstring("at least one candidate"));
  json["constraints"][0]["value"] = {"wgan", "dcgan"};
  CHECK(refusal(json) == "accepted");
}

TEST_CASE("Unknown candidates are named with the nearest known", "[fast][use_case]") {
  const auto use_case =
      use_case_from_json(with_constraint("candidate", "in", {"wgan-pg"}), "case.json");
  const std::vector<std::string> known = {"wgan", "wgan-gp"};
  try {
    require_known_candidates(use_case, known, "case.json");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK_THAT(error.what(), ContainsSubstring("wgan-pg") && ContainsSubstring("did you mean"));
  }
}

TEST_CASE("The schema accepts what the program accepts and refuses what it refuses",
          "[fast][use_case]") {
  Json documents = Json::object();
  for (const auto& preset : presets()) documents[preset.name] = to_json(preset.use_case);
  documents["all constraints"] = {
      {"weights", {{"quality", 1.0}}},
      {"constraints",
       {{{"key", "labels"}, {"op", "=="}, {"value", false}},
        {{"key", "train_seconds"}, {"op", "<="}, {"value", 600}},
        {{"key", "memory_bytes"}, {"op", "<="}, {"value", 2e9}},
        {{"key", "modes"}, {"op", ">="}, {"value", 9}},
        {{"key", "diverged_share"}, {"op", "<="}, {"value", 0.1}},
        {{"key", "image_size"}, {"op", "=="}, {"value", 64}},
        {{"key", "extensions"}, {"op", "=="}, {"value", true}},
        {{"key", "fid"}, {"op", "<="}, {"value", 50}},
        {{"key", "recall"}, {"op", ">="}, {"value", 0.1}},
        {{"key", "coverage"}, {"op", ">="}, {"value", 0.5}},
        {{"key", "precision"}, {"op", ">="}, {"value", 1}},
        {{"key", "candidate"}, {"op", "not in"}, {"value", {"wgan"}}}}}};
  documents["all facts"] = with_facts();
  documents["a question without values"] = with({{"question", {{"id", "loss"}}}});
  const std::size_t valid = documents.size();
  documents["x misspelt"] = {{"weights", {{"qualty", 1.0}}}};
  documents["x no weights"] = Json::object();
  documents["x wrong op"] = with_constraint("labels", "<=", true);
  documents["x wrong value"] = with_constraint("modes", ">=", 2.5);
  documents["x wrong size"] = with_constraint("image_size", "==", 48);
  documents["x size beyond the networks"] = with_constraint("image_size", "==", 512);
  documents["x measure on the wrong side"] = with_constraint("fid", ">=", 50);
  documents["x share above 1"] = with_constraint("recall", ">=", 10);
  documents["x no image"] = with({{"train_images", 0}});
  documents["x half an update"] = with({{"updates", 2.5}});
  documents["x device"] = with({{"device", "tpu"}});
  documents["x subjects"] = with({{"subjects", "faces"}});
  documents["x comparison of nothing"] = with({{"comparison", {{"kind", "loss"}, {"a", "hinge"}}}});
  documents["x kind of comparison"] =
      with({{"comparison", {{"kind", "size"}, {"a", "hinge"}, {"b", "minimax"}}}});
  documents["x question"] = with({{"question", {{"id", "size"}}}});
  documents["x question of nothing"] = with({{"question", Json::object()}});
  documents["x no names"] = with_constraint("candidate", "in", Json::array());
  const auto verdicts = test::schema_verdicts("selection/query/use_case.schema.json", documents);
  if (!verdicts) SKIP("python3 has no jsonschema package");
  REQUIRE(verdicts->size() == documents.size());
  std::size_t accepted = 0;
  for (const auto& [name, verdict] : *verdicts) {
    CAPTURE(name, verdict);
    CHECK((verdict == "valid") == (refusal(documents[name]) == "accepted"));
    accepted += verdict == "valid" ? 1 : 0;
  }
  CHECK(accepted == valid);
}

TEST_CASE("The schema file names the program's own criteria and constraints", "[fast][use_case]") {
  const auto file = std::filesystem::path(GANSELECT_TEST_DIR).parent_path() /
                    "selection/query/use_case.schema.json";
  const Json schema = read_json_file(file);
  const Json& weights = schema["properties"]["weights"]["properties"];
  CHECK(weights.size() == criterion_names().size());
  for (const auto& criterion : criterion_names()) CHECK(weights.contains(criterion.name));
  const Json& forms = schema["properties"]["constraints"]["items"]["oneOf"];
  CHECK(forms.size() == constraint_keys().size());
  for (const auto& form : forms) {
    const Json& properties = form["properties"];
    const auto& key = constraint_keys().at(properties["key"]["const"].get<std::string>());
    const Json ops = properties["op"].contains("enum") ? properties["op"]["enum"]
                                                       : Json::array({properties["op"]["const"]});
    CHECK(ops == Json(key.ops));
  }
}

}  // namespace
}  // namespace ganselect
