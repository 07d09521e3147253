#include "datasets/formats/image_folder.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

constexpr std::array<const char*, 4> kImageExtensions = {".png", ".jpg", ".jpeg", ".webp"};

bool is_image_name(const fs::path& path) {
  const auto extension = to_lower(path.extension().string());
  return std::find(kImageExtensions.begin(), kImageExtensions.end(), extension) !=
         kImageExtensions.end();
}

}  // namespace

std::vector<std::string> list_images(const fs::path& root, const std::string& where) {
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator at(root), end; at != end; ++at) {
    const auto& path = at->path();
    const bool hidden = path.filename().string().starts_with('.');
    if (hidden && at->is_directory()) at.disable_recursion_pending();
    if (!hidden && at->is_regular_file() && is_image_name(path)) {
      names.push_back(path.lexically_relative(root).generic_string());
    }
  }
  if (names.empty()) {
    fail(
        ErrorKind::kData,
        {.where = where, .expected = "images named *.png, *.jpg, *.jpeg or *.webp", .got = "none"});
  }
  std::sort(names.begin(), names.end());
  return names;
}

SubfolderLabels subfolder_labels(const std::vector<std::string>& names) {
  SubfolderLabels found;
  std::set<std::string> classes;
  int64_t without = 0;
  for (const auto& name : names) {
    const auto slash = name.find('/');
    if (slash == std::string::npos) {
      ++without;
    } else {
      classes.insert(name.substr(0, slash));
    }
  }
  found.mixed = without > 0 && !classes.empty();
  if (without > 0) return found;
  found.classes.assign(classes.begin(), classes.end());
  found.labels = torch::empty({static_cast<int64_t>(names.size())}, torch::kInt64);
  auto* label = found.labels.data_ptr<int64_t>();
  for (const auto& name : names)
    *label++ = std::distance(classes.begin(), classes.find(name.substr(0, name.find('/'))));
  return found;
}

std::string lossy_warning(int64_t lossy, int64_t images) {
  return "lossy_input: " + std::to_string(lossy) + " of " + std::to_string(images) +
         " images are JPEG or lossy WebP, which moves scores";
}

}  // namespace ganselect
