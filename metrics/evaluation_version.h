// The version of what measuring computes. Values of different versions are never pooled.
// Bumped by hand whenever a measure of the same samples, data and settings would be another number;
// tests/metrics/evaluation_version_test.cpp holds it to a golden. A mended message bumps nothing.
#pragma once

namespace ganselect {

inline constexpr int kEvaluationVersion = 1;

}  // namespace ganselect
