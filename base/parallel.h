// Independent pieces of work over the machine's cores.
#pragma once

#include <cstddef>
#include <functional>

namespace ganselect {

// kLong: each call is worth a thread. Of short ones a thread takes several at once, and few of them
// stay on the caller's.
enum class Calls { kShort, kLong };

// Calls body(0) .. body(count - 1), each once, in no order, by at most as many threads as the
// process may use processors (base/processors.h). Returns when all are done, and throws the
// exception of the lowest index that threw.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body,
                  Calls calls = Calls::kShort);

}  // namespace ganselect
