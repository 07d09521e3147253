# Embeds the report page's style, markup, scripts and chart library into gs_results (results/report/report_assets.h).
# The library is Chart.js from the distribution (libjs-chart.js); without it the page shows tables in place of charts.
find_file(GANSELECT_CHART_JS NAMES chart.js/chart.min.js chart.js/Chart.min.js
          PATHS /usr/share/javascript /usr/local/share/javascript NO_DEFAULT_PATH
          DOC "Chart.js 3.9, minified, that the report page carries")
set(chart_js ${GANSELECT_CHART_JS})
if(NOT chart_js)
  message(WARNING "no Chart.js (package libjs-chart.js): `ganselect report` will show tables in place of charts")
  set(chart_js "")
endif()
set(report_assets style=report_page.css explorer=report_explorer.html training=report_training.html
    rank_script=report_rank.js page_script=report_page.js answers_script=report_answers.js
    charts_script=report_charts.js chart_license=chart_js_license.txt)
set(report_asset_files)
foreach(asset ${report_assets})
  string(REGEX REPLACE "^[^=]*=" "${CMAKE_SOURCE_DIR}/results/report/" file ${asset})
  list(APPEND report_asset_files ${file})
endforeach()
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/generated/report_assets.cpp
  COMMAND ${CMAKE_COMMAND} "-DASSETS=${report_assets}" -DFOLDER=${CMAKE_SOURCE_DIR}/results/report "-DCHART_JS=${chart_js}"
          -DOUTPUT=${CMAKE_BINARY_DIR}/generated/report_assets.cpp
          -P ${CMAKE_SOURCE_DIR}/cmake/write_report_assets.cmake
  DEPENDS ${report_asset_files} ${chart_js} ${CMAKE_SOURCE_DIR}/cmake/write_report_assets.cmake
          ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
  COMMENT "Embedding the report page" VERBATIM)
target_sources(gs_results PRIVATE ${CMAKE_BINARY_DIR}/generated/report_assets.cpp)
