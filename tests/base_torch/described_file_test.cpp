#include "base/torch/described_file.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"

namespace ganselect {
namespace {

const FileFormat kFormat{"ganselect-thing", "2", "make it with ganselect thing build"};

TensorFile thing() {
  TensorFile file{.tensors = {{"labels", torch::tensor({0, 2, 1}, torch::kInt64)}},
                  .metadata = format_metadata(kFormat)};
  file.metadata.insert({{"seed", "18446744073709551615"}, {"facts", R"({"a": 1})"}, {"k", "7 "}});
  return file;
}

template <class Act>
std::string refusal(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    return error.what();
  }
  return "none";
}

TEST_CASE("a file that describes itself is read by name and type", "[fast][safetensors]") {
  const DescribedFile file(from_safetensors(to_safetensors(thing()), "x"), kFormat, "x");
  CHECK(file.number("seed") == 18446744073709551615ULL);
  CHECK(file.json("facts").at("a") == 1);
  CHECK(file.entry("k") == "7 ");
  CHECK(torch::equal(file.tensor("labels", torch::kInt64, 1), thing().tensors.at("labels")));
}

TEST_CASE("what a described file lacks is named with how to make it", "[fast][safetensors]") {
  const DescribedFile file(thing(), kFormat, "x");
  CHECK(refusal([&] { file.entry("detector"); }) ==
        "[x] expected metadata 'detector', got none; make it with ganselect thing build");
  CHECK(refusal([&] {
          file.number("k");
        }).starts_with("[x metadata 'k'] expected a whole number from 0, got '7 '"));
  CHECK(refusal([&] { file.number("facts"); }).starts_with("[x metadata 'facts'] expected"));
  CHECK(refusal([&] { file.json("k"); }) == "none");
  CHECK(refusal([&] {
          file.tensor("labels", torch::kInt32, 1);
        }).starts_with("[x tensor 'labels'] expected Int of 1 dimensions, got Long [3]"));
  CHECK(refusal([&] {
          file.tensor("labels", torch::kInt64, 2);
        }).starts_with("[x tensor 'labels'] expected Long of 2 dimensions"));
  CHECK(refusal([&] {
          file.tensor("centres", torch::kFloat32, 2);
        }).starts_with("[x tensor 'centres'] expected Float of 2 dimensions, got none"));
  for (const auto& [key, value] :
       {std::pair("format", "other"), std::pair("format_version", "1")}) {
    auto other = thing();
    other.metadata[key] = value;
    CHECK(refusal([&] {
            DescribedFile(other, kFormat, "x");
          }).starts_with("[x] expected ganselect-thing version 2, got "));
    other.metadata.erase(key);
    CHECK(refusal([&] {
            DescribedFile(other, kFormat, "x");
          }).starts_with("[x] expected metadata '"));
  }
}

}  // namespace
}  // namespace ganselect
