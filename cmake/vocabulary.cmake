# Embeds the words that a query may use into gs_selection (selection/query/vocabulary_text.h).
set(vocabulary_json ${CMAKE_SOURCE_DIR}/selection/query/vocabulary.json)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/generated/vocabulary_text.cpp
  COMMAND ${CMAKE_COMMAND} -DVOCABULARY=${vocabulary_json} -DOUTPUT=${CMAKE_BINARY_DIR}/generated/vocabulary_text.cpp
          -P ${CMAKE_SOURCE_DIR}/cmake/write_vocabulary.cmake
  DEPENDS ${vocabulary_json} ${CMAKE_SOURCE_DIR}/cmake/write_vocabulary.cmake ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
  COMMENT "Embedding the vocabulary" VERBATIM)
target_sources(gs_selection PRIVATE ${CMAKE_BINARY_DIR}/generated/vocabulary_text.cpp)
