# tests_threads: the gate between trainings that share a device and the runner of their steps, with their tests, under the thread
# sanitizer. A few sources and not the program; scripts/threads builds and runs it.
find_package(Catch2 3.3 REQUIRED)
file(GLOB thread_sources CONFIGURE_DEPENDS base/torch/device*.cpp base/torch/run_ahead.cpp harness/train/capture/*.cpp)
add_executable(tests_threads ${thread_sources} tests/base_torch/device_gate_test.cpp tests/harness/train/capture/step_runner_test.cpp)
target_link_libraries(tests_threads PRIVATE gs_base LibTorch::cpu Catch2::Catch2WithMain ganselect_warnings)
set_target_properties(tests_threads PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
ganselect_torch_runtime(tests_threads)
