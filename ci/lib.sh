# shellcheck shell=bash
# What ci/setup, ci/test and ci/demo share: where the tree is, and how a stage is run and told.
# Sourced, not run. Needs bash alone.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf 'assay: %s\n' "$*"; }

fail() {
  printf 'assay: %s\n' "$*" >&2
  exit 1
}

processors() { nproc 2>/dev/null || echo 2; }

# keep_log LOG: copies what it reads to LOG, and shows where a build stands: on a terminal in place,
# elsewhere by one line a minute.
keep_log() {
  local log=$1 line told=$SECONDS
  : >"$log"
  while IFS= read -r line || [[ -n $line ]]; do
    printf '%s\n' "$line" >>"$log"
    [[ $line =~ ^\[([0-9]+/[0-9]+)\] ]] || continue
    if [[ -t 1 ]]; then
      printf '\rassay: ... %s ' "${BASH_REMATCH[1]}"
    elif ((SECONDS - told >= 60)); then
      say "... ${BASH_REMATCH[1]}"
      told=$SECONDS
    fi
  done
  if [[ -t 1 ]]; then printf '\r\e[K'; fi
}

# stage WHAT LOG COMMAND...: one line when it is done; the end of its log when it fails.
stage() {
  local what=$1 log=$2 from=$SECONDS
  shift 2
  mkdir -p "${log%/*}"
  if "$@" 2>&1 </dev/null | keep_log "$log"; then
    say "$what: done in $((SECONDS - from)) s"
  else
    say "$what: failed; the end of ${log#"$PWD"/}:" >&2
    tail -n 60 "$log" >&2
    exit 1
  fi
}

# configure PRESET [OPTION...]
configure() { stage "configure $1" "$root/build/$1/log/configure.log" cmake --preset "$@"; }

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  stage "build $preset" "$root/build/$preset/log/build.log" \
    cmake --build "$root/build/$preset" -j "$(processors)" ${1:+--target "$@"}
}
