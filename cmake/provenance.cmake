# Writes build/provenance_values.h at every build (only when it changes): commit, dirty flag, compiler, LibTorch version.
set(provenance_header ${CMAKE_BINARY_DIR}/generated/provenance_values.h)
add_custom_target(provenance_values BYPRODUCTS ${provenance_header}
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${provenance_header}
          "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" -DLIBTORCH=${LibTorch_VERSION}
          -DVERSION=${PROJECT_VERSION} -DBUILD_TYPE=${CMAKE_BUILD_TYPE} -P ${CMAKE_SOURCE_DIR}/cmake/write_provenance.cmake
  COMMENT "Reading the commit" VERBATIM)
