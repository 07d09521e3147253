#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include "base/files.h"
#include "base/torch/device.h"
#include "base/torch/generators.h"
#include "base/torch/safetensors.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace ganselect;
using test::contains;
using test::thrown_by;

TEST_CASE("tensors of every dtype and shape come back bit for bit", "[fast][safetensors]") {
  TensorFile file;
  file.tensors["f64"] = torch::tensor({1.0 / 3.0, -2.5, 1e300}, torch::kFloat64);
  file.tensors["f32"] = torch::arange(6, torch::kFloat32).reshape({1, 2, 3});
  file.tensors["bf16"] = torch::tensor({1.5, -3.0}).to(torch::kBFloat16);
  file.tensors["i64"] = torch::tensor({std::int64_t{1} << 40, std::int64_t{-7}});
  file.tensors["u8"] = torch::tensor({0, 255, 7}, torch::kUInt8);
  file.tensors["bool"] = torch::tensor({true, false});
  file.tensors["scalar"] = torch::tensor(4.25);
  file.tensors["empty"] = torch::empty({0, 3});
  file.tensors["channels_last"] = torch::arange(24, torch::kFloat32)
                                      .reshape({1, 2, 3, 4})
                                      .contiguous(torch::MemoryFormat::ChannelsLast);
  file.metadata["format"] = "a \"quoted\" text";
  const test::TempDir dir;
  save_safetensors(dir / "x.safetensors", file);
  const TensorFile read = load_safetensors(dir / "x.safetensors");
  CHECK(read.metadata == file.metadata);
  REQUIRE(read.tensors.size() == file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    INFO(name);
    CHECK(read.tensors.at(name).scalar_type() == tensor.scalar_type());
    CHECK(torch::equal(read.tensors.at(name), tensor));
  }
  CHECK(to_safetensors(read) == to_safetensors(file));
}

TEST_CASE("the bytes are those of the format's definition", "[fast][safetensors]") {
  const std::string bytes =
      to_safetensors({.tensors = {{"a", torch::tensor({1, 2}, torch::kUInt8)}}, .metadata = {}});
  const std::string header = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  REQUIRE(bytes.size() == 8 + padded + 2);
  CHECK(static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) == padded);
  CHECK(bytes.substr(8, header.size()) == header);
  CHECK(bytes[8 + padded] == 1);
  CHECK(bytes[8 + padded + 1] == 2);
}

TEST_CASE("a truncated or damaged file is refused with the reason", "[fast][safetensors]") {
  const std::string bytes = to_safetensors({.tensors = {{"a", torch::ones({4})}}, .metadata = {}});
  for (const std::size_t keep :
       {std::size_t{0}, std::size_t{5}, std::size_t{20}, bytes.size() - 1}) {
    INFO("kept " << keep << " bytes");
    const auto thrown = thrown_by(
        [&] { from_safetensors(std::string_view(bytes).substr(0, keep), "w.safetensors"); });
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK(contains(thrown.message, "expected a whole safetensors file"));
  }
}

TEST_CASE("headers that only damage makes are refused, not believed", "[fast][safetensors]") {
  const auto refusal = [](const std::string& entry, const std::string& data) {
    const std::string header = "{\"a\":" + entry + "}";
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size());
    return thrown_by([&] { from_safetensors(bytes + header + data, "w.safetensors"); });
  };
  const std::string whole = R"({"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
  CHECK(refusal(whole, "xy").message.empty());
  // Shapes beyond any memory, hidden behind a 0 or not; sizes that are no whole numbers.
  for (const char* entry :
       {R"({"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,2]})",
        R"({"dtype":"F64","shape":[1000000000000],"data_offsets":[0,2]})",
        R"({"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]})",
        R"({"dtype":"U8","shape":[-1],"data_offsets":[0,2]})",
        R"({"dtype":"U8","shape":[2],"data_offsets":[0,1e300]})",
        R"({"dtype":"U8","shape":[0,9223372036854775808],"data_offsets":[0,0]})",
        R"({"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[0,0]})",
        R"({"dtype":"U8","shape":[2],"data_offsets":[1,3]})",
        R"({"dtype":"U8","shape":{"n":2},"data_offsets":[0,18446744073709551615]})",
        R"({"dtype":"BOOL","shape":[2],"data_offsets":[0,2]})"}) {
    INFO(entry);
    const auto thrown = refusal(entry, "xy");
    CHECK(thrown.kind == ErrorKind::kData);
    CHECK(contains(thrown.message, "a whole safetensors file"));
  }
}

TEST_CASE("a named stream repeats, and its state can be saved and set", "[fast][generators]") {
  auto first = make_stream(3, "latent");
  auto second = make_stream(3, "latent");
  auto other = make_stream(3, "data");
  const auto a = torch::randn({5}, first);
  CHECK(torch::equal(a, torch::randn({5}, second)));
  CHECK_FALSE(torch::equal(a, torch::randn({5}, other)));
  // An odd count leaves half a pair of normal numbers inside the generator: the state must hold
  // that too.
  const auto state = generator_state(first);
  const auto next = torch::randn({7}, first);
  auto resumed = make_generator(0);
  set_generator_state(resumed, state);
  CHECK(torch::equal(next, torch::randn({7}, resumed)));
}

TEST_CASE("device names are checked", "[fast][device]") {
  CHECK(parse_device("cpu").is_cpu());
  const auto thrown = thrown_by([] { parse_device("gpu"); });
  CHECK(thrown.message == "[device] expected auto, cpu, cuda or cuda:N, got 'gpu'");
  if (!load_cuda().empty()) {
    const auto no_gpu = thrown_by([] { parse_device("cuda"); });
    CHECK(no_gpu.kind == ErrorKind::kFailed);
    CHECK(contains(no_gpu.message, "use --device cpu"));
  }
}
