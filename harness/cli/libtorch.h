// Where an installed program finds LibTorch, which is not part of a package: one rule, and the
// command that fetches it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/cli/program.h"

namespace ganselect {

// The folder of ganselect-torch, ganselect_cuda.so and catalogue.json: the program's own, as in a
// build, or ../lib/ganselect of it, as installed.
std::filesystem::path companion_folder();

// The program that people start, seen from it or from ganselect-torch.
std::filesystem::path program_path();

// The folder of libtorch_cpu.so, of the version that this program was built with. In this order:
// GANSELECT_LIBTORCH, `libtorch` beside ganselect-torch, `ganselect/libtorch` in the user's data
// folder, and the torch of the python3 on the path. kFailed where GANSELECT_LIBTORCH leads to
// another version or to none, and where there is none at all.
std::filesystem::path find_libtorch();

// The environment variable that the loader reads, with `libraries` before what it holds.
std::string library_path_with(const std::filesystem::path& libraries);

// `setup-libtorch`: fetches the pinned wheels through pip where there is no LibTorch.
CommandAction attach_setup_libtorch(CLI::App& app, const GlobalFlags& flags);

}  // namespace ganselect
