// What went wrong in a TorchScript module, in one line.
#pragma once

#include <exception>
#include <string>

namespace ganselect {

// The reason that LibTorch or its interpreter gives, without traces of their own or the module's.
std::string script_error_reason(const std::exception& error);

}  // namespace ganselect
