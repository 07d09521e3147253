#pragma once
// The version of what training computes. Trials of different versions are never pooled.
// Bumped by hand whenever a trial of the same settings, data and seed would end elsewhere (where
// only some points would, training_revision in models/candidates.h is);
// tests/harness/train/training_version_test.cpp holds it to a golden. A mended message bumps
// nothing.

namespace ganselect {

inline constexpr int kTrainingVersion = 1;

}  // namespace ganselect
