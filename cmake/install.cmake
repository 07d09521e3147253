# What `cmake --install` and `cpack` put where, all of it below one prefix that may be moved:
#   bin/ganselect                the program
#   lib/ganselect/               ganselect-torch, ganselect_cuda.so, catalogue.json: what it starts and reads
#   share/ganselect/             plans, published results and studies, detectors' weights
#   share/man, share/bash-completion, share/zsh: made from the commands' own declarations
#   include/ganselect, lib/*.a, lib/cmake/ganselect: records and answers as a library, without LibTorch
# LibTorch is in no package: harness/cli/libtorch.h says how an installed program finds it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(companions lib/ganselect)
set(share ${CMAKE_INSTALL_DATADIR}/ganselect)
if(GANSELECT_TORCH)
  install(TARGETS ganselect RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  install(TARGETS ganselect-torch RUNTIME DESTINATION ${companions} COMPONENT program)
  if(TARGET ganselect_cuda)
    install(TARGETS ganselect_cuda LIBRARY DESTINATION ${companions} COMPONENT program)
  endif()
  install(FILES ${CMAKE_BINARY_DIR}/catalogue.json DESTINATION ${companions} COMPONENT program)

  # A command's declarations are its documentation.
  set(written ${CMAKE_BINARY_DIR}/documentation)
  file(MAKE_DIRECTORY ${written})
  foreach(row "manual;ganselect.1" "completion bash;ganselect" "completion zsh;_ganselect")
    list(GET row 0 words)
    list(GET row 1 name)
    separate_arguments(words)
    add_custom_command(OUTPUT ${written}/${name} COMMAND ganselect-torch ${words} > ${written}/${name}
                       DEPENDS ganselect-torch VERBATIM COMMENT "Writing ${name}")
    list(APPEND documents ${written}/${name})
  endforeach()
  add_custom_target(documentation ALL DEPENDS ${documents})
  install(FILES ${written}/ganselect.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
  install(FILES ${written}/ganselect DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
  install(FILES ${written}/_ganselect DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT program)
endif()

foreach(folder harness/plans results/published results/literature/studies metrics/detectors/weights)
  get_filename_component(above ${folder} DIRECTORY)
  install(DIRECTORY ${folder} DESTINATION ${share}/${above} COMPONENT program PATTERN "*.py" EXCLUDE)
endforeach()
install(FILES harness/cli/libtorch_wheels.txt DESTINATION ${share}/harness/cli COMPONENT program)
install(FILES LICENSE NOTICE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

# The library: find_package(ganselect) gives ganselect::selection and what it stands on.
foreach(layer base metrics_spec results selection)
  set_target_properties(gs_${layer} PROPERTIES EXPORT_NAME ${layer})
  install(TARGETS gs_${layer} EXPORT ganselect ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
endforeach()
foreach(folder base results selection)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ganselect COMPONENT library
          FILES_MATCHING PATTERN "*.h" PATTERN torch EXCLUDE PATTERN published EXCLUDE PATTERN studies EXCLUDE)
endforeach()
install(FILES metrics/spec.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ganselect/metrics COMPONENT library)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/ganselect)
install(EXPORT ganselect NAMESPACE ganselect:: FILE ganselect-targets.cmake DESTINATION ${package} COMPONENT library)
configure_package_config_file(cmake/ganselect-config.cmake.in ${CMAKE_BINARY_DIR}/ganselect-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/ganselect-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/ganselect-config.cmake ${CMAKE_BINARY_DIR}/ganselect-config-version.cmake
        DESTINATION ${package} COMPONENT library)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ganselect)
set(CPACK_PACKAGE_CONTACT "the ganselect authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program library)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME ganselect)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libganselect-dev)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${LIBTORCH_SITE}/torch/lib)  # of no package
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "python3-pip")  # setup-libtorch
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS
    "libfmt-dev, libspdlog-dev, nlohmann-json3-dev, libsimdjson-dev, libssl-dev, libboost-dev, libeigen3-dev, libpng-dev, libwebp-dev")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "Trains the GANs of a survey, measures them, and says which to use. Training and measuring need LibTorch,
 which `ganselect setup-libtorch` fetches.")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "Records of trained GANs and answers from them, as a C++ library.")
include(CPack)
