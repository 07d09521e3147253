# LibArchive::LibArchive: where the static library and all that it needs are at hand, of it only what is called. The shared one
# brings along libxml2 and with it ICU, 33 MB that every start would map and every copy of the program carry, for a format that
# is not read here.
find_package(PkgConfig REQUIRED)
pkg_check_modules(ARCHIVE libarchive)
set(archive_needs "")
find_library(archive_static libarchive.a)
foreach(name ${ARCHIVE_STATIC_LIBRARIES})
  if(NOT name STREQUAL "archive")
    find_library(archive_${name} ${name})
    list(APPEND archive_needs ${archive_${name}})
  endif()
endforeach()
if(archive_static AND ARCHIVE_FOUND AND NOT archive_needs MATCHES "NOTFOUND")
  add_library(LibArchive::LibArchive INTERFACE IMPORTED)
  set_target_properties(LibArchive::LibArchive PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ARCHIVE_INCLUDE_DIRS}")
  # A table in its writer names every format, and xar's alone needs libxml2. Only zip is written here.
  target_link_options(LibArchive::LibArchive INTERFACE -Wl,--defsym=archive_write_set_format_xar=archive_write_set_format_zip)
  target_link_libraries(LibArchive::LibArchive INTERFACE -Wl,--push-state,--as-needed ${archive_static} ${archive_needs} -Wl,--pop-state)
else()
  message(STATUS "No static libarchive with all that it needs: the shared one is linked")
  find_package(LibArchive REQUIRED)
endif()
