#include "datasets/table.h"

#include "base/error.h"

namespace ganselect {

#define DATASET(id) DatasetSpec id##_dataset();
#include "datasets/datasets.inc"
#undef DATASET

const NamedTable<DatasetSpec>& dataset_table() {
#define DATASET(id) id##_dataset(),
  static const NamedTable<DatasetSpec> table("data set", {
#include "datasets/datasets.inc"
                                                         });
#undef DATASET
  return table;
}

DatasetReference parse_dataset_name(const std::string& name) {
  const auto colon = name.find(':');
  DatasetReference reference;
  reference.spec = &dataset_table().at(name.substr(0, colon));
  if (colon != std::string::npos) reference.argument = name.substr(colon + 1);
  const auto& spec = *reference.spec;
  if (spec.argument.empty() && colon != std::string::npos) {
    fail(ErrorKind::kUsage,
         {.where = "data set", .expected = "'" + spec.name + "' alone", .got = "'" + name + "'"});
  }
  if (!spec.argument.empty() && reference.argument.empty()) {
    fail(ErrorKind::kUsage, {.where = "data set",
                             .expected = spec.name + ":" + spec.argument,
                             .got = "'" + name + "'"});
  }
  return reference;
}

namespace {

FileCheck check_generated(const DatasetSpec& spec) {
  FileCheck check{.file = "first " + std::to_string(spec.check->count) + " generated samples",
                  .expected = spec.check->digest};
  check.got = load_dataset(spec.name, {.limit = spec.check->count}).digest;
  check.state = check.got == check.expected ? FileState::kRight : FileState::kWrongDigest;
  return check;
}

}  // namespace

FetchReport fetch_dataset(const std::string& name, const std::filesystem::path& data_dir,
                          const FetchSettings& settings, const FetchCallback& progress) {
  const auto& spec = *parse_dataset_name(name).spec;
  if (spec.downloads.empty()) {
    fail(ErrorKind::kUsage,
         {.where = "fetch " + spec.name,
          .expected = "a data set with official files",
          .got = spec.argument.empty() ? "one that is generated" : "files of your own",
          .hint = "nothing needs to be fetched for it"});
  }
  return fetch_files(spec, data_dir, settings, progress);
}

std::vector<FileCheck> verify_dataset(const std::string& name,
                                      const std::filesystem::path& data_dir) {
  const auto& spec = *parse_dataset_name(name).spec;
  if (spec.check) return {check_generated(spec)};
  const auto folder = find_dataset_folder(spec, data_dir);
  std::vector<FileCheck> checks;
  for (const auto& file : spec.files())
    checks.push_back(check_official_file(folder / file.name, file));
  for (const auto& part : spec.parts) {
    if (std::filesystem::exists(folder / part.name)) {
      checks.push_back(check_official_file(folder / part.name, part));
    }
  }
  return checks;
}

}  // namespace ganselect
