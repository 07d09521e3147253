#pragma once
// The order in which a library is told of a recording, so that one which fails on its way leaves
// the others as they were.
#include <functional>

namespace ganselect {

// CUDA's stand in the module of harness/cuda. The steps of an end may be asked for where there is
// nothing to end: they throw then, or do nothing.
class CaptureSteps {
 public:
  virtual ~CaptureSteps() = default;
  // Opens a pool of memory for the recording and sets the stream to recording; may fail between.
  virtual void begin() = 0;
  // Takes the stream from recording, closes the pool, and makes a graph that holds it; may fail
  // anywhere between.
  virtual void end() = 0;
  // For a recording that failed:
  virtual void end_stream() = 0;        // the stream does again what it is asked for
  virtual void close_pool() = 0;        // other threads' memory no longer comes from it
  virtual void renew_generators() = 0;  // of states that no recording holds, same seed and place
  virtual void drop_graph() = 0;        // and the pool, if the graph holds it
  virtual void release_pool() = 0;      // where it is still held
};

// Records `work` between begin() and end(). Whatever these throw is thrown again, after all five
// steps of a failed recording; what those throw is not, as the first error is the one that tells.
void capture(CaptureSteps& steps, const std::function<void()>& work);

}  // namespace ganselect
