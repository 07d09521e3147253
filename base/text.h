// Small text helpers that messages and files share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ganselect {

// Number of insertions, deletions, replacements and swaps of neighbours that turn a into b
// (Levenshtein 1966 with Damerau's swaps, no part edited twice).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The name nearest to `word` by edit distance, if it is near enough to be a likely slip (at most a
// third of its length, at least 1); ties go to the earlier name.
std::optional<std::string> nearest_name(std::string_view word, std::span<const std::string> names);

// "a, b, c"
std::string join(std::span<const std::string> parts, std::string_view separator = ", ");

// One field of a CSV file as RFC 4180 wants it: quoted when it holds a comma, a quote or a line
// break.
std::string csv_field(std::string_view text);

// The shortest decimal form that reads back to the same double ("0.1", "1e-08").
std::string shortest(double value);

std::string to_lower(std::string_view text);

// 1536 -> "1.5 KiB"
std::string human_bytes(double bytes);

// 75 -> "1 min 15 s"; 0.42 -> "0.4 s"
std::string human_seconds(double seconds);

}  // namespace ganselect
