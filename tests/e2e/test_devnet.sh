#!/usr/bin/env bash
# The README's first command, on ports and in a folder of its own: every step of the main job; and
# its tour's first list, which both READMEs show as it is printed.
set -euo pipefail
cd "$(dirname "$0")/../.."
NET=$(mktemp -d)/devnet BASE_PORT=7900
export NET BASE_PORT
trap 'NET=$NET BASE_PORT=$BASE_PORT scripts/devnet --stop >/dev/null 2>&1 || true; rm -rf "$(dirname "$NET")"' EXIT
out=$(scripts/devnet)
printf '%s\n' "$out"
for sign in '共 480 项' 'deemed approved by the ledger: granted' '核验通过' \
    'What arrived equals the original byte for byte' '对账无差异' \
    '[uscc-check-digit]' '[uscc-form]' '[grounds-missing]'; do
    grep -qF "$sign" <<<"$out" || { echo "missing: $sign"; exit 1; }
done
seconds=$(sed -nE 's/^完成 Done in ([0-9]+) s.*/\1/p' <<<"$out")
resident=$(sed -nE 's/.*at most ([0-9]+) MB resident.*/\1/p' <<<"$out")
((seconds < 180)) || { echo "took $seconds s, 180 allowed"; exit 1; }
((resident < 150)) || { echo "$resident MB resident, 150 allowed"; exit 1; }
# The year stands in the numbers.
list=$(DIRCHAIN_NODE=http://127.0.0.1:$((BASE_PORT + 100)) build/release/bin/dirchain request list | sed -E 's/^(PTGXSQ)[0-9]{2}/\126/')
for page in README.md README.zh.md; do
    shown=$(sed -n '/^\$ dirchain request list$/,/^```$/{/^[$`]/d;p}' "$page")
    diff <(printf '%s\n' "$shown") <(printf '%s\n' "$list") || { echo "$page shows another list"; exit 1; }
done
scripts/devnet --stop
