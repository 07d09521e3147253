# Writes OUTPUT, a C++ file that holds the text of each NAME=FILE of ASSETS in FOLDER, and of CHART_JS, as constants.
# The text goes in as it is, in pieces: compilers limit the length of one literal.
function(embed name path)
  set(text "")
  if(NOT path STREQUAL "")
    file(READ "${path}" text)
  endif()
  foreach(end "</script" "</style" ")asset\"")
    string(FIND "${text}" "${end}" place)
    if(NOT place EQUAL -1 AND NOT path MATCHES "\\.html$")
      message(FATAL_ERROR "${path} holds '${end}', which would end it early")
    endif()
  endforeach()
  file(APPEND ${OUTPUT} "constexpr char k_${name}[] = ")
  string(LENGTH "${text}" length)
  set(piece 12000)
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${text}" ${from} ${piece} part)
    file(APPEND ${OUTPUT} "R\"asset(${part})asset\"\n")
    math(EXPR from "${from} + ${piece}")
  endwhile()
  if(length EQUAL 0)
    file(APPEND ${OUTPUT} "\"\"")
  endif()
  file(APPEND ${OUTPUT} ";\n")
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
