# fuzz_NAME from tests/fuzz/NAME_fuzz.cpp: libFuzzer with the address and undefined-behaviour sanitizers over the readers of
# files alone, so that a few sources are built and not the program. scripts/fuzz builds and runs them.
add_library(fuzz_readers STATIC base/torch/npy.cpp base/torch/safetensors.cpp datasets/formats/idx.cpp
            datasets/formats/image_decode.cpp datasets/formats/png_decode.cpp datasets/formats/jpeg_decode.cpp
            datasets/formats/webp_decode.cpp datasets/formats/tiff_decode.cpp datasets/formats/bmp_decode.cpp)
target_include_directories(fuzz_readers PUBLIC ${CMAKE_SOURCE_DIR})
target_link_libraries(fuzz_readers PUBLIC gs_base LibTorch::cpu LibArchive::LibArchive PNG::PNG JPEG::JPEG WebP::webp TIFF::TIFF PkgConfig::IMAGE_READERS
                      PRIVATE ganselect_warnings)
ganselect_precompile(fuzz_readers TRUE)

file(GLOB fuzz_sources CONFIGURE_DEPENDS tests/fuzz/*_fuzz.cpp)
foreach(source ${fuzz_sources})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${name})
  add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(fuzz_${name} PRIVATE fuzz_readers ganselect_warnings)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  ganselect_precompile(fuzz_${name} TRUE)
  ganselect_torch_runtime(fuzz_${name})
  list(APPEND fuzz_targets fuzz_${name})
endforeach()
add_custom_target(fuzz_all DEPENDS ${fuzz_targets})
