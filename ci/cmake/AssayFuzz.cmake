# How a fuzz target is built: libFuzzer's driver around one LLVMFuzzerTestOneInput.
#
# Needs clang and ASSAY_FUZZ; without it both functions define nothing.

# assay_add_fuzzer(NAME SOURCES a.cc ... LINK target ...): the program alone.
function(assay_add_fuzzer name)
  if(NOT ASSAY_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} assay_warnings)
  # At the link only: the glue itself carries no counters, because idle ones cost on every run.
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()

# assay_fuzzer(NAME SOURCES a.cc ... LINK target ... [SEEDS folder ...] [DICTIONARY file]
#              [RUNS n] [MAX_LEN n] [ENVIRONMENT NAME=value ...])
#
# The program fuzz_NAME, and a smoke run as a test: a fixed number of runs from a fixed seed, so that
# the same build does the same each time. SEEDS and DICTIONARY are relative to the source tree.
function(assay_fuzzer name)
  if(NOT ASSAY_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "DICTIONARY;RUNS;MAX_LEN" "SOURCES;LINK;SEEDS;ENVIRONMENT" ${ARGN})
  if(NOT ARG_RUNS)
    set(ARG_RUNS 20000)
  endif()
  assay_add_fuzzer(fuzz_${name} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK})

  set(flags -runs=${ARG_RUNS} -seed=1 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1)
  if(ARG_MAX_LEN)
    list(APPEND flags -max_len=${ARG_MAX_LEN})
  endif()
  if(ARG_DICTIONARY)
    list(APPEND flags -dict=${CMAKE_SOURCE_DIR}/${ARG_DICTIONARY})
  endif()
  list(TRANSFORM ARG_SEEDS PREPEND ${CMAKE_SOURCE_DIR}/)
  # libFuzzer writes what it finds to the first folder it is given, so that one is scratch: emptied
  # each time, since its content would change the run.
  set(scratch ${CMAKE_CURRENT_BINARY_DIR}/smoke_${name})
  add_test(NAME fuzz.${name}
    COMMAND sh -c "rm -rf \"$1\" && mkdir -p \"$1\" && scratch=$1 && shift && program=$1 && shift && \
exec \"$program\" -artifact_prefix=\"$scratch/\" \"$scratch\" \"$@\""
            sh ${scratch} $<TARGET_FILE:fuzz_${name}> ${flags} ${ARG_SEEDS})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  # A small quarantine: the default one costs under ASan as much again as the runs themselves.
  set(environment
    "ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=16:malloc_context_size=0"
    ${ARG_ENVIRONMENT})
  set_tests_properties(fuzz.${name} PROPERTIES ENVIRONMENT "${environment}")
endfunction()
