#!/usr/bin/env bash
# regressions_test.sh TCP-ASSAY: every stack conforms on every regression, known deviations aside, and
# a regression named STACK.DEVIATION still shows that deviation on that stack.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
assay=$1 wrong=0 replays=0

complain() {
  printf '%s\n' "$*"
  wrong=1
}

# shows DEVIATION TOLD: a replay told of this known deviation.
shows() {
  grep -qE "^ +>> known .*\b${1//./\\.}( |,|\$)" <<<"$2"
}

mapfile -t stacks < <("$assay" list stacks | cut -d ' ' -f 1)
for file in "$here"/regressions/*/*; do
  name=${file#"$here"/regressions/}
  grep -qF "| \`${name##*/}\` |" "$here/regressions/README.md" ||
    complain "regressions/$name: has no line in regressions/README.md"
  for stack in "${stacks[@]}"; do
    case $name in
      sequence/linux.*) ;;
      *)
        # Its time is real: only what is named after it is worth the wait.
        [[ $stack != linux ]] || continue
        ;;&
      sequence/lwip.assert.*)
        # In Debian's library a failed assertion ends the process.
        [[ $stack != lwip || -z ${ASSAY_LWIP_IS_DEBIANS-} ]] || continue
        ;;
    esac
    deviation=
    [[ $stack == reference || $name != sequence/"$stack".* ]] || {
      deviation=${name#sequence/"$stack".}
      deviation=${deviation%.scenario}
    }
    # Real time now and then shows what a busy machine did.
    for try in 1 2 3; do
      status=0
      told=$("$assay" replay "$file" --stack "$stack" 2>&1 </dev/null) || status=$?
      [[ $stack == linux ]] && ((try < 3)) || break
      ((status == 2)) && break
      ((status)) || ! shows "$deviation" "$told" || break
    done
    if [[ $stack == linux ]] && ((status == 2)); then
      printf 'not tried: %s: %s\n' "$name" "$told"
      continue
    fi
    replays=$((replays + 1))
    if ((status)); then
      complain "regressions/$name: $stack does not conform (exit $status):" "$told"
    fi
    if [[ -n $deviation ]] && ! shows "$deviation" "$told"; then
      complain "regressions/$name: $stack does not show $deviation any more; if it is mended, take" \
        "its row out of known.tsv"
    fi
  done
done
while IFS= read -r listed; do
  compgen -G "$here/regressions/*/$listed" >/dev/null ||
    complain "regressions/README.md: there is no file $listed"
done < <(sed -nE 's/^\| `([^`]*\.scenario)` \|.*/\1/p' "$here/regressions/README.md")
((replays)) || complain "nothing was replayed"
printf '%d replays\n' "$replays"
exit "$wrong"
