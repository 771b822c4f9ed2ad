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
# A second network on the same ports: told before anything is started, and the first goes on.
other=$(dirname "$NET")/other
code=0
out=$(NET=$other scripts/devnet --once 2>&1) || code=$?
((code == 3)) || { echo "a port in use: exit $code"; printf '%s\n' "$out"; exit 1; }
grep -qF "Port $BASE_PORT is in use" <<<"$out" || { echo "a port in use: $out"; exit 1; }
[[ ! -e $other ]] || { echo "a port in use, and yet something was made"; exit 1; }
# Nor does another network's answer stand for a process that has ended, or for one of another chain.
wait_for_other() {
    code=0
    out=$(NET=$other bash -c 'source scripts/lib/common.sh; source scripts/lib/network.sh
        MEMBER_FOLDER=(center); mkdir -p "$NET/center"; echo other >"$NET/center/log"
        cp "$1" "$NET/chain"
        echo "$2" >"$NET/center/pid"; node_wait 0 1 2' - "$1" "$2" 2>&1) || code=$?
    ((code == 3)) && grep -qF "$3" <<<"$out" || { echo "took another for its own: $code $out"; exit 1; }
}
sleep 0 & ended=$!
wait "$ended"
wait_for_other "$NET/chain" "$ended" "has ended"
wait_for_other /dev/null "$$" "did not reach height"
scripts/devnet --stop
