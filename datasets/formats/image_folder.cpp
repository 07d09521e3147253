#include "datasets/formats/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "datasets/formats/image_io.h"

namespace ganselect {
namespace fs = std::filesystem;
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// The run of digits at `at`, without leading zeros; moves `at` behind it.
std::string digits_at(const std::string& text, std::size_t& at) {
  const auto begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  const auto run = text.substr(begin, at - begin);
  const auto significant = run.find_first_not_of('0');
  return significant == std::string::npos ? "0" : run.substr(significant);
}

class FolderWalk {
 public:
  FolderWalk(fs::path root, std::string where) : root_(std::move(root)), where_(std::move(where)) {}

  FolderListing walk() {
    descend(root_, "");
    if (listing_.names.empty()) {
      fail(ErrorKind::kData, {.where = where_,
                              .expected = "images: " + image_formats_text() + " files",
                              .got = none_text()});
    }
    return std::move(listing_);
  }

 private:
  std::string none_text() const {
    const auto skipped = skipped_warning(listing_);
    return skipped.empty() ? "none" : "none (" + skipped.substr(skipped.find(": ") + 2) + ")";
  }

  [[noreturn]] void refuse(const std::string& name, const std::string& expected,
                           const std::string& got) const {
    fail(ErrorKind::kData, {.where = (root_ / name).string(), .expected = expected, .got = got});
  }

  void descend(const fs::path& folder, const std::string& prefix) {
    std::error_code error;
    const auto real = fs::canonical(folder, error);
    if (error) refuse(prefix, "a folder that can be read", error.message());
    if (std::find(above_.begin(), above_.end(), real) != above_.end())
      refuse(prefix, "folders without a circle of links", "a link to a folder above it");
    if (!seen_.insert(real).second) {
      ++listing_.repeated;
      return;
    }
    above_.push_back(real);
    std::vector<std::string> names;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      names.push_back(at->path().filename().string());
    if (error) refuse(prefix, "a folder that can be read", error.message());
    std::sort(names.begin(), names.end(), natural_less);
    for (const auto& name : names)
      visit(folder / name, prefix.empty() ? name : prefix + "/" + name);
    above_.pop_back();
  }

  void visit(const fs::path& path, const std::string& name) {
    if (path.filename().string().starts_with('.')) {
      ++listing_.hidden;
      return;
    }
    std::error_code error;
    const auto status = fs::status(path, error);
    const bool image = has_image_ending(path);
    if (fs::is_directory(status)) return descend(path, name);
    if (!image) {
      ++listing_.others[to_lower(path.extension().string())];
      return;
    }
    if (error || !fs::exists(status)) refuse(name, "an image", "a link that leads nowhere");
    if (!fs::is_regular_file(status)) refuse(name, "an image", "no regular file");
    listing_.names.push_back(name);
  }

  fs::path root_;
  std::string where_;
  FolderListing listing_;
  std::vector<fs::path> above_;
  std::set<fs::path> seen_;
};

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const auto x = digits_at(a, i), y = digits_at(b, j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i;
      ++j;
    }
  }
  const bool a_ends = i == a.size(), b_ends = j == b.size();
  return a_ends && b_ends ? a < b : a_ends;  // "01" and "1" still have an order
}

FolderListing list_images(const fs::path& root, const std::string& where) {
  return FolderWalk(root, where).walk();
}

SubfolderLabels subfolder_labels(const std::vector<std::string>& names) {
  SubfolderLabels found;
  std::set<std::string, decltype(&natural_less)> classes(&natural_less);
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
  std::map<std::string, int64_t> numbers;
  for (const auto& name : classes) {
    numbers.emplace(name, static_cast<int64_t>(numbers.size()));
    found.classes.push_back(utf8_text(name));
  }
  found.labels = torch::empty({static_cast<int64_t>(names.size())}, torch::kInt64);
  auto* label = found.labels.data_ptr<int64_t>();
  for (const auto& name : names) *label++ = numbers.at(name.substr(0, name.find('/')));
  return found;
}

std::string skipped_warning(const FolderListing& listing) {
  std::vector<std::string> parts;
  int64_t others = 0;
  for (const auto& [ending, count] : listing.others) {
    parts.push_back(fmt::format("{} {}", count, ending.empty() ? "without an ending" : ending));
    others += count;
  }
  if (others > 0)
    parts = {fmt::format("{} that {} no images by the name ({})", others,
                         others == 1 ? "is" : "are", join(parts))};
  if (listing.hidden > 0) parts.push_back(fmt::format("{} hidden", listing.hidden));
  if (listing.repeated > 0) parts.push_back(fmt::format("{} linked again", listing.repeated));
  return parts.empty() ? "" : "skipped_files: left out " + join(parts);
}

}  // namespace ganselect
