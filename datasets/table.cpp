#include "datasets/table.h"

#include <tuple>

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

namespace {

const DatasetSpec& set_of_path(const std::string& name, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return dataset_table().at("folder");
  const auto ending = to_lower(std::filesystem::path(path).extension().string());
  const bool array = ending == ".npz" || ending == ".npy";
  if (array && std::filesystem::exists(path, ignored)) return dataset_table().at("npz");
  if (array || path.find('/') != std::string::npos) {
    fail(ErrorKind::kData,
         {.where = "data set " + name,
          .expected = "a folder of images, an .npz or an .npy file, or a name: " +
                      join(dataset_table().names()),
          .got = std::filesystem::exists(path, ignored) ? "another file"
                                                        : "a path that leads nowhere"});
  }
  return dataset_table().at(path);  // names the valid ones
}

}  // namespace

DatasetReference parse_dataset_name(const std::string& name) {
  const auto colon = name.find(':');
  const auto* spec = dataset_table().find(name.substr(0, colon));
  DatasetReference reference;
  if (spec == nullptr) {
    std::tie(reference.argument, reference.reading) = split_reading(name);
    reference.spec = &set_of_path(name, reference.argument);
    return reference;
  }
  reference.spec = spec;
  if (colon != std::string::npos)
    std::tie(reference.argument, reference.reading) = split_reading(name.substr(colon + 1));
  if (spec->argument.empty() && colon != std::string::npos) {
    fail(ErrorKind::kUsage,
         {.where = "data set", .expected = "'" + spec->name + "' alone", .got = "'" + name + "'"});
  }
  if (!spec->argument.empty() && reference.argument.empty()) {
    fail(ErrorKind::kUsage, {.where = "data set",
                             .expected = spec->name + ":" + spec->argument,
                             .got = "'" + name + "'"});
  }
  return reference;
}

std::string dataset_name(const DatasetReference& reference) {
  const auto& spec = *reference.spec;
  const auto settings = reading_text(reference.reading);
  return spec.name + (spec.argument.empty() ? "" : ":" + reference.argument) +
         (settings.empty() ? "" : "@" + settings);
}

std::string dataset_name(const std::string& name, const ImageReading& further) {
  auto reference = parse_dataset_name(name);
  Json settings = settings_to_json(reference.reading);
  for (const auto& key : changed_settings(further))
    settings[key] = settings_to_json(further).at(key);
  reference.reading = settings_from_json<ImageReading>(settings, "data set " + name);
  return dataset_name(reference);
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
