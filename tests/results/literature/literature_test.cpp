#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"
#include "results/literature/arm_components.h"
#include "results/literature/study.h"
#include "results/literature/study_text.h"
#include "tests/fuzz_answers/study_target.h"
#include "tests/support/errors.h"
#include "tests/support/json_schema.h"
#include "tests/support/mutate.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::thrown_by;

namespace {

constexpr const char* kSchema = "results/literature/study.schema.json";

std::filesystem::path shipped_folder() {
  return std::filesystem::path(GANSELECT_TEST_DIR).parent_path() / "results/literature/studies";
}

const std::vector<Study>& shipped() {
  static const std::vector<Study> studies = load_studies(shipped_folder());
  return studies;
}

Json small_study() { return parse_json(fuzz::study_seeds().front(), "seed"); }

const Arm& arm_of(const std::string& id, const std::string& as_named) {
  for (const auto& arm : find_study(shipped(), id).arms) {
    if (arm.as_named == as_named) return arm;
  }
  FAIL("no arm " << as_named << " in " << id);
  throw std::logic_error("not reached");
}

struct BadStudy {
  std::string name;
  std::function<void(Json&)> spoil;
  std::vector<std::string> said;  // parts of the message
};

Json& first_arm(Json& study) { return study["arms"][0]; }
Json& first_modes(Json& study) { return study["arms"][0]["measures"]["modes"]; }

// Faults that the reader and the schema must both see.
const std::vector<BadStudy>& bad_studies() {
  static const std::vector<BadStudy> rows = {
      {"unknown key", [](Json& j) { j["licence"] = "MIT"; }, {"'licence'", "citation, where_read"}},
      {"slip of a key", [](Json& j) { j["citaton"] = "A"; }, {"did you mean 'citation'?"}},
      {"unknown key of an arm",
       [](Json& j) { first_arm(j)["lose"] = "hinge"; },
       {"arms[0]", "'lose'", "did you mean 'loss'?"}},
      {"unknown key of the protocol",
       [](Json& j) { j["protocol"]["n_reel"] = 5; },
       {"protocol", "did you mean 'n_real'?"}},
      {"unknown key of seeds", [](Json& j) { j["seeds"]["m"] = 1; }, {"seeds", "'m'", "n, spread"}},
      {"unknown key of a value",
       [](Json& j) { first_modes(j)["sdd"] = 1; },
       {"arms[0].measures.modes", "did you mean 'sd'?"}},
      {"no version", [](Json& j) { j.erase("schema_version"); }, {"schema_version"}},
      {"newer version", [](Json& j) { j["schema_version"] = 2; }, {"schema_version", "2"}},
      {"no id", [](Json& j) { j.erase("id"); }, {"id"}},
      {"id with a slash", [](Json& j) { j["id"] = "a/b"; }, {"id", "'a/b'"}},
      {"empty citation", [](Json& j) { j["citation"] = ""; }, {"citation"}},
      {"no citation", [](Json& j) { j.erase("citation"); }, {"citation"}},
      {"unknown way of reading",
       [](Json& j) { j["read_as"] = "table"; },
       {"read_as", "text, picture, quoted", "'table'"}},
      {"unknown kind of data", [](Json& j) { j["data"] = "sound"; }, {"data", "images, points"}},
      {"resolution of points", [](Json& j) { j["resolution"] = 32; }, {"resolution", "32"}},
      {"resolution as text", [](Json& j) { j["resolution"] = "32x32"; }, {"resolution"}},
      {"no resolution", [](Json& j) { j.erase("resolution"); }, {"resolution"}},
      {"no training images at all", [](Json& j) { j["train_images"] = 0; }, {"train_images"}},
      {"labels as flag", [](Json& j) { j["labels"] = false; }, {"labels"}},
      {"batch as fraction", [](Json& j) { j["batch"] = 6.5; }, {"batch", "6.5"}},
      {"empty updates", [](Json& j) { j["updates"] = ""; }, {"updates"}},
      {"no real samples", [](Json& j) { j["protocol"]["n_real"] = 0; }, {"protocol.n_real"}},
      {"no spread", [](Json& j) { j["seeds"].erase("spread"); }, {"seeds.spread"}},
      {"unknown reliability",
       [](Json& j) { j["reliability"] = "good"; },
       {"reliability", "high, medium, low"}},
      {"rerun of nothing",
       [](Json& j) { j["overlaps_with"] = Json::array(); },
       {"overlaps_with", "independent"}},
      {"overlap twice",
       [](Json& j) {
         j["overlaps_with"] = {"b", "b"};
       },
       {"overlaps_with", "'b' twice"}},
      {"notes as null", [](Json& j) { j["notes"] = nullptr; }, {"notes"}},
      {"no arm", [](Json& j) { j["arms"] = Json::array(); }, {"arms", "at least one arm"}},
      {"arm as text", [](Json& j) { j["arms"][1] = "X"; }, {"arms[1]"}},
      {"unknown match", [](Json& j) { first_arm(j)["match"] = "-"; }, {"match", "outside", "'-'"}},
      {"loss left out", [](Json& j) { first_arm(j).erase("loss"); }, {"arms[0].loss"}},
      {"regularization as text",
       [](Json& j) { first_arm(j)["regularization"] = "none"; },
       {"arms[0].regularization"}},
      {"augmentation as null",
       [](Json& j) { first_arm(j)["augmentation"] = nullptr; },
       {"arms[0].augmentation"}},
      {"conditional as text",
       [](Json& j) { first_arm(j)["conditional"] = "yes"; },
       {"arms[0].conditional"}},
      {"no measures and no note",
       [](Json& j) { j["arms"][1].erase("note"); },
       {"arms[1].measures", "diverged", "'note'"}},
      {"empty note", [](Json& j) { j["arms"][1]["note"] = ""; }, {"arms[1].note"}},
      {"unknown measure",
       [](Json& j) {
         first_arm(j)["measures"]["fidd"] = {{"mean", 3.5}};
       },
       {"'fidd'", "did you mean 'fid'?", "fid, fid_best"}},
      {"measure as number",
       [](Json& j) { first_arm(j)["measures"]["fid"] = 3.5; },
       {"arms[0].measures.fid"}},
      {"measure without a mean",
       [](Json& j) {
         first_arm(j)["measures"]["fid"] = {{"sd", 3.5}};
       },
       {"measures.fid.mean"}},
      {"mean as text",
       [](Json& j) {
         first_arm(j)["measures"]["fid"] = {{"mean", "3.5"}};
       },
       {"measures.fid.mean"}},
      {"negative FID",
       [](Json& j) {
         first_arm(j)["measures"]["fid"] = {{"mean", -0.5}};
       },
       {"measures.fid.mean", "at least 0", "-0.5"}},
      {"inception score below 1",
       [](Json& j) {
         first_arm(j)["measures"]["is"] = {{"mean", 0.5}};
       },
       {"measures.is.mean", "at least 1"}},
      {"recall above 1",
       [](Json& j) {
         first_arm(j)["measures"]["recall"] = {{"mean", 1.25}};
       },
       {"measures.recall.mean", "from 0 to 1", "1.25"}},
      {"negative precision",
       [](Json& j) {
         first_arm(j)["measures"]["precision"] = {{"mean", -0.25}};
       },
       {"measures.precision.mean", "from 0 to 1"}},
      {"more than all of them",
       [](Json& j) {
         first_arm(j)["measures"]["high_quality_pct"] = {{"mean", 100.5}};
       },
       {"high_quality_pct.mean", "from 0 to 100"}},
      {"negative spread", [](Json& j) { first_modes(j)["se"] = -0.5; }, {"measures.modes.se"}},
      {"spread as null", [](Json& j) { first_modes(j)["sd"] = nullptr; }, {"measures.modes.sd"}},
  };
  return rows;
}

// Faults of which a schema cannot speak.
const std::vector<BadStudy>& bad_beyond_study_schema() {
  static const std::vector<BadStudy> rows = {
      {"more modes than there are",
       [](Json& j) { first_modes(j)["mean"] = 8.5; },
       {"measures.modes.mean", "from 0 to 8", "8.5"}},
      {"modes of data that has none", [](Json& j) { j["modes"] = nullptr; }, {"measures.modes"}},
      {"two arms of one name",
       [](Json& j) {
         j["arms"][1]["candidate"] = "wgan-gp";
         j["arms"][1]["as_named"] = "WGAN-GP";
       },
       {"arms[1].as_named", "'WGAN-GP' twice"}},
      {"labels that the arms contradict",
       [](Json& j) { j["labels"] = "no"; },
       {"labels", "'mixed'", "'no'"}},
  };
  return rows;
}

template <class F>
std::map<std::string, int> counted(F&& words_of) {
  std::map<std::string, int> counts;
  for (const auto& study : shipped()) {
    for (const auto& arm : study.arms) {
      for (const std::string& word : words_of(arm)) ++counts[word];
    }
  }
  return counts;
}

void write_study(const test::TempDir& dir, const std::string& file, const std::string& id,
                 const std::vector<std::string>& overlaps) {
  Json json = small_study();
  json["id"] = id;
  json["independent"] = overlaps.empty();
  json["overlaps_with"] = overlaps;
  write_file_atomically(dir / file, json.dump());
}

}  // namespace

TEST_CASE("the shipped studies are read and are the same after writing", "[fast][literature]") {
  REQUIRE(shipped().size() == 124);
  std::size_t arms = 0;
  std::set<std::string> groups;
  for (const auto& study : shipped()) {
    INFO(study.id);
    arms += study.arms.size();
    groups.insert(study.group);
    const std::string text = read_file(shipped_folder() / (study.id + ".json"));
    CHECK(nlohmann::json::parse(text) == nlohmann::json::parse(to_json(study).dump()));
  }
  CHECK(arms == 690);
  CHECK(groups.size() == 27);
  CHECK(std::is_sorted(shipped().begin(), shipped().end(),
                       [](const Study& a, const Study& b) { return a.id < b.id; }));
}

TEST_CASE("the schema finds the shipped studies valid", "[fast][literature]") {
  Json documents = Json::object();
  for (const auto& study : shipped())
    documents[study.id] = read_json_file(shipped_folder() / (study.id + ".json"));
  const auto verdicts = test::schema_verdicts(kSchema, documents);
  if (!verdicts) SKIP("python3 with jsonschema is not here");
  REQUIRE(verdicts->size() == shipped().size());
  for (const auto& [id, verdict] : *verdicts) CHECK(id + " " + verdict == id + " valid");
}

TEST_CASE("a damaged study is refused by name", "[fast][literature]") {
  REQUIRE_NOTHROW(parse_study(small_study(), "a.json"));
  for (const auto* rows : {&bad_studies(), &bad_beyond_study_schema()}) {
    for (const auto& bad : *rows) {
      INFO(bad.name);
      Json json = small_study();
      bad.spoil(json);
      const auto thrown = thrown_by([&] { parse_study(json, "a.json"); });
      CHECK(thrown.kind == ErrorKind::kData);
      CHECK(thrown.message.rfind("[a.json", 0) == 0);
      for (const auto& part : bad.said) {
        INFO(thrown.message << " should hold " << part);
        CHECK(contains(thrown.message, part));
      }
    }
  }
}

TEST_CASE("schema and reader agree on what a study is", "[fast][literature]") {
  Json documents = {{"good", small_study()}};
  for (const auto& bad : bad_studies()) bad.spoil(documents[bad.name] = small_study());
  for (const auto& bad : bad_beyond_study_schema())
    bad.spoil(documents["beyond: " + bad.name] = small_study());
  const auto verdicts = test::schema_verdicts(kSchema, documents);
  if (!verdicts) SKIP("python3 with jsonschema is not here");
  CHECK(verdicts->at("good") == "valid");
  for (const auto& bad : bad_studies()) {
    INFO(bad.name);
    CHECK(verdicts->at(bad.name) != "valid");
  }
  for (const auto& bad : bad_beyond_study_schema()) {
    INFO(bad.name);
    CHECK(verdicts->at("beyond: " + bad.name) == "valid");
  }
}

TEST_CASE("a folder of studies is refused where its names do not fit", "[fast][literature]") {
  const test::TempDir dir;
  auto message = [&] { return thrown_by([&] { load_studies(dir.path()); }).message; };
  CHECK(contains(thrown_by([&] { load_studies(dir / "missing"); }).message, "missing"));
  CHECK(contains(message(), "studies (*.json)"));
  write_study(dir, "b.json", "b", {});
  write_study(dir, "a.json", "a", {"b"});
  CHECK(load_studies(dir.path()).front().id == "a");
  write_study(dir, "copy.json", "b", {});  // a second study of that id
  CHECK(contains(message(), "copy.json: id"));
  CHECK(contains(message(), "'copy', the file's name"));
  std::filesystem::remove(dir / "copy.json");
  write_study(dir, "a.json", "a", {"bb"});
  CHECK(contains(message(), "'bb'; did you mean 'b'?"));
  write_study(dir, "a.json", "a", {"a"});
  CHECK(contains(message(), "the id of another study"));
  write_file_atomically(dir / "a.json", "{");
  CHECK(contains(message(), "a.json"));
}

TEST_CASE("damaged bytes are refused or read into a valid study", "[fast][literature]") {
  std::mt19937 random(7);
  std::vector<std::string> whole = fuzz::study_seeds();
  whole.push_back(read_file(shipped_folder() / "pacgan-2018-2d-ring.json"));
  for (int i = 0; i < 4000; ++i) fuzz::read_study(test::mutate(whole[i % 2], random));
  SUCCEED("nothing broke");
}

// Recipe of the counts: python3 over the files' own words, without this program, as in
//   for f in studies/*.json: for a in arms: count[a["match"]] += 1
// and for architectures the sums 107 + 29 + 4 (dcgan, -64, -256), 28 + 9 (infogan, -like CNN),
// 128 + 9 (resnet, 19), 2 + 5 (stylegan3-r, -t).
TEST_CASE("the arms are mapped as counted by hand", "[fast][literature]") {
  CHECK(
      counted([](const Arm& arm) { return std::vector{std::string(match_name(arm.match))}; }) ==
      std::map<std::string, int>{{"exact", 133}, {"close", 147}, {"loose", 104}, {"outside", 306}});
  const auto families =
      counted([](const Arm& arm) { return std::vector{arm_components(arm).architecture}; });
  CHECK(families.at("dcgan") == 140);
  CHECK(families.at("infogan") == 37);
  CHECK(families.at("resnet") == 137);
  CHECK(families.at("stylegan3") == 7);
  CHECK(families.at("sngan-cnn") == 142);
  CHECK(families.at(kNotStated) == 3);
  const auto candidates = counted([](const Arm& arm) {
    const auto name = arm_components(arm).candidate;
    return name.empty() ? std::vector<std::string>{} : std::vector{name};
  });
  CHECK(candidates.at("sngan-resnet") == 19);
  CHECK(candidates.at("wgan-gp") == 20);
  CHECK_FALSE(candidates.contains("stylegan2"));  // outside of the vocabulary
}

TEST_CASE("an arm is mapped by its settings, not by its name", "[fast][literature]") {
  const auto sngan = arm_components(arm_of("mimicry-cifar-10-32", "SNGAN"));
  CHECK(sngan.point == "resnet/hinge/spectral-norm");
  CHECK(sngan.candidate == "sngan-resnet");
  CHECK(sngan.outside.empty());
  // Called SNGAN, told labels.
  CHECK(arm_components(arm_of("studiogan-2022-cifar10", "SNGAN")).point ==
        "resnet+projection/hinge/spectral-norm");
  // A gradient penalty over batch norm is no point, and its name no candidate.
  const auto wgan_gp = arm_components(arm_of("studiogan-2022-cifar10", "WGAN-GP"));
  CHECK(wgan_gp.point.empty());
  CHECK(wgan_gp.candidate.empty());
  CHECK(wgan_gp.match == ArmMatch::kLoose);
  CHECK(wgan_gp.outside ==
        std::vector<std::string>{"batch norm in the critic under gradient-penalty"});
  // No norm in the critic of dcgan, whose own has batch norm.
  CHECK(arm_components(arm_of("tang-2019-cifar10-dcgan32", "RGAN, D norm none")).point ==
        "dcgan/relativistic/no-batch-norm-d");
  CHECK(arm_components(arm_of("tang-2019-cifar10-dcgan32", "RGAN, D norm BN")).point ==
        "dcgan/relativistic");
  CHECK(arm_components(arm_of("brgan-cifar-10", "WGAN (no Lipschitz constraint)")).outside ==
        std::vector<std::string>{"no bound on the critic of loss wasserstein"});
  // A critic without batch norm by itself has none to be taken away.
  Arm bare{.candidate = "x", .as_named = "X", .architecture = "dcgan", .loss = "hinge"};
  bare.d_norm = "none";
  bare.regularization = {"spectral-norm"};
  CHECK(arm_components(bare).point == "dcgan/hinge/spectral-norm");
  bare.architecture = "resnet";
  bare.regularization = {"r1"};
  CHECK(arm_components(bare).point == "resnet/hinge/r1");
  // What PacGAN adds is in the settings.
  const auto pac = arm_components(arm_of("pacgan-2018-2d-ring", "PacGAN3"));
  CHECK(pac.regularization == std::vector<std::string>{"pack3"});
}

TEST_CASE("what an arm does not state stays open", "[fast][literature]") {
  Arm arm{.candidate = "x", .as_named = "X", .architecture = "dcgan", .loss = "hinge"};
  arm.d_norm = "batch-norm";
  CHECK(arm_components(arm).regularization == std::vector<std::string>{kNotStated});
  CHECK(arm_components(arm).point.empty());
  CHECK(arm_components(arm).outside.empty());
  arm.regularization = std::vector<std::string>{};
  CHECK(arm_components(arm).point == "dcgan/hinge");
  arm.augmentation = {"diffaugment"};
  CHECK(arm_components(arm).point == "dcgan/hinge/diffaugment");
  arm.augmentation = {"ada"};
  CHECK(arm_components(arm).outside == std::vector<std::string>{"augmentation ada"});
  arm = {.candidate = "y", .as_named = "Y", .architecture = "resnet", .loss = "wgan-div"};
  arm.regularization = {"spectral-norm", "gradient-penalty", "rotation"};
  arm.d_norm = "layer-norm";
  CHECK(arm_components(arm).loss == "wgan-div");
  CHECK(arm_components(arm).outside == std::vector<std::string>{"loss wgan-div",
                                                                "regularization rotation",
                                                                "critic's norm layer-norm"});
}

TEST_CASE("every measure of a study has a home, and its namesake is measured here",
          "[fast][literature]") {
  std::set<std::string> used;
  for (const auto& study : shipped()) {
    for (const auto& arm : study.arms) {
      for (const auto& [name, value] : arm.measures) used.insert(name);
    }
  }
  for (const auto& measure : literature_measures()) {
    INFO(measure.name);
    CHECK(used.contains(measure.name));
    if (!measure.ours.empty()) CHECK(find_metric_spec(measure.ours) != nullptr);
  }
}

TEST_CASE("studies are printed in 80 columns with their citations", "[fast][literature]") {
  std::vector<std::string> texts = {studies_to_text(shipped())};
  for (const auto& study : shipped()) texts.push_back(study_to_text(study));
  for (const auto& text : texts) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const bool one_word = line.find(' ', line.find_first_not_of(' ')) == std::string::npos;
      if (!one_word && line.size() > 80) FAIL_CHECK(line);
    }
  }
  CHECK(contains(texts[0], "Srivastava, Valkov, Russell, Gutmann, Sutton 2017, \"VEEGAN\""));
  CHECK(contains(texts[0], "124 studies of 27 sources, 690 arms"));
  const auto& ring = find_study(shipped(), "pacgan-2018-2d-ring");
  const std::string text = study_to_text(ring);
  CHECK(contains(text, "Lin, Khetan, Fanti, Oh 2018"));
  CHECK(contains(text, "6.3 +-0.5 se"));
  CHECK(study_to_json(ring)["arms"][2]["components"]["regularization"][0] == "pack2");
}

TEST_CASE("studies are chosen by data set and measure", "[fast][literature]") {
  CHECK(filter_studies(shipped(), {}).size() == 124);
  const auto cifar = filter_studies(shipped(), {.dataset = "cifar10"});
  CHECK(cifar.size() == 45);  // python3: dataset == "CIFAR-10"
  CHECK(filter_studies(shipped(), {.dataset = "Cifar-10", .measure = "kid"}).size() < cifar.size());
  const auto slip = thrown_by([] { filter_studies(shipped(), {.dataset = "celebb"}); });
  CHECK(slip.kind == ErrorKind::kUsage);
  CHECK(contains(slip.message, "did you mean 'CelebA'?"));
  CHECK(contains(thrown_by([] { filter_studies(shipped(), {.measure = "fidd"}); }).message,
                 "did you mean 'fid'?"));
  CHECK(thrown_by([] {
          filter_studies(shipped(), {.dataset = "2-D ring", .measure = "kid"});
        }).kind == ErrorKind::kData);
}

TEST_CASE("an unknown study is answered with near ones", "[fast][literature]") {
  const auto message = [](const std::string& id) {
    return thrown_by([&] { find_study(shipped(), id); }).message;
  };
  CHECK(contains(message("mimicry-celeba-46"), "did you mean mimicry-celeba-64"));
  CHECK(contains(message("metz"), "metz-2017-cifar10-ivom or metz-2017-stacked"));
  CHECK(contains(message("zzzzzzzz"), "ganselect literature list"));
}
