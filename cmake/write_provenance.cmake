set(commit "unknown")
set(dirty "true")
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE out ERROR_QUIET
                  RESULT_VARIABLE rc OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(rc EQUAL 0)
    set(commit ${out})
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} status --porcelain -uno OUTPUT_VARIABLE out)
    if(out STREQUAL "")
      set(dirty "false")
    endif()
  endif()
endif()
set(text "#pragma once
#define GANSELECT_COMMIT \"${commit}\"
#define GANSELECT_DIRTY ${dirty}
#define GANSELECT_COMPILER \"${COMPILER}\"
#define GANSELECT_LIBTORCH \"${LIBTORCH}\"
#define GANSELECT_VERSION \"${VERSION}\"
#define GANSELECT_BUILD_TYPE \"${BUILD_TYPE}\"
")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT "${old}" STREQUAL "${text}")
  file(WRITE ${OUTPUT} "${text}")
endif()
