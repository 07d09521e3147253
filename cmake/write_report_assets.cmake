# Writes OUTPUT, a C++ file that holds the text of each NAME=FILE of ASSETS in FOLDER, and of CHART_JS, as constants.
include(${CMAKE_CURRENT_LIST_DIR}/embed_text.cmake)

function(embed name path)
  if(NOT path STREQUAL "" AND NOT path MATCHES "\\.html$")
    file(READ "${path}" text)
    foreach(end "</script" "</style")
      string(FIND "${text}" "${end}" place)
      if(NOT place EQUAL -1)
        message(FATAL_ERROR "${path} holds '${end}', which would end it early")
      endif()
    endforeach()
  endif()
  embed_text(${OUTPUT} ${name} "${path}")
endfunction()

file(WRITE ${OUTPUT} "// Written by cmake/write_report_assets.cmake.
#include \"results/report/report_assets.h\"

namespace ganselect {
namespace {
")
set(fields "")
foreach(asset ${ASSETS})
  string(REGEX MATCH "^[^=]*" name ${asset})
  string(REGEX REPLACE "^[^=]*=" "" file ${asset})
  embed(${name} "${FOLDER}/${file}")
  string(APPEND fields "                                      .${name} = k_${name},\n")
endforeach()
embed(chart_library "${CHART_JS}")
file(APPEND ${OUTPUT} "
}  // namespace

const ReportAssets& report_assets() {
  static const ReportAssets assets = {
${fields}                                      .chart_library = k_chart_library};
  return assets;
}

}  // namespace ganselect
")
