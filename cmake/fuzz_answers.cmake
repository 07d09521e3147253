# fuzz_NAME from tests/fuzz_answers/NAME_fuzz.cpp: libFuzzer over the readers of records, use cases, studies and queries. No LibTorch.
file(GLOB fuzz_answer_sources CONFIGURE_DEPENDS tests/fuzz_answers/*_fuzz.cpp)
foreach(source ${fuzz_answer_sources})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${name})
  add_executable(fuzz_${name} ${source})
  target_link_libraries(fuzz_${name} PRIVATE gs_selection ganselect_warnings)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endforeach()
