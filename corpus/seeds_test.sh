#!/usr/bin/env bash
# seeds_test.sh TCP-ASSAY SCRATCH: the committed seeds are what the cases say today, octet for octet.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
assay=$1 scratch=$2
rm -rf "$scratch"
"$assay" seeds "$scratch" >/dev/null
if ! diff -rq "$here/seeds/sequence" "$scratch"; then
  printf 'corpus/seeds/sequence is stale. To renew it:\n'
  printf '  rm corpus/seeds/sequence/*.scenario && %s seeds corpus/seeds/sequence\n' "$assay"
  exit 1
fi
