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

// The same text where it is UTF-8; else every byte that is none written as "\\xE9". Names of files
// may be any bytes, JSON and terminals take text.
std::string utf8_text(std::string_view bytes);

// Characters, not bytes, of UTF-8: what a terminal shows of it.
std::size_t printed_width(std::string_view text);

// Words of `text`, parted by blanks, in lines of at most `width` characters: the first after
// `first` blanks, the others after `indent`. Ends with a newline.
std::string wrapped(std::string_view text, std::size_t width, std::size_t first,
                    std::size_t indent);

// Rows of as many cells each as columns as wide as their widest cell, two blanks apart; the first
// `left` columns are left-aligned, the others right.
using TextRows = std::vector<std::vector<std::string>>;
std::string aligned_rows(const TextRows& rows, std::size_t left);

// 1536 -> "1.5 KiB"
std::string human_bytes(double bytes);

// 75 -> "1 min 15 s"; 0.42 -> "0.4 s"
std::string human_seconds(double seconds);

}  // namespace ganselect
