# How every target of the project is built: one library a folder, and its tests beside it.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
                    -ffile-prefix-map=${CMAKE_BINARY_DIR}/=build/)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Debian's Abseil is built by g++; clang 18 and later mangle differently without this.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fclang-abi-compat=17>)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Nobody puts another function in the place of one of ours; g++ inlines none that somebody might.
  add_compile_options(-fno-semantic-interposition)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # Else g++ clears and copies what is made on each segment by "rep stos" and "rep movs", which take
  # longer to begin than to do.
  set(assay_strategy unrolled_loop:256:noalign,libcall:-1:noalign)
  add_compile_options(-mmemset-strategy=${assay_strategy} -mmemcpy-strategy=${assay_strategy})
endif()

if(ASSAY_SANITIZE)
  # UBSan's pointer-overflow check blocks vectorisation and costs five times on buffer-heavy code.
  set(assay_sanitize -fsanitize=address,undefined -fno-sanitize=pointer-overflow
                     -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${assay_sanitize})
  add_link_options(${assay_sanitize})
endif()
if(ASSAY_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc)
  add_link_options(-fprofile-instr-generate)
endif()
if(ASSAY_LTO)
  include(CheckIPOSupported)
  check_ipo_supported()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(-fuse-ld=lld-19)  # the system's linker cannot read clang's bitcode
  endif()
endif()
if(ASSAY_PROFILE STREQUAL "record")
  add_compile_options(-fprofile-generate)
  add_link_options(-fprofile-generate)
elseif(ASSAY_PROFILE)
  # What no profile has seen is most of the tests: no reason to warn.
  add_compile_options(-fprofile-use=${ASSAY_PROFILE} -Wno-profile-instr-unprofiled
                      -Wno-profile-instr-out-of-date)
endif()

# The warnings that our own code is held to. Targets of other people's code do not link it.
add_library(assay_warnings INTERFACE)
target_compile_options(assay_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:Clang>:-Wconversion -Wthread-safety> -Werror=return-type)

# Edge counters for libFuzzer go to the stack and the oracle and nowhere else: counters are scanned
# on every run, so idle ones cost. Comparison tracing is left to other people's stacks.
function(assay_instrument target)
  if(ASSAY_FUZZ)
    target_compile_options(${target} PRIVATE
      -fsanitize=fuzzer-no-link -fno-sanitize-coverage=indirect-calls
      $<$<NOT:$<BOOL:$<TARGET_PROPERTY:${target},ASSAY_TRACE_CMP>>>:-fno-sanitize-coverage=trace-cmp>)
  endif()
endfunction()

# assay_library(NAME SOURCES a.cc ... [HEADERS ...] LINK target ... [STRICT] [INSTRUMENT])
#
# Defines the library of the folder it is called in. Headers are seen by others only through an
# include tree that holds this folder alone, so that a file can include exactly what its target
# links: that is how floors and the wall are enforced at compile time.
#
# STRICT: no exceptions and no RTTI (everything in stack/).
function(assay_library name)
  cmake_parse_arguments(ARG "STRICT;INSTRUMENT" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(tree ${CMAKE_BINARY_DIR}/include/${name})
  get_filename_component(parent ${tree}/${folder} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${tree}/${folder} SYMBOLIC)

  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC ${tree})
    target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE assay_warnings ${ARG_PRIVATE_LINK})
    if(ARG_STRICT)
      target_compile_options(${name} PRIVATE
        $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)
      if(ASSAY_SANITIZE)
        target_compile_options(${name} PRIVATE -fno-sanitize=vptr)
      endif()
    endif()
    if(ARG_INSTRUMENT)
      assay_instrument(${name})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${tree})
    target_link_libraries(${name} INTERFACE ${ARG_LINK})
  endif()
endfunction()

# assay_test(NAME SOURCES a_test.cc ... LINK target ... [LABELS ...] [ENVIRONMENT NAME=value ...]):
# a GoogleTest program.
function(assay_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LABELS;ENVIRONMENT" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} assay_warnings GTest::gmock GTest::gtest_main)
  assay_runs_coverage(${name})
  set(properties)
  foreach(property LABELS ENVIRONMENT)
    if(ARG_${property})
      list(APPEND properties ${property} "${ARG_${property}}")
    endif()
  endforeach()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES ${properties}
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()

# assay_benchmark(NAME SOURCES a_benchmark.cc ... LINK target ...): never run as a test.
function(assay_benchmark name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} assay_warnings benchmark::benchmark_main)
  assay_runs_coverage(${name})
endfunction()

# Programs that are not fuzzers but link instrumented libraries need the counters' runtime.
function(assay_runs_coverage name)
  if(ASSAY_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()
