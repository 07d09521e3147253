// Independent pieces of work over the machine's cores.
#pragma once

#include <cstddef>
#include <functional>

namespace ganselect {

// Calls body(0) .. body(count - 1), each once, in no order, by at most as many threads as the
// process may use processors (base/processors.h); few calls stay on this thread. Returns when all
// are done, and throws the exception of the lowest index that threw.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace ganselect
